"""Payments that wait for people: not asked about for ever, never failed, and settled if they turn out to be paid."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache

from common.models import AuditEntry
from tests.banks import BankDoor
from tests.factories.users import StaffFactory
from tests.factories.wallet import make_payment
from users.models import User
from wallet import selectors
from wallet.enums import PaymentStatus
from wallet.models import Payment
from wallet.services import payments, settlement

pytestmark = pytest.mark.usefixtures("ledger_ok")
AMOUNT = 50_000


@pytest.fixture
def payment(bank: BankDoor, user: User, now: datetime) -> Payment:
    """Its payer came back; the gateway has not been asked yet."""
    payment = payments.deposit(actor=user, amount_rial=AMOUNT, now=now)
    Payment.objects.update(callback_at=now, next_attempt_at=now)
    return payment


def ask_until_quiet(bank: BankDoor, payment: Payment, order: str) -> int:
    """How often the gateway is asked before nobody asks any more."""
    for asked in range(1, 100):
        bank.next(("verify", order))
        payment.refresh_from_db()
        cache.clear()
        payments.verify(payment_id=payment.pk, now=payment.next_attempt_at)
        payment.refresh_from_db()
        if payment.next_attempt_at is None:
            return asked
    raise AssertionError("it is asked about for ever")


@pytest.mark.parametrize(
    ("order", "limit", "why"),
    [
        ("code:-53", 5, "rejected"), ("code:-54", 5, "rejected"), ("code:-55", 5, "rejected"),
        ("code:-52", 40, "no_answer"), ("http:500", 40, "no_answer"), ("code:-777", 40, "no_answer"),
        ("code:-11", 40, "no_answer"),
    ],
)  # fmt: skip
def test_after_so_many_answers_without_sense_people_take_over(
    bank: BankDoor, user: User, payment: Payment, order: str, limit: int, why: str
) -> None:
    assert ask_until_quiet(bank, payment, order) == limit
    assert (payment.status, payment.attention, payment.attempts) == ("verifying", why, limit)
    assert list(selectors.payments_needing_attention()) == [payment]
    calls = bank.calls("verify")
    payments.sweep(now=payment.attention_at + timedelta(minutes=1))
    assert bank.calls("verify") == calls
    # the sweep lists it as paid
    bank.pay(payment.authority or "")
    cache.clear()
    payments.sweep(now=payment.attention_at + timedelta(minutes=2))
    payment.refresh_from_db()
    assert (payment.status, payment.attention, payment.attention_at) == ("settled", "", None)
    assert selectors.balances(user).deposited == AMOUNT
    assert list(selectors.payments_needing_attention()) == []


def test_each_rejection_is_a_security_event(bank: BankDoor, payment: Payment) -> None:
    ask_until_quiet(bank, payment, "code:-54")
    assert AuditEntry.objects.filter(action="payment.rejected_by_gateway", target_id=payment.pk).count() == 5


def test_staff_who_ask_again_start_the_count_anew(
    bank: BankDoor, payment: Payment, django_capture_on_commit_callbacks: Any
) -> None:
    ask_until_quiet(bank, payment, "code:-53")
    payments.ask_again(payment_ids=[payment.pk], actor=StaffFactory(), now=payment.attention_at)
    assert ask_until_quiet(bank, payment, "code:-53") == 5


def test_a_callback_asks_once_more_and_no_more(bank: BankDoor, payment: Payment) -> None:
    ask_until_quiet(bank, payment, "code:-53")
    since = payment.attention_at
    bank.next(("verify", "code:-53"))
    later = since + timedelta(hours=1)
    payments.record_callback(authority=payment.authority or "", status="OK", now=later)
    payments.verify(payment_id=payment.pk, now=later)
    payment.refresh_from_db()
    assert (payment.next_attempt_at, payment.attention_at, payment.status) == (None, since, "verifying")


def test_a_mismatch_and_money_after_the_end_wait_for_people(user: User, now: datetime) -> None:
    mismatch = make_payment(user, AMOUNT, status=PaymentStatus.VERIFYING)
    ended = make_payment(user, AMOUNT, status=PaymentStatus.FAILED, next_attempt_at=None)
    settlement.conclude(payment_id=mismatch.pk, answer=settlement.Answer(settlement.Verdict.MISMATCH, -50), now=now)
    settlement.conclude(payment_id=ended.pk, answer=settlement.Answer(settlement.Verdict.PAID, 100), now=now)
    waiting = selectors.payments_needing_attention().values_list("pk", "status", "attention")
    assert list(waiting) == [(mismatch.pk, "mismatch", "mismatch"), (ended.pk, "failed", "paid_after_the_end")]


def test_the_list_takes_one_query(user: User, now: datetime, django_assert_num_queries: Any) -> None:
    for _ in range(3):
        make_payment(user, AMOUNT, attention="no_answer", attention_at=now)
    with django_assert_num_queries(1):
        assert [payment.user.username for payment in selectors.payments_needing_attention()] == [user.username] * 3
