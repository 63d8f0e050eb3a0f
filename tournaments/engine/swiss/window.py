"""A run of neighbouring score groups, paired exactly, with the proof that the rest of the field cannot help.

A window is cut out of the field at the boundaries above and below it. A pair that crosses a boundary is split there:
of its squared gap (x + d + y)², the window above gets x² + 2xd + d²/2 and the window below y² + 2yd + d²/2 (d is the
step over the boundary); a pair that passes over a window leaves it the half steps and all products. What is left over
is never negative, so the sum of the cheapest solutions of all windows is a lower bound for the whole field. Each
window is solved with dummies that stand for pairs across its boundaries: as many as parity asks for, and at least two
more. If the cheapest solution uses none of the surplus, it can be played as it is and the bound is met: no better
pairing of the field exists.
"""

from typing import NamedTuple

from .field import Columns, Pair
from .graph import Boundary, Graph
from .groups import Groups
from .weights import scale

_SPARE, _MOST_SPARE = 2, 6


class Window(NamedTuple):
    """The groups ``first``..``last`` paired: ``up`` meets somebody above, ``down`` somebody below, ``bye`` nobody."""

    first: int
    last: int
    pairs: list[Pair]
    up: int | None
    down: int | None
    bye: int | None


class Wider(NamedTuple):
    """The window is too small: where it wants more groups."""

    above: bool
    below: bool


class _End(NamedTuple):
    """One end of a window: the step over it, the pairs parity sends over it; ``open`` unless the field ends there."""

    open: bool
    step: int
    needed: int

    def boundary(self, spare: int) -> Boundary:
        return Boundary(self.step, self.needed + spare if self.open else 0)

    def could_help(self, spare: int, excess: int) -> bool:
        """Whether more dummies than there are could make a solution that costs no more gaps."""
        return self.open and excess >= (spare + 2) * self.step**2


def solve_window(columns: Columns, groups: Groups, first: int, last: int) -> Window | Wider:
    """The best pairing of the groups first..last in blocked pairs, gaps and repeated floats, or where to widen.

    A window over all groups is always solved: then the bye may go to anybody, and blocked pairs may be made.
    """
    bits = scale(groups)
    final = len(groups.members) - 1
    above = _End(True, groups.steps[first - 1], int(groups.odd[first - 1])) if first else _End(False, 0, 0)
    below = _End(True, groups.steps[last], int(groups.odd[last])) if last < final else _End(False, 0, 0)
    least = sum(end.needed * end.step**2 for end in (above, below))
    least += sum(2 * groups.steps[index] ** 2 for index in range(first, last) if groups.odd[index])
    spare = _SPARE
    while True:
        graph = Graph(columns, groups, bits, first, last, above.boundary(spare), below.boundary(spare))
        mate = graph.solve().mate
        total = graph.total(mate)
        ups = [mate[dummy] for dummy in graph.above if mate[dummy] not in graph.above]
        downs = [mate[dummy] for dummy in graph.below if mate[dummy] not in graph.below]
        passing = any(vertex in graph.below for vertex in ups)
        if passing or len(ups) > above.needed or len(downs) > below.needed:
            return Wider(passing or len(ups) > above.needed, passing or len(downs) > below.needed)
        excess = bits.gap_sum(total) - least
        wanting = [end for end in (above, below) if end.could_help(spare, excess)]
        if not wanting:
            entrants = graph.entrants
            return Window(
                first,
                last,
                [(entrants[one], entrants[two]) for one, two in enumerate(mate) if one < two < len(entrants)],
                entrants[ups[0]] if ups else None,
                entrants[downs[0]] if downs else None,
                None if graph.bye is None else entrants[mate[graph.bye]],
            )
        if spare == _MOST_SPARE:
            return Wider(above in wanting, below in wanting)
        spare = _MOST_SPARE
