"""One-time codes by SMS: issue, verify, consume. Only a hash is stored, every limit is counted atomically."""

import hashlib
import hmac
import logging
import math
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.utils.translation import gettext as _

from common import limits, phone, sms
from common.db import needs_transaction, use_case
from common.errors import RateLimited, Unauthenticated
from common.events import publish
from common.queue import enqueue_on_commit
from users import tasks
from users.enums import OtpPurpose, OtpSending
from users.errors import OtpExpired, OtpForAnother, OtpInvalid, OtpLocked, OtpTooSoon, OtpUnavailable
from users.events import OtpBudgetSpent
from users.models import OTPCode, User

logger = logging.getLogger(__name__)

HASH_ITERATIONS = 100_000
HOUR, DAY = 3600, 86_400
BUDGET = "otp:all"
KEPT_AFTER_EXPIRY = timedelta(hours=1)
MAX_ERROR_LENGTH = 200


def issue(
    *,
    phone_number: str,
    ip: str,
    now: datetime,
    purpose: OtpPurpose = OtpPurpose.LOGIN,
    actor: User | None = None,
) -> int:
    """Send a fresh code to the phone; an earlier one for the same purpose stops working. Returns its life in seconds.

    Codes to sign in are for anybody, and the answer does not tell whether the phone has an account. Other codes are
    for a signed-in ``actor``: STEP_UP for the actor's own phone, PHONE_CHANGE for the new one. Owns its transactions.

    :raises InvalidInput: not an Iranian mobile number.
    :raises Unauthenticated: the purpose needs an actor. :raises OtpForAnother: it is not the actor's own phone.
    :raises OtpTooSoon: the last code is younger than OTP_RESEND_SECONDS.
    :raises RateLimited: the phone, the address or its network is over its budget.
    :raises OtpUnavailable: the budget of the whole platform is used up.
    """
    number = phone.normalise(phone_number)
    _require_may_ask(purpose, number, actor)
    try:
        limits.require_room(key=BUDGET, limit=settings.OTP_GLOBAL_HOUR, window_seconds=HOUR, now=now)
        _count(number=number, ip=ip, now=now)
        limits.spend(key=BUDGET, limit=settings.OTP_GLOBAL_HOUR, window_seconds=HOUR, now=now)
    except limits.BudgetSpent as spent:
        _raise_alarm(ends_at=spent.ends_at, now=now)
        raise OtpUnavailable(retry_after=spent.retry_after) from spent

    # hashing is slow, so no counter is locked meanwhile
    code = f"{secrets.randbelow(1_000_000):06d}"
    salt = secrets.token_bytes(16)
    _store(number=number, purpose=purpose, code=code, salt=salt, code_hash=_hash(code, salt), now=now)
    return settings.OTP_TTL_SECONDS


def verify(*, phone_number: str, code: str, purpose: OtpPurpose = OtpPurpose.LOGIN, ip: str, now: datetime) -> OTPCode:
    """Check a code against the newest one sent for this purpose; the caller's use case uses it up by ``consume``.

    Each try is counted and committed before the code is hashed, so that parallel guesses cannot exceed the limit.

    :raises OtpInvalid: no such code, or it was used. :raises OtpExpired: too old.
    :raises OtpLocked: OTP_MAX_ATTEMPTS tries were made. :raises RateLimited: the address guesses too much.
    """
    number = phone.normalise(phone_number)
    host, _network = limits.address_keys(ip)
    limits.hit(key=f"otp:verify:{host}", limit=settings.OTP_VERIFY_PER_IP_HOUR, window_seconds=HOUR, now=now)
    row = OTPCode.objects.filter(phone_number=number, purpose=purpose).order_by("-id").first()
    if row is None or row.used_at:
        _hash(code, b"the same work for a phone without a code")
        raise OtpInvalid
    if row.expires_at <= now:
        raise OtpExpired
    counted = OTPCode.objects.filter(pk=row.pk, used_at=None, attempt_count__lt=settings.OTP_MAX_ATTEMPTS)
    if not counted.update(attempt_count=F("attempt_count") + 1):
        raise OtpLocked
    if not hmac.compare_digest(_hash(code, bytes(row.salt)), bytes(row.code_hash)):
        raise OtpInvalid
    return row


@needs_transaction
def consume(row: OTPCode, *, now: datetime) -> None:
    """Use up a verified code in the transaction of what it is for.

    :raises OtpInvalid: somebody was faster, or a newer code has ended this one.
    """
    if not OTPCode.objects.filter(pk=row.pk, used_at=None, expires_at__gt=now).update(used_at=now):
        raise OtpInvalid


