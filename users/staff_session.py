"""What the admin's session cookie stands for: a password that was right, and then somebody who is in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.dateparse import parse_datetime

from users import rules
from users.assurance import Assurance
from users.authentication import client_ip
from users.models import User
from users.services import staff_sign_in

PENDING, SIGNED_IN_AT, PROVED = "staff_pending", "staff_signed_in_at", "staff_second_factor"
PHONE_PROVED_AT, SET_UP_AT = "staff_phone_proved_at", "staff_set_up_at"
STEPPED_UP_AT = "staff_stepped_up_at"


@dataclass(frozen=True, slots=True)
class Pending:
    """Somebody whose password was right, and where they wanted to go."""

    user: User
    next_url: str


def begin(request: HttpRequest, user: User, *, next_url: str, now: datetime) -> None:
    """Remember whose password was right. Nobody is signed in by that."""
    request.session.flush()
    request.session[PENDING] = {
        "user": user.pk,
        "password": user.get_session_auth_hash(),
        "at": now.isoformat(),
        "next": next_url,
    }


def pending(request: HttpRequest, *, now: datetime) -> Pending | None:
    """Whose password was right within STAFF_SIGN_IN_SECONDS, if it still is their password."""
    kept: dict[str, Any] = request.session.get(PENDING) or {}
    at = _moment(kept.get("at"))
    if at is None or now - at > timedelta(seconds=settings.STAFF_SIGN_IN_SECONDS):
        return None
    user = User.objects.filter(pk=kept["user"], is_active=True, is_staff=True).first()
    if user is None or not constant_time_compare(kept["password"], user.get_session_auth_hash()):
        return None
    if user.staff_sessions_after is not None and at <= user.staff_sessions_after:
        return None
    return Pending(user, kept["next"])


def enter(request: HttpRequest, user: User, *, is_proved: bool, now: datetime) -> None:
    """Sign in to the admin; the cookie gets another key."""
    staff_sign_in.record(user=user, is_proved=is_proved, ip=client_ip(request), now=now)
    for name in (PENDING, PHONE_PROVED_AT, SET_UP_AT):
        request.session.pop(name, None)
    login(request, user)
    request.session[SIGNED_IN_AT] = now.isoformat()
    request.session[PROVED] = is_proved
    if is_proved:
        remember(request, STEPPED_UP_AT, now)


def counts(request: HttpRequest, *, now: datetime) -> bool:
    """Whether whoever sends this request is in."""
    return rules.may_use_admin(
        request.user,
        signed_in_at=_moment(request.session.get(SIGNED_IN_AT)),
        is_proved=bool(request.session.get(PROVED)),
        now=now,
    )


def assurance(request: HttpRequest) -> Assurance:
    """How sure it is that whoever sends this request is still the one who signed in."""
    at = remembered(request, STEPPED_UP_AT)
    return Assurance(level=2 if at else 1, proved_at=at)


def remember(request: HttpRequest, name: str, at: datetime) -> None:
    request.session[name] = at.isoformat()


def remembered(request: HttpRequest, name: str) -> datetime | None:
    return _moment(request.session.get(name))


def _moment(kept: Any) -> datetime | None:
    return parse_datetime(kept) if isinstance(kept, str) else None
