"""What the application's own role in the database can do with the books: use them, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from common import checks, roles
from runner import doctor
from runner.layout import Layout
from tests.factories.tournaments import fill, make_tournament
from tests.factories.users import UserFactory
from tests.factories.wallet import account_balance, assert_ledger_holds, deposit, win
from users.models import User
from wallet.models import Journal, LedgerAccount, Seal, Transfer
from wallet.services import escrow, ledger

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "of-the-application"


@dataclass
class Application:
    """The role, and a connection of its own that commits each statement."""

    role: str
    database: Any


@pytest.fixture
def application() -> Iterator[Application]:
    where = connection.settings_dict
    role = f"{where['NAME']}_app"
    roles.grant(role=role, password=PASSWORD, using="default")
    database = psycopg2.connect(
        dbname=where["NAME"], host=where["HOST"], port=where["PORT"], user=role, password=PASSWORD
    )
    database.autocommit = True
    yield Application(role, database)
    database.close()
    with connection.cursor() as cursor:
        cursor.execute(f'DROP OWNED BY "{role}"')
        cursor.execute(f'DROP ROLE "{role}"')


@pytest.fixture
def as_application(application: Application) -> Iterator[Application]:
    """Everything that the test does through Django, it does as the application's role."""
    where = connection.settings_dict
    owner = where["USER"], where["PASSWORD"]
    connection.close()
    where["USER"], where["PASSWORD"] = application.role, PASSWORD
    yield application
    connection.close()
    where["USER"], where["PASSWORD"] = owner


@pytest.fixture
def history(user: User, now: datetime) -> None:
    """A wallet with money, an open escrow, a closed one with its seal."""
    deposit(user, 1_000)
    win(user, 500)
    with transaction.atomic():
        escrow.charge_entry(payer=user, tournament_id=7, entrant_id=1, amount_rial=600, now=now)


def books() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (LedgerAccount, Journal, Transfer, Seal)]


JOURNAL = (
    "WITH j AS (INSERT INTO wallet_journal (kind, source_type, source_id, key, reason, created_at) "
    "VALUES ('prize', 'x', 'x', 'x', '', now()) RETURNING id) "
)
# What ledger.post_journal calls, with the wallet of the test's user as the payer.
POST = (
    "wallet_post(ARRAY['sponsor', 'user:{{user}}:winnings'], ARRAY[ARRAY['prize', 'x', 'x', 'x', 'x']], "
    "ARRAY[NULL::bigint], ARRAY[NULL::bigint], ARRAY[ARRAY[1, 2, 1, {amount}::bigint, 0]], NULL, now())"
)
TAMPERING = {
    "change an amount": "UPDATE wallet_transfer SET amount_rial = amount_rial * 2",
    "change a journal": "UPDATE wallet_journal SET kind = 'prize'",
    "delete transfers": "DELETE FROM wallet_transfer",
    "empty journals": "TRUNCATE wallet_journal CASCADE",
    "raise a balance": "UPDATE wallet_ledgeraccount SET balance_rial = balance_rial + 1 WHERE kind = 'winnings'",
    "lock accounts by hand": "SELECT * FROM wallet_ledgeraccount FOR UPDATE",
    "allow an overdraft": "UPDATE wallet_ledgeraccount SET allow_negative = TRUE",
    "move an account": "UPDATE wallet_ledgeraccount SET owner_id = NULL, kind = 'platform'",
    "close an account": "UPDATE wallet_ledgeraccount SET closed_at = now() WHERE code = 'escrow:7'",
    "open a closed account": "UPDATE wallet_ledgeraccount SET closed_at = NULL WHERE closed_at IS NOT NULL",
    "delete an account": "DELETE FROM wallet_ledgeraccount",
    "make a rich account": (
        "INSERT INTO wallet_ledgeraccount (code, kind, owner_id, balance_rial, allow_negative) "
        "SELECT 'x', 'winnings', id, 1000, FALSE FROM users_user LIMIT 1"
    ),
    "add a transfer": (
        f"{JOURNAL} INSERT INTO wallet_transfer (journal_id, debit_id, credit_id, amount_rial) "
        "SELECT j.id, debit_id, credit_id, 1 FROM wallet_transfer, j LIMIT 1"
    ),
    "add a journal without transfers": f"{JOURNAL} SELECT * FROM j",
    "forge a seal": "INSERT INTO wallet_seal (account_id, through_id, balance_rial, created_at) SELECT 1, 99, 5, now()",
    "change a seal": "UPDATE wallet_seal SET balance_rial = 5",
    "switch triggers off": "ALTER TABLE wallet_transfer DISABLE TRIGGER ALL",
    "drop a trigger": "DROP TRIGGER wallet_transfer_by_post ON wallet_transfer",
    "drop a constraint": "ALTER TABLE wallet_ledgeraccount DROP CONSTRAINT ledger_account_not_overdrawn",
    "add a trigger": (
        "CREATE TRIGGER mine BEFORE INSERT ON wallet_transfer FOR EACH ROW EXECUTE FUNCTION wallet_append_only()"
    ),
    "replace a function": (
        "CREATE OR REPLACE FUNCTION wallet_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
    ),
    "make a function": "CREATE FUNCTION wallet_mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "write as if posting": "SET wallet.writing = 'on'; UPDATE wallet_ledgeraccount SET balance_rial = 5",
    "let triggers rest": "SET session_replication_role = replica",
    "become the owner": "SET ROLE {owner}",
    "get rights": "GRANT {owner} TO {role}",
    "take the table": "ALTER TABLE wallet_transfer OWNER TO {role}",
    "add a rule": "CREATE RULE mine AS ON INSERT TO wallet_transfer DO INSTEAD NOTHING",
    "drop the books": "DROP TABLE wallet_transfer CASCADE",
    "set the numbers back": "SELECT setval('wallet_transfer_id_seq', 1)",
    "forget a migration": "DELETE FROM django_migrations",
    "post below zero": f"SELECT 1 / (SELECT (refusal IS NULL)::int FROM {POST.format(amount=99_999)})",
    "post a negative amount": f"SELECT * FROM {POST.format(amount=-5)}",
    "shadow the books": (
        "CREATE TEMP TABLE wallet_ledgeraccount AS SELECT * FROM public.wallet_ledgeraccount; "
        "UPDATE wallet_ledgeraccount SET balance_rial = 99999; "
        f"SELECT 1 / (SELECT (refusal IS NULL)::int FROM {POST.format(amount=9_999)})"
    ),
}


