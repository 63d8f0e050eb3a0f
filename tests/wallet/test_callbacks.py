"""The browser that comes back is kept waiting for the outcome for a moment; what nobody brings back the sweep finds."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from redis.exceptions import ConnectionError as RedisConnectionError

from common.errors import Busy
from common.models import AuditEntry
from tests.banks import BankDoor
from tests.factories.users import StaffFactory
from tests.factories.wallet import make_payment
from users.models import User
from wallet import errors, selectors
from wallet.gateways import breaker
from wallet.gateways.base import Outcome, Verified
from wallet.models import Payment
from wallet.services import payments, settlement

pytestmark = pytest.mark.usefixtures("ledger_ok")
AMOUNT = 50_000
PAID = settlement.Answer(settlement.Verdict.PAID, 100, Verified(Outcome.DONE, 100, ref_id=7))


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the callback has slept, each time. Sleeping moves its clock."""
    slept: list[float] = []
    monkeypatch.setattr(payments, "PATIENCE_SECONDS", 0.45)
    monkeypatch.setattr(payments, "monotonic", lambda: sum(slept))
    monkeypatch.setattr(payments, "sleep", slept.append)
    return slept


def come_back(payment: Payment, now: datetime) -> Payment:
    back = payments.record_callback(authority=payment.authority or "", status="OK", now=now)
    assert back is not None
    return back


