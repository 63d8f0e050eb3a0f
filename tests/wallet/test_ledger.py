from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from tests.factories.users import UserFactory
from tests.factories.wallet import account_balance, assert_ledger_holds, deposit, win
from users.models import User
from wallet import errors
from wallet.enums import AccountKind, JournalKind
from wallet.models import Journal, LedgerAccount, Seal, Transfer
from wallet.services import ledger
from wallet.services.ledger import Entry, Line

pytestmark = pytest.mark.usefixtures("ledger_ok")
POOL = ledger.escrow(7)


def fund(key: str, amount: int, now: datetime, to: ledger.Account = POOL, **changes: Any) -> Journal:
    fields = {
        "kind": JournalKind.PRIZE_FUNDING,
        "source_type": "test",
        "source_id": key,
        "key": key,
        "lines": [Line(ledger.SPONSOR, to, amount)],
        "actor": None,
        "now": now,
    }
    return Journal.objects.get(pk=ledger.post_journal(**(fields | changes)).journal_id)


def test_post_journal_moves_money_and_keeps_the_balances_after(user: User, now: datetime) -> None:
    journal = fund("a", 500, now, to=ledger.winnings(user.pk), actor=user, reason="why")
    again = fund("b", 200, now, lines=[Line(ledger.winnings(user.pk), POOL, 200)])
    assert (journal.kind, journal.actor, journal.reason, journal.user, journal.created_at) == (
        "prize_funding", user, "why", user, now,
    )  # fmt: skip
    # only the accounts of users keep their balances
    assert list(Transfer.objects.values_list("journal", "amount_rial", "debit_after_rial", "credit_after_rial")) == [
        (journal.pk, 500, None, 500),
        (again.pk, 200, 300, None),
    ]
    assert (account_balance("sponsor"), account_balance("escrow:7")) == (-500, 200)
    assert set(LedgerAccount.objects.values_list("kind", "balance_rial")) == {
        ("sponsor", None), ("escrow", None), ("winnings", 300),
    }  # fmt: skip


def test_post_journal_knows_whose_wallet_it_is_about(user: User, now: datetime) -> None:
    deposit(user, 1000)
    assert Journal.objects.get().user == user


def test_post_journal_is_written_once_per_key(now: datetime) -> None:
    first = fund("a", 500, now)
    assert fund("a", 500, now) == first
    assert account_balance("escrow:7") == 500
    assert (Journal.objects.count(), Transfer.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"lines": [Line(ledger.SPONSOR, POOL, 501)]},
        {"lines": [Line(ledger.PLATFORM, POOL, 500)]},
        {"lines": [Line(ledger.SPONSOR, POOL, 500), Line(ledger.SPONSOR, POOL, 500)]},
        {"kind": JournalKind.REMAINDER},
    ],
)
def test_post_journal_refuses_another_content_under_a_known_key(now: datetime, changes: Any) -> None:
    fund("a", 500, now)
    with pytest.raises(errors.JournalConflict):
        fund("a", 500, now, **changes)
    assert account_balance("escrow:7") == 500


def test_post_journal_refuses_a_second_journal_of_one_source(now: datetime) -> None:
    fund("a", 500, now)
    with pytest.raises(IntegrityError, match="journal_source_unique"), transaction.atomic():
        fund("b", 500, now, source_id="a")
    assert account_balance("escrow:7") == 500


@pytest.mark.parametrize("amount", [0, -1, ledger.MAX_AMOUNT_RIAL + 1, 2**63])
def test_post_journal_refuses_an_amount_that_is_none(now: datetime, amount: int) -> None:
    with pytest.raises(errors.InvalidAmount):
        fund("a", amount, now)
    assert Journal.objects.count() == 0


def test_post_journal_takes_what_quotes_and_backslashes_can_do(now: datetime) -> None:
    reason = "a \"quoted\", {braced} \\backslash\\ and NULL,\non two lines; 'single'"
    assert fund('k"e\\y', 1, now, reason=reason).pk == Journal.objects.get(key='k"e\\y', reason=reason).pk
    assert fund("b", 1, now, reason="NULL").pk == Journal.objects.get(key="b", reason="NULL").pk


