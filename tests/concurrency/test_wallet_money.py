"""Money under real threads: no overdraft, no deadlock, no double credit."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import httpx
import pytest
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone

from common.db import use_case
from demo.fakebank.server import Server
from demo.zarinpal.server import make_server
from notifications.models import Notification
from tests.factories.users import UserFactory
from tests.factories.wallet import assert_ledger_holds, deposit, make_payment
from users.models import User
from wallet import selectors
from wallet.enums import JournalKind
from wallet.errors import InsufficientFunds, JournalConflict
from wallet.gateways.base import Outcome, Verified
from wallet.models import Journal, LedgerAccount, Payment, Transfer
from wallet.services import escrow, ledger, payments, settlement
from wallet.services.ledger import Line

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 10


@pytest.fixture(autouse=True)
def books_hold() -> Iterator[None]:
    yield
    assert_ledger_holds()


@pytest.fixture
def bank(settings: Any) -> Iterator[Server]:
    server = make_server("127.0.0.1", 0)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    settings.ZARINPAL_URL = f"http://127.0.0.1:{server.server_port}"
    cache.clear()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def in_parallel(*jobs: Callable[[], Any]) -> list[Any]:
    """Run the jobs at the same moment, each in a thread with a connection of its own; what each gave or raised."""
    barrier, outcomes = Barrier(len(jobs)), [None] * len(jobs)

    def run(index: int, job: Callable[[], Any]) -> None:
        try:
            barrier.wait(20)
            outcomes[index] = job()
        except Exception as error:
            outcomes[index] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=item) for item in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def joining(payer: User, entrant_id: int, amount: int, tournament_id: int = 1) -> Callable[[], None]:
    @use_case
    def join() -> None:
        escrow.charge_entry(
            payer=payer, tournament_id=tournament_id, entrant_id=entrant_id, amount_rial=amount, now=timezone.now()
        )

    return join


def test_without_the_lock_two_spenders_would_read_the_same_balance() -> None:
    user = UserFactory()
    deposit(user, 1000)
    with transaction.atomic():
        ledger.open_accounts([ledger.escrow(1)])
    both_read = Barrier(2, timeout=20)

    def spend(key: str) -> Callable[[], int]:
        @use_case
        def naive() -> int:
            payer = LedgerAccount.objects.get(code=f"user:{user.pk}:deposited")
            pool = LedgerAccount.objects.get(code="escrow:1")
            both_read.wait()
            assert payer.balance_rial == 1000
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL wallet.writing = 'on'")  # past the trigger, as no code of ours does
            LedgerAccount.objects.filter(pk=payer.pk).update(balance_rial=F("balance_rial") - 1000)
            journal = Journal.objects.create(
                kind="entry_fee", source_type="x", source_id=key, key=key, created_at=timezone.now()
            )
            return Transfer.objects.create(
                journal=journal, debit=payer, credit=pool, amount_rial=1000, debit_after_rial=0
            ).pk

        return naive

    outcomes = in_parallel(spend("a"), spend("b"))
    [refusal] = [outcome for outcome in outcomes if not isinstance(outcome, int)]
    # both saw enough money; only the constraint in the database refused the second
    assert isinstance(refusal, InsufficientFunds)
    assert isinstance(refusal.__cause__, IntegrityError)
    assert selectors.balances(user).deposited == 0


@pytest.mark.parametrize(("balance", "price", "fits"), [(1000, 1000, 1), (1000, 250, 4), (999, 250, 3)])
def test_parallel_spends_of_one_balance_give_exactly_what_fits(balance: int, price: int, fits: int) -> None:
    user = UserFactory()
    deposit(user, balance)
    outcomes = in_parallel(*(joining(user, n, price, tournament_id=n) for n in range(THREADS)))
    assert outcomes.count(None) == fits
    assert sum(isinstance(outcome, InsufficientFunds) for outcome in outcomes) == THREADS - fits
    assert selectors.balances(user).deposited == balance - fits * price


def test_one_charge_that_comes_many_times_is_charged_once() -> None:
    user = UserFactory()
    deposit(user, 1000)
    outcomes = in_parallel(*[joining(user, 1, 100)] * THREADS)
    assert set(outcomes) == {None}
    assert Journal.objects.filter(kind="entry_fee").count() == 1
    assert selectors.balances(user).deposited == 900


def test_charge_and_refund_of_one_entry_end_with_the_money_in_one_place() -> None:
    for entrant in range(10):
        user = UserFactory()
        deposit(user, 100)

        @use_case
        def refund(entrant: int = entrant) -> int:
            return escrow.refund_entry(tournament_id=1, entrant_id=entrant, reason="", actor=None, now=timezone.now())

        in_parallel(joining(user, entrant, 100), refund, refund)
        kept = escrow.entry_amount(tournament_id=1, entrant_id=entrant)
        assert selectors.balances(user).deposited + kept == 100


def test_transfers_crosswise_do_not_deadlock() -> None:
    first, second = UserFactory(), UserFactory()
    accounts = [ledger.deposited(first.pk), ledger.deposited(second.pk)]
    for user in (first, second):
        deposit(user, 1000)

    def moving(key: str, way: list[ledger.Account]) -> Callable[[], int]:
        @use_case
        def move(n: int) -> None:
            ledger.post_journal(
                kind=JournalKind.REMAINDER,
                source_type="test",
                source_id=f"{key}:{n}",
                key=f"{key}:{n}",
                lines=[Line(way[0], way[1], 1)],
                actor=None,
                now=timezone.now(),
            )

        def run() -> int:
            for n in range(20):
                move(n)
            return 20

        return run

    jobs = [moving(f"{way}{n}", accounts[::way]) for way in (1, -1) for n in range(4)]
    assert in_parallel(*jobs) == [20] * 8
    assert [selectors.balances(user).deposited for user in (first, second)] == [1000, 1000]


def test_prizes_paid_by_many_at_once_are_paid_once() -> None:
    winners = UserFactory.create_batch(5)
    pool = {"tournament_id": 1, "actor": None, "now": timezone.now()}
    with transaction.atomic():
        escrow.fund_prize(source="sponsor", amount_rial=1000, **pool)
    prizes = [escrow.Prize(n, n, user.pk, 100) for n, user in enumerate(winners, start=1)]

    @use_case
    def finish() -> None:
        escrow.pay_prizes(prizes=prizes, fee_rial=50, **pool)
        escrow.close(tournament_id=1, now=timezone.now())

    assert in_parallel(*[finish] * THREADS) == [None] * THREADS
    assert [selectors.balances(user).winnings for user in winners] == [100] * 5
    assert selectors.balance(1) == 0


def test_cancel_against_joins_leaves_nobody_out_of_pocket() -> None:
    users = UserFactory.create_batch(8)
    for user in users:
        deposit(user, 100)

    @use_case
    def cancel() -> int:
        return escrow.refund_all(tournament_id=1, reason="off", actor=None, now=timezone.now())

    in_parallel(*(joining(user, n, 100) for n, user in enumerate(users)), cancel)
    cancel_again = cancel()
    left = {selectors.balances(user).deposited for user in users}
    assert cancel_again == 0
    assert left <= {0, 100}
    assert sum(selectors.balances(user).deposited for user in users) + selectors.balance(1) + remainder() == 800


def remainder() -> int:
    return selectors.account_balance("platform")


def test_an_answer_that_comes_twenty_times_credits_once() -> None:
    user = UserFactory()
    payment = make_payment(user, 50_000)
    answer = settlement.Answer(settlement.Verdict.PAID, 100, Verified(Outcome.DONE, 100, ref_id=7))

    def conclude() -> None:
        settlement.conclude(payment_id=payment.pk, answer=answer, now=timezone.now())

    assert in_parallel(*[conclude] * 20) == [None] * 20
    assert selectors.balances(user).deposited == 50_000
    assert (Journal.objects.count(), Notification.objects.count()) == (1, 1)


def test_twenty_callbacks_at_once_credit_once(bank: Server) -> None:
    users = UserFactory.create_batch(3)
    for user in users:
        payment = payments.deposit(actor=user, amount_rial=50_000, now=timezone.now())
        httpx.post(payment.payment_url, data={"decision": "pay"})

        def call_back(authority: str = payment.authority or "") -> str:
            return payments.record_callback(authority=authority, status="OK", now=timezone.now()).status

        outcomes = in_parallel(*[call_back] * 20)
        assert set(outcomes) <= {"settled", "verifying"}
        assert Payment.objects.get(pk=payment.pk).status == "settled"
    assert [selectors.balances(user).deposited for user in users] == [50_000] * 3
    assert bank.orders.calls["verify"] == 3


def test_sweep_callback_and_verify_at_once_credit_once(bank: Server) -> None:
    user, now = UserFactory(), timezone.now()
    paid = [payments.deposit(actor=user, amount_rial=10_000, now=now) for _ in range(5)]
    for payment in paid:
        httpx.post(payment.payment_url, data={"decision": "pay"})
    late = now + timedelta(minutes=3)
    jobs: list[Callable[[], Any]] = [lambda: payments.sweep(now=late)] * 3
    for payment in paid:
        jobs.append(lambda pk=payment.pk: payments.verify(payment_id=pk, now=late))
        jobs.append(lambda a=payment.authority: payments.record_callback(authority=a, status="OK", now=late) and None)
    assert in_parallel(*jobs) == [None] * len(jobs)
    payments.sweep(now=late + timedelta(minutes=5))
    assert set(Payment.objects.values_list("status", flat=True)) == {"settled"}
    assert selectors.balances(user).deposited == 50_000


def test_first_use_of_the_same_accounts_at_once_makes_them_once() -> None:
    now = timezone.now()

    def funding(tournament_id: int) -> Callable[[], None]:
        @use_case
        def fund() -> None:
            escrow.fund_prize(tournament_id=tournament_id, source="sponsor", amount_rial=10, actor=None, now=now)

        return fund

    assert in_parallel(*(funding(n % 3) for n in range(THREADS))) == [None] * THREADS
    assert sorted(LedgerAccount.objects.with_balance().values_list("code", "total_rial")) == [
        ("escrow:0", 10),
        ("escrow:1", 10),
        ("escrow:2", 10),
        ("sponsor", -30),
    ]


def test_two_contents_under_one_key_at_once_book_one(now: datetime) -> None:
    def funding(amount: int) -> Callable[[], None]:
        @use_case
        def fund() -> None:
            escrow.fund_prize(tournament_id=1, source="sponsor", amount_rial=amount, actor=None, now=now)

        return fund

    outcomes = in_parallel(funding(10), funding(20))
    assert {type(outcome) for outcome in outcomes} == {type(None), JournalConflict}
    assert selectors.balance(1) in {10, 20}
