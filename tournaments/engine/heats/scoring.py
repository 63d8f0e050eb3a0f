"""What the games of a stage add up to for each entrant."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from tournaments.engine.errors import EngineError, ErrorCode
from tournaments.engine.types import EntrantId, MatchId

from .points import HeatScoring, Points, Ties
from .rows import MAX_NUMBER, HeatResult, check_entrants, is_name, is_number, places_played


@dataclass(frozen=True, slots=True)
class HeatAdjustment:
    """Points given (or taken, below 0) by a referee, with the reason; rows are never edited.

    ``heat_id`` names the game it belongs to, None the stage as a whole.

    :raises EngineError: ``invalid_adjustment`` (no entrant, points or reason; points that are not whole or are 0).
    """

    entrant: EntrantId
    points: int
    reason: str
    heat_id: MatchId | None = None

    def __post_init__(self) -> None:
        legal = is_name(self.entrant) and is_name(self.reason) and (self.heat_id is None or is_name(self.heat_id))
        if not legal or not is_number(self.points, -MAX_NUMBER) or self.points == 0:
            raise EngineError(ErrorCode.INVALID_ADJUSTMENT, {"entrant": self.entrant})


@dataclass(frozen=True, slots=True)
class EntrantTotals:
    """What the games of a stage add up to for one entrant.

    ``points`` is the sum of ``placement_points``, ``kill_points``, ``adjustment`` and ``headstart``. ``kills`` counts
    all kills, also those above the cap. ``best_game`` and ``last_game`` are the points of one game, for its place and
    kills; an absence is a last game of 0 points. ``place_sum`` counts the size of the lobby for an absence.
    ``extras`` has every name that the scoring declares, in its order.
    """

    points: Points
    placement_points: Points
    kill_points: int
    adjustment: int
    headstart: int
    wins: int
    kills: int
    best_game: Points
    last_game: Points
    games_played: int
    place_sum: int
    extras: tuple[tuple[str, int], ...]


@dataclass(slots=True)
class _Tally:
    extras: dict[str, int]
    placement_points: Points = 0
    kill_points: int = 0
    adjustment: int = 0
    headstart: int = 0
    wins: int = 0
    kills: int = 0
    best_game: Points = 0
    last_game: Points = 0
    games_played: int = 0
    place_sum: int = 0

    def totals(self) -> EntrantTotals:
        return EntrantTotals(
            points=self.placement_points + self.kill_points + self.adjustment + self.headstart,
            placement_points=self.placement_points,
            kill_points=self.kill_points,
            adjustment=self.adjustment,
            headstart=self.headstart,
            wins=self.wins,
            kills=self.kills,
            best_game=self.best_game,
            last_game=self.last_game,
            games_played=self.games_played,
            place_sum=self.place_sum,
            extras=tuple(self.extras.items()),
        )


def totals(
    entrants: Sequence[EntrantId],
    results: Sequence[HeatResult],
    scoring: HeatScoring,
    adjustments: Iterable[HeatAdjustment] = (),
    headstart: Mapping[EntrantId, int] | None = None,
) -> Mapping[EntrantId, EntrantTotals]:
    """What ``results``, in the order in which they were played, add up to for each of ``entrants``, in their order.

    A game in which everyone is absent was not played and counts for nothing.

    :raises EngineError: ``invalid_entrant``, ``duplicate_entrant``, ``unknown_entrant`` (in a row, an adjustment or
        the headstart), ``invalid_heat``, ``duplicate_heat``, ``invalid_places``, ``ties_forbidden``,
        ``invalid_adjustment`` (also for a game that is not among the results), ``invalid_option``
        (``scoring``, ``headstart``).
    """
    if not isinstance(scoring, HeatScoring):
        raise EngineError(ErrorCode.INVALID_OPTION, {"option": "scoring"})
    check_entrants(entrants)
    check_results(results)
    table = {entrant: _Tally(dict.fromkeys(scoring.extras, 0)) for entrant in entrants}
    for result in results:
        _add_game(table, result, scoring)
    heats = {result.heat_id for result in results}
    for adjustment in check_adjustments(adjustments):
        if adjustment.heat_id is not None and adjustment.heat_id not in heats:
            raise EngineError(ErrorCode.INVALID_ADJUSTMENT, {"heat": adjustment.heat_id})
        _of(table, adjustment.entrant).adjustment += adjustment.points
    for entrant, points in check_headstart(headstart).items():
        _of(table, entrant).headstart = points
    return MappingProxyType({entrant: tally.totals() for entrant, tally in table.items()})


def check_results(results: Sequence[HeatResult]) -> None:
    """:raises EngineError: ``invalid_heat``, ``duplicate_heat``."""
    if not isinstance(results, list | tuple) or not all(isinstance(result, HeatResult) for result in results):
        raise EngineError(ErrorCode.INVALID_HEAT)
    seen: set[MatchId] = set()
    for result in results:
        if result.heat_id in seen:
            raise EngineError(ErrorCode.DUPLICATE_HEAT, {"heat": result.heat_id})
        seen.add(result.heat_id)


def check_adjustments(adjustments: Iterable[HeatAdjustment]) -> tuple[HeatAdjustment, ...]:
    """:raises EngineError: ``invalid_adjustment``."""
    if not isinstance(adjustments, Iterable):
        raise EngineError(ErrorCode.INVALID_ADJUSTMENT)
    given = tuple(adjustments)
    if not all(isinstance(adjustment, HeatAdjustment) for adjustment in given):
        raise EngineError(ErrorCode.INVALID_ADJUSTMENT)
    return given


def check_headstart(headstart: Mapping[EntrantId, int] | None) -> Mapping[EntrantId, int]:
    """:raises EngineError: ``invalid_option`` unless it maps entrants to whole points from 0 up."""
    if headstart is None:
        return {}
    if not isinstance(headstart, Mapping) or not all(is_number(points) for points in headstart.values()):
        raise EngineError(ErrorCode.INVALID_OPTION, {"option": "headstart"})
    return headstart


def _of(table: Mapping[EntrantId, _Tally], entrant: EntrantId) -> _Tally:
    if not isinstance(entrant, str) or entrant not in table:
        raise EngineError(ErrorCode.UNKNOWN_ENTRANT, {"entrant": entrant})
    return table[entrant]


def _add_game(table: Mapping[EntrantId, _Tally], result: HeatResult, scoring: HeatScoring) -> None:
    places = places_played(result, scoring.ties is not Ties.FORBIDDEN)
    worth = scoring.worth(places)
    lobby = len(result.rows)
    for row in result.rows:
        tally = table.get(row.entrant)
        if tally is None:
            raise EngineError(ErrorCode.UNKNOWN_ENTRANT, {"heat": result.heat_id, "entrant": row.entrant})
        if row.absent:
            if places:
                tally.last_game = 0
                tally.place_sum += lobby
            continue
        place, kills = row.place, row.kills
        kill_points = scoring.kill_points(kills)
        points = worth[place] + kill_points
        tally.placement_points += worth[place]
        tally.kill_points += kill_points
        tally.kills += kills
        tally.wins += place == 1
        tally.last_game = points
        if points > tally.best_game:
            tally.best_game = points
        tally.games_played += 1
        tally.place_sum += place
        for name, count in row.extras:
            if name in tally.extras:
                tally.extras[name] += count
