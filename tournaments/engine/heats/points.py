"""What places and kills are worth: points tables, those of the big battle royales among them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType

from tournaments.engine.errors import EngineError, ErrorCode
from tournaments.engine.types import EntrantId

from .rows import MAX_HEAT, HeatResult, check_entrants, is_name, is_number, places_played

Points = int | Fraction
"""Whole points; a fraction only where tied entrants get the average of their places."""


class Ties(StrEnum):
    """What entrants get who share a place in one game.

    ``forbidden``: the game never reports it; ``average``: the points of the places they hold, divided equally;
    ``max``: each the points of the best of these places.
    """

    FORBIDDEN = "forbidden"
    AVERAGE = "average"
    MAX = "max"


METRICS = (
    "points", "wins", "kills", "placement_points", "best_game", "last_game", "games_played", "place_sum", "seed",
)  # fmt: skip
"""What a ranking may compare, next to the declared extras; ``heat_standings`` says what each is."""
TIME_ALIVE = "time_alive"
DEFAULT_RANKING = ("points", "wins", "kills", "placement_points", "best_game", "last_game", TIME_ALIVE)


@dataclass(frozen=True, slots=True)
class HeatScoring:
    """How a game is scored and a stage is ranked.

    A game brings ``table[place - 1]`` points (nothing beyond its end) and ``per_kill`` for each of at most
    ``kill_cap`` kills. The table never rises. ``ranking`` lists metrics, the first that differs decides; more is
    better, or less for one with a minus sign in front (``-place_sum``). ``extras`` are the names in the rows' extras
    that are added up over a stage and may be ranked by.

    :raises EngineError: ``invalid_points_table``, ``invalid_tie_mode``, ``invalid_option`` (``per_kill``,
        ``kill_cap``, ``extras``, ``ranking``), ``unknown_metric``.
    """

    table: tuple[int, ...]
    per_kill: int = 0
    kill_cap: int | None = None
    ties: Ties = Ties.FORBIDDEN
    ranking: tuple[str, ...] = DEFAULT_RANKING
    extras: tuple[str, ...] = (TIME_ALIVE,)

    def __post_init__(self) -> None:
        check_table(self.table)
        if not is_number(self.per_kill):
            raise EngineError(ErrorCode.INVALID_OPTION, {"option": "per_kill"})
        if self.kill_cap is not None and not is_number(self.kill_cap):
            raise EngineError(ErrorCode.INVALID_OPTION, {"option": "kill_cap"})
        if not isinstance(self.ties, Ties):
            raise EngineError(ErrorCode.INVALID_TIE_MODE)
        extras = self.extras
        if not isinstance(extras, tuple) or not all(is_name(name) and name not in METRICS for name in extras):
            raise EngineError(ErrorCode.INVALID_OPTION, {"option": "extras"})
        _check_ranking(self.ranking, (*METRICS, *extras))

    def worth(self, places: Sequence[int]) -> list[Points]:
        """The points of each place of one game; index 0 is unused.

        :param places: of those who played, sorted, as ``rows.places_played`` returns them.
        """
        played = len(places)
        points: list[Points] = [0, *self.table[:played]]
        points += [0] * (played + 1 - len(points))
        if self.ties is Ties.AVERAGE and len(set(places)) < played:
            for first in dict.fromkeys(places):
                tied = places.count(first)
                if tied > 1:
                    average = Fraction(sum(self.table[first - 1 : first - 1 + tied]), tied)
                    points[first] = average.numerator if average.denominator == 1 else average
        return points

    def kill_points(self, kills: int) -> int:
        """The points of so many kills in one game."""
        return self.per_kill * (kills if self.kill_cap is None else min(kills, self.kill_cap))


def placement_points(result: HeatResult, scoring: HeatScoring) -> Mapping[EntrantId, Points]:
    """The points for the places of one game, kills left out; nothing for the absent.

    Without ties, and where they are averaged, they add up to the points of the places 1..k of the k who played.

    :raises EngineError: ``invalid_heat``, ``invalid_option`` (``scoring``), ``invalid_places``, ``ties_forbidden``.
    """
    if not isinstance(result, HeatResult):
        raise EngineError(ErrorCode.INVALID_HEAT)
    if not isinstance(scoring, HeatScoring):
        raise EngineError(ErrorCode.INVALID_OPTION, {"option": "scoring"})
    worth = scoring.worth(places_played(result, scoring.ties is not Ties.FORBIDDEN))
    return MappingProxyType({row.entrant: 0 if row.absent else worth[row.place] for row in result.rows})


def headstart_points(table: tuple[int, ...], days: Sequence[Sequence[EntrantId]]) -> Mapping[EntrantId, int]:
    """The points with which entrants go into a final: the sum over the days of ``table[rank on that day - 1]``.

    :param days: each day's entrants, the best first; an entrant may be missing on a day.
    :raises EngineError: ``invalid_points_table``, ``invalid_entrant``, ``duplicate_entrant``.
    """
    check_table(table)
    if not isinstance(days, list | tuple):
        raise EngineError(ErrorCode.INVALID_ENTRANT)
    points: dict[EntrantId, int] = {}
    for day in days:
        check_entrants(day)
        for rank, entrant in enumerate(day):
            points[entrant] = points.get(entrant, 0) + (table[rank] if rank < len(table) else 0)
    return MappingProxyType(points)


def check_table(table: object) -> None:
    """Refuse anything but 1..128 whole points that never rise.

    :raises EngineError: ``invalid_points_table``.
    """
    if not isinstance(table, tuple) or not 1 <= len(table) <= MAX_HEAT or not all(map(is_number, table)):
        raise EngineError(ErrorCode.INVALID_POINTS_TABLE)
    if any(worse > better for better, worse in pairwise(table)):
        raise EngineError(ErrorCode.INVALID_POINTS_TABLE)


def _check_ranking(ranking: object, known: tuple[str, ...]) -> None:
    if not isinstance(ranking, tuple) or not ranking or not all(isinstance(metric, str) for metric in ranking):
        raise EngineError(ErrorCode.INVALID_OPTION, {"option": "ranking"})
    names = [metric.removeprefix("-") for metric in ranking]
    for name in names:
        if name not in known:
            raise EngineError(ErrorCode.UNKNOWN_METRIC, {"metric": name})
    if len(set(names)) < len(names):
        raise EngineError(ErrorCode.INVALID_OPTION, {"option": "ranking"})


SUPER = HeatScoring(table=(10, 6, 5, 4, 3, 2, 1, 1), per_kill=1)
FREE_FIRE = HeatScoring(table=(12, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0), per_kill=1)
ALGS = HeatScoring(table=(12, 9, 7, 5, 4, 3, 3, 2, 2, 2, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0), per_kill=1)
FNCS = HeatScoring(
    table=(30, 25, 20, *range(14, -1, -1)),
    per_kill=2,
    ranking=("points", "wins", "kills", "-place_sum", TIME_ALIVE),
)
WARZONE = HeatScoring(table=(400, 330, 280, 240, 210, 180, 150, 120, 100, 80, 60, 40, 30, 20, 10, 0), per_kill=16)

SCORING_PRESETS: Mapping[str, HeatScoring] = MappingProxyType(
    {
        "super": SUPER,
        "pubg": SUPER,
        "pmgc": SUPER,
        "bgmi": SUPER,
        "free_fire": FREE_FIRE,
        "algs": ALGS,
        "fncs": FNCS,
        "warzone": WARZONE,
    }
)
"""``super`` (``pubg``, ``pmgc``: PUBG Mobile, ``bgmi``): Standard and Universal PUBG Esports Ruleset. ``free_fire``:
Free Fire World Series 2023. ``algs``: Apex Legends Global Series. ``fncs``: Fortnite Champion Series, chapter 2
season 5. ``warzone``: Call of Duty: Warzone squads at start.gg. Anything else is a ``HeatScoring`` of the organiser's
own.

All rank by ``DEFAULT_RANKING``, but ``fncs`` by the sum of places after kills. Its rules compare averages, which gives
the same order among entrants with equally many games.
"""


def preset(name: str) -> HeatScoring:
    """:raises EngineError: ``unknown_preset``."""
    if not isinstance(name, str) or name not in SCORING_PRESETS:
        raise EngineError(ErrorCode.UNKNOWN_PRESET, {"preset": name})
    return SCORING_PRESETS[name]
