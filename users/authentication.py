"""Who is calling: a JWT whose session is checked on every request, for HTTP and for sockets."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils import timezone, translation
from redis.exceptions import RedisError
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken

from users import selectors
from users.assurance import Assurance
from users.errors import TokenInvalid
from users.models import Session, User
from users.services import tickets


@dataclass(frozen=True, slots=True)
class Access:
    """What an access token stands for: a live session, and how sure it is of its user."""

    session: Session
    assurance: Assurance


def access_of(token: str) -> Access:
    """:raises TokenInvalid: the token is forged or expired, or its session is gone."""
    try:
        claims = AccessToken(token)  # type: ignore[arg-type]
        session_id, assurance = int(claims["sid"]), _assurance(claims)
    except (TokenError, KeyError, ValueError, TypeError) as error:
        raise TokenInvalid from error
    session = selectors.live_session(session_id, timezone.now())
    if session is None:
        raise TokenInvalid
    return Access(session, assurance)


def _assurance(claims: AccessToken) -> Assurance:
    if "acr" not in claims:
        return Assurance()
    return Assurance(level=int(claims["acr"]), proved_at=datetime.fromtimestamp(claims["proved_at"], UTC))


class SessionJWTAuthentication(BaseAuthentication):
    """``Authorization: Bearer <access>``; ``request.auth`` is an Access."""

    def authenticate(self, request: Request) -> tuple[User, Access] | None:
        header = get_authorization_header(request).split()
        if not header or header[0].lower() != b"bearer":
            return None
        if len(header) != 2:
            raise TokenInvalid
        access = access_of(header[1].decode("latin-1"))
        return access.session.user, access

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def client_ip(request: HttpRequest) -> str:
    """The caller's address: behind N trusted proxies the N-th from the right of X-Forwarded-For, else the peer's."""
    if settings.TRUSTED_PROXIES:
        hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        if len(hops) >= settings.TRUSTED_PROXIES and _is_address(hops[-settings.TRUSTED_PROXIES]):
            return hops[-settings.TRUSTED_PROXIES]
    return request.META.get("REMOTE_ADDR", "")


class WebSocketAuthentication:
    """Puts ``user``, ``session_id`` and ``language`` into the scope; ``unavailable`` is why nobody could be asked.

    A single-use ticket comes as ``?ticket=`` or as subprotocol ``ticket.<ticket>``; a native client may send its JWT
    as an Authorization header or as subprotocol ``jwt.<token>``.
    """

    def __init__(self, inner: Callable[..., Awaitable[Any]]) -> None:
        self.inner = inner

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        headers = dict(scope["headers"])
        unavailable = None
        try:
            session, protocol = await database_sync_to_async(_socket_session)(scope, headers)
        except (RedisError, DatabaseError) as error:
            session, protocol, unavailable = None, None, error
        accepted = headers.get(b"accept-language", b"").decode("latin-1")
        return await self.inner(
            scope
            | {
                "user": session.user if session else AnonymousUser(),
                "session_id": session.pk if session else None,
                "session_alive": _alive(session.pk) if session else None,
                "unavailable": unavailable,
                "answer_subprotocol": protocol,
                "language": _language(accepted),
            },
            receive,
            send,
        )


def _language(accepted: str) -> str:
    if not accepted:
        return settings.LANGUAGE_CODE
    request = HttpRequest()
    request.META["HTTP_ACCEPT_LANGUAGE"] = accepted
    return translation.get_language_from_request(request)


def _alive(session_id: int) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        return await database_sync_to_async(selectors.live_session)(session_id, timezone.now()) is not None

    return check


def _socket_session(scope: dict[str, Any], headers: dict[bytes, bytes]) -> tuple[Session | None, str | None]:
    ticket = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("ticket", [""])[0]
    authorization = headers.get(b"authorization", b"").decode("latin-1")
    token = authorization[7:] if authorization.lower().startswith("bearer ") else ""
    answer = None
    for protocol in scope.get("subprotocols", []):
        kind, _, value = protocol.partition(".")
        if kind in {"ticket", "jwt"} and value:
            ticket, token, answer = (value, token, protocol) if kind == "ticket" else (ticket, value, protocol)
    if ticket:
        session_id = tickets.redeem(ticket)
        return (selectors.live_session(session_id, timezone.now()) if session_id else None), answer
    if token:
        try:
            return access_of(token).session, answer
        except TokenInvalid:
            return None, answer
    return None, answer
