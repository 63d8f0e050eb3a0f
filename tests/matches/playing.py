"""Random play through the services, and the rows in the engine's words."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from django.utils import timezone

from matches.enums import DisputeOutcome, MatchOutcome, MatchStatus
from matches.models import Match
from matches.services import results
from tests.factories.tournaments import player_of, side_id, submit
from tournaments.engine import BYE, TBD, EntrantId, Status
from tournaments.models import Tournament
from users.models import User

Decide = Callable[[Match, User, Random], None]


def stored(tournament: Tournament) -> dict[str, Any]:
    """Slots, status and winner of every match, in the engine's words."""

    def slot(entrant_id: int | None, bye: bool) -> Any:
        return BYE if bye else EntrantId(str(entrant_id)) if entrant_id else TBD

    def status(match: Match) -> Status:
        if match.status == MatchStatus.PENDING:
            return Status.LOCKED
        by_outcome = {MatchOutcome.WALKOVER: Status.WALKOVER, MatchOutcome.VOID: Status.VOID, "": Status.READY}
        return by_outcome.get(match.outcome, Status.COMPLETED)

    return {
        match.key: (
            slot(match.entrant_a_id, match.a_is_bye),
            slot(match.entrant_b_id, match.b_is_bye),
            status(match),
            EntrantId(str(match.winner_id)) if match.winner_id else None,
        )
        for match in tournament.matches.all()
    }


def confirmed(match: Match, staff: User, rng: Random) -> None:
    winner, other = rng.sample([match.entrant_a, match.entrant_b], 2)
    submit(match, winner)
    results.confirm(match_id=match.pk, actor=player_of(other), now=timezone.now())


def confirmed_by_time(match: Match, staff: User, rng: Random) -> None:
    submit(match, rng.choice([match.entrant_a, match.entrant_b]))
    assert results.expire(match_id=match.pk, now=timezone.now() + timedelta(hours=1))


def resolved(match: Match, staff: User, rng: Random) -> None:
    winner = rng.choice([match.entrant_a, match.entrant_b])
    results.resolve(match_id=match.pk, actor=staff, winner_id=side_id(winner), now=timezone.now())


def disputed_and_resolved(match: Match, staff: User, rng: Random) -> None:
    submit(match, match.entrant_a)
    results.dispute(match_id=match.pk, actor=player_of(match.entrant_b), reason="no", now=timezone.now())
    resolved(match, staff, rng)


def both_lose(match: Match, staff: User, rng: Random) -> None:
    results.resolve(match_id=match.pk, actor=staff, outcome=DisputeOutcome.DOUBLE_FORFEIT, now=timezone.now())


def replayed(match: Match, staff: User, rng: Random) -> None:
    submit(match, rng.choice([match.entrant_a, match.entrant_b]))
    results.resolve(match_id=match.pk, actor=staff, outcome=DisputeOutcome.REPLAY, now=timezone.now())


WAYS: list[Decide] = [resolved, resolved, confirmed, confirmed_by_time, disputed_and_resolved, both_lose, replayed]
