"""Seeds, and which group each seed plays in.

The draw from pots is in ``pots.py``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import isfinite

from .errors import EngineError, ErrorCode
from .rng import shuffle
from .seeding import half_shift, natural, reverse, reverse_half_shift
from .types import EntrantId

MAX_ENTRANTS = 4096

Groups = tuple[tuple[int, ...], ...]
Row = Callable[[int], tuple[int, ...]]


class Distribution(StrEnum):
    """How seeds are dealt into groups, one row of seeds after the other, a row having as many seeds as groups.

    ``effort_balanced``: every row from the first group on. ``snake`` (also called ``seed_optimized``): there and back.
    ``bracket_optimized``: rows in turn as they are, second half first, backwards, and each half backwards; only for a
    power of two of entrants in an even number of equal groups, and ``snake`` otherwise. ``manual``: as given.
    """

    EFFORT_BALANCED = "effort_balanced"
    SNAKE = "snake"
    SEED_OPTIMIZED = "seed_optimized"
    BRACKET_OPTIMIZED = "bracket_optimized"
    MANUAL = "manual"


class SeedSource(StrEnum):
    """What decides the seeds: ``rating`` (the highest first), ``previous_rank`` (the lowest first), ``manual`` (the
    lowest ``manual_seed`` first), or ``random``. An entrant without the number comes after all who have it."""

    RATING = "rating"
    PREVIOUS_RANK = "previous_rank"
    RANDOM = "random"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one entrant before seeding. ``registered`` is the place in the order of registration (or the
    time); None means that there is no such number."""

    entrant: EntrantId
    registered: int
    rating: int | float | Fraction | None = None
    previous_rank: int | None = None
    manual_seed: int | None = None


def distribute_groups(
    entrants: int, groups: int, method: Distribution | str, manual: Sequence[Sequence[int]] = ()
) -> Groups:
    """The seeds of each group, ascending.

    Group sizes differ by at most 1, and except for ``manual`` the best seeds, as many as there are groups, are in
    different groups. With ``manual`` each seed 1..entrants must be in one group, and sizes are checked too.

    16 in 4: ``effort_balanced`` 1 5 9 13 | 2 6 10 14 | …, ``snake`` 1 8 9 16 | 2 7 10 15 | 3 6 11 14 | 4 5 12 13,
    ``bracket_optimized`` 1 7 12 14 | 2 8 11 13 | 3 5 10 16 | 4 6 9 15.

    :raises EngineError: ``invalid_size`` (entrants or groups not a positive integer), ``too_many_entrants``,
        ``too_few_entrants`` (fewer than two in each group), ``invalid_option`` (method), ``invalid_groups`` (manual).
    """
    _check_sizes(entrants, groups)
    if not isinstance(method, str) or method not in tuple(Distribution):
        raise EngineError(ErrorCode.INVALID_OPTION, {"option": "method"})
    if method == Distribution.MANUAL:
        return _checked_manual(entrants, groups, manual)
    rows = _rows(entrants, groups, Distribution(method))
    dealt: list[list[int]] = [[] for _ in range(groups)]
    for row, first in enumerate(range(1, entrants + 1, groups)):
        for group, position in enumerate(rows[row % len(rows)](groups)):
            seed = first + position - 1
            if seed <= entrants:
                dealt[group].append(seed)
    return tuple(map(tuple, dealt))


def seed_order(
    entries: Sequence[Entry], source: SeedSource | str, draw_seed: bytes = b"", purpose: str = "seeding"
) -> tuple[EntrantId, ...]:
    """The entrants in the order of their seeds, whatever the order of ``entries``.

    Equal numbers are separated by the higher rating, then the earlier registration, then the entrant id. ``random``
    shuffles the entrants, ordered by id, from ``draw_seed`` and ``purpose`` (see ``rng.shuffle``).

    :raises EngineError: ``invalid_option`` (source, purpose), ``invalid_entrant`` (an entry that is not one, or a
        number of a wrong type or not finite), ``duplicate_entrant``, ``too_many_entrants``, ``invalid_draw_seed``,
        ``draw_seed_required``.
    """
    if not isinstance(source, str) or source not in tuple(SeedSource):
        raise EngineError(ErrorCode.INVALID_OPTION, {"option": "source"})
    if not isinstance(purpose, str):
        raise EngineError(ErrorCode.INVALID_OPTION, {"option": "purpose"})
    _check_entries(entries)
    if source == SeedSource.RANDOM:
        return shuffle(sorted(entry.entrant for entry in entries), draw_seed, purpose)
    decisive: Callable[[Entry], int | None] = {
        SeedSource.RATING: lambda entry: None,
        SeedSource.PREVIOUS_RANK: lambda entry: entry.previous_rank,
        SeedSource.MANUAL: lambda entry: entry.manual_seed,
    }[SeedSource(source)]

    def key(entry: Entry) -> tuple[bool, int, bool, int | float | Fraction, int, EntrantId]:
        number = decisive(entry)
        rating = entry.rating
        return number is None, number or 0, rating is None, -(rating or 0), entry.registered, entry.entrant

    return tuple(entry.entrant for entry in sorted(entries, key=key))


