"""Pairing one round of a Swiss tournament with a fixed number of rounds.

Criteria, most important first:

1. nobody meets anybody twice, and no forbidden pair is made; where that cannot be, as few such pairs as possible;
2. the bye goes to somebody who has had none, in the lowest score group that allows 1;
3. the sum of the squared differences of points is least;
4. the fewest entrants float in the same direction as in the last round, then as in the round before (a bye is a float
   down);
5. the pairs have the shape asked for inside each score group (``fold``: first against last, ``slide``: first half
   against second half, ``adjacent``: neighbours), the last of a group floats down and the first floats up;
6. sides are even;
7. what is left is decided by the order of the seeds.

1 to 4 are optimal in every answer, and ``Pairing.proof`` says by which proof. 5 and 6 are best effort: a blocked pair
is exchanged with the nearest one that allows it, and a side is chosen for each pair on its own. Equal input gives
equal output.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from tournaments.engine.errors import EngineError, ErrorCode
from tournaments.engine.rng import shuffle

from .field import Columns, Cost, Field, Pair, Pairing, Shape, check, check_size
from .fold import ideal_pairs
from .report import cost_of, explain
from .sweep import Result, Sweep

__all__ = ["Cost", "Field", "FirstRound", "Method", "Pairing", "Shape", "first_round", "pair_round"]

_SHAPES = ("fold", "slide", "adjacent")
Method = Literal["fold", "slide", "adjacent", "random"]


class FirstRound(NamedTuple):
    """The pairs (side a, side b) in the order of the tables, and who has the bye."""

    pairs: tuple[Pair, ...]
    bye: int | None


def pair_round(field: Field, *, shape: Shape = "fold") -> Pairing:
    """The best pairing of the field by the criteria above; everybody is in one pair, or has the bye if n is odd.

    Side a goes to who had it less often, else to the better seed.

    :raises EngineError: ``too_few_entrants`` (below 2), ``too_many_entrants`` (above 16384), ``invalid_field`` with the
        column that makes no sense, ``invalid_option`` for an unknown shape.
    """
    if shape not in _SHAPES:
        raise EngineError(ErrorCode.INVALID_OPTION, {"option": "shape"})
    columns = check(field)
    points, blocked = columns.points, columns.blocked
    result = Sweep(columns, shape).run()
    across = sorted(result.across, key=lambda pair: (-points[pair[0]], -points[pair[1]], pair))
    tables = _tables(columns, result, across)
    pairs = _with_sides(columns, tables)
    cost = cost_of(columns, result, pairs)
    floats = [(upper, -1) for upper, _ in across] + [(lower, 1) for _, lower in across]
    if result.bye is not None:
        floats.append((result.bye, -1))
    broken = [(one, two) for one, two in pairs if two in blocked[one]] if cost.broken else []
    return Pairing(
        pairs,
        result.bye,
        tuple(sorted(floats)),
        bool(cost.broken),
        cost,
        "exact" if result.exact else "bound",
        explain(columns, across, broken, result.bye),
    )


def first_round(entrants: int, method: Method, draw_seed: bytes = b"", *, purpose: str = "swiss|1|pairs") -> FirstRound:
    """Round 1 of ``entrants`` seeds: ``fold``, ``slide``, ``adjacent`` as in :func:`pair_round`, or ``random``.

    With an odd number the last seed has the bye. Side a is the better seed; in a random round, who is drawn first.
    Only ``random`` reads ``draw_seed`` and ``purpose`` (the stream of numbers, one for each stage).

    :raises EngineError: ``too_few_entrants``, ``too_many_entrants``, ``invalid_size`` (not an integer),
        ``invalid_option`` for an unknown method, ``invalid_draw_seed``, ``draw_seed_required``.
    """
    if type(entrants) is not int:
        raise EngineError(ErrorCode.INVALID_SIZE, {"size": str(entrants)})
    check_size(entrants)
    paired = range(entrants - entrants % 2)
    bye = entrants - 1 if entrants % 2 else None
    if method == "random":
        drawn = shuffle(paired, draw_seed, purpose)
        return FirstRound(tuple(zip(drawn[::2], drawn[1::2], strict=True)), bye)
    if method not in _SHAPES:
        raise EngineError(ErrorCode.INVALID_OPTION, {"option": "first_round"})
    return FirstRound(tuple(ideal_pairs(paired, method)), bye)


def _tables(columns: Columns, result: Result, across: Sequence[Pair]) -> list[Pair]:
    """The pairs of each group by the better seed, then its pairs with lower groups."""
    downwards: dict[int, list[Pair]] = {}
    for pair in across:
        downwards.setdefault(columns.points[pair[0]], []).append(pair)
    tables: list[Pair] = []
    for score, part in zip(result.groups.scores, result.inside, strict=True):
        tables += part.pairs
        tables += downwards.get(score, ())
    return tables


def _with_sides(columns: Columns, tables: Sequence[Pair]) -> tuple[Pair, ...]:
    """Side a first: who had it less often, then the better seed."""
    sides = columns.sides
    if not sides:
        return tuple((one, two) if one < two else (two, one) for one, two in tables)
    return tuple(
        (one, two) if sides[one] < sides[two] or (sides[one] == sides[two] and one < two) else (two, one)
        for one, two in tables
    )
