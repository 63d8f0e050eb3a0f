"""Signed-in devices: sign-in, refresh by compare-and-swap, revocation."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.contrib.sessions.models import Session as BrowserSession
from django.db import IntegrityError, transaction
from django.db.models import Q
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from common import audit
from common.db import needs_transaction, use_case
from common.errors import NotFound
from common.events import publish
from common.realtime import close_on_commit, session_group
from users import rules
from users.errors import AccountDisabled, NotAdministrator, TokenInvalid
from users.events import NewDeviceSignedIn, RefreshTokenReused
from users.models import OTPCode, Session, User
from users.services import otp

FORGOTTEN_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Device:
    name: str
    user_agent: str
    ip: str


@dataclass(frozen=True, slots=True)
class Tokens:
    access: str
    refresh: str


def sign_in(*, phone_number: str, code: str, device: Device, now: datetime) -> tuple[User, bool, Tokens]:
    """Sign in with a code from an SMS; a phone without an account gets one. Returns (user, created, tokens).

    :raises OtpInvalid, OtpExpired, OtpLocked, RateLimited: see ``otp.verify``.
    :raises AccountDisabled: staff have closed the account.
    """
    verified = otp.verify(phone_number=phone_number, code=code, ip=device.ip, now=now)
    return _open(verified=verified, device=device, now=now)


@use_case
def _open(*, verified: OTPCode, device: Device, now: datetime) -> tuple[User, bool, Tokens]:
    otp.consume(verified, now=now)
    user, created = _get_or_create(verified.phone_number)
    if not user.is_active:
        raise AccountDisabled
    is_new_device = not created and not _has_used(user, device)
    _make_room(user, now)
    session = Session.objects.create(
        user=user,
        device_name=device.name[:100],
        user_agent=device.user_agent[:300],
        ip=device.ip or None,
        refresh_jti=uuid4().hex,
        created_at=now,
        rotated_at=now,
        expires_at=now + _lifetime(),
    )
    # waits for whoever is closing the account, and keeps one that is only due to be closed
    if not User.objects.filter(pk=user.pk, is_active=True).update(last_login=now, closing_at=None):
        raise AccountDisabled
    if user.closing_at is not None:
        audit.record(action="account.kept", actor=user, target=user, now=now)
    if is_new_device:
        publish(NewDeviceSignedIn(user_id=user.pk, session_id=session.pk, device=device.name or device.user_agent))
    return user, created, _tokens(session)


def _has_used(user: User, device: Device) -> bool:
    known = Session.objects.filter(user=user, device_name=device.name[:100], user_agent=device.user_agent[:300])
    return known.exists()


@needs_transaction
def _make_room(user: User, now: datetime) -> None:
    """Sign out the devices that were used longest ago, so that one more makes MAX_SESSIONS_PER_USER."""
    live = Session.objects.filter(user=user, revoked_at=None, expires_at__gt=now).order_by("-rotated_at", "-pk")
    _revoke(list(live[settings.MAX_SESSIONS_PER_USER - 1 :]), now)


def _get_or_create(phone_number: str) -> tuple[User, bool]:
    """The user is locked: whoever changes the number or disables the account at this moment ends this sign-in, too."""
    user = User.objects.filter(phone_number=phone_number).locked().first()
    if user is not None:
        return user, False
    try:
        with transaction.atomic():
            username = f"player_{secrets.token_hex(6)}"
            return User.objects.create_user(phone_number, username=username), True
    except IntegrityError:
        return User.objects.locked().get(phone_number=phone_number), False


def refresh(*, token: str, now: datetime) -> Tokens:
    """Exchange a refresh token for its successor, exactly one however many arrive at once.

    Within REFRESH_GRACE_SECONDS a repeated exchange returns the same successor; later it is taken for theft and the
    whole session is revoked.

    :raises TokenInvalid: forged, expired, revoked or reused.
    """
    try:
        claims = RefreshToken(token)  # type: ignore[arg-type]
        session_id, jti = int(claims["sid"]), str(claims["jti"])
    except (TokenError, KeyError, ValueError, TypeError) as error:
        raise TokenInvalid from error
    session = _rotate(session_id, jti, now)
    if session is None:
        raise TokenInvalid
    return _tokens(session)


@use_case
def _rotate(session_id: int, jti: str, now: datetime) -> Session | None:
    live = Session.objects.filter(pk=session_id, revoked_at=None, expires_at__gt=now)
    # no join here: PostgreSQL asks the condition again after waiting for the row, but not that of a subquery
    live.filter(refresh_jti=jti).update(
        refresh_jti=uuid4().hex,
        previous_jti=jti,
        rotated_at=now,
        expires_at=now + _lifetime(),
    )
    session = live.filter(user__is_active=True).first()
    if session is None:
        return None
    grace = timedelta(seconds=settings.REFRESH_GRACE_SECONDS)
    if session.previous_jti == jti and now - session.rotated_at <= grace:
        return session
    _revoke([session], now)
    audit.record(action="session.reuse_detected", actor=session.user, target=session, now=now)
    publish(RefreshTokenReused(user_id=session.user_id, session_id=session.pk))
    return None


@use_case
def revoke(*, session_id: int, actor: User, now: datetime) -> None:
    """Sign one of the actor's devices out; its sockets close. :raises NotFound: not the actor's, or gone."""
    session = Session.objects.filter(pk=session_id, user=actor, revoked_at=None).first()
    if session is None:
        raise NotFound
    _revoke([session], now)


@use_case
def revoke_all(*, actor: User, now: datetime, keep: int = 0) -> int:
    """Sign every device of the actor out, but the session ``keep``; returns how many."""
    return end_all(user=actor, now=now, keep=keep)


@needs_transaction
def end_all(*, user: User, now: datetime, keep: int = 0) -> int:
    """The part of ``revoke_all`` that others need who sign somebody out; sign-ins to the admin end, too."""
    sessions = list(Session.objects.filter(user=user, revoked_at=None).exclude(pk=keep))
    _revoke(sessions, now)
    end_staff_sessions(user=user, now=now)
    return len(sessions)


@needs_transaction
def end_staff_sessions(*, user: User, now: datetime) -> None:
    """Whoever signed in to the admin as this user has to do it again."""
    User.objects.filter(pk=user.pk).update(staff_sessions_after=now)


@use_case
def sign_out(*, user_id: int, actor: User, reason: str, now: datetime) -> int:
    """Staff sign every device of somebody out; returns how many.

    :raises NotAdministrator: the actor may not. :raises NotFound: no such user.
    """
    if not rules.is_administrator(actor):
        raise NotAdministrator
    user = User.objects.locked().filter(pk=user_id).first()
    if user is None:
        raise NotFound
    count = end_all(user=user, now=now)
    audit.record(action="user.sign_out", actor=actor, target=user, reason=reason, now=now)
    return count


def forget_old(*, now: datetime) -> int:
    """Delete sessions that ended more than SESSION_KEEP_DAYS ago, a bounded number at a time; returns how many.

    What staff signed in to the admin with goes as soon as it has expired.
    """
    BrowserSession.objects.filter(expire_date__lt=now).delete()
    ended_before = now - timedelta(days=settings.SESSION_KEEP_DAYS)
    old = Session.objects.filter(Q(expires_at__lt=ended_before) | Q(revoked_at__lt=ended_before)).order_by("pk")
    return Session.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])).delete()[0]


@needs_transaction
def _revoke(sessions: list[Session], now: datetime) -> None:
    Session.objects.filter(pk__in=[session.pk for session in sessions], revoked_at=None).update(revoked_at=now)
    for session in sessions:
        close_on_commit(session_group(session.pk))


def _lifetime() -> timedelta:
    return RefreshToken.lifetime


def _tokens(session: Session) -> Tokens:
    """Deterministic for one rotation: whoever asks again within the grace gets the very same refresh token."""
    refresh_token = RefreshToken()
    refresh_token.payload["jti"] = session.refresh_jti
    refresh_token.payload["user_id"] = str(session.user_id)
    refresh_token.payload["sid"] = session.pk
    refresh_token.set_iat(at_time=session.rotated_at)
    refresh_token.set_exp(from_time=session.rotated_at)
    return Tokens(access=access_token(session), refresh=str(refresh_token))


def access_token(session: Session, *, proved_at: datetime | None = None) -> str:
    """A token of the session; of level 2 (claim ``acr``) when a second factor was proved, at ``proved_at``."""
    token = AccessToken()
    token["user_id"] = str(session.user_id)
    token["sid"] = session.pk
    if proved_at is not None:
        token["acr"], token["proved_at"] = 2, int(proved_at.timestamp())
    return str(token)
