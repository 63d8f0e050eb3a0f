"""The end of a tournament: places, prizes, scorings. The matches say who won; the engine says what it means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from common import audit
from common.db import needs_transaction
from common.events import publish
from common.state import transition
from notifications.services import Notice
from tournaments import selectors
from tournaments.engine import BasisPoints, EntrantId, PlaceRange, distribute, split_team
from tournaments.enums import ENTRANT_TRANSITIONS, GONE, TRANSITIONS, EntrantStatus, PrizeSource, TournamentStatus
from tournaments.events import TournamentCompleted
from tournaments.models import Entrant, RosterMember, Scoring, Tournament
from wallet.selectors import total_entries
from wallet.services import escrow

BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class Pool:
    """What a tournament pays out and what the platform keeps, in Rials."""

    prize_rial: int
    fee_rial: int


@dataclass(slots=True)
class Record:
    """The matches of one entrant that were played or ruled on; walkovers are none."""

    wins: int = 0
    draws: int = 0
    losses: int = 0


NOTHING = Record()


def pool_of(tournament: Tournament, entries_rial: int) -> Pool:
    """The pool for a given sum of entry fees.

    From entry fees, the platform's fee is taken off first. A sponsor's or the platform's prize is paid in full, and
    entry fees, if there are any, are the platform's income.
    """
    if tournament.prize_source == PrizeSource.ENTRY_POOL:
        fee = entries_rial * tournament.platform_fee_bps // BASIS_POINTS
        return Pool(prize_rial=entries_rial - fee, fee_rial=fee)
    return Pool(prize_rial=tournament.prize_pool_rial, fee_rial=entries_rial)


def payout_plan(tournament: Tournament) -> dict[str, Any]:
    """What each place will be paid, as things stand: before the start, with the seats taken so far."""
    entries = (
        total_entries(tournament.pk) if tournament.started_at else tournament.seats.taken * tournament.entry_fee_rial
    )
    pool = pool_of(tournament, entries)
    table = BasisPoints(tuple(tournament.prize_distribution))
    alone = {EntrantId(str(place)): PlaceRange(place, place) for place in range(1, len(table.shares) + 1)}
    payouts = distribute(pool.prize_rial, table, alone, unit=settings.PRIZE_UNIT_RIAL)
    return {
        "currency": "IRR",
        "prize_source": tournament.prize_source,
        "prize_pool": pool.prize_rial,
        "platform_fee": pool.fee_rial,
        "places": [
            {"place": place, "basis_points": share, "amount": payouts.amounts.get(EntrantId(str(place)), 0)}
            for place, share in enumerate(table.shares, start=1)
        ],
        "final": tournament.status == TournamentStatus.COMPLETED,
    }


@needs_transaction
def complete(
    *,
    tournament: Tournament,
    placements: Mapping[int, PlaceRange],
    records: Mapping[int, Record],
    now: datetime,
) -> list[Notice]:
    """Record the final places of a locked tournament, pay its prizes and close its escrow.

    Returns what there is to tell; the caller tells it with whatever else happened.

    :param placements: entrant id → places, in the order that settles equal prizes (seeds).
    :param records: by entrant id; one that is missing has played nothing.
    """
    transition(tournament, TournamentStatus.COMPLETED, TRANSITIONS)
    tournament.completed_at = now
    tournament.save()
    entrants = {entrant.pk: entrant for entrant in Entrant.objects.locked().filter(pk__in=placements)}
    roster: dict[int, list[int]] = {pk: [] for pk in entrants}
    players = RosterMember.objects.filter(entrant__in=entrants, is_active=True).order_by("pk")
    for entrant_id, user_id in players.values_list("entrant_id", "user_id"):
        roster[entrant_id].append(user_id)

    pool = pool_of(tournament, total_entries(tournament.pk))
    prizes = _prizes(tournament, pool, placements, entrants, roster)
    escrow.pay_prizes(tournament_id=tournament.pk, prizes=prizes, fee_rial=pool.fee_rial, actor=None, now=now)
    escrow.close(tournament_id=tournament.pk, now=now)

    for entrant_id, place in placements.items():
        entrant = entrants[entrant_id]
        if entrant.status not in GONE:
            transition(entrant, EntrantStatus.FINISHED, ENTRANT_TRANSITIONS)
        entrant.place_first, entrant.place_last = place.first, place.last
    for prize in prizes:
        entrants[prize.entrant_id].prize_rial += prize.amount_rial
    fields = ["status", "version", "place_first", "place_last", "prize_rial"]
    Entrant.objects.bulk_update(entrants.values(), fields)
    _score(tournament, placements, records, roster, prizes)
    audit.record(action="tournament.complete", actor=None, target=tournament, now=now, prize=pool.prize_rial)
    publish(TournamentCompleted(tournament_id=tournament.pk))
    return _notices(tournament, entrants, roster, prizes)


def _prizes(
    tournament: Tournament,
    pool: Pool,
    placements: Mapping[int, PlaceRange],
    entrants: Mapping[int, Entrant],
    roster: Mapping[int, Sequence[int]],
) -> list[escrow.Prize]:
    """The prize of a disqualified entrant is paid to nobody: like every remainder it goes to the platform."""
    table = BasisPoints(tuple(tournament.prize_distribution))
    places = {EntrantId(str(entrant_id)): place for entrant_id, place in placements.items()}
    payouts = distribute(pool.prize_rial, table, places, unit=settings.PRIZE_UNIT_RIAL)
    prizes = []
    for entrant_key, amount in payouts.amounts.items():
        entrant = entrants[int(entrant_key)]
        if entrant.status == EntrantStatus.DISQUALIFIED:
            continue
        shares = split_team(amount, [str(user_id) for user_id in roster[entrant.pk]], str(entrant.captain_id))
        prizes += [
            escrow.Prize(
                place=placements[entrant.pk].first, entrant_id=entrant.pk, user_id=int(user), amount_rial=share
            )
            for user, share in shares.items()
            if share
        ]
    return prizes


def _score(
    tournament: Tournament,
    placements: Mapping[int, PlaceRange],
    records: Mapping[int, Record],
    roster: Mapping[int, Sequence[int]],
    prizes: Sequence[escrow.Prize],
) -> None:
    won = {(prize.entrant_id, prize.user_id): prize.amount_rial for prize in prizes}
    Scoring.objects.filter(tournament=tournament).delete()
    Scoring.objects.bulk_create(
        Scoring(
            tournament=tournament,
            user_id=user_id,
            entrant_id=entrant_id,
            placement=place.first,
            tied_with=place.size - 1,
            wins=records.get(entrant_id, NOTHING).wins,
            draws=records.get(entrant_id, NOTHING).draws,
            losses=records.get(entrant_id, NOTHING).losses,
            prize_rial=won.get((entrant_id, user_id), 0),
        )
        for entrant_id, place in placements.items()
        for user_id in roster[entrant_id]
    )


def _notices(
    tournament: Tournament,
    entrants: Mapping[int, Entrant],
    roster: Mapping[int, Sequence[int]],
    prizes: Sequence[escrow.Prize],
) -> list[Notice]:
    everybody = [user_id for entrant_id in entrants for user_id in roster[entrant_id]]
    completed = Notice(
        kind="tournament_completed",
        to=everybody,
        params={"tournament": tournament.name},
        dedupe_key=f"tournament_completed:{tournament.pk}",
    )
    paid = [
        Notice(
            kind="prize_paid",
            to=[prize.user_id],
            params={"tournament": tournament.name, "amount": prize.amount_rial, "place": prize.place},
            dedupe_key=f"prize_paid:{tournament.pk}:{prize.entrant_id}",
        )
        for prize in prizes
    ]
    return [completed, *paid]


def get_tournament_winners(tournament: Tournament) -> list[dict[str, Any]]:
    """The paid places of a completed tournament, best first: ``[{place, tied, entrant, prize}]``; prize in Rials.

    The winners are the engine's placements, not "most wins": a champion from the losers' bracket need not have them.
    """
    return [
        {
            "place": entrant.place_first,
            "tied": entrant.place_first != entrant.place_last,
            "entrant": entrant,
            "prize": entrant.prize_rial,
        }
        for entrant in selectors.placed(tournament.pk)
        if entrant.place_first is not None and entrant.place_first <= len(tournament.prize_distribution)
    ]
