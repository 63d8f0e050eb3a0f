"""What one game of many entrants ended in: one row for each entrant of the lobby."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tournaments.engine.errors import EngineError, ErrorCode
from tournaments.engine.types import EntrantId, MatchId

MAX_HEAT = 128
"""The most entrants of one heat."""
MAX_NUMBER = 10**12
"""The largest number of kills, points, milliseconds … that a record may hold."""


def is_number(value: object, least: int = 0) -> bool:
    """A whole number (not a boolean) from ``least`` to ``MAX_NUMBER``."""
    return type(value) is int and least <= value <= MAX_NUMBER


def is_name(value: object) -> bool:
    """A text that is not empty."""
    return isinstance(value, str) and value != ""


@dataclass(frozen=True, slots=True)
class HeatRow:
    """How one game went for one entrant.

    ``place`` counts from 1, the best. ``extras`` are named counts that the game reports (``time_alive`` in seconds or
    milliseconds, the same in a whole stage), sorted by name. An ``absent`` entrant did not play: it has no kills and
    holds a place after everyone who did; all absent ones count as last.

    :raises EngineError: ``invalid_heat`` for a field of the wrong type or range.
    """

    entrant: EntrantId
    place: int
    kills: int = 0
    extras: tuple[tuple[str, int], ...] = ()
    absent: bool = False

    def __post_init__(self) -> None:
        legal = is_name(self.entrant) and type(self.place) is int and 1 <= self.place <= MAX_HEAT
        legal = legal and is_number(self.kills) and isinstance(self.absent, bool) and not (self.absent and self.kills)
        if not legal or not _are_extras(self.extras):
            raise EngineError(ErrorCode.INVALID_HEAT, {"entrant": self.entrant})


@dataclass(frozen=True, slots=True)
class HeatResult:
    """The event "this game ended so"; the order of the rows means nothing.

    :raises EngineError: ``invalid_heat`` (the id is not a text, or not 1..128 rows), ``duplicate_entrant``.
    """

    heat_id: MatchId
    rows: tuple[HeatRow, ...]

    def __post_init__(self) -> None:
        rows = self.rows
        legal = is_name(self.heat_id) and isinstance(rows, tuple) and 1 <= len(rows) <= MAX_HEAT
        if not legal or not all(isinstance(row, HeatRow) for row in rows):
            raise EngineError(ErrorCode.INVALID_HEAT, {"heat": self.heat_id})
        check_entrants([row.entrant for row in rows])


def check_entrants(entrants: Sequence[EntrantId]) -> None:
    """Refuse anything but a list or tuple of different entrants.

    :raises EngineError: ``invalid_entrant``, ``duplicate_entrant``.
    """
    if not isinstance(entrants, list | tuple) or not all(is_name(entrant) for entrant in entrants):
        raise EngineError(ErrorCode.INVALID_ENTRANT)
    seen: set[EntrantId] = set()
    for entrant in entrants:
        if entrant in seen:
            raise EngineError(ErrorCode.DUPLICATE_ENTRANT, {"entrant": entrant})
        seen.add(entrant)


def check_rows(result: HeatResult, lobby: Sequence[EntrantId], ties_allowed: bool = False) -> None:
    """Refuse a result that the game of this lobby cannot have: everyone of the lobby has exactly one row, and the
    places of those who played are 1..k, each once. Where ties are allowed, equals share a place and the places behind
    them stay empty: 1, 2, 2, 4. The absent hold places after k and up to the size of the lobby, shared or not.

    :raises EngineError: ``invalid_heat``, ``invalid_entrant``, ``duplicate_entrant``, ``unknown_entrant``,
        ``missing_entrant``, ``invalid_places``, ``ties_forbidden``.
    """
    if not isinstance(result, HeatResult):
        raise EngineError(ErrorCode.INVALID_HEAT)
    check_entrants(lobby)
    members = set(lobby)
    for row in result.rows:
        if row.entrant not in members:
            raise EngineError(ErrorCode.UNKNOWN_ENTRANT, {"heat": result.heat_id, "entrant": row.entrant})
    if len(result.rows) < len(members):
        present = {row.entrant for row in result.rows}
        missing = next(entrant for entrant in lobby if entrant not in present)
        raise EngineError(ErrorCode.MISSING_ENTRANT, {"heat": result.heat_id, "entrant": missing})
    places_played(result, ties_allowed)


def places_played(result: HeatResult, ties_allowed: bool) -> list[int]:
    """The places of those who played, sorted.

    :raises EngineError: ``invalid_places``, ``ties_forbidden``, as in ``check_rows``.
    """
    places = sorted([row.place for row in result.rows if not row.absent])
    played, size = len(places), len(result.rows)
    if places != list(range(1, played + 1)):
        pairs = enumerate(pairwise(places), 2)
        if places[0] != 1 or any(place not in (rank, before) for rank, (before, place) in pairs):
            raise EngineError(ErrorCode.INVALID_PLACES, {"heat": result.heat_id})
        if not ties_allowed:
            raise EngineError(ErrorCode.TIES_FORBIDDEN, {"heat": result.heat_id})
    if played < size and not all(played < row.place <= size for row in result.rows if row.absent):
        raise EngineError(ErrorCode.INVALID_PLACES, {"heat": result.heat_id})
    return places


def _are_extras(extras: object) -> bool:
    if not isinstance(extras, tuple):
        return False
    for extra in extras:
        if not (isinstance(extra, tuple) and len(extra) == 2 and is_name(extra[0]) and is_number(extra[1])):
            return False
    return all(one[0] < other[0] for one, other in pairwise(extras))
