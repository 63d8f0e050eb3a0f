"""Moving an account to another phone number."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from common import audit, phone, sms
from common.db import use_case
from common.events import publish
from common.queue import enqueue_on_commit
from users import selectors, tasks
from users.assurance import Assurance, require_step_up
from users.enums import OtpPurpose
from users.errors import PhoneTaken, PhoneUnchanged, TokenInvalid
from users.events import PhoneChanged
from users.models import OTPCode, PhoneChange, Session, User
from users.services import otp, sessions

logger = logging.getLogger(__name__)

# Longer than CELERY_TASK_TIME_LIMIT: whoever has not finished by then is dead.
LEASE = timedelta(seconds=180)
FIRST_WAIT = timedelta(seconds=10)


def change(
    *, session: Session, assurance: Assurance, phone_number: str, code: str, ip: str, now: datetime
) -> PhoneChange:
    """Give the account the number to which ``code`` was texted (purpose PHONE_CHANGE); other devices are signed out.

    Only who reads the phone's messages learns that the number belongs to another account.

    :raises StepUpRequired: no second factor was proved just now.
    :raises TokenInvalid: the session was signed out at this moment.
    :raises PhoneUnchanged: it is the account's number. :raises PhoneTaken: it belongs to another account.
    :raises InvalidInput, OtpInvalid, OtpExpired, OtpLocked, RateLimited: see ``otp.verify``.
    """
    require_step_up(assurance, now=now)
    if phone.normalise(phone_number) == session.user.phone_number:
        raise PhoneUnchanged
    verified = otp.verify(phone_number=phone_number, code=code, purpose=OtpPurpose.PHONE_CHANGE, ip=ip, now=now)
    return _change(session=session, verified=verified, now=now)


@use_case
def _change(*, session: Session, verified: OTPCode, now: datetime) -> PhoneChange:
    user = User.objects.locked().get(pk=session.user_id)
    if selectors.live_session(session.pk, now) is None:
        raise TokenInvalid
    otp.consume(verified, now=now)
    number = verified.phone_number
    if number == user.phone_number:
        raise PhoneUnchanged
    if User.objects.filter(phone_number=number).exists():
        raise PhoneTaken
    done = PhoneChange.objects.create(
        user=user, old_phone=user.phone_number, new_phone=number, changed_at=now, next_attempt_at=now
    )
    user.phone_number, user.phone_changed_at = number, now
    user.save(update_fields=["phone_number", "phone_changed_at"])
    sessions.end_all(user=user, keep=session.pk, now=now)
    audit.record(
        action="user.change_phone",
        actor=user,
        target=user,
        now=now,
        phone_number=[phone.mask(done.old_phone), phone.mask(number)],
    )
    publish(PhoneChanged(user_id=user.pk, phone_change_id=done.pk))
    enqueue_on_commit(tasks.tell_old_phone, done.pk)
    return done


def tell_old_phone(*, phone_change_id: int, now: datetime) -> None:
    """Text the old number that it was replaced, if that is due; safe to run twice and in parallel."""
    due = PhoneChange.objects.filter(pk=phone_change_id, next_attempt_at__lte=now)
    if not due.update(attempts=F("attempts") + 1, next_attempt_at=now + LEASE):
        return
    done = PhoneChange.objects.select_related("user").get(pk=phone_change_id)
    with translation.override(done.user.language):
        text = _(
            "The number of your Meydan account was changed to %(phone)s. If it was not you, contact support at once."
        ) % {"phone": phone.mask(done.new_phone)}
    again = None
    try:
        sms.send(sms.Sms(to=done.old_phone, text=text))
    except sms.TemporarySmsError as error:
        logger.warning("the old number of phone change %s was not told: %s", done.pk, error)
        if done.attempts < settings.DELIVERY_MAX_ATTEMPTS:
            again = now + FIRST_WAIT * 2**done.attempts
    except sms.PermanentSmsError as error:
        logger.warning("the old number of phone change %s cannot be told: %s", done.pk, error)
    PhoneChange.objects.filter(pk=done.pk, attempts=done.attempts).update(next_attempt_at=again)


def sweep(*, now: datetime) -> None:
    """Text the old numbers that a lost task left behind."""
    for due in PhoneChange.objects.filter(next_attempt_at__lte=now).order_by("next_attempt_at")[:100]:
        tell_old_phone(phone_change_id=due.pk, now=now)
