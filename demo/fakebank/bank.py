"""What a fake gateway knows of its payments, without HTTP and without anybody's API."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from threading import RLock
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

CARD_PAN = "502229******5995"


class State(StrEnum):
    IN_BANK = "IN_BANK"
    PAID = "PAID"
    VERIFIED = "VERIFIED"
    FAILED = "FAILED"
    REVERSED = "REVERSED"


@dataclass(slots=True)
class Session:
    """One payment at the bank. ``authority`` is what the gateway's API calls it."""

    authority: str
    merchant_id: str
    amount: int
    currency: str
    description: str
    callback_url: str
    metadata: dict[str, Any]
    created_at: datetime
    ref_id: int
    state: State = State.IN_BANK
    paid_at: datetime | None = None

    @property
    def is_paid(self) -> bool:
        return self.state in (State.PAID, State.VERIFIED)


@dataclass(slots=True)
class Bank(ABC):
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    sessions: dict[str, Session] = field(default_factory=dict)
    lock: RLock = field(default_factory=RLock)
    next_ref_id: int = 100_001
    operations: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def call(self, operation: str, body: dict[str, Any] | None) -> dict[str, Any]:
        """The answer to one API call, refusals included; ``body`` is None when it was no JSON object."""

    @abstractmethod
    def operation_at(self, path: str) -> str | None:
        """Which operation of the API is at this path."""

    @abstractmethod
    def payment_at(self, path: str) -> str | None:
        """Whose payment the payer's page at this path is."""

    @abstractmethod
    def named_in(self, body: dict[str, Any]) -> str:
        """Which payment the body of a call is about, if any."""

    @abstractmethod
    def link_back(self, session: Session) -> str:
        """Where the payer goes after deciding."""

    @abstractmethod
    def with_code(self, code: int) -> dict[str, Any]:
        """An answer that is nothing but this code."""

    def decide(self, authority: str, *, pay: bool) -> Session | None:
        """The payer pays or cancels, once. None when there is no such session."""
        with self.lock:
            session = self.sessions.get(authority)
            if session is not None and session.state is State.IN_BANK:
                session.state = State.PAID if pay else State.FAILED
                session.paid_at = self.clock() if pay else None
            return session

    def happen(self, what: str, body: dict[str, Any]) -> None:
        """``wrong_amount``, ``verified_before`` or ``reversed``, to the payment the body is about."""
        with self.lock:
            session = self.sessions.get(self.named_in(body))
            if session is None:
                return
            if what == "wrong_amount":
                session.amount -= 1
            else:
                session.state = State.VERIFIED if what == "verified_before" else State.REVERSED


def with_query(link: str, **added: object) -> str:
    """The link with more in its query."""
    parts = urlsplit(link)
    query = [*parse_qsl(parts.query, keep_blank_values=True), *added.items()]
    return urlunsplit(parts._replace(query=urlencode(query)))


def is_web_link(link: Any) -> bool:
    if not isinstance(link, str):
        return False
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not set(link) & set("\r\n\t \0")
