"""Tickets for sockets: a browser cannot send a header with a WebSocket, and a JWT must not stand in a URL."""

import secrets

from django.conf import settings
from django.core.cache import cache

_PREFIX = "ws-ticket:"


def issue(*, session_id: int) -> str:
    """A ticket for one connection within WS_TICKET_SECONDS."""
    ticket = secrets.token_urlsafe(24)
    cache.set(_PREFIX + ticket, session_id, timeout=settings.WS_TICKET_SECONDS)
    return ticket


def redeem(ticket: str) -> int | None:
    """The session behind a ticket, once; None when it is unknown, used or too old."""
    key = _PREFIX + ticket
    session_id = cache.get(key)
    # delete() tells whether it was there: of two parallel redeems one gets True
    return session_id if session_id is not None and cache.delete(key) else None
