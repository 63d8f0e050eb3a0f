"""Match point: reach the threshold, then win a game.

The rule of the Apex Legends Global Series finals (50 points) and of PUBG Mobile's SMASH (the points of the leader
after some day, plus 10).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tournaments.engine.errors import EngineError, ErrorCode
from tournaments.engine.ranking.explain import printed
from tournaments.engine.types import EntrantId, Explanation, MatchId, Standing

from .points import HeatScoring, Points, placement_points
from .ranking import placed, ranked_rows
from .rows import HeatResult, is_number
from .scoring import HeatAdjustment, check_adjustments, check_headstart, totals

ALGS_THRESHOLD = 50
SMASH_MARGIN = 10


@dataclass(frozen=True, slots=True)
class MatchPoint:
    """A stage played to match point, as far as it went.

    ``eligible`` wins the stage by winning the next game; in seed order, empty once the stage is over. ``winner`` is
    None while it runs, and also when ``max_games`` were played and the first place is shared. ``decided_by`` is the
    game that the winner won while eligible, None when the points decided. ``standings`` has the winner first and
    everyone else by points; they are final when the stage is ``over``.
    """

    threshold: int
    eligible: tuple[EntrantId, ...]
    winner: EntrantId | None
    decided_by: MatchId | None
    over: bool
    standings: tuple[Standing, ...]


def match_point(
    entrants: Sequence[EntrantId],
    results: Sequence[HeatResult],
    scoring: HeatScoring,
    threshold: int = ALGS_THRESHOLD,
    max_games: int | None = None,
    adjustments: Iterable[HeatAdjustment] = (),
    headstart: Mapping[EntrantId, int] | None = None,
) -> MatchPoint:
    """Play ``results``, in their order, to match point.

    An entrant is eligible from the game after the one in which its points (with the headstart and the adjustments up
    to that game; those of no game count from the start) reach ``threshold``, for as long as they do. The first
    eligible entrant to place first wins the stage. Where several eligible entrants share the first place of a game,
    the best of them in the standings after that game wins. After ``max_games`` without such a win the points decide.

    :raises EngineError: as ``heat_standings``, and ``invalid_option`` (``threshold`` not from 1 up, ``max_games``),
        ``heat_after_decision`` for a game behind the one that decided.
    """
    if not is_number(threshold, 1):
        raise EngineError(ErrorCode.INVALID_OPTION, {"option": "threshold"})
    if max_games is not None and not is_number(max_games, 1):
        raise EngineError(ErrorCode.INVALID_OPTION, {"option": "max_games"})
    given = check_adjustments(adjustments)
    totals(entrants, results, scoring, given, headstart)
    points = _starting_points(entrants, given, headstart)
    winners: list[EntrantId] = []
    for number, result in enumerate(results, 1):
        if winners or (max_games is not None and number > max_games):
            raise EngineError(ErrorCode.HEAT_AFTER_DECISION, {"heat": result.heat_id})
        firsts = {row.entrant for row in result.rows if row.place == 1 and not row.absent}
        winners = [entrant for entrant in points if entrant in firsts and points[entrant] >= threshold]
        if not winners:
            _add_points(points, result, scoring, given)
    rows = ranked_rows(entrants, results, scoring, given, headstart)
    if winners:
        own = next(row for row in rows if row.entrant in winners)
        rest = placed([row for row in rows if row is not own], True, first=2)
        heat = results[-1].heat_id
        before = ("points_before", printed(points[own.entrant]))
        why = Explanation("match_point", (("heat", heat), before, ("threshold", threshold)))
        crowned = Standing(own.entrant, 1, False, True, own.values, why)
        return MatchPoint(threshold, (), own.entrant, heat, True, (crowned, *rest))
    over = max_games is not None and len(results) == max_games
    standings = placed(rows, over)
    if over:
        leader = None if not standings or standings[0].tied else standings[0].entrant
        return MatchPoint(threshold, (), leader, None, True, standings)
    eligible = tuple(entrant for entrant in points if points[entrant] >= threshold)
    return MatchPoint(threshold, eligible, None, None, False, standings)


def smash_threshold(standings: Sequence[Standing], margin: int = SMASH_MARGIN) -> int:
    """The threshold of a SMASH rule: the most points anyone has in ``standings``, those after the day that sets it,
    plus ``margin``; a fraction is rounded up.

    :raises EngineError: ``too_few_entrants`` (nobody in the standings), ``invalid_entrant`` (not standings with
        points), ``invalid_option`` (``margin``).
    """
    if not is_number(margin):
        raise EngineError(ErrorCode.INVALID_OPTION, {"option": "margin"})
    if not isinstance(standings, list | tuple) or not all(isinstance(row, Standing) for row in standings):
        raise EngineError(ErrorCode.INVALID_ENTRANT)
    if not standings:
        raise EngineError(ErrorCode.TOO_FEW_ENTRANTS, {"minimum": 1, "given": 0})
    points = [value for row in standings for name, value in row.values if name == "points"]
    if len(points) < len(standings):
        raise EngineError(ErrorCode.INVALID_ENTRANT)
    return -int(-max(points) // 1) + margin


def _starting_points(
    entrants: Sequence[EntrantId], adjustments: Sequence[HeatAdjustment], headstart: Mapping[EntrantId, int] | None
) -> dict[EntrantId, Points]:
    points: dict[EntrantId, Points] = dict.fromkeys(entrants, 0)
    for entrant, start in check_headstart(headstart).items():
        points[entrant] += start
    for adjustment in adjustments:
        if adjustment.heat_id is None:
            points[adjustment.entrant] += adjustment.points
    return points


def _add_points(
    points: dict[EntrantId, Points], result: HeatResult, scoring: HeatScoring, adjustments: Sequence[HeatAdjustment]
) -> None:
    worth = placement_points(result, scoring)
    for row in result.rows:
        points[row.entrant] += worth[row.entrant] + scoring.kill_points(row.kills)
    for adjustment in adjustments:
        if adjustment.heat_id == result.heat_id:
            points[adjustment.entrant] += adjustment.points
