"""Payments from deposit to credit, over real HTTP against the fake bank."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache

from common.errors import IllegalTransition, PermissionDenied
from common.models import AuditEntry
from common.state import transition
from notifications.models import Notification
from tests.banks import BankDoor
from tests.factories.users import StaffFactory, UserFactory
from tests.factories.wallet import make_payment
from users.models import User
from wallet import errors, selectors
from wallet.enums import PAYMENT_TRANSITIONS, PaymentStatus
from wallet.gateways import breaker
from wallet.models import Journal, Payment
from wallet.services import payments, settlement
from wallet.tasks import sweep_payments, verify_payment

pytestmark = pytest.mark.usefixtures("ledger_ok")
AMOUNT = 50_000


@pytest.fixture
def payment(bank: BankDoor, user: User, now: datetime) -> Payment:
    """A requested payment of this moment; its payer is on the bank's page."""
    return payments.deposit(actor=user, amount_rial=AMOUNT, now=now)


@pytest.fixture
def call_back(
    django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Payment | None]:
    """A browser that comes back, with the task it queues run at the same ``now``."""

    def run(payment: Payment, now: datetime, status: str = "OK") -> Payment | None:
        monkeypatch.setattr("wallet.tasks.timezone.now", lambda: now)
        with django_capture_on_commit_callbacks(execute=True):
            return payments.record_callback(authority=payment.authority or "", status=status, now=now)

    return run


def deposited(user: User) -> int:
    return selectors.balances(user).deposited


def state(payment: Payment) -> str:
    payment.refresh_from_db()
    return payment.status


def later(payment: Payment, seconds: float) -> datetime:
    return payment.created_at + timedelta(seconds=seconds)


def test_deposit_commits_the_row_before_the_gateway_is_asked(bank: BankDoor, user: User, now: datetime) -> None:
    bank.next(("request", "drop"))
    with pytest.raises(errors.GatewayUnavailable):
        payments.deposit(actor=user, amount_rial=AMOUNT, now=now)
    payment = Payment.objects.get()
    assert (payment.status, payment.authority, payment.next_attempt_at) == (
        "created", None, now + timedelta(minutes=30),
    )  # fmt: skip
    payments.sweep(now=later(payment, 1801))
    assert state(payment) == "expired"
    assert deposited(user) == 0


def test_deposit_gives_a_link_to_the_bank(bank: BankDoor, user: User, payment: Payment, now: datetime) -> None:
    assert (payment.status, payment.user, payment.amount_rial, payment.fee_rial) == ("requested", user, AMOUNT, 500)
    assert payment.payment_url == f"{bank.url}/pg/StartPay/{payment.authority}"
    assert payment.next_attempt_at == now + timedelta(minutes=2)
    assert bank.server.bank.sessions[payment.authority].metadata["order_id"] == str(payment.pk)


@pytest.mark.parametrize("amount", [-1, 0, 9_999, 2_000_000_001])
def test_deposit_refuses_an_amount_out_of_range(bank: BankDoor, user: User, now: datetime, amount: int) -> None:
    with pytest.raises(errors.DepositOutOfRange) as refusal:
        payments.deposit(actor=user, amount_rial=amount, now=now)
    assert refusal.value.params == {"minimum": 10_000, "maximum": 2_000_000_000, "currency": "IRR"}
    assert (Payment.objects.count(), bank.calls("request")) == (0, 0)


def test_deposit_the_gateway_does_not_take_fails(bank: BankDoor, user: User, now: datetime) -> None:
    with pytest.raises(errors.PaymentRefused):
        payments.deposit(actor=user, amount_rial=1_000_000_001, now=now)
    payment = Payment.objects.get()
    assert (payment.status, payment.gateway_code, payment.next_attempt_at) == ("failed", -41, None)


