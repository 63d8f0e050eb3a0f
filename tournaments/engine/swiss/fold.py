"""Pairing inside one score group: the shape asked for, changed as little as possible where a pair is blocked."""

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from .blossom import min_cost_matching
from .field import Columns, Pair, Shape

_DENSE = 24
_REACH = 24
_WIDEST = 24
_FIRST_WIDTH = 6


class Inside(NamedTuple):
    """Pairs (better seed, worse seed) by better seed, their distance from the shape, how many of them are blocked."""

    pairs: list[Pair]
    shape: int
    broken: int


def pair_inside(members: Sequence[int], columns: Columns, shape: Shape, allowed: int = 0) -> Inside:
    """Pair an even number of members (in seed order) among themselves.

    Blocked pairs are exchanged with the nearest pair that allows it; small groups, and large ones where an exchange is
    not enough, get an exact matching over a band around the shape. The distance of a pair from the shape is a
    difference of ranks among the members, squared: fold, rank of one from the mirror image of the other; slide, from
    half the members; adjacent, from the neighbour. The band is not widened for the sake of ``allowed`` blocked pairs.
    """
    blocked = columns.blocked
    pairs = ideal_pairs(members, shape)
    wrong = [position for position, (one, two) in enumerate(pairs) if two in blocked[one]]
    if not wrong:
        return Inside(pairs, 0, 0)
    if len(members) > _DENSE:
        exchanged = _exchange(members, wrong, columns, shape)
        if exchanged is not None:
            return exchanged
    width = len(members) if len(members) <= _DENSE else _FIRST_WIDTH
    while True:
        answer = _match(members, columns, shape, width)
        if answer.broken <= allowed or width >= min(len(members), _WIDEST):
            return answer
        width *= 2


def distance(pairs: Sequence[Pair], shape: Shape) -> int:
    """How far pairs that fill one group are from the shape."""
    members = sorted(entrant for pair in pairs for entrant in pair)
    rank = {entrant: position for position, entrant in enumerate(members)}
    centre = _centre(len(members), shape)
    return sum((rank[two] - centre(rank[one])) ** 2 for one, two in pairs)


def ideal_pairs(members: Sequence[int], shape: Shape) -> list[Pair]:
    """The pairs (better, worse) of an even number of members in seed order, with nobody blocked."""
    half = len(members) // 2
    if shape == "fold":
        return list(zip(members[:half], reversed(members[half:]), strict=True))
    if shape == "slide":
        return list(zip(members[:half], members[half:], strict=True))
    return list(zip(members[::2], members[1::2], strict=True))


def _centre(size: int, shape: Shape) -> Callable[[int], int]:
    """From the rank of the better of a pair to the ideal rank of the worse."""
    if shape == "fold":
        return lambda rank: size - 1 - rank
    if shape == "slide":
        return lambda rank: rank + size // 2
    return lambda rank: rank + 1


def _exchange(members: Sequence[int], wrong: list[int], columns: Columns, shape: Shape) -> Inside | None:
    """Give each blocked pair another partner from one of the nearest pairs; None if one of them finds nobody."""
    blocked, sides = columns.blocked, columns.sides
    size = len(members)
    centre = _centre(size, shape)
    ranks = ideal_pairs(range(size), shape)

    def price(one: int, two: int) -> tuple[int, int] | None:
        better, worse = (one, two) if one < two else (two, one)
        if members[worse] in blocked[members[better]]:
            return None
        uneven = -abs(sides[members[one]] - sides[members[two]]) if sides else 0
        return (worse - centre(better)) ** 2, uneven

    def best(one: Pair, two: Pair) -> tuple[int, int, Pair, Pair] | None:
        options = []
        for first, second in (((one[0], two[1]), (two[0], one[1])), ((one[0], two[0]), (one[1], two[1]))):
            left, right = price(*first), price(*second)
            if left is not None and right is not None:
                options.append((left[0] + right[0], left[1] + right[1], first, second))
        return min(options, default=None)

    for position in wrong:
        if price(*ranks[position]) is not None:
            continue
        for reach in range(1, _REACH):
            near = [spot for spot in (position - reach, position + reach) if 0 <= spot < len(ranks)]
            found = [(option, spot) for spot in near if (option := best(ranks[position], ranks[spot])) is not None]
            if found:
                (_, _, ranks[position], other), spot = min(found)
                ranks[spot] = other
                break
        else:
            return None
    total = 0
    pairs = []
    for one, two in ranks:
        better, worse = (one, two) if one < two else (two, one)
        total += (worse - centre(better)) ** 2
        pairs.append((members[better], members[worse]))
    pairs.sort()
    return Inside(pairs, total, 0)


def _match(members: Sequence[int], columns: Columns, shape: Shape, width: int) -> Inside:
    """Fewest blocked pairs, then least distance, then most even sides, among pairs at most ``width`` off."""
    blocked: Sequence[Collection[int]] = columns.blocked
    sides = columns.sides
    size = len(members)
    centre = _centre(size, shape)
    spread = max(sides[member] for member in members) - min(sides[member] for member in members) if sides else 0
    unit = spread * size + 1
    forbidding = unit * size * size * size + 1
    edges: list[list[tuple[int, int]]] = [[] for _ in members]
    for one, member in enumerate(members):
        middle = centre(one)
        row = blocked[member]
        for two in range(max(one + 1, middle - width), min(size, middle + width + 1)):
            other = members[two]
            cost = (two - middle) ** 2 * unit + (spread - abs(sides[member] - sides[other]) if sides else 0)
            if other in row:
                cost += forbidding
            edges[one].append((two, cost))
            edges[two].append((one, cost))
    matching = min_cost_matching(edges)
    if matching is None:
        raise RuntimeError("the ideal pairs are always among the edges")
    ranks = [(one, two) for one, two in enumerate(matching.mate) if one < two]
    pairs = [(members[one], members[two]) for one, two in ranks]
    return Inside(
        pairs,
        sum((two - centre(one)) ** 2 for one, two in ranks),
        sum(two in blocked[one] for one, two in pairs),
    )
