"""A Swiss round as a matching problem, solved by networkx or rustworkx.

The weight of an edge holds, most important first, what ``swiss.pairing`` minimises when nobody has a bye: the squared
difference of points, floats repeated from the last round, from the one before, and the squared distance from the fold.
Pairs that have met are no edges.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from .positions import Position

REACH = 32
"""How many places on each side of the ideal partner, and of one's own place, a sparse graph has edges to."""

Edge = tuple[int, int, int]
Pairs = list[tuple[int, int]]


class Ranks:
    """Everybody in the order of points and seeds, with the score groups."""

    def __init__(self, position: Position) -> None:
        self.points = position.points
        self.order = sorted(range(len(self.points)), key=lambda entrant: (-self.points[entrant], entrant))
        self.bounds: dict[int, tuple[int, int]] = {}
        for rank, entrant in enumerate(self.order):
            first, _ = self.bounds.get(self.points[entrant], (rank, rank))
            self.bounds[self.points[entrant]] = (first, rank)


def edges_of(position: Position, reach: int | None) -> list[Edge]:
    """(entrant, entrant, weight) of every pair that may be made; with ``reach``, only of those not far from the fold.

    The weights are what is to be maximised; each is positive, so that a heaviest matching of full size is the best one.
    """
    ranks = Ranks(position)
    size = len(ranks.order)
    met = [set(row) for row in position.met]
    edges = []
    for upper, one in enumerate(ranks.order):
        for lower in range(upper + 1, size) if reach is None else _near(ranks, upper, reach):
            other = ranks.order[lower]
            if other not in met[one]:
                edges.append((one, other, _cost(position, ranks, upper, lower)))
    heaviest = max((cost for _, _, cost in edges), default=0)
    return [(one, other, heaviest + 1 - cost) for one, other, cost in edges]


def _near(ranks: Ranks, upper: int, reach: int) -> list[int]:
    first, last = ranks.bounds[ranks.points[ranks.order[upper]]]
    fold = first + last - upper
    near = {*range(upper + 1, upper + reach + 1), *range(fold - reach, fold + reach + 1)}
    near.update(range(last - reach, last + reach + 1))
    return sorted(rank for rank in near if upper < rank < len(ranks.order))


def _cost(position: Position, ranks: Ranks, upper: int, lower: int) -> int:
    one, other = ranks.order[upper], ranks.order[lower]
    gap = ranks.points[one] - ranks.points[other]
    first, last = ranks.bounds[ranks.points[one]]
    if not gap:
        return (first + last - upper - lower) ** 2
    below, _ = ranks.bounds[ranks.points[other]]
    shape = (last - upper) ** 2 + (lower - below) ** 2
    (down, down_before), (up, up_before) = position.floats[one], position.floats[other]
    repeats, before = (down == -1) + (up == 1), (down_before == -1) + (up_before == 1)
    size = len(ranks.order)
    return ((gap**2 * 2 * size + repeats) * 2 * size + before) * size**3 + shape


def solver(library: str, size: int, edges: list[Edge]) -> Callable[[], Pairs]:
    """The graph is made here; the call that is returned makes nothing but the matching, and the list of its pairs."""
    module: Any = import_module(library)
    if library == "networkx":
        graph = module.Graph()
        graph.add_weighted_edges_from(edges)
        return lambda: list(module.max_weight_matching(graph, maxcardinality=True))
    graph = module.PyGraph(multigraph=False)
    graph.add_nodes_from(range(size))
    graph.add_edges_from(edges)
    match = module.max_weight_matching
    return lambda: list(match(graph, max_cardinality=True, weight_fn=int))


def solvable(position: Position, pairs: Pairs) -> bool:
    """Whether everybody has an opponent."""
    return 2 * len(pairs) == len(position.points)


def reaches(sparse: bool) -> Iterator[int | None]:
    """How far a graph reaches: everything, or a window that grows until everybody has an opponent."""
    reach = REACH
    while sparse:
        yield reach
        reach *= 2
    yield None
