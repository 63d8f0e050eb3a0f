"""One-time codes by SMS: issue, verify. Only a hash is stored, every limit is counted atomically."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.utils.translation import gettext as _

from common import phone, sms
from common.db import use_case
from common.errors import RateLimited
from common.limits import hit
from common.queue import enqueue_on_commit
from users import tasks
from users.enums import OtpPurpose
from users.errors import OtpExpired, OtpInvalid, OtpLocked, OtpTooSoon
from users.models import OTPCode

HASH_ITERATIONS = 100_000
HOUR, DAY = 3600, 86_400


@use_case
def issue(*, phone_number: str, purpose: OtpPurpose = OtpPurpose.LOGIN, ip: str, now: datetime) -> int:
    """Send a fresh code to the phone; an earlier one stops working. Returns its life in seconds.

    The answer is the same whether the phone has an account or not.

    :raises InvalidInput: not an Iranian mobile number.
    :raises OtpTooSoon: the last code is younger than OTP_RESEND_SECONDS.
    :raises RateLimited: the phone, the address or the whole platform is over its budget.
    """
    number = phone.normalise(phone_number)
    try:
        hit(key=f"otp:gap:{purpose}:{number}", limit=1, window_seconds=settings.OTP_RESEND_SECONDS, now=now)
    except RateLimited as error:
        raise OtpTooSoon(retry_after=error.retry_after) from error
    hit(key=f"otp:hour:{number}", limit=settings.OTP_PER_PHONE_HOUR, window_seconds=HOUR, now=now)
    hit(key=f"otp:day:{number}", limit=settings.OTP_PER_PHONE_DAY, window_seconds=DAY, now=now)
    hit(key=f"otp:ip:{ip}", limit=settings.OTP_PER_IP_HOUR, window_seconds=HOUR, now=now)
    hit(key="otp:all", limit=settings.OTP_GLOBAL_HOUR, window_seconds=HOUR, now=now)

    code = f"{secrets.randbelow(1_000_000):06d}"
    salt = secrets.token_bytes(16)
    row = OTPCode.objects.create(
        phone_number=number,
        purpose=purpose,
        salt=salt,
        code_hash=_hash(code, salt),
        created_at=now,
        expires_at=now + timedelta(seconds=settings.OTP_TTL_SECONDS),
    )
    enqueue_on_commit(tasks.send_otp_sms_task, row.pk, code)
    return settings.OTP_TTL_SECONDS


def verify(*, phone_number: str, code: str, purpose: OtpPurpose = OtpPurpose.LOGIN, ip: str, now: datetime) -> OTPCode:
    """Check a code against the newest one sent; the caller signs in with it by ``consume``.

    Each try is counted and committed before the code is hashed, so that parallel guesses cannot exceed the limit.

    :raises OtpInvalid: no such code, or it was used. :raises OtpExpired: too old.
    :raises OtpLocked: OTP_MAX_ATTEMPTS tries were made. :raises RateLimited: the address guesses too much.
    """
    number = phone.normalise(phone_number)
    hit(key=f"otp:verify:{ip}", limit=settings.OTP_VERIFY_PER_IP_HOUR, window_seconds=HOUR, now=now)
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


def consume(row: OTPCode, *, now: datetime) -> None:
    """Use up a verified code. :raises OtpInvalid: somebody was faster."""
    if not OTPCode.objects.filter(pk=row.pk, used_at=None).update(used_at=now):
        raise OtpInvalid


def send_sms(*, otp_id: int, code: str, now: datetime) -> None:
    """Text a code, unless it was used or has expired meanwhile.

    :raises SmsError: the provider did not take it.
    """
    row = OTPCode.objects.filter(pk=otp_id, used_at=None, expires_at__gt=now).first()
    if row is None:
        return
    text = _("Meydan sign-in code: %(code)s") % {"code": code}
    sms.send(sms.Sms(to=row.phone_number, text=text, template="otp", params={"code": code}))


def cleanup_expired(*, now: datetime) -> int:
    """Delete codes that expired more than an hour ago; returns how many."""
    return OTPCode.objects.filter(expires_at__lt=now - timedelta(hours=1)).delete()[0]


def _hash(code: str, salt: bytes) -> bytes:
    """PBKDF2 over an HMAC with the pepper: a million codes are quickly tried, the pepper is not in the database."""
    peppered = hmac.digest(settings.OTP_PEPPER.encode(), code.encode(), "sha256")
    return hashlib.pbkdf2_hmac("sha256", peppered, salt, HASH_ITERATIONS)
