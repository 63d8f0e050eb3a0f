"""What came, went and is still owed, by day, by gateway and by tournament, as the books and the payments say."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from common.local_time import end_of, start_of
from wallet.enums import PAYMENT_CREDITED, AccountKind, GatewayName, JournalKind, RefundMethod, RefundStatus
from wallet.models import GatewaySettlement, Payment, Refund, Transfer

DAILY_KINDS = (
    JournalKind.DEPOSIT,
    JournalKind.DEPOSIT_REFUND,
    JournalKind.PAYOUT,
    JournalKind.WITHDRAWAL_RETURN,
    JournalKind.PRIZE,
    JournalKind.PLATFORM_FEE,
)
_INTO_ESCROW = (JournalKind.ENTRY_FEE, JournalKind.PRIZE_FUNDING)
_OUT_OF_ESCROW = (
    JournalKind.PRIZE,
    JournalKind.PLATFORM_FEE,
    JournalKind.REFUND,
    JournalKind.FUNDING_RETURN,
    JournalKind.REMAINDER,
)
TOURNAMENT_KINDS = (*_INTO_ESCROW, *_OUT_OF_ESCROW)
REVERSED = {"method": RefundMethod.REVERSAL, "status__in": (RefundStatus.SENDING, RefundStatus.DONE)}


@dataclass(slots=True)
class DayTotals:
    """One day of Tehran, in Rials."""

    day: date
    totals: dict[str, int] = field(default_factory=lambda: dict.fromkeys(map(str, DAILY_KINDS), 0))

    @property
    def cells(self) -> list[int]:
        return list(self.totals.values())


@dataclass(slots=True)
class GatewayDay:
    """What one gateway took and settled on one day, in Rials."""

    day: date
    gateway: str
    payments: int = 0
    settled_rial: int = 0
    fees_rial: int = 0
    reversed_rial: int = 0
    received_rial: int = 0
    kept_rial: int = 0

    @property
    def name(self) -> str:
        return str(GatewayName(self.gateway).label)


@dataclass(slots=True)
class TournamentTotals:
    """What went into a tournament's escrow and out of it, in Rials."""

    tournament_id: int
    totals: dict[str, int] = field(default_factory=lambda: dict.fromkeys(map(str, TOURNAMENT_KINDS), 0))
    escrow_rial: int = 0

    @property
    def cells(self) -> list[int]:
        return [*self.totals.values(), self.escrow_rial]


def days(*, start: date, end: date) -> list[DayTotals]:
    """Every day from ``start`` to ``end``, also those on which nothing happened. Of returns: what the bank had paid."""
    found = {
        start.fromordinal(n): DayTotals(start.fromordinal(n)) for n in range(start.toordinal(), end.toordinal() + 1)
    }
    moved = (
        Transfer.objects.filter(journal__kind__in=DAILY_KINDS, **_between("journal__created_at", start, end))
        .filter(~Q(journal__kind=JournalKind.WITHDRAWAL_RETURN) | Q(debit__kind=AccountKind.BANK))
        .values_list(_day("journal__created_at"), "journal__kind")
        .annotate(total=Sum("amount_rial"))
        .order_by()
    )
    for day, kind, total in moved:
        found[day].totals[kind] += total
    return list(found.values())


def gateway_days(*, start: date, end: date) -> list[GatewayDay]:
    """The days on which a gateway took, gave back or settled something."""
    found: dict[tuple[date, str], GatewayDay] = {}

    def at(day: date, gateway: str) -> GatewayDay:
        return found.setdefault((day, gateway), GatewayDay(day, gateway))

    taken = Payment.objects.filter(status__in=PAYMENT_CREDITED, **_between("settled_at", start, end))
    for day, gateway, count, total, fees in (
        taken.values_list(_day("settled_at"), "gateway")
        .annotate(Count("pk"), Sum("amount_rial"), Sum("fee_rial"))
        .order_by()
    ):
        row = at(day, gateway)
        row.payments, row.settled_rial, row.fees_rial = count, total, fees
    given_back = Refund.objects.filter(**REVERSED, **_between("created_at", start, end))
    for day, gateway, total in (
        given_back.values_list(_day("created_at"), "payment__gateway").annotate(Sum("amount_rial")).order_by()
    ):
        at(day, gateway).reversed_rial = total
    received = GatewaySettlement.objects.filter(settled_on__gte=start, settled_on__lte=end)
    for day, gateway, total, kept in (
        received.values_list("settled_on", "gateway").annotate(Sum("amount_rial"), Sum("fee_rial")).order_by()
    ):
        row = at(day, gateway)
        row.received_rial, row.kept_rial = total, kept
    return [found[key] for key in sorted(found)]


def owed_by_gateways() -> dict[str, int]:
    """What each gateway still owes us, in Rials. All of them together are the clearing account of the books."""
    owed: dict[str, int] = dict.fromkeys(GatewayName.values, 0)
    for rows, gateway, sign in (
        (Payment.objects.filter(status__in=PAYMENT_CREDITED), F("gateway"), 1),
        (Refund.objects.filter(**REVERSED), F("payment__gateway"), -1),
    ):
        for name, total in rows.values_list(gateway).annotate(total=Sum("amount_rial")).order_by():
            owed[name] += sign * total
    settled = GatewaySettlement.objects.values_list("gateway").annotate(total=Sum(F("amount_rial") + F("fee_rial")))
    for name, total in settled.order_by():
        owed[name] -= total
    return owed


def tournaments(*, start: date, end: date) -> list[TournamentTotals]:
    """Those in whose escrow something moved in this time, with all that ever moved there; the newest first."""
    escrows = AccountKind.ESCROW
    between = _between("journal__created_at", start, end)
    into = Transfer.objects.filter(credit__kind=escrows)
    out = Transfer.objects.filter(debit__kind=escrows)
    touched = {
        *into.filter(**between).values_list("credit__tournament_id", flat=True),
        *out.filter(**between).values_list("debit__tournament_id", flat=True),
    }
    found: dict[int, TournamentTotals] = {}
    for rows, side, sign in ((into, "credit__tournament_id", 1), (out, "debit__tournament_id", -1)):
        moved: QuerySet[Any, Any] = rows.filter(**{f"{side}__in": touched}).values_list(side, "journal__kind")
        for tournament_id, kind, total in moved.annotate(total=Sum("amount_rial")).order_by():
            row = found.setdefault(tournament_id, TournamentTotals(tournament_id))
            row.totals[kind] = row.totals.get(kind, 0) + total
            row.escrow_rial += sign * total
    return [found[key] for key in sorted(found, reverse=True)]


def _between(name: str, start: date, end: date) -> dict[str, Any]:
    return {f"{name}__gte": start_of(start), f"{name}__lt": end_of(end)}


def _day(name: str) -> TruncDate:
    return TruncDate(name, tzinfo=ZoneInfo(settings.PAGES_TIME_ZONE))