def _check_sizes(entrants: int, groups: int) -> None:
    for size in (entrants, groups):
        if not _is_integer(size) or size < 1:
            raise EngineError(ErrorCode.INVALID_SIZE, {"size": size})
    if entrants > MAX_ENTRANTS:
        raise EngineError(ErrorCode.TOO_MANY_ENTRANTS, {"maximum": MAX_ENTRANTS, "given": entrants})
    if entrants < 2 * groups:
        raise EngineError(ErrorCode.TOO_FEW_ENTRANTS, {"minimum": 2 * groups, "given": entrants})


def _rows(entrants: int, groups: int, method: Distribution) -> tuple[Row, ...]:
    if method is Distribution.EFFORT_BALANCED:
        return (natural,)
    # An even divisor of a power of two is a power of two, so that each row has two halves.
    if method is Distribution.BRACKET_OPTIMIZED and not (entrants & (entrants - 1) or groups % 2 or entrants % groups):
        return natural, half_shift, reverse, reverse_half_shift
    return natural, reverse


def _checked_manual(entrants: int, groups: int, manual: Sequence[Sequence[int]]) -> Groups:
    if not isinstance(manual, list | tuple) or not all(isinstance(group, list | tuple) for group in manual):
        raise EngineError(ErrorCode.INVALID_GROUPS, {"reason": "not_lists"})
    if len(manual) != groups:
        raise EngineError(ErrorCode.INVALID_GROUPS, {"reason": "number", "expected": groups, "given": len(manual)})
    taken: set[int] = set()
    for group in manual:
        for seed in group:
            if not _is_integer(seed) or not 1 <= seed <= entrants:
                raise EngineError(ErrorCode.INVALID_GROUPS, {"reason": "unknown_seed", "seed": seed})
            if seed in taken:
                raise EngineError(ErrorCode.INVALID_GROUPS, {"reason": "duplicate_seed", "seed": seed})
            taken.add(seed)
    if len(taken) < entrants:
        missing = min(set(range(1, entrants + 1)) - taken)
        raise EngineError(ErrorCode.INVALID_GROUPS, {"reason": "missing_seed", "seed": missing})
    sizes = [len(group) for group in manual]
    if max(sizes) - min(sizes) > 1:
        raise EngineError(ErrorCode.INVALID_GROUPS, {"reason": "sizes", "smallest": min(sizes), "largest": max(sizes)})
    return tuple(tuple(sorted(group)) for group in manual)


def _check_entries(entries: Sequence[Entry]) -> None:
    if not isinstance(entries, list | tuple):
        raise EngineError(ErrorCode.INVALID_ENTRANT)
    if len(entries) > MAX_ENTRANTS:
        raise EngineError(ErrorCode.TOO_MANY_ENTRANTS, {"maximum": MAX_ENTRANTS, "given": len(entries)})
    seen: set[EntrantId] = set()
    for position, entry in enumerate(entries, start=1):
        if not isinstance(entry, Entry) or not isinstance(entry.entrant, str) or not entry.entrant:
            raise EngineError(ErrorCode.INVALID_ENTRANT, {"entry": position})
        optional = (entry.previous_rank, entry.manual_seed)
        integers = all(number is None or _is_integer(number) for number in optional) and _is_integer(entry.registered)
        if not integers or not (entry.rating is None or _is_number(entry.rating)):
            raise EngineError(ErrorCode.INVALID_ENTRANT, {"entry": position})
        if entry.entrant in seen:
            raise EngineError(ErrorCode.DUPLICATE_ENTRANT, {"entrant": entry.entrant})
        seen.add(entry.entrant)


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    if isinstance(value, float):
        return isfinite(value)
    return _is_integer(value) or isinstance(value, Fraction)
