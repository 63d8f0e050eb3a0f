"""Authenticator apps (TOTP, RFC 6238) and recovery codes, for players and staff alike."""

import hmac
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyotp
import segno
from django.conf import settings

from common import audit, limits
from common.db import needs_transaction, use_case
from common.errors import NotFound, RateLimited
from common.events import publish
from common.sealing import seal, unseal
from common.text import fold_digits
from users import rules
from users.assurance import Assurance, require_step_up
from users.errors import (
    NotAdministrator,
    OwnAccount,
    SecondFactorExists,
    SecondFactorInvalid,
    SecondFactorLocked,
    SecondFactorMissing,
    SecondFactorUnreadable,
)
from users.events import SecondFactorChanged, SecondFactorLockedOut
from users.models import RecoveryCode, SecondFactor, User
from users.services import sessions

logger = logging.getLogger(__name__)

STEP_SECONDS = 30
RECOVERY_CODES = 10
RECOVERY_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
RECOVERY_LENGTH = 12
HOUR, DAY = 3600, 86_400


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app is fed with: the secret in base32, and as a picture."""

    secret: str
    otpauth_url: str
    qr_svg: str


@use_case
def set_up(*, actor: User, assurance: Assurance, now: datetime) -> Enrolment:
    """Begin with an authenticator app; it counts once ``confirm`` has seen a code of it. Beginning again starts afresh.

    :raises StepUpRequired: else whoever stole a session could make it theirs for good.
    :raises SecondFactorExists: there is one already.
    """
    require_step_up(assurance, now=now)
    user = User.objects.locked().get(pk=actor.pk)
    if SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists():
        raise SecondFactorExists
    secret = pyotp.random_base32()
    factor, _ = SecondFactor.objects.update_or_create(
        user=user, defaults={"secret": seal(secret.encode()), "last_step": 0, "created_at": now}
    )
    audit.record(action="second_factor.set_up", actor=user, target=factor, now=now)
    return _enrolment(user, secret)


def begun(*, actor: User, began_at: datetime, now: datetime) -> Enrolment | None:
    """The set-up that began at that moment, if ``confirm`` would still take it: for a page that is shown again."""
    if now - began_at > timedelta(seconds=settings.TOTP_SETUP_SECONDS):
        return None
    factor = SecondFactor.objects.filter(user=actor, confirmed_at=None, created_at=began_at).first()
    return _enrolment(actor, _secret(factor)) if factor else None


def confirm(*, actor: User, code: str, now: datetime) -> list[str]:
    """Turn the authenticator app on with a code of it; returns the recovery codes, which are never shown again.

    :raises SecondFactorMissing: no set-up is open, or it is older than TOTP_SETUP_SECONDS.
    :raises SecondFactorExists: it is on already.
    :raises SecondFactorInvalid, SecondFactorLocked: see ``prove``.
    """
    factor = SecondFactor.objects.filter(user=actor).first()
    if factor is None:
        raise SecondFactorMissing
    if factor.confirmed_at is not None:
        raise SecondFactorExists
    if now - factor.created_at > timedelta(seconds=settings.TOTP_SETUP_SECONDS):
        raise SecondFactorMissing
    step = _step_of(factor, _plain(code), now)
    codes = _confirm(factor=factor, step=step, now=now)
    _give_back(factor.user, now)
    return codes


@use_case
def _confirm(*, factor: SecondFactor, step: int, now: datetime) -> list[str]:
    user = User.objects.locked().get(pk=factor.user_id)
    begun = SecondFactor.objects.filter(user=user, confirmed_at=None, created_at=factor.created_at)
    if not begun.update(confirmed_at=now, last_step=step):
        raise SecondFactorInvalid
    codes = _new_recovery_codes(user, now)
    audit.record(action="second_factor.enable", actor=user, target=factor, now=now)
    publish(SecondFactorChanged(user_id=user.pk, change="enabled", at=now))
    return codes


def prove(*, user: User, code: str, now: datetime) -> None:
    """Accept a code of the user's authenticator app, or a recovery code, exactly once.

    Call it outside a transaction: each try is counted and committed before the code is looked at, so that neither
    parallel guesses nor a failure afterwards get around the limit.

    :raises SecondFactorMissing: no authenticator app is on.
    :raises SecondFactorInvalid: a wrong code, or one that was used before.
    :raises SecondFactorLocked: TOTP_MAX_ATTEMPTS wrong codes came within TOTP_LOCK_SECONDS, or TOTP_MAX_ATTEMPTS_DAY
        within a day. It does not lock recovery codes, which are too long to be guessed.
    :raises SecondFactorUnreadable: the key is gone under which the secret was sealed.
    """
    factor = SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).first()
    if factor is None:
        raise SecondFactorMissing
    plain = _plain(code)
    if len(plain) == RECOVERY_LENGTH:
        _spend_recovery_code(user=user, code=plain, now=now)
        return
    step = _step_of(factor, plain, now)
    unspent = SecondFactor.objects.filter(user=user, confirmed_at=factor.confirmed_at, last_step__lt=step)
    if not unspent.update(last_step=step):
        _tell_if_locked(user, now)
        raise SecondFactorInvalid
    _give_back(user, now)


@use_case
def disable(*, actor: User, assurance: Assurance, now: datetime) -> None:
    """Turn one's authenticator app off; its recovery codes go with it, and sign-ins to the admin end.

    :raises StepUpRequired: no second factor was proved just now. :raises SecondFactorMissing: there is none.
    """
    require_step_up(assurance, now=now)
    user = User.objects.locked().get(pk=actor.pk)
    if not _remove(user):
        raise SecondFactorMissing
    sessions.end_staff_sessions(user=user, now=now)
    audit.record(action="second_factor.disable", actor=user, target=user, now=now)
    publish(SecondFactorChanged(user_id=user.pk, change="disabled", at=now))


@use_case
def renew_recovery_codes(*, actor: User, assurance: Assurance, now: datetime) -> list[str]:
    """Ten fresh recovery codes; the old ones stop working.

    :raises StepUpRequired: no second factor was proved just now. :raises SecondFactorMissing: there is none.
    """
    require_step_up(assurance, now=now)
    user = User.objects.locked().get(pk=actor.pk)
    if not SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists():
        raise SecondFactorMissing
    codes = _new_recovery_codes(user, now)
    audit.record(action="second_factor.renew_recovery_codes", actor=user, target=user, now=now)
    publish(SecondFactorChanged(user_id=user.pk, change="recovery_codes_renewed", at=now))
    return codes


@use_case
def reset(*, user_id: int, actor: User | None, reason: str, now: datetime) -> int:
    """The way back in for somebody who lost the app and the recovery codes: both are removed, every sign-in ends.

    ``actor`` is None for whoever runs a command on the server. Returns how many devices were signed out.

    :raises NotAdministrator: the actor may not; a superuser's is removed by superusers alone.
    :raises OwnAccount: it is the actor's, who can ``disable`` it. :raises NotFound: no such user.
    """
    if actor is not None and not rules.is_administrator(actor):
        raise NotAdministrator
    user = User.objects.locked().filter(pk=user_id).first()
    if user is None:
        raise NotFound
    if actor is not None and user.pk == actor.pk:
        raise OwnAccount
    if actor is not None and user.is_superuser and not actor.is_superuser:
        raise NotAdministrator
    _remove(user)
    signed_out = sessions.end_all(user=user, now=now)
    audit.record(action="second_factor.reset", actor=actor, target=user, reason=reason, now=now)
    publish(SecondFactorChanged(user_id=user.pk, change="disabled", at=now))
    return signed_out


@needs_transaction
def _remove(user: User) -> bool:
    RecoveryCode.objects.filter(user=user).delete()
    _, removed = SecondFactor.objects.filter(user=user).delete()
    return bool(removed)


@needs_transaction
def _new_recovery_codes(user: User, now: datetime) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    codes = ["".join(secrets.choice(RECOVERY_ALPHABET) for _ in range(RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, code_hash=_recovery_hash(user, code), created_at=now) for code in codes
    )
    return ["-".join(code[start : start + 4] for start in range(0, RECOVERY_LENGTH, 4)) for code in codes]


def _spend_recovery_code(*, user: User, code: str, now: datetime) -> None:
    _count(f"recovery:{user.pk}", settings.RECOVERY_CODE_TRIES_HOUR, HOUR, now)
    _use_recovery_code(user=user, code=code, now=now)


@use_case
def _use_recovery_code(*, user: User, code: str, now: datetime) -> None:
    unused = RecoveryCode.objects.filter(user=user, code_hash=_recovery_hash(user, code), used_at=None)
    if not unused.update(used_at=now):
        raise SecondFactorInvalid
    audit.record(action="second_factor.use_recovery_code", actor=user, target=user, now=now)
    publish(SecondFactorChanged(user_id=user.pk, change="recovery_code_used", at=now))


def _step_of(factor: SecondFactor, code: str, now: datetime) -> int:
    """The time step that the code belongs to, after counting the try."""
    for key, limit, window in _tries(factor.user):
        _count(key, limit, window, now)
    totp = pyotp.TOTP(_secret(factor))
    current = int(now.timestamp()) // STEP_SECONDS
    drift = settings.TOTP_DRIFT_STEPS
    for step in range(current - drift, current + drift + 1):
        if hmac.compare_digest(totp.generate_otp(step), code):
            return step
    _tell_if_locked(factor.user, now)
    raise SecondFactorInvalid


def _tries(user: User) -> list[tuple[str, int, int]]:
    """What counts wrong codes: (key, limit, window in seconds)."""
    return [
        (f"totp:{user.pk}", settings.TOTP_MAX_ATTEMPTS, settings.TOTP_LOCK_SECONDS),
        (f"totp-day:{user.pk}", settings.TOTP_MAX_ATTEMPTS_DAY, DAY),
    ]


def _count(key: str, limit: int, window: int, now: datetime) -> None:
    try:
        limits.hit(key=key, limit=limit, window_seconds=window, now=now)
    except RateLimited as error:
        raise SecondFactorLocked(retry_after=error.retry_after) from error


def _give_back(user: User, now: datetime) -> None:
    """A right code is none of the tries that the limits are against."""
    for key, _, _ in _tries(user):
        limits.give_back(key=key, now=now)


def _tell_if_locked(user: User, now: datetime) -> None:
    """Tell the owner once, if the try that just failed was the last one."""
    for key, limit, _ in _tries(user):
        until = limits.full_until(key=key, limit=limit, now=now)
        if until is not None:
            _lock_out(user=user, key=key, until=until, now=now)


@use_case
def _lock_out(*, user: User, key: str, until: datetime, now: datetime) -> None:
    try:
        limits.hit(key=f"{key}:told:{until.timestamp()}", limit=1, window_seconds=DAY, now=now)
    except RateLimited:
        return
    audit.record(action="second_factor.lock_out", actor=None, target=user, now=now, until=until.isoformat())
    publish(SecondFactorLockedOut(user_id=user.pk, until=until))


def _plain(code: str) -> str:
    return fold_digits(code).replace("-", "").replace(" ", "").upper()


def _recovery_hash(user: User, code: str) -> bytes:
    """60 random bits need no slow hash; the pepper keeps a copy of the database from being enough."""
    return hmac.digest(settings.OTP_PEPPER.encode(), f"recovery:{user.pk}:{code}".encode(), "sha256")


def _secret(factor: SecondFactor) -> str:
    try:
        return unseal(bytes(factor.secret)).decode()
    except ValueError as error:
        logger.exception("the second factor of user %s is sealed under no known key", factor.user_id)
        raise SecondFactorUnreadable from error


def _enrolment(user: User, secret: str) -> Enrolment:
    url = pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name=settings.TOTP_ISSUER)
    picture: Any = segno.make(url, error="m")
    return Enrolment(secret=secret, otpauth_url=url, qr_svg=picture.svg_inline(scale=5, border=3, light="#fff"))
