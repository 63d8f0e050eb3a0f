from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PaymentSettled:
    """The money is in the payer's wallet; ``entrant_id`` says for which entry, if for one."""

    payment_id: int
    entrant_id: int | None


@dataclass(frozen=True, slots=True)
class PaymentFailed:
    """No money came, and none will."""

    payment_id: int
    entrant_id: int | None
