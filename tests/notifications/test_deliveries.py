import smtplib
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core import mail as django_mail

from common import sms
from common.models import AuditEntry
from common.sms import PermanentSmsError, Sent, Sms, TemporarySmsError
from notifications import tasks
from notifications.models import Delivery
from notifications.services import deliveries
from tests.factories.notifications import due_delivery
from tests.factories.users import UserFactory
from users.models import User


@pytest.fixture
def later(now: datetime) -> datetime:
    """A moment when every delivery made in the test is due."""
    return now + timedelta(minutes=1)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Answers of the provider, in turn; an exception is raised, None accepts."""
    answers: list[Any] = []

    def send(message: Sms) -> Sent:
        answer = answers.pop(0) if answers else None
        if isinstance(answer, Exception):
            raise answer
        return Sent("kavenegar", "ref-1", ("smsir: HTTP 503",))

    monkeypatch.setattr(sms, "send", send)
    return answers


def test_deliver_sends_once_and_keeps_the_reference(user: User, later: datetime, sms_outbox: list[Sms]) -> None:
    delivery = due_delivery(user)
    for _ in range(2):
        deliveries.deliver(delivery_id=delivery.pk, now=later)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == ("sent", 1)
    assert (delivery.provider, delivery.reference) == ("memory", "1")
    assert delivery.sent_at == later
    assert [message.to for message in sms_outbox] == [user.phone_number]


def test_deliver_waits_until_it_is_due(user: User, now: datetime, sms_outbox: list[Sms]) -> None:
    delivery = due_delivery(user)
    deliveries.deliver(delivery_id=delivery.pk, now=delivery.next_attempt_at - timedelta(seconds=1))
    deliveries.deliver(delivery_id=10**15, now=now)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts, sms_outbox) == ("pending", 0, [])


def test_deliver_backs_off_while_the_provider_is_away(user: User, later: datetime, provider: list[Any]) -> None:
    delivery = due_delivery(user)
    moment, waits = later, []
    for _ in range(settings.DELIVERY_MAX_ATTEMPTS):
        provider.append(TemporarySmsError("HTTP 503"))
        deliveries.deliver(delivery_id=delivery.pk, now=moment)
        delivery.refresh_from_db()
        waits.append((delivery.next_attempt_at - moment).total_seconds())
        moment = delivery.next_attempt_at
    assert waits[:-1] == [5, 10, 20, 40, 80]
    assert (delivery.status, delivery.attempts, delivery.last_error) == ("failed", 6, "HTTP 503")


def test_deliver_never_waits_longer_than_an_hour(
    user: User, later: datetime, provider: list[Any], settings: Any
) -> None:
    settings.DELIVERY_MAX_ATTEMPTS = 30
    delivery = due_delivery(user)
    Delivery.objects.update(attempts=20)
    provider.append(TemporarySmsError("HTTP 503"))
    deliveries.deliver(delivery_id=delivery.pk, now=later)
    delivery.refresh_from_db()
    assert delivery.next_attempt_at == later + timedelta(hours=1)


def test_deliver_succeeds_after_a_failure(user: User, later: datetime, provider: list[Any]) -> None:
    delivery = due_delivery(user)
    provider.append(TemporarySmsError("HTTP 503"))
    deliveries.deliver(delivery_id=delivery.pk, now=later)
    deliveries.deliver(delivery_id=delivery.pk, now=later + timedelta(seconds=5))
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts, delivery.last_error) == ("sent", 2, "smsir: HTTP 503")
    assert (delivery.provider, delivery.reference) == ("kavenegar", "ref-1")


def test_deliver_gives_up_on_a_permanent_refusal(user: User, later: datetime, provider: list[Any]) -> None:
    delivery = due_delivery(user)
    provider.append(PermanentSmsError("x" * 500))
    deliveries.deliver(delivery_id=delivery.pk, now=later)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts, delivery.last_error) == ("failed", 1, "x" * 200)


def test_deliver_does_not_write_to_a_closed_account(user: User, later: datetime, sms_outbox: list[Sms]) -> None:
    delivery = due_delivery(user)
    User.objects.update(is_active=False)
    deliveries.deliver(delivery_id=delivery.pk, now=later)
    delivery.refresh_from_db()
    assert (delivery.status, sms_outbox) == ("failed", [])


def test_deliver_takes_over_from_a_dead_worker_after_the_lease(
    user: User, later: datetime, sms_outbox: list[Sms]
) -> None:
    delivery = due_delivery(user)
    Delivery.objects.update(status="sending", attempts=1, next_attempt_at=later + deliveries.LEASE)
    deliveries.deliver(delivery_id=delivery.pk, now=later + deliveries.LEASE - timedelta(seconds=1))
    assert sms_outbox == []
    deliveries.deliver(delivery_id=delivery.pk, now=later + deliveries.LEASE)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts, len(sms_outbox)) == ("sent", 2, 1)


def test_deliver_stops_when_every_worker_dies_of_it(user: User, later: datetime, sms_outbox: list[Sms]) -> None:
    delivery = due_delivery(user)
    Delivery.objects.update(status="sending", attempts=settings.DELIVERY_MAX_ATTEMPTS, next_attempt_at=later)
    deliveries.deliver(delivery_id=delivery.pk, now=later)
    delivery.refresh_from_db()
    assert (delivery.status, sms_outbox) == ("failed", [])


def test_deliver_that_lost_its_lease_does_not_overwrite(
    user: User, later: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = due_delivery(user)

    def slow(message: Sms) -> str:
        Delivery.objects.update(status="sent", attempts=2, reference="the other worker's")
        raise TemporarySmsError("timeout")

    monkeypatch.setattr(sms, "send", slow)
    deliveries.deliver(delivery_id=delivery.pk, now=later)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.reference) == ("sent", "the other worker's")


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        (smtplib.SMTPServerDisconnected("secret"), "pending", "SMTPServerDisconnected"),
        (ConnectionRefusedError("secret"), "pending", "ConnectionRefusedError"),
        (smtplib.SMTPDataError(451, b"secret"), "pending", "SMTP 451"),
        (smtplib.SMTPDataError(554, b"secret"), "failed", "SMTP 554"),
        (smtplib.SMTPRecipientsRefused({"a@example.org": (450, b"later")}), "pending", "SMTP 450"),
        (smtplib.SMTPRecipientsRefused({"a@example.org": (550, b"none")}), "failed", "SMTP 550"),
    ],
)
def test_deliver_tells_a_mail_servers_later_from_never(
    db: None, later: datetime, monkeypatch: pytest.MonkeyPatch, error: Exception, status: str, says: str
) -> None:
    delivery = due_delivery(UserFactory(email="a@example.org"), channel="email")

    def refuse(*args: Any, **kwargs: Any) -> int:
        raise error

    monkeypatch.setattr(django_mail.EmailMessage, "send", refuse)
    deliveries.deliver(delivery_id=delivery.pk, now=later)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.last_error) == (status, says)


def test_deliver_fails_when_the_address_is_gone(user: User, later: datetime, mailoutbox: list[Any]) -> None:
    delivery = due_delivery(user, channel="email")
    deliveries.deliver(delivery_id=delivery.pk, now=later)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.last_error, mailoutbox) == ("failed", "no address", [])


def test_sweep_sends_what_is_due_and_nothing_else(user: User, now: datetime, sms_outbox: list[Sms]) -> None:
    lost, waiting, sent = (due_delivery(user) for _ in range(3))
    Delivery.objects.filter(pk=waiting.pk).update(next_attempt_at=now + timedelta(minutes=5))
    Delivery.objects.filter(pk=sent.pk).update(status="sent")
    tasks.sweep_deliveries()
    tasks.sweep_deliveries()
    assert len(sms_outbox) == 1
    lost.refresh_from_db()
    waiting.refresh_from_db()
    assert (lost.status, waiting.status) == ("sent", "pending")


def test_sweep_is_not_stopped_for_good_by_one_that_breaks(user: User, sms_outbox: list[Sms]) -> None:
    broken, good = due_delivery(user), due_delivery(user)
    broken.notification.params = {}
    broken.notification.save()
    with pytest.raises(KeyError):
        tasks.sweep_deliveries()
    tasks.sweep_deliveries()
    good.refresh_from_db()
    assert (good.status, len(sms_outbox)) == ("sent", 1)


def test_retry_gives_failed_deliveries_a_fresh_start(
    user: User, staff: User, later: datetime, sms_outbox: list[Sms], django_capture_on_commit_callbacks: Any
) -> None:
    failed, sent = due_delivery(user), due_delivery(user)
    Delivery.objects.filter(pk=failed.pk).update(status="failed", attempts=6)
    Delivery.objects.filter(pk=sent.pk).update(status="sent")
    now = failed.created_at
    with django_capture_on_commit_callbacks(execute=True):
        assert deliveries.retry(delivery_ids=[failed.pk, sent.pk], actor=staff, now=now) == 1
    failed.refresh_from_db()
    assert (failed.status, failed.attempts, len(sms_outbox)) == ("sent", 1, 1)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.target_id) == ("delivery.retry", staff, failed.pk)