def test_post_journal_takes_the_rest_from_the_accounts_that_follow(user: User, now: datetime) -> None:
    win(user, 300)
    deposit(user, 1000)
    payers = [ledger.bonus(user.pk), ledger.deposited(user.pk), ledger.winnings(user.pk)]

    def charge(key: str, amount: int) -> Journal:
        return fund(key, 0, now, kind="entry_fee", lines=[Line(payers[0], POOL, amount, then=tuple(payers[1:]))])

    first = charge("a", 900)
    assert charge("a", 900) == first
    assert [user_balance(user, kind) for kind in ("deposited", "winnings")] == [100, 300]
    with pytest.raises(errors.InsufficientFunds) as refusal:
        charge("b", 401)
    assert refusal.value.params == {"amount": 401, "available": 400, "currency": "IRR"}
    charge("b", 400)
    assert list(Journal.objects.get(key="b").transfers.order_by("pk").values_list("debit__kind", "amount_rial")) == [
        ("deposited", 100), ("winnings", 300),
    ]  # fmt: skip
    assert account_balance("escrow:7") == 1300
    for lines in ([Line(payers[1], POOL, 900)], [Line(payers[0], POOL, 901, then=(payers[1],))]):
        assert lines[0].then or charge("a", 900) == fund("a", 0, now, kind="entry_fee", lines=lines)
        if lines[0].then:
            with pytest.raises(errors.JournalConflict):
                fund("a", 0, now, kind="entry_fee", lines=lines)


def test_an_escrow_pays_out_no_more_than_came_in(user: User, now: datetime) -> None:
    fund("a", 500, now)
    line = Line(POOL, ledger.winnings(user.pk), 501)
    with pytest.raises(errors.InsufficientFunds) as refusal:
        fund("b", 0, now, kind=JournalKind.PRIZE, lines=[line])
    assert refusal.value.params == {"amount": 501, "available": 500, "currency": "IRR"}
    assert (Journal.objects.count(), account_balance("escrow:7")) == (1, 500)


@pytest.mark.django_db(transaction=True)
def test_the_books_are_not_written_where_what_others_committed_is_not_seen(now: datetime) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with pytest.raises(InternalError, match="READ COMMITTED"):
            fund("a", 500, now)
        transaction.set_rollback(True)


def test_post_journal_refuses_no_lines(now: datetime) -> None:
    with pytest.raises(errors.InvalidAmount):
        fund("a", 1, now, lines=[])
    assert Journal.objects.count() == 0


def test_post_journal_refuses_an_overdraft_and_says_what_there_is(user: User, now: datetime) -> None:
    deposit(user, 1000)
    with pytest.raises(errors.InsufficientFunds) as refusal:
        fund("a", 1001, now, lines=[Line(ledger.deposited(user.pk), POOL, 1001)])
    assert refusal.value.status == 402
    assert refusal.value.params == {"amount": 1001, "available": 1000, "currency": "IRR"}
    assert account_balance(f"user:{user.pk}:deposited") == 1000
    assert Journal.objects.count() == 1


def test_post_journals_is_all_or_nothing(user: User, now: datetime) -> None:
    deposit(user, 1000)
    entries = [
        Entry(JournalKind.ENTRY_FEE, "test", str(n), f"e{n}", [Line(ledger.deposited(user.pk), POOL, 600)])
        for n in range(2)
    ]
    with pytest.raises(errors.InsufficientFunds):
        ledger.post_journals(entries=entries, actor=None, now=now)
    assert account_balance(f"user:{user.pk}:deposited") == 1000


