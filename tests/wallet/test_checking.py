"""Each invariant holds on an honest history, and each is seen to break when somebody with power tampers."""

from datetime import datetime

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from tests.factories.wallet import assert_ledger_holds, deposit, guards_off, win
from users.models import User
from wallet.services import checking, escrow

TABLES = ("wallet_ledgeraccount", "wallet_journal", "wallet_transfer", "wallet_seal")


@pytest.fixture(autouse=True)
def history(user: User, now: datetime) -> None:
    """A deposit, an entry of both buckets, its refund, a tournament with prize, fee and remainder, closed."""
    deposit(user, 1000)
    win(user, 500)
    with transaction.atomic():
        for entrant in (1, 2):
            escrow.charge_entry(payer=user, tournament_id=1, entrant_id=entrant, amount_rial=600, now=now)
        escrow.refund_entry(tournament_id=1, entrant_id=2, reason="left", actor=user, now=now)
        prize = escrow.Prize(place=1, entrant_id=1, user_id=user.pk, amount_rial=500)
        escrow.pay_prizes(tournament_id=1, prizes=[prize], fee_rial=60, actor=None, now=now)
        escrow.close(tournament_id=1, now=now)


def broken() -> list[str]:
    return [finding.code for finding in checking.check() if finding.broken]


def test_check_names_every_invariant_and_finds_none_broken() -> None:
    assert [finding.code for finding in checking.check()] == [f"I{n}" for n in range(1, 14)]
    assert_ledger_holds()


BREAKS = {
    "I1": ["UPDATE wallet_ledgeraccount SET balance_rial = balance_rial + 1 WHERE kind = 'deposited'"],
    "I2": ["UPDATE wallet_ledgeraccount SET balance_rial = balance_rial + 1 WHERE kind = 'winnings'"],
    "I3": [
        "ALTER TABLE wallet_ledgeraccount DROP CONSTRAINT ledger_account_not_overdrawn",
        "UPDATE wallet_ledgeraccount SET balance_rial = -1 WHERE kind = 'winnings'",
    ],
    "I4": ["UPDATE wallet_transfer SET credit_after_rial = credit_after_rial + 1"],
    "I5": ["UPDATE wallet_payment SET status = 'failed'"],
    "I6": ["UPDATE wallet_seal SET balance_rial = 1"],
    "I7": ["UPDATE wallet_journal SET kind = 'prize' WHERE kind = 'entry_fee'"],
    "I8": [
        "INSERT INTO wallet_ledgeraccount (code, kind, owner_id, balance_rial, allow_negative) "
        "SELECT 'held', 'held', id, 1, FALSE FROM users_user LIMIT 1"
    ],
    "I9": [
        "INSERT INTO wallet_journal (kind, source_type, source_id, key, reason, created_at) "
        "VALUES ('prize', 'x', 'x', 'x', '', now())"
    ],
    "I10": [
        "INSERT INTO wallet_seal (account_id, through_id, balance_rial, created_at) "
        "SELECT id, 1000000, -999, now() FROM wallet_ledgeraccount WHERE kind = 'gateway_clearing'"
    ],
}


@pytest.mark.parametrize(("code", "statements"), BREAKS.items(), ids=BREAKS.keys())
def test_check_sees_each_invariant_break(code: str, statements: list[str]) -> None:
    with guards_off(*TABLES) as cursor:
        for statement in statements:
            cursor.execute(statement)
    assert code in broken()


MORE_BREAKS = {
    "a journal of a user who is not there": ("UPDATE wallet_journal SET user_id = 1000000", "I9"),
    "a transfer of a journal that is not there": ("UPDATE wallet_transfer SET journal_id = 1000000", "I9"),
    "a seal that is not the sum up to it": ("UPDATE wallet_seal SET balance_rial = 5, through_id = 1", "I2"),
    "a balance after it on an account that keeps none": (
        "UPDATE wallet_transfer SET debit_after_rial = 0 WHERE debit_after_rial IS NULL",
        "I4",
    ),
    "a balance after it that is missing": ("UPDATE wallet_transfer SET credit_after_rial = NULL", "I4"),
    "a payment settled without its journal": (
        "INSERT INTO wallet_payment (user_id, amount_rial, purpose, status, version, payment_url, ref_id, card_pan, "
        "card_hash, fee_rial, gateway, attention, attempts, created_at, expires_at, settled_at) SELECT id, 5, "
        "'deposit', 'settled', 1, '', 1, '', '', 0, 'zarinpal', '', 0, now(), now(), now() FROM users_user LIMIT 1",
        "I5",
    ),
    "a deposit of another amount": ("UPDATE wallet_payment SET amount_rial = amount_rial + 1", "I5"),
    "a deposit into another bucket": (
        "UPDATE wallet_transfer t SET credit_id = a.id FROM wallet_ledgeraccount a, wallet_journal j "
        "WHERE a.kind = 'winnings' AND j.id = t.journal_id AND j.kind = 'deposit'",
        "I5",
    ),
    "a refund of another amount": (
        "UPDATE wallet_transfer t SET amount_rial = t.amount_rial - 1 FROM wallet_journal j "
        "WHERE j.id = t.journal_id AND j.kind = 'refund'",
        "I7",
    ),
    "a refund of nothing": ("UPDATE wallet_journal SET reverses_id = NULL WHERE kind = 'refund'", "I7"),
    "an account that may go below zero": (
        "UPDATE wallet_ledgeraccount SET allow_negative = TRUE WHERE kind = 'deposited'",
        "I3",
    ),
}


@pytest.mark.parametrize(("statement", "code"), MORE_BREAKS.values(), ids=MORE_BREAKS.keys())
def test_check_sees_subtler_tampering(statement: str, code: str) -> None:
    with guards_off(*TABLES) as cursor:
        cursor.execute(statement)
    assert code in broken()


@pytest.mark.django_db(transaction=True)
def test_ledger_check_prints_a_line_per_invariant_and_fails_on_a_break(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("ledger_check")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines] == [[f"I{n}", "ok"] for n in range(1, 14)]

    with connection.cursor() as cursor:
        cursor.execute("UPDATE wallet_payment SET status = 'failed'")
    with pytest.raises(SystemExit) as end:
        call_command("ledger_check")
    assert end.value.code == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if "BROKEN" in line] == ["I5", "I10"]
    assert any(line.startswith("    payment") for line in lines)
