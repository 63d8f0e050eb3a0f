"""The graph of one window: its entrants, the bye and the dummies for pairs across its boundaries, with packed costs."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, islice, pairwise
from typing import NamedTuple

from .blossom import Matching, min_cost_matching
from .field import Columns
from .groups import Groups
from .weights import Scale, float_weights

_DENSE = 128
_NEAR = 8
_ADDED = 8


class Boundary(NamedTuple):
    """One end of a window: the step to the next group and the number of dummies; no dummies at the end of the field."""

    step: int
    dummies: int


class Graph:
    """Vertices are the entrants from best to worst, the bye if it is in the window, dummies above, dummies below.

    Small graphs are solved with all their edges. Large ones start with near neighbours; then every edge left out is
    checked against the dual solution, and those that could help come in, until none is left. So the answer is exact
    either way.
    """

    def __init__(
        self, columns: Columns, groups: Groups, bits: Scale, first: int, last: int, above: Boundary, below: Boundary
    ) -> None:
        self._columns, self._groups, self._bits, self._first = columns, groups, bits, first
        self.entrants = [entrant for group in groups.members[first : last + 1] for entrant in group]
        self._group = [index for index in range(first, last + 1) for _ in groups.members[index]]
        self._down: list[int] = []
        self._up: list[int] = []
        self._bye: list[int] = []
        for index in range(first, last + 1):
            for found, all_found in zip(
                float_weights(columns, groups, bits, index), (self._down, self._up, self._bye), strict=True
            ):
                all_found += found
        with_bye = groups.taking is not None and first <= groups.taking <= last
        self._any_taker = first == 0 and last == len(groups.members) - 1
        count = len(self.entrants)
        self.bye = count if with_bye else None
        count += with_bye
        self.above = range(count, count + above.dummies)
        self.below = range(self.above.stop, self.above.stop + below.dummies)
        self.size = self.below.stop
        self._steps = above.step, below.step
        self._gap = [[self._gap_weight(upper - lower) for lower in groups.scores] for upper in groups.scores]

    def _gap_weight(self, gap: int) -> int:
        return 2 * gap * gap << self._bits.gaps

    def cost(self, one: int, two: int) -> int | None:
        """The packed cost of an edge, one < two; None if there is no such edge."""
        if two < len(self.entrants):
            return self._between(one, two)
        if one < len(self.entrants):
            return self._bye_cost(one) if two == self.bye else self._crossing(one, two in self.above)
        if one == self.bye:
            return None
        return self._passing() if one in self.above and two in self.below else 0

    def _between(self, one: int, two: int) -> int:
        upper, lower = self._group[one], self._group[two]
        weight = 0 if upper == lower else self._gap[upper][lower] + self._down[one] + self._up[two]
        if self.entrants[two] in self._columns.blocked[self.entrants[one]]:
            weight += 1 << self._bits.broken
        return weight

    def _bye_cost(self, vertex: int) -> int | None:
        entrant, groups = self.entrants[vertex], self._groups
        if not self._any_taker:
            return self._bye[vertex] if entrant in groups.takers else None
        again = entrant in self._columns.no_bye
        place = len(groups.members) - 1 - self._group[vertex]
        return (again * len(groups.members) + place << self._bits.bye) + self._bye[vertex]

    def _crossing(self, vertex: int, upwards: bool) -> int:
        step = self._steps[0 if upwards else 1]
        score = self._groups.scores[self._group[vertex]]
        inside = abs(score - self._groups.scores[self._group[0 if upwards else len(self.entrants) - 1]])
        gap = 2 * inside * (inside + 2 * step) + step * step
        return (gap << self._bits.gaps) + (self._up if upwards else self._down)[vertex]

    def _passing(self) -> int:
        over = self._groups.scores[self._group[0]] - self._groups.scores[self._group[-1]]
        above, below = self._steps
        gap = above * above + below * below + 2 * (over * over + 2 * over * (above + below) + 2 * above * below)
        return gap << self._bits.gaps

    def total(self, mate: Sequence[int]) -> int:
        """The packed cost of a matching."""
        return sum(self.cost(one, two) or 0 for one, two in enumerate(mate) if one < two)

    def solve(self) -> Matching:
        """The cheapest perfect matching."""
        if self.size <= _DENSE:
            return self._match(combinations(range(self.size), 2))
        chosen = self._near_edges()
        while True:
            matching = self._match(sorted(chosen))
            missing = self._cheaper_edges(matching)
            if not missing:
                return matching
            chosen |= missing

    def _match(self, chosen: Iterable[tuple[int, int]]) -> Matching:
        edges: list[list[tuple[int, int]]] = [[] for _ in range(self.size)]
        for one, two in chosen:
            cost = self.cost(one, two)
            if cost is not None:
                edges[one].append((two, cost))
                edges[two].append((one, cost))
        matching = min_cost_matching(edges)
        if matching is None:
            raise RuntimeError("neighbours and dummies can always be matched")
        return matching

    def _near_edges(self) -> set[tuple[int, int]]:
        """A few edges that are not blocked: to who is next, opposite in the group, first below it; and all dummies."""
        entrants, blocked = self.entrants, self._columns.blocked
        chosen = set(combinations(range(len(entrants), self.size), 2))
        bounds = [0, *(vertex for vertex in range(1, len(entrants)) if self._group[vertex] != self._group[vertex - 1])]
        bounds.append(len(entrants))
        for start, stop in pairwise(bounds):
            for one in range(start, stop):
                chosen.update((one, other) for other in range(len(entrants), self.size))
                if one + 1 < len(entrants):
                    chosen.add((one, one + 1))
                mirror = start + stop - 1 - one
                for nearest in (one + 1, max(one + 1, mirror - _NEAR // 2), stop):
                    row = blocked[entrants[one]]
                    ahead = (two for two in range(nearest, len(entrants)) if entrants[two] not in row)
                    chosen.update((one, two) for two in islice(ahead, _NEAR))
        return chosen

    def _cheaper_edges(self, matching: Matching) -> set[tuple[int, int]]:
        """Edges between entrants that break the dual solution, at most a few for each entrant."""
        potential = matching.potential
        sets_of: dict[int, dict[int, int]] = {}
        for name, (vertices, value) in enumerate(matching.odd_sets):
            for vertex in vertices:
                sets_of.setdefault(vertex, {})[name] = value
        found: dict[int, list[tuple[int, int]]] = {}
        for one, two in self._suspects(potential):
            pair = (one, two) if one < two else (two, one)
            slack = 2 * self._between(*pair) - potential[one] - potential[two]
            if slack < 0 and one in sets_of and two in sets_of:
                slack += sum(value for name, value in sets_of[one].items() if name in sets_of[two])
            if slack < 0:
                found.setdefault(one, []).append((slack, two))
                found.setdefault(two, []).append((slack, one))
        return {
            (one, two) if one < two else (two, one) for one, edges in found.items() for _, two in sorted(edges)[:_ADDED]
        }

    def _suspects(self, potential: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Pairs of entrants whose potentials exceed the cost of the gap between their groups."""
        by_group: dict[int, list[int]] = {}
        for vertex, group in enumerate(self._group):
            by_group.setdefault(group, []).append(vertex)
        for vertices in by_group.values():
            vertices.sort(key=lambda vertex: -potential[vertex])
        for upper, uppers in by_group.items():
            for lower, lowers in by_group.items():
                if lower < upper:
                    continue
                least = 2 * self._gap[upper][lower]
                for position, one in enumerate(uppers):
                    others = lowers[position + 1 :] if upper == lower else lowers
                    if not others or potential[one] + potential[others[0]] <= least:
                        break
                    for two in others:
                        if potential[one] + potential[two] <= least:
                            break
                        yield one, two