def test_post_journals_skips_what_was_written_before(user: User, now: datetime) -> None:
    deposit(user, 1000)
    entries = [
        Entry(JournalKind.ENTRY_FEE, "test", str(n), f"e{n}", [Line(ledger.deposited(user.pk), POOL, 100)])
        for n in range(3)
    ]
    first = ledger.post_journals(entries=entries[:2], actor=None, now=now)
    everything = ledger.post_journals(entries=entries, actor=None, now=now)
    assert [posted.is_fresh for posted in (*first, *everything)] == [True, True, False, False, True]
    assert [posted.journal_id for posted in everything[:2]] == [posted.journal_id for posted in first]
    assert account_balance(f"user:{user.pk}:deposited") == 700


def test_post_journals_takes_as_many_statements_for_many_as_for_one(
    now: datetime, django_assert_num_queries: Any
) -> None:
    users = UserFactory.create_batch(20)
    fund("a", 10_000, now)
    for user in users:
        win(user, 1)

    def entries(key: str, count: int) -> list[Entry]:
        return [
            Entry(JournalKind.PRIZE, "test", f"{key}{n}", f"{key}{n}", [Line(POOL, ledger.winnings(users[n].pk), 10)])
            for n in range(count)
        ]

    for key, count in (("one", 1), ("many", 20)):
        with django_assert_num_queries(1):
            ledger.post_journals(entries=entries(key, count), actor=None, now=now)


def test_post_journal_refuses_a_closed_account(now: datetime) -> None:
    fund("a", 500, now)
    fund("b", 500, now, kind=JournalKind.REMAINDER, lines=[Line(POOL, ledger.PLATFORM, 500)])
    LedgerAccount.objects.filter(code="escrow:7").update(closed_at=now)
    with pytest.raises(errors.EscrowClosed):
        fund("c", 1, now)
    assert account_balance("escrow:7") == 0


def test_reverse_gives_back_along_the_same_ways_once(user: User, now: datetime) -> None:
    deposit(user, 300)
    win(user, 200)
    lines = [Line(ledger.deposited(user.pk), POOL, 300), Line(ledger.winnings(user.pk), POOL, 50)]
    journal = fund("a", 0, now, kind=JournalKind.ENTRY_FEE, lines=lines)
    what = {"journals": [journal], "kind": JournalKind.REFUND, "actor": user, "now": now}
    for reason in ("off", "again"):
        ledger.reverse_all(**what, reason=reason)
    [reversal] = journal.reversed_by.all()
    assert (reversal.reverses, reversal.reason, reversal.user) == (journal, "off", user)
    assert account_balance(f"user:{user.pk}:deposited") == 300
    assert account_balance(f"user:{user.pk}:winnings") == 200
    assert account_balance("escrow:7") == 0


def test_accounts_of_every_kind_have_codes_of_their_own() -> None:
    accounts = [
        *(ledger.Account(kind, owner_id=5) for kind in (AccountKind.DEPOSITED, AccountKind.WINNINGS)),
        *(ledger.escrow(n) for n in (5, 55)),
        ledger.GATEWAY_CLEARING, ledger.SPONSOR, ledger.PLATFORM, ledger.PLATFORM_FEE,
    ]  # fmt: skip
    assert len({account.code for account in accounts}) == 8


