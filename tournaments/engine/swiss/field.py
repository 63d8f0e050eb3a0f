"""What a Swiss round is paired from, what comes out, and the check that a field makes sense."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeVar

from tournaments.engine.errors import EngineError, ErrorCode
from tournaments.engine.types import Explanation

Shape = Literal["fold", "slide", "adjacent"]
Pair = tuple[int, int]
T = TypeVar("T")
MOST_ENTRANTS = 16384
_FLOATS = frozenset((last, before) for last in (-1, 0, 1) for before in (-1, 0, 1))


@dataclass(frozen=True, slots=True)
class Field:
    """The active entrants of one round as columns. Entrants are the indexes 0..n-1 in seed order, best seed first.

    ``points`` are half points (integers, ×2). ``met`` lists for each entrant whom it has met; it is symmetric, and
    sets are the fastest rows. ``no_bye`` holds who has had a bye or a win by forfeit. ``floats`` is empty (nobody has
    floated) or holds for each entrant (last round, the round before): -1 floated down, 1 floated up, 0 neither; a bye
    counts as floating down. ``sides`` is empty (sides do not matter) or holds for each entrant how often it was side a
    minus how often it was side b. ``forbidden`` are the other pairs that must not be made, in either order.
    """

    points: Sequence[int]
    met: Sequence[Collection[int]]
    no_bye: Collection[int] = ()
    floats: Sequence[tuple[int, int]] = ()
    sides: Sequence[int] = ()
    forbidden: Collection[Pair] = ()


class Cost(NamedTuple):
    """What the pairing costs, most important first; a smaller tuple is a better pairing.

    ``broken``: pairs that have met or are forbidden. ``bye_again``: 1 if the bye goes to somebody in ``no_bye``.
    ``bye_points``: how far the taker is above the lowest points of the field, in half points. ``gaps``: sum of the
    squared differences of half points. ``repeats``, ``repeats_before``: entrants that float in the same direction as
    in the last round, as in the one before. ``shape``: sum of the squared distances from the shape asked for.
    ``sides``: sum of the squared side balances after the round.
    """

    broken: int = 0
    bye_again: int = 0
    bye_points: int = 0
    gaps: int = 0
    repeats: int = 0
    repeats_before: int = 0
    shape: int = 0
    sides: int = 0


@dataclass(frozen=True, slots=True)
class Pairing:
    """One round. ``pairs`` are (side a, side b) in the order of the tables: the best score group first.

    ``floats`` are (entrant, direction) by entrant: -1 meets fewer points or has the bye, 1 meets more. ``relaxed``: a
    pair had to be made that has met or is forbidden. ``proof`` says how the first six numbers of ``cost`` are known to
    be the smallest possible: they equal a lower bound that the sizes of the score groups give (``bound``), or an exact
    matching was needed somewhere (``exact``).
    """

    pairs: tuple[Pair, ...]
    bye: int | None
    floats: tuple[tuple[int, int], ...]
    relaxed: bool
    cost: Cost
    proof: Literal["bound", "exact"]
    why: tuple[Explanation, ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """A checked field: ``blocked`` are all pairs not to be made; ``floats`` and ``sides`` may be empty."""

    points: Sequence[int]
    blocked: Sequence[Collection[int]]
    no_bye: frozenset[int]
    floats: Sequence[tuple[int, int]]
    sides: Sequence[int]

    def repeats(self, entrant: int, direction: int) -> tuple[int, int]:
        """Whether this direction would be the same as in the last round, and as in the one before (1 or 0)."""
        if not self.floats:
            return 0, 0
        last, before = self.floats[entrant]
        return int(last == direction), int(before == direction)


def check(field: Field) -> Columns:
    """The field's columns, checked.

    :raises EngineError: ``too_few_entrants`` (below 2), ``too_many_entrants`` (above 16384), ``invalid_field`` with the
        name of the column: wrong type or length, an index out of range, an entrant paired with itself, ``met`` not
        symmetric.
    """
    if not isinstance(field, Field):
        raise _invalid("field")
    points = _sequence(field.points, "points")
    size = len(points)
    check_size(size)
    _integers(points, "points")
    met = _checked_met(_sequence(field.met, "met"), size)
    no_bye = _collection(field.no_bye, "no_bye")
    _indexes(no_bye, size, "no_bye")
    floats = _sequence(field.floats, "floats")
    sides = _sequence(field.sides, "sides")
    if floats and (len(floats) != size or not _all_in(floats, _FLOATS)):
        raise _invalid("floats")
    if sides:
        if len(sides) != size:
            raise _invalid("sides")
        _integers(sides, "sides")
    return Columns(points, _blocked(field, met), frozenset(no_bye), floats, sides)


def check_size(size: int) -> None:
    """:raises EngineError: ``too_few_entrants`` (below 2), ``too_many_entrants`` (above 16384)."""
    if size < 2:
        raise EngineError(ErrorCode.TOO_FEW_ENTRANTS, {"entrants": size, "least": 2})
    if size > MOST_ENTRANTS:
        raise EngineError(ErrorCode.TOO_MANY_ENTRANTS, {"entrants": size, "most": MOST_ENTRANTS})


def _invalid(column: str) -> EngineError:
    return EngineError(ErrorCode.INVALID_FIELD, {"column": column})


def _sequence(column: Sequence[T], name: str) -> Sequence[T]:
    if not isinstance(column, Sequence) or isinstance(column, str | bytes):
        raise _invalid(name)
    return column


def _collection(column: Collection[T], name: str) -> Collection[T]:
    if not isinstance(column, Collection) or isinstance(column, str | bytes):
        raise _invalid(name)
    return column


def _integers(column: Iterable[int], name: str) -> None:
    if not set(map(type, column)) <= {int}:
        raise _invalid(name)


def _indexes(column: Collection[int], size: int, name: str) -> None:
    _integers(column, name)
    if column and not 0 <= min(column) <= max(column) < size:
        raise _invalid(name)


def _all_in(column: Iterable[object], allowed: frozenset[tuple[int, int]]) -> bool:
    try:
        return set(column) <= allowed
    except TypeError:
        return False


def _checked_met(met: Sequence[Collection[int]], size: int) -> Sequence[Collection[int]]:
    """The rows as sets. Each entry to a higher index has its mirror; with as many entries again there are no others."""
    kinds = set(map(type, met))
    if len(met) != size or any(not issubclass(kind, Collection) or issubclass(kind, str | bytes) for kind in kinds):
        raise _invalid("met")
    upward = 0
    try:
        rows = met if kinds <= {set, frozenset} else [frozenset(row) for row in met]
        for one, row in enumerate(rows):
            for other in row:
                if other > one:
                    upward += 1
                    if one not in rows[other]:
                        raise _invalid("met")
    except (TypeError, IndexError):
        raise _invalid("met") from None
    if 2 * upward != sum(map(len, rows)):
        raise _invalid("met")
    return rows


def _blocked(field: Field, met: Sequence[Collection[int]]) -> Sequence[Collection[int]]:
    forbidden = _collection(field.forbidden, "forbidden")
    if not forbidden:
        return met
    rows: dict[int, set[int]] = {}
    for pair in forbidden:
        if not isinstance(pair, tuple) or len(pair) != 2 or pair[0] == pair[1]:
            raise _invalid("forbidden")
        _indexes(pair, len(met), "forbidden")
        one, two = pair
        rows.setdefault(one, set(met[one])).add(two)
        rows.setdefault(two, set(met[two])).add(one)
    return [rows.get(entrant, row) for entrant, row in enumerate(met)]
