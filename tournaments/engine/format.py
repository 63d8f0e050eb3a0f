"""What a competition format is to the engine. A new format is a module with one :class:`Format` and a line in
``registry.py``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .events import Adjustment, RoundPaired
from .heats.rows import HeatResult
from .match_table import MatchTable
from .types import EntrantId, Explanation, HeatSpec, OptionValue, PlaceRange, Standing
from .view import StageView

Options = Mapping[str, OptionValue]


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a format. ``parse`` returns the value in its normal form; it raises ValueError for a value of the
    wrong type or range."""

    name: str
    default: OptionValue
    parse: Callable[[object], OptionValue]


@dataclass(frozen=True, slots=True)
class RoundPairing:
    """A proposal for the next round: ``event`` is what to record. ``floats`` are the entrants who meet somebody with
    more points (1) or fewer (-1); ``relaxed`` says that some had to meet again; ``why`` explains what is unusual."""

    event: RoundPaired
    floats: tuple[tuple[EntrantId, int], ...] = ()
    relaxed: bool = False
    why: tuple[Explanation, ...] = ()


@dataclass(frozen=True, slots=True)
class HeatRules:
    """What a format of games of many entrants adds: ``plan(options, entrants)`` lists the games, ``check(view,
    result)`` refuses one that cannot be, ``left(view)`` counts those still to play, ``check_adjustment`` refuses points
    that the games cannot count."""

    plan: Callable[[Options, int], tuple[HeatSpec, ...]]
    check: Callable[[StageView, HeatResult], None]
    left: Callable[[StageView], int]
    check_adjustment: Callable[[Adjustment], None]


@dataclass(frozen=True, slots=True)
class Format:
    """One competition format, as pure functions.

    ``plan(options, entrants, draw_seed)`` lists all matches, ``champion(view)`` names the winner as soon as he is
    known, in constant time while the stage runs; ``placements`` and ``standings`` are as in ``stage.py``. ``table``
    says that points decide and losers play on; in a bracket they do not. In a ``decisive`` format every match needs a
    winner, since the records of a round decide the next one.

    A format that pairs round by round tells who is to be paired next and proposes the pairs, and may refuse pairs that
    somebody else proposes. ``inner(options)`` is the format that is played inside this one: its options belong to this
    one too.
    """

    name: str
    min_entrants: int
    max_entrants: int
    options: tuple[Option, ...]
    plan: Callable[[Options, int, bytes], MatchTable]
    champion: Callable[[StageView], EntrantId | None]
    placements: Callable[[StageView], Mapping[EntrantId, PlaceRange]]
    standings: Callable[[StageView], tuple[Standing, ...]]
    table: bool = False
    decisive: bool = False
    entrants_to_pair: Callable[[StageView], tuple[EntrantId, ...]] | None = None
    may_be_paired: Callable[[StageView, Sequence[tuple[EntrantId, EntrantId]]], bool] | None = None
    pair: Callable[[StageView], RoundPairing] | None = None
    heats: HeatRules | None = None
    inner: Callable[[Mapping[str, object]], "Format"] | None = None


def boolean(value: object) -> bool:
    """:raises ValueError: not true or false."""
    if isinstance(value, bool):
        return value
    raise ValueError("not a boolean")


def one_of(*words: str) -> Callable[[object], str]:
    """A parser of one of the words; what it returns raises ValueError for anything else."""

    def parse(value: object) -> str:
        if isinstance(value, str) and value in words:
            return value
        raise ValueError("not one of the words")

    return parse


def whole_number(least: int, most: int) -> Callable[[object], int]:
    """A parser of whole numbers in ``least..most``; what it returns raises ValueError for anything else."""

    def parse(value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        raise ValueError("not a number in range")

    return parse


def odd_best_of(value: object) -> OptionValue:
    """A best-of number for every round, or a list that gives it from the final backwards, its last number counting for
    all earlier rounds: ``[5, 3, 1]`` is a final of best of 5, semi-finals of 3, and 1 before.

    :raises ValueError: not odd numbers in 1..99, or an empty list.
    """
    if isinstance(value, list | tuple) and value:
        return tuple(odd_number(number) for number in value)
    return odd_number(value)


def odd_number(value: object) -> int:
    """:raises ValueError: not an odd number in 1..99."""
    if isinstance(value, int) and not isinstance(value, bool) and value % 2 and 0 < value < 100:
        return value
    raise ValueError("not an odd number of games")