TAMPERING = {
    "change a journal": "UPDATE wallet_journal SET kind = 'prize'",
    "change a journal's reason": "UPDATE wallet_journal SET reason = 'x'",
    "delete journals": "DELETE FROM wallet_journal",
    "delete no journal": "DELETE FROM wallet_journal WHERE FALSE",
    "empty journals": "TRUNCATE wallet_journal CASCADE",
    "change an amount": "UPDATE wallet_transfer SET amount_rial = amount_rial * 2",
    "change a balance after": "UPDATE wallet_transfer SET credit_after_rial = 0",
    "turn a transfer": "UPDATE wallet_transfer SET debit_id = credit_id, credit_id = debit_id",
    "delete transfers": "DELETE FROM wallet_transfer",
    "empty transfers": "TRUNCATE wallet_transfer CASCADE",
    "raise a balance": "UPDATE wallet_ledgeraccount SET balance_rial = balance_rial + 1 WHERE kind = 'deposited'",
    "lower a balance": "UPDATE wallet_ledgeraccount SET balance_rial = 0",
    "move an account": "UPDATE wallet_ledgeraccount SET owner_id = %(other)s WHERE kind = 'deposited'",
    "rename an account": "UPDATE wallet_ledgeraccount SET code = 'x' WHERE kind = 'deposited'",
    "allow an overdraft": "UPDATE wallet_ledgeraccount SET allow_negative = TRUE WHERE kind = 'deposited'",
    "delete an account": "DELETE FROM wallet_ledgeraccount",
    "empty accounts": "TRUNCATE wallet_ledgeraccount CASCADE",
    "make a rich account": (
        "INSERT INTO wallet_ledgeraccount (code, kind, owner_id, balance_rial, allow_negative) "
        "VALUES ('x', 'winnings', %(other)s, 1000, FALSE)"
    ),
    "add to an old journal": (
        "INSERT INTO wallet_transfer (journal_id, debit_id, credit_id, amount_rial, debit_after_rial, "
        "credit_after_rial) SELECT journal_id, debit_id, credit_id, 1000, -2000, 2000 FROM wallet_transfer"
    ),
    "add a transfer that does not follow": (
        "WITH j AS (INSERT INTO wallet_journal (kind, source_type, source_id, key, reason, created_at) "
        "VALUES ('prize', 'x', 'x', 'x', '', now()) RETURNING id) "
        "INSERT INTO wallet_transfer (journal_id, debit_id, credit_id, amount_rial, debit_after_rial, "
        "credit_after_rial) SELECT j.id, debit_id, credit_id, 1000, -1000, 1000 FROM wallet_transfer, j"
    ),
    "add a transfer below zero": (
        "WITH j AS (INSERT INTO wallet_journal (kind, source_type, source_id, key, reason, created_at) "
        "VALUES ('prize', 'x', 'x', 'x', '', now()) RETURNING id) "
        "INSERT INTO wallet_transfer (journal_id, debit_id, credit_id, amount_rial, debit_after_rial, "
        "credit_after_rial) SELECT j.id, credit_id, debit_id, 1001, -1, 1 FROM wallet_transfer, j"
    ),
    "add a negative transfer": (
        "INSERT INTO wallet_transfer (journal_id, debit_id, credit_id, amount_rial, debit_after_rial, "
        "credit_after_rial) SELECT journal_id, debit_id, credit_id, -5, 0, 0 FROM wallet_transfer"
    ),
    "add a transfer to itself": (
        "INSERT INTO wallet_transfer (journal_id, debit_id, credit_id, amount_rial, debit_after_rial, "
        "credit_after_rial) SELECT journal_id, debit_id, debit_id, 5, 0, 0 FROM wallet_transfer"
    ),
}


@pytest.mark.parametrize("statement", TAMPERING.values(), ids=TAMPERING.keys())
def test_tampering_with_the_books_is_refused(user: User, statement: str) -> None:
    deposit(user, 1000)
    before = books()
    other = UserFactory()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute(statement, {"other": other.pk})
    assert books() == before
    assert_ledger_holds()


def test_a_closed_account_stays_closed(now: datetime) -> None:
    fund("a", 500, now)
    fund("b", 500, now, kind=JournalKind.REMAINDER, lines=[Line(POOL, ledger.PLATFORM, 500)])
    LedgerAccount.objects.filter(code="escrow:7").update(closed_at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        LedgerAccount.objects.filter(code="escrow:7").update(closed_at=None)
    with pytest.raises(IntegrityError, match="ledger_account_closed_empty"), transaction.atomic():
        LedgerAccount.objects.filter(code="platform").update(closed_at=now)


def books() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (LedgerAccount, Journal, Transfer, Seal)]


def user_balance(user: User, kind: str) -> int:
    return account_balance(f"user:{user.pk}:{kind}")
