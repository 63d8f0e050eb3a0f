"""Settled payments against what the gateway says of them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from common.errors import PermissionDenied
from common.models import AuditEntry
from tests.banks import BankDoor
from tests.factories.users import StaffFactory
from users.models import User
from wallet.enums import DifferenceKind
from wallet.gateways import breaker
from wallet.models import Payment, PaymentDifference
from wallet.services import payments, reconciliation

pytestmark = pytest.mark.usefixtures("ledger_ok")
AMOUNT = 50_000


def settled(door: BankDoor, user: User, now: datetime) -> Payment:
    payment = payments.deposit(actor=user, amount_rial=AMOUNT, now=now)
    door.pay(payment.authority or "")
    payments.verify(payment_id=payment.pk, now=now + timedelta(minutes=3))
    payment.refresh_from_db()
    assert payment.status == "settled"
    return payment


def session(door: BankDoor, payment: Payment) -> Any:
    return door.server.bank.sessions[payment.authority or ""]


def differences() -> list[tuple[Any, ...]]:
    return list(PaymentDifference.objects.order_by("pk").values_list("payment", "kind", "ours", "theirs"))


def test_payments_that_agree_are_compared_once_a_day_for_three_days(bank: BankDoor, user: User, now: datetime) -> None:
    settled(bank, user, now)
    compared = [reconciliation.run(now=now + timedelta(hours=hour)) for hour in range(1, 97, 6)]
    assert (sum(compared), differences()) == (3, [])


def test_another_state_is_written_down_once(
    bank: BankDoor, user: User, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    fine, undone = settled(bank, user, now), settled(bank, user, now)
    session(bank, undone).state = "REVERSED"
    for day in (1, 2):
        assert reconciliation.run(now=now + timedelta(days=day)) == 2
    assert differences() == [(undone.pk, "state", "settled", "REVERSED")]
    assert fine.differences.count() == 0
    assert "ALARM payment" in caplog.text
    assert AuditEntry.objects.filter(action="payment.differs", target_id=undone.pk).count() == 1
    undone.refresh_from_db()
    assert undone.status == "settled"


@pytest.mark.parametrize(("name", "theirs"), [("bank", "another"), ("zibal", str(AMOUNT - 1))])
def test_another_amount_is_written_down(
    request: pytest.FixtureRequest, user: User, now: datetime, name: str, theirs: str
) -> None:
    door: BankDoor = request.getfixturevalue(name)
    payment = settled(door, user, now)
    session(door, payment).amount -= 1
    assert reconciliation.run(now=now + timedelta(days=1)) == 1
    assert differences() == [(payment.pk, "amount", str(AMOUNT), theirs)]


def test_a_payment_the_gateway_does_not_know_is_written_down(bank: BankDoor, user: User, now: datetime) -> None:
    payment = settled(bank, user, now)
    bank.server.bank.sessions.clear()
    reconciliation.run(now=now + timedelta(days=1))
    assert differences() == [(payment.pk, "state", "settled", "unknown (-54)")]


@pytest.mark.parametrize("order", ["code:-12", "http:500", "html", "truncate", "empty", "drop", "code:-11"])
def test_an_answer_without_sense_is_no_difference(bank: BankDoor, user: User, now: datetime, order: str) -> None:
    settled(bank, user, now)
    bank.next(("inquiry", order))
    assert (reconciliation.run(now=now + timedelta(hours=1)), differences()) == (0, [])
    assert reconciliation.run(now=now + timedelta(hours=2)) == 1


def test_staff_see_differences_and_clear_them_up(bank: BankDoor, user: User, staff: User, now: datetime) -> None:
    payment = settled(bank, user, now)
    session(bank, payment).state = "FAILED"
    reconciliation.run(now=now + timedelta(days=1))
    found = PaymentDifference.objects.get()
    for nobody in (user, StaffFactory(is_superuser=False)):
        with pytest.raises(PermissionDenied):
            reconciliation.clear(difference_ids=[found.pk], actor=nobody, now=now)
    client = Client()
    client.force_login(staff)
    page = client.get("/admin/wallet/paymentdifference/")
    assert (page.status_code, "FAILED" in page.content.decode()) == (200, True)
    client.post("/admin/wallet/paymentdifference/", {"action": "clear", "_selected_action": [found.pk]})
    found.refresh_from_db()
    assert found.cleared_at is not None
    assert reconciliation.clear(difference_ids=[found.pk], actor=staff, now=now) == 0


def test_a_payment_that_went_back_agrees_when_the_gateway_has_undone_it(
    bank: BankDoor, user: User, now: datetime
) -> None:
    payment = settled(bank, user, now)
    for ours, theirs, seen in (("refunded", "VERIFIED", []), ("reversed", "REVERSED", []), ("reversed", "PAID", 1)):
        Payment.objects.update(status=ours, reconciled_at=None)
        session(bank, payment).state = theirs
        assert reconciliation.run(now=now + timedelta(hours=1)) == 1
        assert differences() == (seen and [(payment.pk, "state", "reversed", "PAID")])
    # the check of the books at the end knows of no refund
    Payment.objects.update(status="settled")


def test_a_difference_is_in_the_audit(bank: BankDoor, user: User, now: datetime) -> None:
    payment = settled(bank, user, now)
    session(bank, payment).state = "FAILED"
    moment = now + timedelta(hours=1)
    reconciliation.run(now=moment)
    payment.refresh_from_db()
    found = PaymentDifference.objects.get()
    assert (payment.reconciled_at, found.found_at, found.cleared_at) == (moment, moment, None)
    entry = AuditEntry.objects.get(action="payment.differs")
    assert (entry.actor, entry.target_id) == (None, payment.pk)
    assert entry.changes == {"kind": "state", "ours": "settled", "theirs": "FAILED"}


def test_a_payment_that_moves_on_while_the_gateway_is_asked_is_left_for_later(
    bank: BankDoor, user: User, now: datetime
) -> None:
    payment = settled(bank, user, now)
    reconciliation._record(
        payment_id=payment.pk, status="reversed", found=[(DifferenceKind.STATE, "reversed", "PAID")], now=now
    )
    payment.refresh_from_db()
    assert (payment.reconciled_at, differences()) == (None, [])


def test_a_gateway_that_refuses_our_configuration_is_not_asked(bank: BankDoor, user: User, now: datetime) -> None:
    settled(bank, user, now)
    breaker.trip("zarinpal")
    assert reconciliation.run(now=now + timedelta(hours=1)) == 0
    cache.clear()
    assert reconciliation.run(now=now + timedelta(hours=1)) == 1


def test_a_run_ends_in_its_time(bank: BankDoor, user: User, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        settled(bank, user, now)
    ticks = iter([0, 45, 46, 46])
    monkeypatch.setattr(reconciliation, "monotonic", lambda: next(ticks))
    assert reconciliation.run(now=now + timedelta(hours=1)) == 1
