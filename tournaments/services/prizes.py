"""What a tournament's places are worth: the pool, the prize table, and the plan that everybody may see before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from tournaments.engine import (
    BasisPoints,
    EntrantId,
    FixedAmounts,
    PlaceRange,
    PrizeTable,
    TieMode,
    distribute,
    distribute_by_kills,
    split_team,
)
from tournaments.enums import PrizeKind, PrizeSource, TournamentStatus
from tournaments.models import Entrant, Payout, Tournament
from wallet.selectors import total_entries

BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class Pool:
    """What a tournament pays out and what the platform keeps, in Rials."""

    prize_rial: int
    fee_rial: int


def pool_of(tournament: Tournament, entries_rial: int) -> Pool:
    """The pool for a given sum of entry fees.

    From entry fees, the platform's fee is taken off first. A sponsor's or the platform's prize is paid in full, and
    entry fees, if there are any, are the platform's income.
    """
    if tournament.prize_source == PrizeSource.ENTRY_POOL:
        fee = entries_rial * tournament.platform_fee_bps // BASIS_POINTS
        return Pool(prize_rial=entries_rial - fee, fee_rial=fee)
    return Pool(prize_rial=tournament.prize_pool_rial, fee_rial=entries_rial)


def has_prize(tournament: Tournament) -> bool:
    if tournament.prize_source == PrizeSource.ENTRY_POOL:
        return not tournament.is_free
    return tournament.prize_pool_rial > 0


def is_for_kills(tournament: Tournament) -> bool:
    return tournament.prize_kind == PrizeKind.PER_KILL


def paid_places(tournament: Tournament) -> int:
    """How many places count as won; where kills are paid, the first."""
    return 1 if is_for_kills(tournament) else len(tournament.prize_distribution)


def amounts_for_kills(tournament: Tournament, pool_rial: int, kills: Mapping[int, int]) -> dict[int, int]:
    """Entrant id → Rials, without those who get nothing. ``kills`` are of all entrants, the best place first."""
    each = tournament.prize_per_kill_rial
    held = {EntrantId(str(entrant)): number for entrant, number in kills.items()}
    payouts = distribute_by_kills(pool_rial, each, held, settings.PRIZE_UNIT_RIAL)
    return {int(entrant): amount for entrant, amount in payouts.amounts.items()}


def amounts(tournament: Tournament, pool_rial: int, places: Mapping[int, PlaceRange]) -> dict[int, int]:
    """Entrant id → Rials, the best place first, without those who get nothing.

    ``places`` may be a part of all, but only whole groups; its order settles equal prizes (seeds).
    """
    # fixed amounts were checked against the unit when they were given, and the unit may have changed since
    unit = settings.PRIZE_UNIT_RIAL if tournament.prize_kind == PrizeKind.SHARE else 1
    held = {EntrantId(str(entrant)): place for entrant, place in places.items()}
    payouts = distribute(pool_rial, _table(tournament), held, TieMode(tournament.prize_tie_mode), unit)
    return {int(entrant): amount for entrant, amount in payouts.amounts.items()}


def _table(tournament: Tournament) -> PrizeTable:
    numbers = tuple(tournament.prize_distribution)
    return FixedAmounts(numbers) if tournament.prize_kind == PrizeKind.FIXED else BasisPoints(numbers)


def shares(amount_rial: int, entrant: Entrant, roster: Sequence[int]) -> dict[int, int]:
    """User id → Rials: equal parts for the frozen roster; the captain also takes what cannot be divided."""
    parts = split_team(amount_rial, [str(user_id) for user_id in roster], str(entrant.captain_id))
    return {int(user_id): part for user_id, part in parts.items() if part}


def payout_plan(tournament: Tournament) -> dict[str, Any]:
    """What each place will be paid, as things stand: before the start, with the seats taken so far.

    ``payouts`` are the places that are final already.
    """
    entries = (
        total_entries(tournament.pk) if tournament.started_at else tournament.seats.taken * tournament.entry_fee_rial
    )
    pool = pool_of(tournament, entries)
    table = tournament.prize_distribution
    alone = {place: PlaceRange(place, place) for place in range(1, len(table) + 1)}
    worth = amounts(tournament, pool.prize_rial, alone) if table else {}
    is_share = tournament.prize_kind == PrizeKind.SHARE
    payouts = Payout.objects.filter(tournament=tournament).select_related("entrant").order_by("place_first", "pk")
    return {
        "currency": "IRR",
        "prize_source": tournament.prize_source,
        "prize_kind": tournament.prize_kind,
        "per_kill": tournament.prize_per_kill_rial if is_for_kills(tournament) else None,
        "tie_mode": tournament.prize_tie_mode,
        "hold_minutes": tournament.prize_hold_minutes,
        "prize_pool": pool.prize_rial,
        "platform_fee": pool.fee_rial,
        "places": [
            {"place": place, "basis_points": number if is_share else None, "amount": worth.get(place, 0)}
            for place, number in enumerate(table, start=1)
        ],
        "payouts": list(payouts),
        "final": tournament.status == TournamentStatus.COMPLETED,
    }
