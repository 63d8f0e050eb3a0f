"""The table of answers: what each answer of a gateway does to a payment in each of its states."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache

from common.models import AuditEntry
from tests.banks import BankDoor
from tests.factories.wallet import deposit, make_payment
from users.models import User
from wallet import selectors
from wallet.enums import PaymentStatus
from wallet.gateways import breaker
from wallet.gateways.base import Outcome, Verified
from wallet.models import Journal, Payment
from wallet.services import payments, settlement
from wallet.services.settlement import Answer, Verdict

pytestmark = pytest.mark.usefixtures("ledger_ok")
AMOUNT = 50_000
ALARM, EVENT, BREAKER = "alarm", "security event", "breaker"
# code of verify, what inquiry says → status, Rials credited, what else happens
TABLE: list[tuple[int, str, str, int, set[str]]] = [
    (100, "", "settled", AMOUNT, set()),
    (101, "", "settled", AMOUNT, set()),
    (-50, "", "mismatch", 0, {ALARM}),
    (-51, "FAILED", "failed", 0, set()),
    (-51, "IN_BANK", "verifying", 0, set()),
    (-51, "PAID", "verifying", 0, set()),
    (-51, "VERIFIED", "verifying", 0, set()),
    (-51, "REVERSED", "verifying", 0, set()),
    *((code, "", "verifying", 0, set()) for code in (-52, -12, -40, -41, -18, -60, -63, -999, 0, 1, 99, 102)),
    *((code, "", "verifying", 0, {ALARM, EVENT}) for code in (-53, -54, -55)),
    *((code, "", "verifying", 0, {ALARM, BREAKER}) for code in (-9, -10, -11, -13, -14, -15, -16, -17)),
]


@pytest.mark.parametrize(("code", "inquiry", "status", "credit", "effects"), TABLE)
def test_every_answer_does_what_the_table_says(
    bank: BankDoor, user: User, now: datetime, caplog: pytest.LogCaptureFixture, code: int, inquiry: str, status: str,
    credit: int, effects: set[str],
) -> None:  # fmt: skip
    payment = payments.deposit(actor=user, amount_rial=AMOUNT, now=now)
    bank.pay(payment.authority or "")
    Payment.objects.update(callback_at=now, next_attempt_at=now)
    told = '{"data": {"code": %d, "ref_id": 7}, "errors": []}' if code > 0 else '{"data": [], "errors": {"code": %d}}'
    bank.next(("verify", f"json:{told % code}"))
    if inquiry:
        bank.next(("inquiry", f'json:{{"data": {{"code": 100, "status": "{inquiry}"}}, "errors": []}}'))
    payments.verify(payment_id=payment.pk, now=now)
    payment.refresh_from_db()
    assert (payment.status, selectors.balances(user).deposited) == (status, credit)
    assert (payment.next_attempt_at is None) == (status != "verifying")
    assert payment.gateway_code == (100 if inquiry else code)
    seen = {
        ALARM: "ALARM" in caplog.text,
        EVENT: AuditEntry.objects.filter(action="payment.rejected_by_gateway").exists(),
        BREAKER: breaker.is_open("zarinpal"),
    }
    assert {name for name, happened in seen.items() if happened} == effects
    cache.clear()


PENDING = {PaymentStatus.REQUESTED, PaymentStatus.VERIFYING}
# what an answer makes of a payment in a state; where nothing is said, the state stays as it was
MATRIX: dict[tuple[PaymentStatus, Verdict], PaymentStatus] = {
    **{(status, Verdict.PAID): PaymentStatus.SETTLED for status in (*PENDING, PaymentStatus.EXPIRED)},
    **{(status, Verdict.FAILED): PaymentStatus.FAILED for status in PENDING},
    **{(status, Verdict.MISMATCH): PaymentStatus.MISMATCH for status in PENDING},
}


def in_state(user: User, status: PaymentStatus, now: datetime) -> Payment:
    if status == PaymentStatus.SETTLED:
        return deposit(user, AMOUNT, now)
    authority = {"authority": None} if status == PaymentStatus.CREATED else {}
    return make_payment(user, AMOUNT, status=status, now=now, **authority)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize(
    "status", [status for status in PaymentStatus if status not in (PaymentStatus.REVERSED, PaymentStatus.REFUNDED)]
)
def test_every_state_meets_every_answer(
    user: User, now: datetime, status: PaymentStatus, verdict: Verdict, late: bool
) -> None:
    payment = in_state(user, status, now)
    journals = Journal.objects.count()
    moment = now + timedelta(hours=1 if late else 0)
    receipt = Verified(Outcome.DONE, 100, ref_id=7) if verdict is Verdict.PAID else settlement.NO_RECEIPT
    for _ in range(2):
        settlement.conclude(payment_id=payment.pk, answer=Answer(verdict, 100, receipt), now=moment)
    payment.refresh_from_db()
    expected = MATRIX.get((status, verdict), status)
    if late and verdict is Verdict.NOT_YET and status in PENDING:
        expected = PaymentStatus.EXPIRED
    assert payment.status == expected
    gained = expected == PaymentStatus.SETTLED and status != PaymentStatus.SETTLED
    assert Journal.objects.count() == journals + gained
    assert selectors.balances(user).deposited == (AMOUNT if expected == PaymentStatus.SETTLED else 0)


@pytest.mark.parametrize("order", ["wrong_amount", "verified_before", "reversed"])
def test_what_happened_at_the_bank_meanwhile(bank: BankDoor, user: User, now: datetime, order: str) -> None:
    payment = payments.deposit(actor=user, amount_rial=AMOUNT, now=now)
    bank.pay(payment.authority or "")
    Payment.objects.update(callback_at=now, next_attempt_at=now)
    bank.next(("verify", order))
    payments.verify(payment_id=payment.pk, now=now)
    payment.refresh_from_db()
    expected: dict[str, Any] = {
        "wrong_amount": ("mismatch", 0, -50), "verified_before": ("settled", AMOUNT, 101),
        # taken back before it was credited: like a payer who has not paid
        "reversed": ("verifying", 0, 100),
    }  # fmt: skip
    assert (payment.status, selectors.balances(user).deposited, payment.gateway_code) == expected[order]
    if order == "reversed":
        payments.sweep(now=now + timedelta(minutes=31))
        payment.refresh_from_db()
        assert payment.status == "expired"
