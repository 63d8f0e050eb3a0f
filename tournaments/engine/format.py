"""What a competition format is to the engine. A new format is a module with one :class:`Format` and a line in
``registry.py``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .plan import StagePlan
from .types import EntrantId, MatchSpec, OptionValue, PlaceRange, Standing
from .view import StageView, StateMap


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a format. ``parse`` returns the value in its normal form; it raises ValueError for a value of the
    wrong type or range, and NotImplementedError for a legal one that this engine does not play."""

    name: str
    default: OptionValue
    parse: Callable[[object], OptionValue]


@dataclass(frozen=True, slots=True)
class Format:
    """One competition format, as pure functions.

    ``plan(options, entrants, draw_seed)`` lists all matches, ``champion(plan, states)`` names the winner as soon as he
    is known, in constant time while the stage runs; ``placements`` and ``standings`` are as in ``stage.py``.
    """

    name: str
    min_entrants: int
    max_entrants: int
    options: tuple[Option, ...]
    plan: Callable[[Mapping[str, OptionValue], int, bytes], tuple[MatchSpec, ...]]
    champion: Callable[[StagePlan, StateMap], EntrantId | None]
    placements: Callable[[StageView], Mapping[EntrantId, PlaceRange]]
    standings: Callable[[StageView], tuple[Standing, ...]]


def boolean(value: object) -> bool:
    """:raises ValueError: not true or false."""
    if isinstance(value, bool):
        return value
    raise ValueError("not a boolean")


def odd_best_of(value: object) -> OptionValue:
    """A best-of number for every round, or a list that gives it from the final backwards, its last number counting for
    all earlier rounds: ``[5, 3, 1]`` is a final of best of 5, semi-finals of 3, and 1 before.

    :raises ValueError: not odd numbers in 1..99, or an empty list.
    """
    if isinstance(value, list | tuple) and value:
        return tuple(_odd(number) for number in value)
    return _odd(value)


def _odd(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value % 2 and 0 < value < 100:
        return value
    raise ValueError("not an odd number of games")
