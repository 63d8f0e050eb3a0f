"""What an answer leaves on the payment besides its state."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from common.models import AuditEntry
from tests.factories.wallet import make_payment
from users.models import User
from wallet.events import PaymentFailed, PaymentSettled
from wallet.gateways.base import Outcome, Verified
from wallet.models import Payment
from wallet.services import settlement
from wallet.services.settlement import Answer, Verdict

pytestmark = pytest.mark.usefixtures("ledger_ok")


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    events: list[Any] = []
    monkeypatch.setattr(settlement, "publish", events.append)
    return events


def conclude(payment: Payment, verdict: Verdict, now: datetime, receipt: Any = settlement.NO_RECEIPT) -> Payment:
    settlement.conclude(payment_id=payment.pk, answer=Answer(verdict, 7, receipt), now=now)
    payment.refresh_from_db()
    return payment


def test_a_receipt_is_kept(user: User, now: datetime, published: list[Any]) -> None:
    waits = {"attention": "no_answer", "attention_at": now}
    payment = make_payment(user, 500, fee_rial=9, **waits)
    receipt = Verified(Outcome.DONE, 7, ref_id=11, card_pan="5022", card_hash="abc", fee_rial=3)
    for _ in range(2):
        conclude(payment, Verdict.PAID, now, receipt)
    assert (payment.ref_id, payment.card_pan, payment.card_hash, payment.fee_rial) == (11, "5022", "abc", 3)
    assert (payment.settled_at, payment.next_attempt_at, payment.gateway_code) == (now, None, 7)
    assert (payment.attention, payment.attention_at) == ("", None)
    assert published == [PaymentSettled(payment_id=payment.pk, entrant_id=None)]
    other = make_payment(user, 500, fee_rial=9)
    assert conclude(other, Verdict.PAID, now, Verified(Outcome.DONE, 7, ref_id=12)).fee_rial == 9


@pytest.mark.parametrize("verdict", [Verdict.FAILED, Verdict.MISMATCH])
def test_the_end_without_money_is_told_once(user: User, now: datetime, published: list[Any], verdict: Verdict) -> None:
    payment = make_payment(user, 500)
    for _ in range(2):
        assert conclude(payment, verdict, now).next_attempt_at is None
    assert published == [PaymentFailed(payment_id=payment.pk, entrant_id=None)]
    expired = make_payment(user, 500, status="expired", next_attempt_at=now)
    assert conclude(expired, verdict, now).next_attempt_at is None
    assert len(published) == 1


@pytest.mark.parametrize(
    ("verdict", "action", "changes"),
    [
        (Verdict.MISMATCH, "payment.mismatch", {"code": 7}),
        (Verdict.REJECTED, "payment.rejected_by_gateway", {"code": 7}),
        (Verdict.PAID, "payment.paid_after_the_end", {"status": "failed"}),
    ],
)
def test_alarms_are_in_the_audit(
    user: User, now: datetime, verdict: Verdict, action: str, changes: dict[str, Any]
) -> None:
    status = {"status": "failed", "next_attempt_at": None} if verdict is Verdict.PAID else {}
    payment = conclude(make_payment(user, 500, **status), verdict, now)
    entry = AuditEntry.objects.get(action=action)
    assert (entry.actor, entry.target_id, entry.changes) == (None, payment.pk, changes)


@pytest.mark.parametrize("verdict", [Verdict.UNKNOWN, Verdict.REJECTED, Verdict.MISCONFIGURED, Verdict.NOT_YET])
@pytest.mark.parametrize(("attempts", "seconds"), [(0, 5), (1, 5), (2, 10), (3, 20), (4, 40)])
def test_each_question_waits_twice_as_long(
    user: User, now: datetime, verdict: Verdict, attempts: int, seconds: int, settings: Any
) -> None:
    settings.PAYMENT_REJECTED_ATTEMPTS = settings.PAYMENT_UNKNOWN_ATTEMPTS = 5
    payment = make_payment(user, 500, attempts=attempts, expires_at=now + timedelta(hours=9))
    conclude(payment, verdict, now)
    assert payment.next_attempt_at == now + timedelta(seconds=seconds)
    assert (payment.attention, payment.attention_at) == ("", None)


def test_no_wait_is_longer_than_an_hour(user: User, now: datetime, settings: Any) -> None:
    settings.PAYMENT_UNKNOWN_ATTEMPTS = 99
    for attempts, seconds in ((10, 2560), (11, 3600), (50, 3600)):
        payment = make_payment(user, 500, attempts=attempts)
        assert conclude(payment, Verdict.UNKNOWN, now).next_attempt_at == now + timedelta(seconds=seconds)


def test_after_the_last_question_people_take_over(user: User, now: datetime, settings: Any) -> None:
    settings.PAYMENT_UNKNOWN_ATTEMPTS, settings.PAYMENT_REJECTED_ATTEMPTS = 40, 5
    for verdict, attempts, why in ((Verdict.UNKNOWN, 40, "no_answer"), (Verdict.REJECTED, 5, "rejected")):
        payment = conclude(make_payment(user, 500, attempts=attempts), verdict, now)
        assert (payment.status, payment.next_attempt_at) == ("requested", None)
        assert (payment.attention, payment.attention_at) == (why, now)
        # since when they wait does not change
        assert conclude(payment, verdict, now + timedelta(days=1)).attention_at == now


def test_a_payer_who_is_at_the_bank_is_asked_about_at_the_end_at_the_latest(user: User, now: datetime) -> None:
    for left, seconds in ((3600, 20), (12, 12), (6, 6), (5, 20), (1, 20)):
        payment = make_payment(
            user, 500, attempts=3, expires_at=now + timedelta(seconds=left), attention="no_answer", attention_at=now
        )
        conclude(payment, Verdict.NOT_YET, now)
        assert payment.next_attempt_at == now + timedelta(seconds=seconds), left
        assert (payment.attention, payment.attention_at) == ("", None)
    over = make_payment(user, 500, expires_at=now)
    assert (conclude(over, Verdict.NOT_YET, now).status, over.next_attempt_at) == ("expired", None)
    assert conclude(over, Verdict.NOT_YET, now).next_attempt_at is None


def test_a_failed_payment_waits_for_nobody(user: User, now: datetime) -> None:
    payment = make_payment(user, 500, attention="no_answer", attention_at=now)
    conclude(payment, Verdict.FAILED, now)
    assert (payment.status, payment.attention, payment.attention_at) == ("failed", "", None)
