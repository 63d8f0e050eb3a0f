"""What a payment gateway can do and answer. Nothing here touches the database; every call may take seconds."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Outcome(StrEnum):
    """What an answer of the gateway means to us."""

    DONE = "done"
    NOT_PAID = "not_paid"
    MISMATCH = "mismatch"
    REJECTED = "rejected"
    REFUSED = "refused"
    MISCONFIGURED = "misconfigured"
    UNKNOWN = "unknown"


class BankState(StrEnum):
    PAID = "PAID"
    VERIFIED = "VERIFIED"
    IN_BANK = "IN_BANK"
    FAILED = "FAILED"
    REVERSED = "REVERSED"


@dataclass(frozen=True, slots=True)
class Started:
    """The answer to a request for payment; ``authority`` and ``payment_url`` are there when it is DONE."""

    outcome: Outcome
    code: int | None = None
    authority: str = ""
    payment_url: str = ""
    fee_rial: int = 0


@dataclass(frozen=True, slots=True)
class Verified:
    """The answer to "was it paid?"; ``ref_id`` is there when it is DONE."""

    outcome: Outcome
    code: int | None = None
    ref_id: int | None = None
    card_pan: str = ""
    card_hash: str = ""
    fee_rial: int = 0


@dataclass(frozen=True, slots=True)
class Inquired:
    """The answer to "where does it stand?"; ``state`` is there when it is DONE, the amount where the gateway tells."""

    outcome: Outcome
    code: int | None = None
    state: BankState | None = None
    amount_rial: int | None = None


@dataclass(frozen=True, slots=True)
class Reversed:
    """The answer to "undo it": DONE, or REFUSED when this payment cannot be undone (any more)."""

    outcome: Outcome
    code: int | None = None


class Gateway(Protocol):
    """None of these raises for what the other side does: an answer nobody can read is UNKNOWN."""

    reverses_for_minutes: int

    def request(
        self, *, amount_rial: int, description: str, callback_url: str, mobile: str, order_id: str
    ) -> Started: ...

    def verify(self, *, authority: str, amount_rial: int) -> Verified: ...

    def inquire(self, *, authority: str) -> Inquired: ...

    def reverse(self, *, authority: str) -> Reversed: ...

    def unverified(self) -> list[str]:
        """Authorities that were paid and not verified, at most the newest 100; empty when nobody answers."""
        ...