@pytest.mark.parametrize("code", [-9, -10, -11, -15, -17])
def test_deposit_under_a_wrong_configuration_alarms_and_spares_the_gateway(
    bank: BankDoor, user: User, now: datetime, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    bank.next(("request", f"code:{code}"))
    for _ in range(2):
        with pytest.raises(errors.GatewayUnavailable):
            payments.deposit(actor=user, amount_rial=AMOUNT, now=now)
    assert bank.calls("request") == 1
    assert Payment.objects.get().status == "created"
    assert "ALARM the gateway refuses our configuration" in caplog.text


@pytest.mark.parametrize("code", ["code:-12", "code:-52", "code:-1234", "http:500", "html", "hang:1"])
def test_deposit_without_a_clear_answer_can_be_tried_again(
    bank: BankDoor, user: User, now: datetime, code: str
) -> None:
    bank.next(("request", code))
    with pytest.raises(errors.GatewayUnavailable):
        payments.deposit(actor=user, amount_rial=AMOUNT, now=now)
    assert payments.deposit(actor=user, amount_rial=AMOUNT, now=now).status == "requested"
    assert sorted(Payment.objects.values_list("status", flat=True)) == ["created", "requested"]


def test_a_paid_payment_is_credited_once_and_told(bank: BankDoor, user: User, payment: Payment, call_back: Any) -> None:
    bank.pay(payment.authority)
    call_back(payment, later(payment, 30))
    assert state(payment) == "settled"
    assert (payment.ref_id, payment.card_pan, payment.settled_at, payment.next_attempt_at) == (
        bank.server.bank.sessions[payment.authority].ref_id, "502229******5995", later(payment, 30), None,
    )  # fmt: skip
    assert deposited(user) == AMOUNT
    told = Notification.objects.get(user=user)
    assert (told.kind, told.params) == ("deposit_settled", {"amount": AMOUNT})

    call_back(payment, later(payment, 60))
    verify_payment(payment.pk)
    assert deposited(user) == AMOUNT
    assert (Journal.objects.count(), Notification.objects.count(), bank.calls("verify")) == (1, 1, 1)


def test_101_after_a_crash_is_the_same_as_100(bank: BankDoor, user: User, payment: Payment, call_back: Any) -> None:
    bank.pay(payment.authority)
    bank.next(("verify", "drop"))
    call_back(payment, later(payment, 1))
    assert (state(payment), deposited(user)) == ("verifying", 0)
    payments.sweep(now=later(payment, 7))
    assert (state(payment), payment.gateway_code, deposited(user)) == ("settled", 101, AMOUNT)


def test_minus_50_is_a_mismatch_without_credit(
    bank: BankDoor, user: User, payment: Payment, call_back: Any, caplog: pytest.LogCaptureFixture
) -> None:
    bank.pay(payment.authority)
    bank.server.bank.sessions[payment.authority].amount = AMOUNT - 1
    call_back(payment, later(payment, 1))
    assert (state(payment), payment.next_attempt_at, deposited(user)) == ("mismatch", None, 0)
    assert AuditEntry.objects.filter(action="payment.mismatch", target_id=payment.pk).count() == 1
    assert "ALARM payment.mismatch" in caplog.text


def test_minus_51_fails_only_when_the_inquiry_says_failed(
    bank: BankDoor, user: User, payment: Payment, call_back: Any
) -> None:
    call_back(payment, later(payment, 1))
    assert (state(payment), bank.calls("verify"), bank.calls("inquiry")) == ("verifying", 1, 1)
    bank.pay(payment.authority, "cancel")
    payments.sweep(now=later(payment, 20))
    assert (state(payment), payment.next_attempt_at, deposited(user)) == ("failed", None, 0)


def test_minus_51_against_an_inquiry_that_says_paid_is_asked_again(
    bank: BankDoor, user: User, payment: Payment, call_back: Any
) -> None:
    bank.pay(payment.authority)
    bank.next(("verify", "code:-51"))
    call_back(payment, later(payment, 1))
    assert state(payment) == "verifying"
    payments.sweep(now=later(payment, 7))
    assert (state(payment), deposited(user)) == ("settled", AMOUNT)


@pytest.mark.parametrize(
    "order", ["code:-52", "code:-12", "code:-777", "http:500", "http:503", "html", "truncate", "empty", "garbage",
              "big", "drop", "redirect", "hang:1", "code:100", "json:null"],
)  # fmt: skip
def test_an_unknown_answer_never_fails_a_payment(
    bank: BankDoor, user: User, payment: Payment, call_back: Any, order: str
) -> None:
    bank.pay(payment.authority)
    bank.next(("verify", order), ("verify", order))
    call_back(payment, later(payment, 1))
    assert (state(payment), payment.next_attempt_at) == ("verifying", later(payment, 6))
    payments.verify(payment_id=payment.pk, now=later(payment, 6))
    assert (state(payment), payment.next_attempt_at, deposited(user)) == ("verifying", later(payment, 16), 0)
    payments.sweep(now=later(payment, 16))
    assert (state(payment), deposited(user)) == ("settled", AMOUNT)


def test_retries_wait_from_five_seconds_to_an_hour(
    bank: BankDoor, payment: Payment, call_back: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    call_back(payment, later(payment, 1))
    waits, moment = [], later(payment, 7200)
    for _ in range(13):
        bank.next(("verify", "code:-52"))
        Payment.objects.update(next_attempt_at=moment)
        payments.verify(payment_id=payment.pk, now=moment)
        payment.refresh_from_db()
        waits.append(int((payment.next_attempt_at - moment).total_seconds()))
    assert waits == [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600, 3600]
    assert payment.status == "verifying"


@pytest.mark.parametrize("code", [-53, -54, -55])
def test_a_rejected_authority_is_a_security_event_and_changes_no_state(
    bank: BankDoor, user: User, payment: Payment, call_back: Any, code: int
) -> None:
    bank.next(("verify", f"code:{code}"))
    call_back(payment, later(payment, 1))
    assert (state(payment), deposited(user)) == ("verifying", 0)
    event = AuditEntry.objects.get(action="payment.rejected_by_gateway")
    assert (event.target_id, event.changes) == (payment.pk, {"code": code})
    bank.pay(payment.authority)
    payments.sweep(now=later(payment, 16))
    assert (state(payment), deposited(user)) == ("settled", AMOUNT)


@pytest.mark.parametrize("code", [-9, -10, -11, -13, -15, -16, -17])
def test_a_wrong_configuration_alarms_breaks_and_leaves_the_payment_pending(
    bank: BankDoor, user: User, payment: Payment, call_back: Any, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    bank.pay(payment.authority)
    bank.next(("verify", f"code:{code}"))
    call_back(payment, later(payment, 1))
    assert state(payment) == "verifying"
    assert "ALARM the gateway refuses our configuration" in caplog.text
    payments.sweep(now=later(payment, 16))
    assert (state(payment), bank.calls("verify")) == ("verifying", 1)
    cache.clear()
    payments.sweep(now=later(payment, 60))
    assert (state(payment), deposited(user)) == ("settled", AMOUNT)


def test_breaker_stays_closed_when_redis_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    from redis.exceptions import ConnectionError as RedisConnectionError

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RedisConnectionError

    monkeypatch.setattr("wallet.gateways.breaker.cache.set", fail)
    monkeypatch.setattr("wallet.gateways.breaker.cache.get", fail)
    breaker.trip("zarinpal")
    assert breaker.is_open("zarinpal") is False


def test_callback_is_only_a_hint(bank: BankDoor, user: User, payment: Payment, call_back: Any) -> None:
    for second in range(0, 100, 20):
        call_back(payment, later(payment, second))
    assert (state(payment), deposited(user)) == ("verifying", 0)
    bank.pay(payment.authority)
    call_back(payment, later(payment, 120))
    assert (state(payment), deposited(user)) == ("settled", AMOUNT)


def test_callback_that_says_nok_fails_no_paid_payment(
    bank: BankDoor, user: User, payment: Payment, call_back: Any
) -> None:
    call_back(payment, later(payment, 1), "NOK")
    assert (state(payment), bank.calls("verify")) == ("requested", 0)
    bank.pay(payment.authority)
    call_back(payment, later(payment, 20), "NOK")
    assert (state(payment), deposited(user)) == ("settled", AMOUNT)


def test_callback_of_a_cancelled_payment_fails_it_at_once(
    bank: BankDoor, user: User, payment: Payment, call_back: Any
) -> None:
    bank.pay(payment.authority, "cancel")
    call_back(payment, later(payment, 1), "NOK")
    assert (state(payment), deposited(user)) == ("failed", 0)


def test_callbacks_do_not_hammer_the_gateway(bank: BankDoor, payment: Payment, call_back: Any) -> None:
    for tenth in range(50):
        call_back(payment, later(payment, 1 + tenth / 10))
    assert bank.calls("verify") == 1
    assert state(payment) == "verifying"
    assert payment.next_attempt_at == later(payment, 6)


@pytest.mark.parametrize("authority", ["", "x", "A" * 36, "A" * 37, "é" * 36, "A" * 35 + "\n", "' OR 1=1 --"])
def test_forged_callback_of_an_unknown_authority_does_nothing(
    bank: BankDoor, payment: Payment, now: datetime, authority: str
) -> None:
    assert payments.record_callback(authority=authority, status="OK", now=now) is None
    assert (state(payment), bank.calls("verify")) == ("requested", 0)


def test_sweep_credits_what_no_callback_brought(bank: BankDoor, user: User, payment: Payment) -> None:
    bank.pay(payment.authority)
    bank.next(("unVerified", "empty"))
    payments.sweep(now=later(payment, 119))
    assert (state(payment), bank.calls("inquiry")) == ("requested", 0)
    payments.sweep(now=later(payment, 121))
    assert (state(payment), deposited(user)) == ("settled", AMOUNT)
    assert (bank.calls("inquiry"), bank.calls("verify")) == (1, 1)


def test_sweep_finds_the_unverified_before_two_minutes(bank: BankDoor, user: User, payment: Payment) -> None:
    bank.pay(payment.authority)
    payments.sweep(now=later(payment, 20))
    assert (state(payment), deposited(user), bank.calls("inquiry")) == ("settled", AMOUNT, 0)


def test_sweep_asks_for_the_unverified_once_a_minute(bank: BankDoor, payment: Payment) -> None:
    for second in range(5):
        payments.sweep(now=later(payment, second))
    assert bank.calls("unVerified") == 1


def test_sweep_asks_nothing_when_nothing_is_open(bank: BankDoor, db: None, now: datetime) -> None:
    payments.sweep(now=now)
    assert bank.calls("unVerified") == 0


def test_sweep_leaves_a_payer_at_the_bank_alone_until_the_time_is_over(bank: BankDoor, payment: Payment) -> None:
    moment = 121.0
    while moment < 1800:
        payments.sweep(now=later(payment, moment))
        assert state(payment) == "requested"
        moment = (payment.next_attempt_at - payment.created_at).total_seconds()
    assert moment == 1800
    payments.sweep(now=later(payment, 1800))
    assert (state(payment), payment.next_attempt_at, bank.calls("verify")) == ("expired", None, 0)


@pytest.mark.parametrize("way", ["sweep", "callback"])
def test_late_money_is_credited(bank: BankDoor, user: User, payment: Payment, call_back: Any, way: str) -> None:
    payments.sweep(now=later(payment, 1801))
    assert state(payment) == "expired"
    bank.pay(payment.authority)
    cache.clear()
    if way == "callback":
        call_back(payment, later(payment, 4000))
    else:
        payments.sweep(now=later(payment, 4000))
    assert (state(payment), deposited(user)) == ("settled", AMOUNT)


def test_a_late_callback_without_money_leaves_the_payment_expired(
    bank: BankDoor, payment: Payment, call_back: Any
) -> None:
    payments.sweep(now=later(payment, 1801))
    call_back(payment, later(payment, 4000))
    assert (state(payment), payment.next_attempt_at) == ("expired", None)


def test_a_gateway_that_is_away_expires_nothing(bank: BankDoor, user: User, payment: Payment, settings: Any) -> None:
    bank.pay(payment.authority)
    url, settings.ZARINPAL_URL = settings.ZARINPAL_URL, "http://127.0.0.1:9"
    payments.sweep(now=later(payment, 3600))
    assert state(payment) == "requested"
    settings.ZARINPAL_URL = url
    payments.sweep(now=later(payment, 3700))
    assert (state(payment), deposited(user)) == ("settled", AMOUNT)


def test_sweep_brings_home_many(bank: BankDoor, now: datetime) -> None:
    users = UserFactory.create_batch(25)
    for user in users:
        bank.pay(payments.deposit(actor=user, amount_rial=AMOUNT, now=now).authority)
    bank.next(("unVerified", "html"))
    payments.sweep(now=now + timedelta(minutes=3))
    assert [deposited(user) for user in users] == [AMOUNT] * 25


def test_sweep_task_is_scheduled_under_its_name() -> None:
    assert (sweep_payments.name, verify_payment.name) == ("wallet.tasks.sweep_payments", "wallet.tasks.verify_payment")


def test_verify_does_nothing_when_it_is_not_due(bank: BankDoor, payment: Payment) -> None:
    payments.verify(payment_id=payment.pk, now=later(payment, 60))
    payments.verify(payment_id=payment.pk + 1, now=later(payment, 600))
    assert (state(payment), payment.attempts, bank.calls("inquiry")) == ("requested", 0, 0)


@pytest.mark.parametrize("verdict", [verdict for verdict in settlement.Verdict if verdict != "paid"])
@pytest.mark.parametrize("status", [PaymentStatus.FAILED, PaymentStatus.MISMATCH])
def test_an_answer_after_the_end_changes_nothing(user: User, now: datetime, status: str, verdict: Any) -> None:
    payment = make_payment(user, AMOUNT, status=status, next_attempt_at=None)
    settlement.conclude(payment_id=payment.pk, answer=settlement.Answer(verdict), now=now)
    assert (state(payment), payment.next_attempt_at) == (status, None)


@pytest.mark.parametrize("status", [PaymentStatus.FAILED, PaymentStatus.MISMATCH])
def test_money_after_the_end_is_an_alarm_for_people(
    user: User, now: datetime, status: str, caplog: pytest.LogCaptureFixture
) -> None:
    payment = make_payment(user, AMOUNT, status=status, next_attempt_at=None)
    settlement.conclude(payment_id=payment.pk, answer=settlement.Answer(settlement.Verdict.PAID), now=now)
    assert (state(payment), deposited(user)) == (status, 0)
    assert "ALARM payment.paid_after_the_end" in caplog.text
    assert AuditEntry.objects.filter(action="payment.paid_after_the_end").count() == 1


def test_mismatch_is_seen_also_without_a_callback_and_after_expiry(user: User, now: datetime) -> None:
    requested = make_payment(user, AMOUNT)
    expired = make_payment(user, AMOUNT, status=PaymentStatus.EXPIRED)
    for payment in (requested, expired):
        answer = settlement.Answer(settlement.Verdict.MISMATCH, -50)
        settlement.conclude(payment_id=payment.pk, answer=answer, now=now)
    assert (state(requested), state(expired)) == ("mismatch", "expired")
    assert AuditEntry.objects.filter(action="payment.mismatch").count() == 2


def test_terminal_states_never_regress() -> None:
    terminal = {PaymentStatus.FAILED, PaymentStatus.MISMATCH, PaymentStatus.REVERSED, PaymentStatus.REFUNDED}
    allowed = {(start, end) for start, ends in PAYMENT_TRANSITIONS.items() for end in ends}
    for start in PaymentStatus:
        for end in PaymentStatus:
            payment = Payment(status=start)
            if (start, end) in allowed:
                transition(payment, end, PAYMENT_TRANSITIONS)
                assert (payment.status, payment.version) == (end, 2)
            else:
                with pytest.raises(IllegalTransition):
                    transition(payment, end, PAYMENT_TRANSITIONS)
    assert not terminal & PAYMENT_TRANSITIONS.keys()
    assert PAYMENT_TRANSITIONS[PaymentStatus.EXPIRED] == (PaymentStatus.SETTLED,)


def test_ask_again_is_for_staff_who_may(
    bank: BankDoor, user: User, payment: Payment, django_capture_on_commit_callbacks: Any
) -> None:
    bank.pay(payment.authority)
    for nobody in (user, UserFactory(is_staff=True)):
        with pytest.raises(PermissionDenied):
            payments.ask_again(payment_ids=[payment.pk], actor=nobody, now=payment.created_at)
    assert bank.calls("inquiry") == 0
    failed = make_payment(user, AMOUNT, status=PaymentStatus.FAILED, next_attempt_at=None)
    with django_capture_on_commit_callbacks(execute=True):
        ids = [payment.pk, failed.pk]
        assert payments.ask_again(payment_ids=ids, actor=StaffFactory(), now=payment.created_at) == 1
    assert (state(payment), state(failed), deposited(user)) == ("settled", "failed", AMOUNT)
    assert AuditEntry.objects.filter(action="payment.ask_again").count() == 1