def test_the_callback_waits_until_another_worker_has_the_outcome(
    user: User, now: datetime, naps: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = make_payment(user, AMOUNT, now=now)

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 3:
            settlement.conclude(payment_id=payment.pk, answer=PAID, now=now)

    monkeypatch.setattr(payments, "sleep", sleep)
    assert come_back(payment, now).status == "settled"
    assert naps == [0.1] * 3


def test_the_callback_does_not_wait_longer_than_its_patience(user: User, now: datetime, naps: list[float]) -> None:
    assert come_back(make_payment(user, AMOUNT, now=now), now).status == "requested"
    assert naps == [0.1] * 5


def test_the_callback_does_not_wait_for_what_is_not_asked_now(user: User, now: datetime, naps: list[float]) -> None:
    asked = make_payment(user, AMOUNT, now=now, last_attempt_at=now - timedelta(seconds=1))
    assert come_back(asked, now).next_attempt_at == now + timedelta(seconds=14)
    over = make_payment(user, AMOUNT, now=now, status="failed", next_attempt_at=None)
    assert come_back(over, now).status == "failed"
    assert naps == []


def test_the_first_callback_counts_the_questions_anew(user: User, now: datetime, naps: list[float]) -> None:
    payment = make_payment(user, AMOUNT, now=now, attempts=7)
    payments.record_callback(authority=payment.authority, status="NOK", now=now)
    payment.refresh_from_db()
    assert (payment.callback_at, payment.attempts, payment.next_attempt_at) == (None, 7, now)
    come_back(payment, now)
    Payment.objects.update(attempts=3)
    come_back(payment, now + timedelta(seconds=9))
    payment.refresh_from_db()
    assert (payment.callback_at, payment.attempts, payment.next_attempt_at) == (now, 3, now)


def test_a_callback_in_a_crowd_is_answered_with_what_is_known(
    user: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = make_payment(user, AMOUNT, now=now)

    def busy(**_: Any) -> None:
        raise Busy(retry_after=2)

    monkeypatch.setattr(payments, "_note_callback", busy)
    assert come_back(payment, now) == payment


def test_a_new_payment_says_what_it_is_for(bank: BankDoor, user: User, now: datetime) -> None:
    payment = payments.deposit(actor=user, amount_rial=AMOUNT, now=now)
    assert (payment.purpose, payment.entrant_id, payment.created_at) == ("deposit", None, now)
    assert payment.expires_at == now + timedelta(minutes=30)
    entry = AuditEntry.objects.get(action="payment.create")
    assert (entry.actor, entry.target_id, entry.changes) == (user, payment.pk, {"amount_rial": AMOUNT})
    session = bank.server.bank.sessions[payment.authority]
    assert user.username in session.description


def test_a_gateway_that_does_not_answer_is_to_be_tried_in_ten_seconds(
    bank: BankDoor, user: User, now: datetime
) -> None:
    bank.next(("request", "drop"))
    with pytest.raises(errors.GatewayUnavailable) as refusal:
        payments.deposit(actor=user, amount_rial=AMOUNT, now=now)
    assert refusal.value.retry_after == 10
    breaker.trip("zarinpal")
    with pytest.raises(errors.GatewayUnavailable) as refusal:
        payments.deposit(actor=user, amount_rial=AMOUNT, now=now)
    assert (refusal.value.retry_after, bank.calls("request")) == (breaker.OPEN_SECONDS, 1)


@pytest.mark.parametrize("amount", [10_000, 2_000_000_000])
def test_the_limits_themselves_are_allowed(amount: int) -> None:
    payments.require_range(amount)


def test_a_question_is_noted_before_it_is_asked(bank: BankDoor, user: User, now: datetime) -> None:
    payment = payments.deposit(actor=user, amount_rial=AMOUNT, now=now)
    asked = now + timedelta(seconds=120)
    claimed = payments._claim(payment_id=payment.pk, now=asked)
    assert claimed is not None
    assert (claimed.attempts, claimed.last_attempt_at, claimed.status) == (1, asked, "requested")
    assert claimed.next_attempt_at == asked + timedelta(seconds=40)
    assert payments._claim(payment_id=payment.pk, now=asked + timedelta(seconds=39)) is None


def test_one_sweep_at_a_time_and_the_next_one_after_it(bank: BankDoor, user: User, now: datetime) -> None:
    payment = payments.deposit(actor=user, amount_rial=AMOUNT, now=now)
    bank.pay(payment.authority or "")
    cache.add("wallet:sweep", True, timeout=60)
    payments.sweep(now=now + timedelta(seconds=121))
    assert selectors.balances(user).deposited == 0
    cache.delete("wallet:sweep")
    payments.sweep(now=now + timedelta(seconds=121))
    assert (selectors.balances(user).deposited, cache.get("wallet:sweep")) == (AMOUNT, None)


def test_a_sweep_ends_in_its_time(bank: BankDoor, user: User, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [payments.deposit(actor=user, amount_rial=AMOUNT, now=now) for _ in range(3)]
    ticks = iter([0, 20, 46, 46])
    monkeypatch.setattr(payments, "monotonic", lambda: next(ticks))
    bank.next(("unVerified", "empty"))
    payments.sweep(now=now + timedelta(minutes=3))
    asked = list(Payment.objects.order_by("pk").values_list("pk", "last_attempt_at"))
    # the first one at the time when its turn came, the others not any more
    assert asked == [(rows[0].pk, now + timedelta(minutes=3, seconds=20)), (rows[1].pk, None), (rows[2].pk, None)]


def test_the_gateways_list_brings_questions_forward(bank: BankDoor, user: User, now: datetime) -> None:
    fresh, waits, old, asked, over = (
        payments.deposit(actor=user, amount_rial=AMOUNT, now=now) for _ in range(5)
    )  # fmt: skip
    for payment in (fresh, waits, old, asked, over):
        bank.pay(payment.authority or "")
    day = timedelta(days=1)
    Payment.objects.filter(pk__in=[waits.pk, old.pk]).update(created_at=now - 8 * day, next_attempt_at=None)
    Payment.objects.filter(pk=waits.pk).update(attention="no_answer", attention_at=now - 6 * day)
    Payment.objects.filter(pk=asked.pk).update(last_attempt_at=now - timedelta(seconds=14))
    Payment.objects.filter(pk=over.pk).update(status="failed", next_attempt_at=None)
    payments._find_unverified(now=now)
    seen = dict(Payment.objects.values_list("pk", "next_attempt_at"))
    assert [seen[row.pk] for row in (fresh, waits, asked, over)] == [now, now, now + timedelta(seconds=120), None]
    fresh.refresh_from_db()
    assert (fresh.callback_at, fresh.version) == (now, 3)
    breaker.trip("zarinpal")
    cache.delete("wallet:unverified:zarinpal")
    payments._find_unverified(now=now)
    assert bank.calls("unVerified") == 1


def test_staff_who_ask_again_have_it_asked_now(bank: BankDoor, user: User, now: datetime) -> None:
    payment = make_payment(user, AMOUNT, now=now, attempts=9)
    staff = StaffFactory()
    assert payments.ask_again(payment_ids=[payment.pk], actor=staff, now=now) == 1
    payment.refresh_from_db()
    assert (payment.attempts, payment.next_attempt_at) == (0, now)
    assert AuditEntry.objects.get(action="payment.ask_again", target_id=payment.pk).actor == staff


def test_a_gateway_with_an_open_breaker_is_not_asked(bank: BankDoor, user: User, now: datetime) -> None:
    payment = payments.deposit(actor=user, amount_rial=AMOUNT, now=now)
    bank.pay(payment.authority or "")
    breaker.trip("zarinpal")
    payments.verify(payment_id=payment.pk, now=now + timedelta(seconds=121))
    payment.refresh_from_db()
    assert (payment.status, payment.attempts, bank.calls("inquiry")) == ("requested", 1, 0)


@pytest.mark.parametrize(
    ("created_days", "attention_days", "asked"), [(0.9, None, 1), (1.1, None, 0), (9, 6.9, 1), (9, 7.1, 0)]
)
def test_the_gateways_list_is_for_what_may_still_be_paid(
    bank: BankDoor, user: User, now: datetime, created_days: float, attention_days: float | None, asked: int
) -> None:
    waits = {"attention": "no_answer", "attention_at": now - timedelta(days=attention_days)} if attention_days else {}
    make_payment(user, AMOUNT, now=now - timedelta(days=created_days), next_attempt_at=None, **waits)
    payments.sweep(now=now)
    assert bank.calls("unVerified") == asked


def test_a_sweep_goes_on_without_redis(
    bank: BankDoor, user: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = payments.deposit(actor=user, amount_rial=AMOUNT, now=now)
    bank.pay(payment.authority or "")

    def fail(*_: Any, **__: Any) -> None:
        raise RedisConnectionError

    monkeypatch.setattr("wallet.services.payments.cache.add", fail)
    monkeypatch.setattr("wallet.services.payments.cache.delete", fail)
    payments.sweep(now=now + timedelta(seconds=121))
    assert (selectors.balances(user).deposited, bank.calls("unVerified")) == (AMOUNT, 0)


def test_a_payment_the_gateway_never_took_ends_once(user: User, now: datetime) -> None:
    payment = make_payment(user, AMOUNT, status="created", authority=None, next_attempt_at=now)
    for _ in range(2):
        assert payments._claim(payment_id=payment.pk, now=now) is None
    payment.refresh_from_db()
    assert (payment.status, payment.next_attempt_at, payment.attempts, payment.version) == ("expired", None, 0, 2)
