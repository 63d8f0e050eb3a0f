from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Sms:
    """One message to one phone: ``text`` is what a person reads; ``template`` and ``params`` are for providers that
    send approved templates only (one-time codes go out faster that way)."""

    to: str
    text: str
    template: str = ""
    params: dict[str, str] = field(default_factory=dict)


class SmsError(Exception):
    pass


class TemporarySmsError(SmsError):
    """Worth another try later: no connection, 429, 5xx."""


class PermanentSmsError(SmsError):
    """The same message will be refused again: wrong key, wrong number, unknown template."""


class Provider(Protocol):
    def send(self, message: Sms) -> str:
        """Hand the message over and return the provider's reference.

        :raises TemporarySmsError: try again later.
        :raises PermanentSmsError: do not.
        """
