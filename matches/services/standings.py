"""Reading a running bracket through the engine."""

from typing import Any

from matches.enums import MatchOutcome
from matches.models import Match
from tournaments.engine import (
    EntrantId,
    Kind,
    MatchId,
    Outcome,
    Result,
    StageView,
    fold,
    standings,
)
from tournaments.models import Entrant, Stage, Tournament
from tournaments.services import planning

KIND = {
    MatchOutcome.CONFIRMED: Kind.PLAYED,
    MatchOutcome.AUTO_CONFIRMED: Kind.PLAYED,
    MatchOutcome.RESOLVED: Kind.ADMIN,
    MatchOutcome.WALKOVER: Kind.WALKOVER,
    MatchOutcome.VOID: Kind.WALKOVER,
    MatchOutcome.DOUBLE_FORFEIT: Kind.DOUBLE_FORFEIT,
}
RESULTS = (
    MatchOutcome.CONFIRMED,
    MatchOutcome.AUTO_CONFIRMED,
    MatchOutcome.RESOLVED,
    MatchOutcome.DOUBLE_FORFEIT,
)
"""The outcomes that people gave; walkovers and void matches follow from them by themselves."""


def engine_outcome(winner_id: int | None, outcome: str) -> Outcome:
    """Without the score: it was checked when it was submitted, and only the winner moves a bracket."""
    return Outcome(EntrantId(str(winner_id)) if winner_id else None, KIND[MatchOutcome(outcome)])


def view_of(stage: Stage) -> StageView:
    """The engine's view of a started stage: its plan with every result so far.

    In the order of the plan, which needs no clock: two servers need not agree on when a match was decided.
    """
    played = Match.objects.filter(stage=stage, outcome__in=RESULTS).values_list("key", "winner_id", "outcome")
    outcomes = {key: engine_outcome(winner, outcome) for key, winner, outcome in played}
    plan = planning.plan_of(stage)
    return fold(plan, [Result(MatchId(spec.id), outcomes[spec.id]) for spec in plan.matches if spec.id in outcomes])


def standings_of(tournament: Tournament) -> list[dict[str, Any]]:
    """One row per entrant, the best first; empty before the start."""
    if tournament.started_at is None:
        return []
    names = dict(Entrant.objects.filter(tournament=tournament, seed__isnull=False).values_list("pk", "name"))
    return [
        {
            "place": row.place,
            "tied": row.tied,
            "final": row.final,
            "entrant": int(row.entrant),
            "name": names[int(row.entrant)],
            "explain": {"code": row.explain.code, **dict(row.explain.params)},
        }
        for row in standings(view_of(tournament.stages.get()))
    ]