@pytest.mark.usefixtures("history")
def test_the_application_cannot_tamper_with_the_books(application: Application, user: User) -> None:
    names = {"owner": connection.settings_dict["USER"], "role": application.role, "user": user.pk}
    before, done = books(), []
    with application.database.cursor() as cursor:
        for what, statement in TAMPERING.items():
            try:
                cursor.execute(statement.format(**names))
            except psycopg2.Error:
                application.database.rollback()
            else:
                done.append(what)
    assert done == []
    with application.database.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.copy_expert("COPY wallet_transfer FROM STDIN", StringIO(""))
    assert books() == before
    assert_ledger_holds()


@pytest.mark.usefixtures("as_application")
def test_the_application_does_its_work_with_its_role(now: datetime) -> None:
    tournament = make_tournament(entry_fee_rial=400, prize_source="entry_pool", prize_distribution=[10_000])
    fill(tournament, 3)
    users = UserFactory.create_batch(2)
    for user in users:
        deposit(user, 1_000)
        win(user, 500)
    pool = {"tournament_id": 10**6, "now": now}
    with transaction.atomic():
        for entrant, payer in enumerate(users, start=1):
            escrow.charge_entry(payer=payer, entrant_id=entrant, amount_rial=1_200, **pool)
        escrow.refund_entry(entrant_id=1, reason="left", actor=users[0], **pool)
        ledger.lock_accounts([ledger.winnings(users[0].pk), ledger.PLATFORM])
        prizes = [escrow.Prize(1, 2, users[1].pk, 1_000)]
        escrow.pay_prizes(prizes=prizes, fee_rial=100, actor=None, **pool)
        assert escrow.close(**pool) == 100
    assert account_balance(f"user:{users[1].pk}:winnings") == 1_300
    assert account_balance("platform") == 100
    call_command("ledger_check")
    assert checks.application_owns_nothing(["default"]) == []


def test_the_doctor_warns_of_a_role_that_could_write_into_the_books(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, checkout = connection.settings_dict, Layout(Path(__file__).resolve().parents[2])
    place = f"{where['HOST']}:{where['PORT']}/{where['NAME']}"
    monkeypatch.setattr(doctor.venv, "satisfied", lambda _layout, _kind: True)
    monkeypatch.setenv("DATABASE_URL", f"postgres://{where['USER']}:{where['PASSWORD']}@{place}")
    [shared] = [finding for finding in doctor.examine(checkout) if finding.what == "Guard of the books"]
    assert (shared.warns, "wallet_journal" in shared.found, "OWNER_DATABASE_URL" in shared.cure) == (True, True, True)
    monkeypatch.setenv("DATABASE_URL", f"postgres://{application.role}:{PASSWORD}@{place}")
    guarded = doctor.books(checkout)
    assert (guarded.warns, guarded.cure) == (False, ""), guarded
    monkeypatch.setenv("DATABASE_URL", f"postgres://nobody:x@{place}")
    assert "./run manage check" in doctor.books(checkout).cure


@pytest.mark.usefixtures("application")
def test_rights_are_given_again_without_harm() -> None:
    where = connection.settings_dict
    roles.grant(role=f"{where['NAME']}_app", password="another", using="default")


def test_the_owner_is_not_the_applications_role() -> None:
    with pytest.raises(roles.RoleProblem, match="owns the tables"):
        roles.grant(role=connection.settings_dict["USER"], password="", using="default")


def test_one_role_for_all_is_warned_of() -> None:
    [warning] = checks.application_owns_nothing(["default"])
    assert warning.id == "common.W001"
    assert "wallet_journal" in warning.msg
    assert checks.application_owns_nothing(None) == []
    with pytest.raises(CommandError, match="OWNER_DATABASE_URL is not set"):
        call_command("grant_roles")
