from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Sms:
    """One message to one phone: ``text`` is what a person reads; ``template`` and ``params`` are for providers that
    send approved templates only (one-time codes go out faster that way)."""

    to: str
    text: str
    template: str = ""
    params: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sent:
    """Who took a message, its reference there, and what failed before (``"smsir: HTTP 503"``)."""

    provider: str
    reference: str
    failures: tuple[str, ...] = ()


class Outcome(StrEnum):
    """What a provider says later about a message that it took."""

    PENDING = "pending"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"


class SmsError(Exception):
    pass


class TemporarySmsError(SmsError):
    """Worth another try later: no connection, 429, 5xx."""


class PermanentSmsError(SmsError):
    """This provider will refuse the same message again: wrong key, no credit, unknown template. Another may take it."""


class BadNumber(PermanentSmsError):
    """No provider can send to this number."""


class Provider(Protocol):
    def send(self, message: Sms) -> str:
        """Hand the message over and return the provider's reference, which may be empty.

        :raises TemporarySmsError: try again later.
        :raises PermanentSmsError: do not.
        """


class ReportingProvider(Provider, Protocol):
    def outcome(self, reference: str) -> Outcome:
        """What became of a message. :raises SmsError: the provider does not say."""
