"""Who stands where, and why."""

from typing import Any

from matches.services import explaining
from tournaments.engine import RoundPaired, StageView, fold, standings
from tournaments.engine.ranking.explain import printed
from tournaments.errors import RoundNotPaired
from tournaments.models import Entrant, Stage, Tournament
from tournaments.services import history

NEIGHBOURS = ("above", "below")


def standings_of(tournament: Tournament, after_round: int | None = None) -> list[dict[str, Any]]:
    """One row per entrant, the best first; empty before the start. ``after_round`` asks for the table as it was when
    that round was over, where rounds are paired as they come.

    :raises RoundNotPaired: there has been no such round.
    """
    if tournament.started_at is None:
        return []
    stage = tournament.stages.get()
    view = history.view_of(stage) if after_round is None else _view_after(stage, after_round)
    names = dict(Entrant.objects.filter(tournament=tournament, seed__isnull=False).values_list("pk", "name"))
    rows = []
    for row in standings(view):
        explain = _explain(row.explain.code, dict(row.explain.params), names)
        rows.append(
            {
                "place": row.place,
                "tied": row.tied,
                "final": row.final,
                "entrant": int(row.entrant),
                "name": names[int(row.entrant)],
                "group": explain.get("group"),
                "group_place": explain.get("group_place"),
                "values": {name: printed(value) for name, value in row.values},
                "explain": explain,
                "reason": explaining.in_words(explain),
            }
        )
    return rows


def _view_after(stage: Stage, after_round: int) -> StageView:
    view = history.view_of(stage)
    paired = [1, *(pairing.round for pairing in view.pairings)]
    if after_round not in paired or not any(round_.drawn for round_ in view.plan.matches.rounds):
        raise RoundNotPaired
    events = list(view.events)
    for position, event in enumerate(events):
        if isinstance(event, RoundPaired) and event.round > after_round:
            return fold(view.plan, events[:position])
    return view


def _explain(code: str, params: dict[str, Any], names: dict[int, str]) -> dict[str, Any]:
    """The code and its values; the neighbours, who are entrants, with their names."""
    explain: dict[str, Any] = {"code": code}
    for name, value in params.items():
        if name in NEIGHBOURS:
            explain[name] = int(value)
            explain[f"{name}_name"] = names[int(value)]
        else:
            explain[name] = value if isinstance(value, str) else printed(value)
    return explain
