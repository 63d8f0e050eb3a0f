from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, Model, OuterRef, Prefetch, QuerySet, Subquery, Sum

from users.models import User
from users.rules import is_administrator
from wallet.enums import (
    PAYMENT_CONCLUDED,
    SPENDABLE_KINDS,
    WITHDRAWAL_OPEN,
    AccountKind,
    JournalKind,
    TransactionType,
)
from wallet.models import Journal, LedgerAccount, Payment, PayoutBatch, PayoutDestination, Refund, Transfer, Withdrawal

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Balances:
    """A user's money, in Rials."""

    user_id: int
    deposited: int = 0
    winnings: int = 0
    bonus: int = 0
    held: int = 0

    @property
    def spendable(self) -> int:
        return self.bonus + self.deposited + self.winnings

    @property
    def total(self) -> int:
        return self.spendable + self.held


def balances(user: User) -> Balances:
    rows: dict[str, Any] = dict(LedgerAccount.objects.filter(owner=user).values_list("kind", "balance_rial"))
    return Balances(
        user_id=user.pk,
        deposited=rows.get(AccountKind.DEPOSITED, 0),
        winnings=rows.get(AccountKind.WINNINGS, 0),
        bonus=rows.get(AccountKind.BONUS, 0),
        held=rows.get(AccountKind.HELD, 0),
    )


def balance(tournament_id: int) -> int:
    """What the tournament's escrow holds, in Rials."""
    return account_balance(f"{AccountKind.ESCROW}:{tournament_id}")


def account_balance(code: str) -> int:
    """What any account holds, in Rials; 0 if there is no such account."""
    found = LedgerAccount.objects.with_balance().filter(code=code)
    return found.values_list("total_rial", flat=True).first() or 0  # type: ignore[misc]


def total_entries(tournament_id: int) -> int:
    """The tournament's entry fees that were paid and not refunded, in Rials."""
    entries = standing_journals(tournament_id, JournalKind.ENTRY_FEE)
    return entries.aggregate(total=Sum("amount_rial"))["total"] or 0


def journal_amount(journal: Journal) -> int:
    """The Rials moved by all transfers of a journal."""
    annotated = getattr(journal, "amount_rial", None)
    if annotated is not None:
        return annotated
    return journal.transfers.aggregate(total=Sum("amount_rial"))["total"] or 0


def standing_journals(tournament_id: int, kind: JournalKind) -> QuerySet[Journal]:
    """The journals of one kind that paid into the escrow and were not reversed, each with its ``amount_rial``."""
    return (
        Journal.objects.filter(kind=kind, transfers__credit__tournament_id=tournament_id, reversed_by=None)
        .annotate(amount_rial=Sum("transfers__amount_rial"))
        .order_by("pk")
    )


def transactions(user: User) -> QuerySet[Journal]:
    """What happened in the user's wallet."""
    transfers = Transfer.objects.select_related("debit", "credit").order_by("pk")
    withdrawal = Withdrawal.objects.filter(reference=OuterRef("source_id"))
    return (
        Journal.objects.filter(user=user.pk, kind__in=TransactionType.values)
        .annotate(withdrawal_status=Subquery(withdrawal.values("status")))
        .prefetch_related(Prefetch("transfers", queryset=transfers))
    )


def spendable_change(journal: Journal) -> int:
    """By how many Rials it has changed what its user can spend."""
    change = 0
    for transfer in journal.transfers.all():
        for account, sign in ((transfer.credit, 1), (transfer.debit, -1)):
            if account.owner_id == journal.user_id and account.kind in SPENDABLE_KINDS:
                change += sign * transfer.amount_rial
    return change


def destinations(user: User) -> QuerySet[PayoutDestination]:
    open_ones = Withdrawal.objects.filter(destination=OuterRef("pk"), status__in=WITHDRAWAL_OPEN)
    rows = PayoutDestination.objects.filter(user=user.pk, removed_at=None).select_related("user")
    return rows.annotate(awaits_money=Exists(open_ones))


def awaits_money(destination: PayoutDestination) -> bool:
    """Whether a withdrawal is on its way there."""
    annotated = getattr(destination, "awaits_money", None)
    if annotated is not None:
        return annotated
    return destination.withdrawals.filter(status__in=WITHDRAWAL_OPEN).exists()


def other_owners(destination: PayoutDestination) -> QuerySet[User]:
    """Who else has, or had, the same account or card. For staff alone."""
    same = User.objects.filter(payout_destinations__fingerprint=destination.fingerprint)
    return same.exclude(pk=destination.user_id).distinct().order_by("pk")


def with_other_owners(rows: QuerySet[M, M], destination: str = "") -> QuerySet[Any, M]:
    """Each row with ``other_owners``: their usernames. ``destination`` is the way from a row to its destination."""
    way = f"{destination}__" if destination else ""
    same = User.objects.filter(payout_destinations__fingerprint=OuterRef(f"{way}fingerprint"))
    others = same.exclude(pk=OuterRef(f"{way}user")).order_by("username").values("username").distinct()
    return rows.annotate(other_owners=ArraySubquery(others))


def withdrawals(caller: User) -> QuerySet[Withdrawal]:
    """One's own; everybody's for an administrator."""
    rows = Withdrawal.objects.select_related("destination__user")
    return rows if is_administrator(caller) else rows.filter(user=caller.pk)


def payments(user: User) -> QuerySet[Payment]:
    return Payment.objects.filter(user=user.pk)


def refunds() -> QuerySet[Refund]:
    """Deposits that go back, newest first."""
    return Refund.objects.select_related("payment")


def open_entries(limit: int) -> list[tuple[int, int]]:
    """Payments for entries that are over and were not seen to: (payment id, entrant id), the oldest first."""
    rows = Payment.objects.filter(entrant_id__isnull=False, entry_closed_at=None, status__in=PAYMENT_CONCLUDED)
    return [(row.pk, row.entrant_id or 0) for row in rows.order_by("pk")[:limit]]


def payments_needing_attention() -> QuerySet[Payment]:
    """What the gateway leaves unclear or refuses, and people have to see to: the longest waiting first."""
    return Payment.objects.filter(attention_at__isnull=False).select_related("user").order_by("attention_at", "pk")


def batch_totals(batch: PayoutBatch) -> dict[str, int]:
    """Of a batch, in Rials: what the bank has paid, what it has returned, and what it has not answered."""
    totals = {"paid": 0, "returned": 0, "open": 0}
    for status, total in batch.withdrawals.values_list("status").annotate(total=Sum("amount_rial")).order_by():
        totals[status if status in totals else "open"] += total
    return totals