def send_sms(*, otp_id: int, code: str, now: datetime) -> None:
    """Text a code and note what became of it, unless it was sent, used or ended meanwhile. Safe to run twice.

    :raises TemporarySmsError: nobody took it, and another try is due.
    """
    row = OTPCode.objects.filter(pk=otp_id, used_at=None, expires_at__gt=now, sending=OtpSending.PENDING).first()
    if row is None:
        return
    mine = OTPCode.objects.filter(pk=otp_id, send_attempts=row.send_attempts)
    if not mine.update(send_attempts=row.send_attempts + 1, last_sent_at=now):
        return
    try:
        sent = sms.send(
            sms.Sms(to=row.phone_number, text=_text(row.purpose, code), template="otp", params={"code": code})
        )
    except sms.SmsError as error:
        again = isinstance(error, sms.TemporarySmsError) and row.send_attempts + 1 < settings.OTP_SEND_ATTEMPTS
        _note(otp_id, sending=OtpSending.PENDING if again else OtpSending.FAILED, last_error=str(error))
        if again:
            raise
        logger.error("the code %s was not sent: %s", otp_id, error)
    else:
        _note(
            otp_id,
            sending=OtpSending.SENT,
            provider=sent.provider,
            reference=sent.reference[:100],
            last_error="; ".join(sent.failures),
        )


def check_receipts(*, now: datetime) -> int:
    """Ask the providers whether recent codes have reached their phones; returns how many answers are new."""
    recent = OTPCode.objects.filter(
        sending=OtpSending.SENT,
        provider__in=sms.REPORTING_PROVIDERS,
        last_sent_at__gt=now - timedelta(seconds=settings.OTP_RECEIPT_SECONDS),
    ).exclude(reference="")
    heard = 0
    for row in recent.order_by("?")[: settings.OTP_RECEIPTS_PER_SWEEP]:
        try:
            outcome = sms.outcome(provider=row.provider, reference=row.reference)
        except sms.SmsError as error:
            logger.warning("%s does not say what became of the code %s: %s", row.provider, row.pk, error)
            return heard
        if outcome != sms.Outcome.PENDING:
            _note(row.pk, sending=OtpSending(outcome.value))
            heard += 1
    return heard


def cleanup_expired(*, now: datetime) -> int:
    """Delete codes that expired more than an hour ago; returns how many."""
    return OTPCode.objects.filter(expires_at__lt=now - KEPT_AFTER_EXPIRY).delete()[0]


def _require_may_ask(purpose: OtpPurpose, number: str, actor: User | None) -> None:
    if purpose == OtpPurpose.LOGIN:
        return
    if actor is None:
        raise Unauthenticated
    if purpose == OtpPurpose.STEP_UP and number != actor.phone_number:
        raise OtpForAnother


@use_case
def _count(*, number: str, ip: str, now: datetime) -> None:
    """Count one code for the phone and the address, or nothing at all. The rows that few share come first."""
    try:
        limits.hit(key=f"otp:gap:{number}", limit=1, window_seconds=settings.OTP_RESEND_SECONDS, now=now)
    except RateLimited as error:
        raise OtpTooSoon(retry_after=error.retry_after) from error
    host, network = limits.address_keys(ip)
    for key, limit, seconds in (
        (f"otp:hour:{number}", settings.OTP_PER_PHONE_HOUR, HOUR),
        (f"otp:day:{number}", settings.OTP_PER_PHONE_DAY, DAY),
        (f"otp:ip:{host}", settings.OTP_PER_IP_HOUR, HOUR),
        (f"otp:network:{network}", settings.OTP_PER_NETWORK_HOUR, HOUR),
    ):
        limits.hit(key=key, limit=limit, window_seconds=seconds, now=now)


@use_case
def _raise_alarm(*, ends_at: datetime, now: datetime) -> None:
    """Tell the log and the staff, once for each time that the budget is used up."""
    seconds = math.ceil((ends_at - now).total_seconds())
    try:
        limits.hit(key="otp:alarm", limit=1, window_seconds=seconds, now=now)
    except RateLimited:
        return
    logger.critical("no more sign-in codes until %s: all %s of the hour are sent", ends_at, settings.OTP_GLOBAL_HOUR)
    publish(OtpBudgetSpent(budget=settings.OTP_GLOBAL_HOUR, ends_at=ends_at))


@use_case
def _store(*, number: str, purpose: OtpPurpose, code: str, salt: bytes, code_hash: bytes, now: datetime) -> None:
    OTPCode.objects.filter(phone_number=number, purpose=purpose, used_at=None, expires_at__gt=now).update(
        expires_at=now
    )
    row = OTPCode.objects.create(
        phone_number=number,
        purpose=purpose,
        salt=salt,
        code_hash=code_hash,
        created_at=now,
        expires_at=now + timedelta(seconds=settings.OTP_TTL_SECONDS),
    )
    enqueue_on_commit(tasks.send_otp_sms_task, row.pk, code)


def _text(purpose: str, code: str) -> str:
    if purpose == OtpPurpose.LOGIN:
        return _("Meydan sign-in code: %(code)s") % {"code": code}
    return _("Meydan confirmation code: %(code)s\nGive it to nobody.") % {"code": code}


def _note(otp_id: int, **changes: str) -> None:
    if "last_error" in changes:
        changes["last_error"] = changes["last_error"][:MAX_ERROR_LENGTH]
    OTPCode.objects.filter(pk=otp_id).update(**changes)


def _hash(code: str, salt: bytes) -> bytes:
    """PBKDF2 over an HMAC with the pepper: a million codes are quickly tried, the pepper is not in the database."""
    peppered = hmac.digest(settings.OTP_PEPPER.encode(), code.encode(), "sha256")
    return hashlib.pbkdf2_hmac("sha256", peppered, salt, HASH_ITERATIONS)
