"""Deposited money that goes back to where it came from, over real HTTP against the fake bank."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from common.errors import NotFound, PermissionDenied
from common.models import AuditEntry
from notifications.models import Notification
from tests.banks import BankDoor
from tests.factories.tournaments import make_tournament
from tests.factories.users import StaffFactory
from tests.factories.wallet import account_balance, make_payment
from tournaments.services import registration
from users.assurance import Assurance
from users.errors import StepUpRequired
from users.models import User
from wallet import errors, rules, selectors
from wallet.models import Journal, Payment, Refund
from wallet.services import payments, refunds

pytestmark = pytest.mark.usefixtures("ledger_ok")
AMOUNT = 50_000
URL = "/api/wallet/refund/"


@pytest.fixture
def payment(bank: BankDoor, user: User, now: datetime) -> Payment:
    """A settled payment, its money in the wallet."""
    payment = payments.deposit(actor=user, amount_rial=AMOUNT, now=now)
    bank.pay(payment.authority or "")
    payments.verify(payment_id=payment.pk, now=now + timedelta(minutes=3))
    payment.refresh_from_db()
    return payment


def sure(now: datetime) -> Assurance:
    return Assurance(level=2, proved_at=now)


def ask(payment: Payment, actor: User, now: datetime | None = None, reason: str = "paid twice") -> Refund:
    now = now or payment.settled_at or payment.created_at
    return refunds.request(payment_id=payment.pk, reason=reason, actor=actor, assurance=sure(now), now=now)


def send(refund: Refund, seconds: float = 0) -> None:
    refunds.send(refund_id=refund.pk, now=refund.created_at + timedelta(seconds=seconds))


def state(refund: Refund) -> tuple[str, str, str, int]:
    """The payment's status, the refund's method and status, and what is deposited."""
    refund.refresh_from_db()
    payment = Payment.objects.get(pk=refund.payment_id)
    return payment.status, refund.method, refund.status, deposited(payment.user)


def deposited(user: User) -> int:
    return selectors.balances(user).deposited


def spend(user: User, fee: int) -> None:
    cup = make_tournament(entry_fee_rial=fee)
    registration.join(tournament_id=cup.pk, actor=user, now=timezone.now())


def much_later(payment: Payment) -> datetime:
    return payment.settled_at + timedelta(minutes=30)


def test_within_thirty_minutes_the_gateway_undoes_the_payment(
    bank: BankDoor, payment: Payment, user: User, staff: User
) -> None:
    refund = ask(payment, staff)
    # the money has left the wallet before the gateway hears of it
    assert (state(refund), bank.calls("reverse")) == (("settled", "reversal", "sending", 0), 0)
    for _ in range(2):
        send(refund)
    assert (state(refund), bank.calls("reverse")) == (("reversed", "reversal", "done", 0), 1)
    assert bank.server.bank.sessions[payment.authority].state == "REVERSED"
    assert refund.reference == payment.authority
    assert Notification.objects.filter(user=user, kind="deposit_going_back").get().params == {"amount": AMOUNT}
    actions = AuditEntry.objects.filter(target_type="wallet.refund").order_by("pk").values_list("action", "actor")
    assert list(actions) == [
        ("refund.request", staff.pk), ("refund.sending", staff.pk), ("refund.done", None),
    ]  # fmt: skip
    with pytest.raises(errors.PaymentNotRefundable):
        ask(payment, staff)


def test_later_people_send_the_money_and_note_the_banks_reference(
    bank: BankDoor, payment: Payment, staff: User
) -> None:
    refund = ask(payment, staff, much_later(payment))
    assert (state(refund), refund.next_attempt_at) == (("settled", "manual", "sending", 0), None)
    done = {"refund_id": refund.pk, "actor": staff, "now": much_later(payment)}
    with pytest.raises(errors.ReferenceRequired):
        refunds.finish(**done, reference=" ")
    refunds.finish(**done, reference="PAYA-7")
    assert (state(refund), refund.reference) == (("refunded", "manual", "done", 0), "PAYA-7")
    assert (account_balance("bank"), bank.calls("reverse")) == (AMOUNT, 0)
    with pytest.raises(errors.RefundClosed):
        refunds.finish(**done, reference="PAYA-8")


def test_only_what_is_still_deposited_goes_back(payment: Payment, user: User, staff: User) -> None:
    spend(user, 20_000)
    refund = ask(payment, staff)
    assert (refund.amount_rial, state(refund)) == (30_000, ("settled", "manual", "sending", 0))


def test_nothing_goes_back_once_it_is_spent(payment: Payment, user: User, staff: User) -> None:
    spend(user, AMOUNT)
    with pytest.raises(errors.InsufficientFunds):
        ask(payment, staff)
    assert Refund.objects.count() == 0


@pytest.mark.parametrize("code", [-60, -61, -62, -63])
def test_a_reversal_the_gateway_refuses_is_handed_to_people(
    bank: BankDoor, payment: Payment, staff: User, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    refund = ask(payment, staff)
    bank.next(("reverse", f"code:{code}"))
    send(refund)
    assert (state(refund), refund.gateway_code) == (("settled", "manual", "sending", 0), code)
    assert "ALARM refund" in caplog.text
    refunds.give_up(refund_id=refund.pk, reason="card is closed", actor=staff, now=refund.created_at)
    assert state(refund) == ("settled", "manual", "failed", AMOUNT)
    assert account_balance("bank") == 0
    assert ask(payment, staff, much_later(payment)).status == "sending"


@pytest.mark.parametrize(
    "order", ["drop", "http:500", "html", "truncate", "empty", "big", "garbage", "redirect", "hang:1", "json:null"]
)
def test_a_reversal_whose_answer_was_lost_is_seen_by_inquiring(
    bank: BankDoor, payment: Payment, staff: User, order: str
) -> None:
    refund = ask(payment, staff)
    bank.next(("reverse", order))
    send(refund)
    assert (state(refund), bank.calls("reverse")) == (("reversed", "reversal", "done", 0), 1)


@pytest.mark.parametrize(
    ("reverse", "inquiry"), [("code:-12", ""), ("code:-61", "http:500"), ("drop", "empty"), ("code:-11", "")]
)
def test_a_reversal_without_a_clear_answer_is_asked_for_again(
    bank: BankDoor, payment: Payment, staff: User, reverse: str, inquiry: str
) -> None:
    refund = ask(payment, staff)
    bank.next(("reverse", reverse), *([("inquiry", inquiry)] if inquiry else []))
    send(refund)
    assert state(refund) == ("settled", "reversal", "sending", 0)
    assert refund.next_attempt_at == refund.created_at + timedelta(seconds=5)
    refunds.sweep(now=refund.created_at + timedelta(seconds=5))
    assert state(refund) == ("reversed", "reversal", "done", 0)


def test_large_refunds_take_two_people(payment: Payment, staff: User, settings: Any) -> None:
    settings.REFUND_TWO_PEOPLE_RIAL = AMOUNT - 1
    refund = ask(payment, staff)
    assert state(refund) == ("settled", "manual", "requested", AMOUNT)
    decision = {"refund_id": refund.pk, "now": refund.created_at}
    with pytest.raises(errors.SecondPersonNeeded):
        refunds.approve(**decision, actor=staff, assurance=sure(refund.created_at))
    with pytest.raises(errors.RefundExists):
        ask(payment, StaffFactory())
    second = StaffFactory()
    refunds.approve(**decision, actor=second, assurance=sure(refund.created_at))
    assert (state(refund), refund.decided_by) == (("settled", "reversal", "sending", 0), second)
    with pytest.raises(errors.RefundClosed):
        refunds.reject(**decision, actor=second, reason="no")


def test_what_is_spent_before_the_second_person_agrees_does_not_go_back(
    payment: Payment, user: User, staff: User, settings: Any
) -> None:
    settings.REFUND_TWO_PEOPLE_RIAL = 0
    refund = ask(payment, staff)
    spend(user, 1)
    with pytest.raises(errors.InsufficientFunds):
        refunds.approve(
            refund_id=refund.pk, actor=StaffFactory(), assurance=sure(refund.created_at), now=refund.created_at
        )
    assert state(refund) == ("settled", "manual", "requested", AMOUNT - 1)
    refunds.reject(refund_id=refund.pk, actor=staff, reason="spent", now=refund.created_at)
    assert (state(refund)[2], Journal.objects.filter(kind="deposit_refund").count()) == ("rejected", 0)


def test_refunds_are_for_administrators_who_prove_themselves(payment: Payment, user: User, staff: User) -> None:
    for nobody in (user, StaffFactory(is_superuser=False)):
        with pytest.raises(PermissionDenied):
            ask(payment, nobody)
    now = payment.settled_at
    with pytest.raises(StepUpRequired):
        refunds.request(payment_id=payment.pk, reason="x", actor=staff, assurance=Assurance(), now=now)
    with pytest.raises(errors.ReasonRequired):
        ask(payment, staff, reason=" ")
    with pytest.raises(NotFound):
        refunds.request(payment_id=0, reason="x", actor=staff, assurance=sure(now), now=now)
    Payment.objects.update(user=staff)
    with pytest.raises(errors.OwnWithdrawal):
        ask(payment, staff)
    Payment.objects.update(user=user)
    assert (Refund.objects.count(), deposited(user)) == (0, AMOUNT)


@pytest.mark.parametrize("status", ["created", "requested", "verifying", "failed", "expired", "mismatch"])
def test_what_was_not_settled_is_not_given_back(user: User, staff: User, now: datetime, status: str) -> None:
    payment = make_payment(user, AMOUNT, status=status)
    with pytest.raises(errors.PaymentNotRefundable):
        ask(payment, staff, now)


@pytest.fixture
def stepped_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wallet.services.refunds.require_step_up", lambda assurance, now: None)


@pytest.mark.usefixtures("stepped_up")
def test_refund_over_the_api(
    bank: BankDoor, payment: Payment, user: User, staff: User, client_for: Callable[..., Any]
) -> None:
    body = {"payment": payment.pk, "reason": "paid twice"}
    for nobody, status in ((None, 401), (user, 403)):
        assert client_for(nobody).post(URL, body).status_code == status
        assert client_for(nobody).get(URL).status_code == status
    client = client_for(staff)
    first = client.post(URL, body, HTTP_IDEMPOTENCY_KEY="one")
    again = client.post(URL, body, HTTP_IDEMPOTENCY_KEY="one")
    assert (first.status_code, again["Idempotency-Replayed"], again.json()) == (201, "true", first.json())
    shown = client.get(URL).json()["results"]
    assert [(row["payment"], row["amount"], row["method"], row["status"]) for row in shown] == [
        (payment.pk, AMOUNT, "reversal", "done")
    ]
    assert client.post(URL, body).json()["code"] == "payment_not_refundable"
    assert (bank.calls("reverse"), deposited(user)) == (1, 0)


@pytest.mark.usefixtures("stepped_up")
def test_what_may_be_decided_is_what_the_service_lets_happen(
    payment: Payment, user: User, staff: User, client_for: Callable[..., Any], settings: Any
) -> None:
    settings.REFUND_TWO_PEOPLE_RIAL = 0
    Payment.objects.update(settled_at=timezone.now() - timedelta(hours=1))
    first, second = client_for(staff), client_for(StaffFactory())
    refund = first.post(URL, {"payment": payment.pk, "reason": "x"}).json()
    names = ["approved", "rejected", "done", "failed"]
    closed = dict.fromkeys(names, "refund_closed")

    def shown(client: Any) -> dict[str, str | None]:
        rows = client.get(URL).json()["results"][0]["available_actions"]
        assert [row["allowed"] for row in rows] == [row["reason"] is None for row in rows]
        return {row["action"]: row["reason"] for row in rows}

    def told(client: Any, name: str) -> str | None:
        answer = client.patch(f"{URL}{refund['id']}/", {"status": name, "reference": "R", "reason": "x"})
        return None if answer.status_code == 200 else answer.json()["code"]

    assert shown(first) == closed | {"approved": "second_person_needed", "rejected": None}
    assert shown(second) == closed | {"approved": None, "rejected": None}
    assert {name: told(first, name) for name in ("approved", "done", "failed")} == {
        "approved": "second_person_needed", "done": "refund_closed", "failed": "refund_closed",
    }  # fmt: skip
    Payment.objects.update(user=staff)
    assert shown(first) == dict.fromkeys(names, "own_withdrawal") == {name: told(first, name) for name in names}
    Payment.objects.update(user=user)
    assert told(second, "approved") is None
    assert shown(first) == closed | {"done": None, "failed": None}
    assert told(first, "done") is None
    assert shown(second) == closed == {name: told(second, name) for name in names}


def test_what_the_gateway_undoes_is_not_decided_by_hand(payment: Payment, staff: User) -> None:
    refund = ask(payment, staff)
    assert [row["reason"] for row in rules.refund_actions(refund, staff)] == ["refund_closed"] * 4
    by_hand = {"refund_id": refund.pk, "actor": staff, "now": refund.created_at}
    with pytest.raises(errors.RefundClosed):
        refunds.finish(**by_hand, reference="PAYA-7")
    with pytest.raises(errors.RefundClosed):
        refunds.give_up(**by_hand, reason="x")
    assert state(refund) == ("settled", "reversal", "sending", 0)


def test_a_payment_that_is_gone_meanwhile_is_not_given_back(payment: Payment, staff: User, settings: Any) -> None:
    settings.REFUND_TWO_PEOPLE_RIAL = 0
    refund = ask(payment, staff)
    Payment.objects.update(status="refunded")
    with pytest.raises(errors.PaymentNotRefundable):
        refunds.approve(
            refund_id=refund.pk, actor=StaffFactory(), assurance=sure(refund.created_at), now=refund.created_at
        )
    Payment.objects.update(status="settled")
    assert state(refund) == ("settled", "manual", "requested", AMOUNT)


@pytest.mark.usefixtures("stepped_up")
def test_refund_by_two_people_over_the_api(
    payment: Payment, staff: User, client_for: Callable[..., Any], settings: Any
) -> None:
    settings.REFUND_TWO_PEOPLE_RIAL = 0
    Payment.objects.update(settled_at=timezone.now() - timedelta(hours=1))
    second = client_for(StaffFactory())
    refund = client_for(staff).post(URL, {"payment": payment.pk, "reason": "x"}).json()
    path = f"{URL}{refund['id']}/"
    assert client_for(staff).patch(path, {"status": "approved"}).json()["code"] == "second_person_needed"
    assert second.patch(path, {"status": "approved"}).json()["status"] == "sending"
    assert second.patch(path, {"status": "done"}).json()["code"] == "reference_required"
    assert second.patch(path, {"status": "done", "reference": "PAYA-7"}).json()["status"] == "done"
    assert second.patch(f"{URL}0/", {"status": "rejected"}).status_code == 404
    payment.refresh_from_db()
    assert payment.status == "refunded"


def test_refund_over_the_api_asks_for_a_second_factor(
    payment: Payment, staff: User, client_for: Callable[..., Any]
) -> None:
    answer = client_for(staff).post(URL, {"payment": payment.pk, "reason": "x"})
    assert (answer.status_code, answer.json()["code"]) == (403, "step_up_required")
    assert Refund.objects.count() == 0


def test_exactly_the_limit_takes_one_person(payment: Payment, staff: User, settings: Any) -> None:
    settings.REFUND_TWO_PEOPLE_RIAL = AMOUNT
    assert ask(payment, staff).status == "sending"


def test_approving_takes_a_second_factor(payment: Payment, staff: User, settings: Any) -> None:
    settings.REFUND_TWO_PEOPLE_RIAL = 0
    refund = ask(payment, staff)
    with pytest.raises(StepUpRequired):
        refunds.approve(refund_id=refund.pk, actor=StaffFactory(), assurance=Assurance(), now=refund.created_at)
    assert state(refund) == ("settled", "manual", "requested", AMOUNT)


@pytest.mark.parametrize(("minutes", "method"), [(29, "reversal"), (30, "manual")])
def test_the_gateway_undoes_within_its_time_only(payment: Payment, staff: User, minutes: int, method: str) -> None:
    assert ask(payment, staff, payment.settled_at + timedelta(minutes=minutes)).method == method


def test_a_refund_is_sent_when_it_is_due_and_by_one_worker(bank: BankDoor, payment: Payment, staff: User) -> None:
    refund = ask(payment, staff)
    for seconds in (-1, 0, 0, 4, 5, 14, 15, 34):
        bank.next(("reverse", "code:-12"))
        send(refund, seconds)
        refund.refresh_from_db()
    # asked at 0, and again after 5 and after 10 seconds
    assert (bank.calls("reverse"), refund.attempts) == (3, 3)
    assert refund.next_attempt_at == refund.created_at + timedelta(seconds=15 + 20)
    Refund.objects.update(attempts=30)
    send(refund, 35)
    refund.refresh_from_db()
    assert refund.next_attempt_at == refund.created_at + timedelta(seconds=35 + 3600)


def test_nobody_else_sends_while_one_worker_asks(bank: BankDoor, payment: Payment, staff: User) -> None:
    refund = ask(payment, staff)
    Refund.objects.update(next_attempt_at=refund.created_at + timedelta(seconds=40))
    refunds.sweep(now=refund.created_at + timedelta(seconds=39))
    assert bank.calls("reverse") == 0
    refunds.sweep(now=refund.created_at + timedelta(seconds=40))
    assert bank.calls("reverse") == 1


def test_what_people_send_is_in_the_books_as_ours(bank: BankDoor, payment: Payment, staff: User) -> None:
    refund = ask(payment, staff)
    bank.next(("reverse", "code:-60"))
    send(refund)
    refund.refresh_from_db()
    moved = Journal.objects.get(key=f"refund:{refund.pk}:manual")
    assert (moved.source_type, moved.source_id, moved.actor) == ("refund", f"{refund.pk}:manual", None)
    entry = AuditEntry.objects.get(action="refund.not_reversed")
    assert (entry.actor, entry.target_id, entry.changes) == (None, refund.pk, {"code": -60})
    assert (refund.next_attempt_at, account_balance("bank")) == (None, AMOUNT)


def test_giving_up_takes_a_reason(payment: Payment, staff: User) -> None:
    refund = ask(payment, staff, much_later(payment))
    with pytest.raises(errors.ReasonRequired):
        refunds.give_up(refund_id=refund.pk, reason=" ", actor=staff, now=much_later(payment))
    assert state(refund) == ("settled", "manual", "sending", 0)
