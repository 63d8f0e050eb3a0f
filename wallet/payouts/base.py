"""What a way of paying people out looks like, whoever carries the money."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from wallet.enums import DestinationKind


@dataclass(frozen=True, slots=True)
class Payout:
    """One transfer. The bank knows it by ``reference``, which belongs to the withdrawal and never changes."""

    reference: str
    number: str
    owner_name: str
    amount_rial: int


@dataclass(frozen=True, slots=True)
class PayoutOrder:
    """Transfers to destinations of one kind that go to the bank together. ``serial``: nine digits, never used twice."""

    serial: str
    kind: DestinationKind
    payouts: Sequence[Payout]
    created_at: datetime

    @property
    def message_id(self) -> str:
        return f"MB{self.serial}"

    @property
    def total_rial(self) -> int:
        return sum(payout.amount_rial for payout in self.payouts)


@dataclass(frozen=True, slots=True)
class PayoutDocument:
    name: str
    content_type: str
    content: bytes


class PayoutProvider(Protocol):
    """Turns an order into the one document that goes to the bank.

    The document is kept with the batch: sending it again, after an answer that nobody understood, sends the same bytes
    and the same references, which the bank refuses as a duplicate. What became of a transfer comes back through
    ``wallet.services.payouts``: ``record_paid``, ``record_returned`` or ``import_results``.
    """

    name: str

    def prepare(self, order: PayoutOrder) -> PayoutDocument:
        """Without the network: it is called inside the transaction that hands the withdrawals over.

        :raises PayoutNotConfigured: the account that is paid from is not set up.
        """
