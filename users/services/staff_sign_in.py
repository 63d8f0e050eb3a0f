"""The way into the admin: a password, then a second factor. Tries are limited per account and address, and audited."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth import authenticate

from common import audit, limits, phone
from common.db import use_case
from common.errors import DomainError, InvalidInput, RateLimited
from users.errors import StaffSignInLocked, StaffSignInRefused
from users.models import User
from users.services import second_factor


def check_password(*, phone_number: str, password: str, ip: str, now: datetime) -> User:
    """The member of staff who has this password; what else they need is for ``prove`` to say.

    Each try is counted and committed before the password is looked at. Every refusal looks the same.

    :raises StaffSignInRefused: no such account, a wrong password, disabled, or not staff.
    :raises StaffSignInLocked: STAFF_LOGIN_PER_ACCOUNT or STAFF_LOGIN_PER_ADDRESS refusals came within
        STAFF_LOGIN_WINDOW_SECONDS.
    """
    number = _normalised(phone_number)
    host, _network = limits.address_keys(ip)
    # an address that is locked cannot lock accounts any more
    tries = {f"staff:{host}": settings.STAFF_LOGIN_PER_ADDRESS, f"staff:{number}": settings.STAFF_LOGIN_PER_ACCOUNT}
    for key, limit in tries.items():
        try:
            limits.hit(key=key, limit=limit, window_seconds=settings.STAFF_LOGIN_WINDOW_SECONDS, now=now)
        except RateLimited as error:
            raise StaffSignInLocked(retry_after=error.retry_after) from error
    user = authenticate(username=number, password=password)
    if not isinstance(user, User) or not user.is_staff:
        _record_refusal(number=number, step="password", ip=ip, now=now)
        raise StaffSignInRefused
    for key in tries:
        limits.give_back(key=key, now=now)
    return user


def prove(*, user: User, code: str, ip: str, now: datetime) -> None:
    """Accept a code of the authenticator app or a recovery code. The errors are those of ``second_factor.prove``."""
    try:
        second_factor.prove(user=user, code=code, now=now)
    except DomainError:
        _record_refusal(number=user.phone_number, step="second factor", ip=ip, now=now)
        raise


@use_case
def record(*, user: User, is_proved: bool, ip: str, now: datetime) -> None:
    """Note that somebody is in."""
    audit.record(action="staff.sign_in", actor=user, target=user, now=now, ip=ip, second_factor=is_proved)


@use_case
def _record_refusal(*, number: str, step: str, ip: str, now: datetime) -> None:
    user = User.objects.filter(phone_number=number).first()
    if user is not None:
        audit.record(action="staff.sign_in_refused", actor=None, target=user, now=now, ip=ip, step=step)


def _normalised(phone_number: str) -> str:
    try:
        return phone.normalise(phone_number)
    except InvalidInput:
        return ""
