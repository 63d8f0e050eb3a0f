"""Random play through the services, and the rows in the engine's words."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from django.utils import timezone

from matches.enums import DisputeOutcome, MatchOutcome, MatchStatus
from matches.models import Match
from matches.services import leaving, results
from tests.factories.tournaments import player_of, side_id, submit
from tournaments.engine import BYE, TBD, DqMode, EntrantId, Status
from tournaments.enums import EntrantStatus
from tournaments.models import Entrant, Tournament
from tournaments.services import formats
from users.models import User

Decide = Callable[[Match, User, Random], None]


def stored(tournament: Tournament) -> dict[str, Any]:
    """Slots, status and winner of every match, in the engine's words."""

    def slot(entrant_id: int | None, bye: bool) -> Any:
        return BYE if bye else EntrantId(str(entrant_id)) if entrant_id else TBD

    def status(match: Match) -> Status:
        if match.status == MatchStatus.PENDING:
            # where everybody meets everybody, a match waits until both sides have played the rounds before
            return Status.READY if match.entrant_a_id and match.entrant_b_id else Status.LOCKED
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
    if formats.is_decisive(match.stage.format):
        return
    results.resolve(match_id=match.pk, actor=staff, outcome=DisputeOutcome.DOUBLE_FORFEIT, now=timezone.now())


def replayed(match: Match, staff: User, rng: Random) -> None:
    submit(match, rng.choice([match.entrant_a, match.entrant_b]))
    results.resolve(match_id=match.pk, actor=staff, outcome=DisputeOutcome.REPLAY, now=timezone.now())


def drawn(match: Match, staff: User, rng: Random) -> None:
    if not match.draws_allowed:
        resolved(match, staff, rng)
    elif rng.random() < 0.5:
        results.resolve(match_id=match.pk, actor=staff, outcome=DisputeOutcome.DRAW, now=timezone.now())
    else:
        submit(match, None, by=player_of(match.entrant_a))
        results.confirm(match_id=match.pk, actor=player_of(match.entrant_b), now=timezone.now())


def somebody_leaves(match: Match, staff: User, rng: Random) -> None:
    """Of this match or of any other, as long as two are left."""
    here = list(Entrant.objects.filter(tournament=match.tournament, status=EntrantStatus.PLAYING).order_by("pk"))
    if len(here) < 3:
        return
    entrant, now = rng.choice(here), timezone.now()
    if rng.random() < 0.5:
        leaving.withdraw(tournament_id=match.tournament_id, actor=player_of(entrant), now=now)
        return
    leaving.disqualify(
        tournament_id=match.tournament_id,
        entrant_id=entrant.pk,
        mode=rng.choice(list(DqMode)),
        reason="x",
        actor=staff,
        now=now,
    )


WAYS: list[Decide] = [
    resolved, resolved, resolved, drawn, confirmed, confirmed_by_time, disputed_and_resolved, both_lose, replayed,
    somebody_leaves,
]  # fmt: skip
