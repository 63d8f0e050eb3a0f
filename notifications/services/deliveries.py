"""Sending: claim a due row, hand it to the provider outside any transaction, mark it.

A claim is one conditional update, so of several workers one sends. A worker that dies between sending and marking is
the one case in which a person may get a message twice: losing it would be worse.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from time import monotonic

from django.conf import settings
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from common import audit, sms
from common.db import use_case
from common.queue import enqueue_on_commit
from notifications import kinds, mail, tasks
from notifications.enums import Channel, DeliveryStatus
from notifications.models import DUE_STATUSES, Delivery
from users.models import User

# Longer than CELERY_TASK_TIME_LIMIT: whoever still holds a claim after this is dead.
LEASE = timedelta(seconds=180)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(hours=1)
SWEEP_TIME = timedelta(seconds=60)
MAX_ERROR_LENGTH = 200


def deliver(*, delivery_id: int, now: datetime) -> None:
    """Send one delivery if it is due and nobody else is sending it; safe to run twice and in parallel."""
    due = Delivery.objects.filter(pk=delivery_id, status__in=DUE_STATUSES, next_attempt_at__lte=now)
    claimed = due.update(status=DeliveryStatus.SENDING, attempts=F("attempts") + 1, next_attempt_at=now + LEASE)
    if not claimed:
        return
    delivery = Delivery.objects.select_related("notification__user").get(pk=delivery_id)
    if delivery.attempts > settings.DELIVERY_MAX_ATTEMPTS or not delivery.notification.user.is_active:
        _mark(delivery, status=DeliveryStatus.FAILED, last_error="too many tries, or the account is closed")
        return
    try:
        sent = _send(delivery)
    except (sms.TemporarySmsError, mail.TemporaryMailError) as error:
        _put_off(delivery, error, now)
    except (sms.PermanentSmsError, mail.PermanentMailError) as error:
        _mark(delivery, status=DeliveryStatus.FAILED, last_error=_describe(error))
    else:
        _mark(
            delivery,
            status=DeliveryStatus.SENT,
            provider=sent.provider,
            reference=sent.reference[:100],
            sent_at=now,
            last_error="; ".join(sent.failures)[:MAX_ERROR_LENGTH],
        )


def sweep(*, now: datetime) -> None:
    """Send everything that is due, for at most a minute; several sweeps may run side by side."""
    began = monotonic()
    while (spent := timedelta(seconds=monotonic() - began)) < SWEEP_TIME:
        moment = now + spent
        due = Delivery.objects.filter(status__in=DUE_STATUSES, next_attempt_at__lte=moment).order_by("next_attempt_at")
        delivery_id = due.values_list("pk", flat=True).first()
        if delivery_id is None:
            return
        deliver(delivery_id=delivery_id, now=moment)


@use_case
def retry(*, delivery_ids: Iterable[int], actor: User, now: datetime) -> int:
    """Give failed deliveries a fresh start; returns how many were failed."""
    failed = list(Delivery.objects.filter(pk__in=delivery_ids, status=DeliveryStatus.FAILED).locked())
    for delivery in failed:
        delivery.status, delivery.attempts, delivery.next_attempt_at = DeliveryStatus.PENDING, 0, now
        delivery.save(update_fields=["status", "attempts", "next_attempt_at"])
        audit.record(action="delivery.retry", actor=actor, target=delivery, now=now)
        enqueue_on_commit(tasks.deliver, delivery.pk)
    return len(failed)


def _send(delivery: Delivery) -> sms.Sent:
    """Who took it. :raises SmsError, MailError: it was not taken."""
    notification = delivery.notification
    user = notification.user
    with translation.override(user.language):
        message = kinds.render(notification.kind, notification.params)
        subject = _("A message from Meydan")
    if delivery.channel == Channel.SMS:
        return sms.send(sms.Sms(to=user.phone_number, text=message))
    mail.send(to=user.email, subject=subject, text=message)
    return sms.Sent(provider="", reference="")


def _put_off(delivery: Delivery, error: Exception, now: datetime) -> None:
    if delivery.attempts >= settings.DELIVERY_MAX_ATTEMPTS:
        _mark(delivery, status=DeliveryStatus.FAILED, last_error=_describe(error))
        return
    wait = min(FIRST_WAIT * 2 ** (delivery.attempts - 1), LONGEST_WAIT)
    _mark(delivery, status=DeliveryStatus.PENDING, last_error=_describe(error), next_attempt_at=now + wait)


def _mark(delivery: Delivery, **changes: object) -> None:
    """Write the outcome, unless the lease ran out and another worker has taken over."""
    Delivery.objects.filter(pk=delivery.pk, status=DeliveryStatus.SENDING, attempts=delivery.attempts).update(**changes)


def _describe(error: Exception) -> str:
    return str(error)[:MAX_ERROR_LENGTH]
