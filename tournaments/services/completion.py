"""The end of a tournament: places, prizes, scorings. The matches say who won; the engine says what it means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from common import audit
from common.db import needs_transaction
from common.events import publish
from common.state import transition
from notifications.services import Notice
from tournaments import selectors
from tournaments.engine import PlaceRange
from tournaments.enums import ENTRANT_TRANSITIONS, GONE, TRANSITIONS, EntrantStatus, TournamentStatus
from tournaments.events import TournamentCompleted
from tournaments.models import Entrant, Scoring, Tournament
from tournaments.services import payouts, prizes


@dataclass(slots=True)
class Record:
    """The matches of one entrant that were played or ruled on; walkovers are none. Its scores in games are kills."""

    wins: int = 0
    draws: int = 0
    losses: int = 0
    kills: int = 0


NOTHING = Record()


@needs_transaction
def complete(
    *,
    tournament: Tournament,
    placements: Mapping[int, PlaceRange],
    records: Mapping[int, Record],
    now: datetime,
) -> list[Notice]:
    """Record the final places of a locked tournament, and pay the prizes that are due; the last one ends its books.

    Returns what there is to tell; the caller tells it with whatever else happened.

    :param placements: entrant id → places, in the order that settles equal prizes (seeds).
    :param records: by entrant id; one that is missing has played nothing.
    """
    transition(tournament, TournamentStatus.COMPLETED, TRANSITIONS)
    tournament.completed_at = now
    tournament.save()
    entrants = {entrant.pk: entrant for entrant in Entrant.objects.locked().filter(pk__in=placements)}
    kills = {entrant_id: record.kills for entrant_id, record in records.items()}
    payouts.award(tournament=tournament, places=placements, kills=kills, entrants=entrants, now=now)
    for entrant_id, place in placements.items():
        entrant = entrants[entrant_id]
        if entrant.status not in GONE:
            transition(entrant, EntrantStatus.FINISHED, ENTRANT_TRANSITIONS)
        entrant.place_first, entrant.place_last = place.first, place.last
    fields = ["status", "version", "place_first", "place_last", "prize_rial"]
    Entrant.objects.bulk_update(entrants.values(), fields)
    paid = payouts.pay_due(tournament=tournament, now=now)
    roster = payouts.rosters_of(list(entrants))
    _score(tournament, placements, records, entrants, roster)
    prize = sum(entrant.prize_rial for entrant in entrants.values())
    audit.record(action="tournament.complete", actor=None, target=tournament, now=now, prize=prize)
    publish(TournamentCompleted(tournament_id=tournament.pk))
    completed = Notice(
        kind="tournament_completed",
        to=[user_id for entrant_id in entrants for user_id in roster[entrant_id]],
        params={"tournament": tournament.name},
        dedupe_key=f"tournament_completed:{tournament.pk}",
    )
    return [completed, *paid]


def _score(
    tournament: Tournament,
    placements: Mapping[int, PlaceRange],
    records: Mapping[int, Record],
    entrants: Mapping[int, Entrant],
    roster: Mapping[int, Sequence[int]],
) -> None:
    scorings = []
    for entrant_id, place in placements.items():
        entrant, record = entrants[entrant_id], records.get(entrant_id, NOTHING)
        won = prizes.shares(entrant.prize_rial, entrant, roster[entrant_id])
        scorings += [
            Scoring(
                tournament=tournament,
                user_id=user_id,
                entrant_id=entrant_id,
                placement=place.first,
                tied_with=place.size - 1,
                wins=record.wins,
                draws=record.draws,
                losses=record.losses,
                prize_rial=won.get(user_id, 0),
            )
            for user_id in roster[entrant_id]
        ]
    Scoring.objects.filter(tournament=tournament).delete()
    Scoring.objects.bulk_create(scorings)


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
        if entrant.place_first is not None and entrant.place_first <= prizes.paid_places(tournament)
    ]
