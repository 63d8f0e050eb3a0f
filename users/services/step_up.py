"""Proving once more that it is you, for what a stolen session must not be enough for."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from common import audit
from common.db import use_case
from users import selectors
from users.enums import OtpPurpose
from users.errors import SecondFactorRequired
from users.models import OTPCode, Session, User
from users.services import otp, second_factor, sessions


@dataclass(frozen=True, slots=True)
class SteppedUp:
    """``access`` is an access token of level 2, which counts as fresh until ``fresh_until``."""

    access: str
    fresh_until: datetime


def by_authenticator(*, session: Session, code: str, now: datetime) -> SteppedUp:
    """Prove it with a code of the authenticator app, or with a recovery code.

    :raises SecondFactorMissing, SecondFactorInvalid, SecondFactorLocked: see ``second_factor.prove``.
    """
    second_factor.prove(user=session.user, code=code, now=now)
    return _step_up(session=session, method="authenticator", now=now)


def by_phone(*, session: Session, code: str, ip: str, now: datetime) -> SteppedUp:
    """Prove it with a code that was texted for this purpose, where no authenticator app is set up.

    :raises SecondFactorRequired: one is. :raises OtpInvalid, OtpExpired, OtpLocked, RateLimited: see ``otp.verify``.
    """
    prove_phone(user=session.user, code=code, ip=ip, now=now)
    return _step_up(session=session, method="phone", now=now)


def prove_phone(*, user: User, code: str, ip: str, now: datetime) -> None:
    """Use up a texted code of the purpose STEP_UP. The errors are those of ``by_phone``."""
    if selectors.has_second_factor(user):
        raise SecondFactorRequired
    verified = otp.verify(phone_number=user.phone_number, code=code, purpose=OtpPurpose.STEP_UP, ip=ip, now=now)
    _use(verified=verified, now=now)


@use_case
def _use(*, verified: OTPCode, now: datetime) -> None:
    otp.consume(verified, now=now)


@use_case
def _step_up(*, session: Session, method: str, now: datetime) -> SteppedUp:
    audit.record(action="session.step_up", actor=session.user, target=session, now=now, method=method)
    return SteppedUp(
        access=sessions.access_token(session, proved_at=now),
        fresh_until=now.replace(microsecond=0) + timedelta(seconds=settings.STEP_UP_SECONDS),
    )
