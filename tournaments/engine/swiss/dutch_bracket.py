"""One bracket of the Dutch system: the pairs that the criteria and, among equals, the order of generation choose.

Source: FIDE Handbook C.04.3 (in force from 1 February 2026), criteria C4 to C21 and articles 3 and 4. The rules
describe a search through candidates in a fixed order. The same answer is found here by cheapest perfect matchings of
everybody who is not paired yet, so that the rest can always be paired (C4). The costs are the criteria and then the
order of generation, in order of importance: each is a sum over pairs once what comes before it is settled.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby

from tournaments.engine.errors import EngineError, ErrorCode

from .dutch_graph import Digits, Pair, PairingGraph, packed
from .dutch_player import Float

CRITERIA = 17
"""Places of a row of costs: C6 to C21, two of them for C8."""


def pairs_of(graph: PairingGraph) -> Iterator[Pair]:
    """All pairs of the round, bracket by bracket from the highest score: each scoregroup with those who floated down.

    :raises EngineError: ``no_legal_pairing``; never after ``graph.settle_bye()`` was true.
    """
    field = graph.contestants
    groups = [tuple(group) for _, group in groupby(range(len(field)), key=lambda index: field[index].points)]
    unpaired = set(graph.vertices)
    moved_down: list[int] = []
    for residents, following in zip(groups, [*groups[1:], ()], strict=True):
        pairs = Bracket(graph, moved_down, residents, following, sorted(unpaired)).pairs()
        unpaired -= {index for pair in pairs for index in pair}
        moved_down = [index for index in (*moved_down, *residents) if index in unpaired]
        yield from pairs


class Bracket:
    """``moved_down`` and ``residents`` are paired now, ``following`` is the next scoregroup, ``vertices`` are all who
    are not paired yet, with the bye: indices of the graph, ascending.
    """

    def __init__(
        self,
        graph: PairingGraph,
        moved_down: Sequence[int],
        residents: Sequence[int],
        following: Sequence[int],
        vertices: Sequence[int],
    ) -> None:
        self.graph = graph
        self.moved_down = tuple(moved_down)
        self.residents = tuple(residents)
        self.vertices = tuple(vertices)
        self.members = frozenset(moved_down) | frozenset(residents)
        self.nearby = self.members | frozenset(following)
        points = {index: graph.contestants[index].points for index in self.nearby}
        levels = {score: level for level, score in enumerate(sorted(set(points.values())))}
        base = len(self.vertices) + 1
        self.scale = {index: base ** levels[score] for index, score in points.items()}
        self.criteria: Mapping[Pair, int] = {}

    def pairs(self) -> tuple[Pair, ...]:
        """The pairs of this bracket, the better ranked player first; all others of the bracket float down.

        :raises EngineError: ``no_legal_pairing`` when not all of the vertices can be paired.
        """
        mates = self._cheapest(self.vertices, lambda one, two: (int(self._leaves(one, two)),))
        leaving = sum(mates[index] not in self.members for index in self.members)
        count = (len(self.members) - leaving) // 2
        if not count:
            return ()
        rows = {(one, two): self._fate(one, two, leaving == 1) for one, two in self.graph.edges(self.vertices)}
        self.criteria = packed(rows, len(self.vertices))
        met = self._meet_moved_down() if self.moved_down else {}
        remainder = self._pair_remainder(met, count - len(met)) if count > len(met) else {}
        return (*met.items(), *remainder.items())

    def _cheapest(self, vertices: Sequence[int], cost: Callable[[int, int], Digits | None]) -> Mapping[int, int]:
        mates = self.graph.cheapest(vertices, cost)
        if mates is None:
            raise EngineError(ErrorCode.NO_LEGAL_PAIRING)
        return mates

    def _leaves(self, one: int, two: int) -> bool:
        return one in self.members and two not in self.members

    def _fate(self, one: int, two: int, single_floater: bool) -> Digits:
        """What criteria C6 to C21 count of a pair, in their order."""
        graph = self.graph
        if one not in self.nearby:
            return (0,) * CRITERIA
        player = graph.contestants[one]
        leaves = self._leaves(one, two)
        floats_again = two not in self.nearby
        resident = one >= self.residents[0]
        scale = self.scale[one]
        bye = single_floater and leaves and two == graph.bye
        down = [leaves and past is Float.DOWN for past in player.floats]
        up = [False, False]
        if two in self.members and not resident:
            up = [past is Float.UP for past in graph.contestants[two].floats]
        return (
            leaves,  # C6
            leaves * scale,  # C7
            floats_again,  # C8: C6 of the following bracket
            floats_again * scale,  # C8: C7 of the following bracket
            bye * player.unplayed,  # C9
            *(graph.costs[one, two] if two in self.members else (0, 0, 0, 0)),  # C10 to C13
            resident * down[0],  # C14
            up[0],  # C15
            resident * down[1],  # C16
            up[1],  # C17
            (not resident) * down[0] * scale,  # C18: a moved-down player who floats on has the greatest difference
            up[0] * scale,  # C19
            (not resident) * down[1] * scale,  # C20
            up[1] * scale,  # C21
        )

    def _meet_moved_down(self) -> dict[int, int]:
        """Moved-down player → resident opponent: the first set of players who can be paired (article 4.4), and for it
        the first order of opponents (4.2)."""
        moved = len(self.moved_down)
        base = len(self.residents)
        place = {index: moved - 1 - order for order, index in enumerate(self.moved_down)}
        rank = {index: order for order, index in enumerate(self.residents)}

        def cost(one: int, two: int) -> Digits | None:
            if one not in place:
                return self.criteria[one, two], 0, 0
            if two in place:
                return None
            if two in rank:
                return self.criteria[one, two], 0, rank[two] * base ** place[one]
            return self.criteria[one, two], 1 << place[one], 0

        mates = self._cheapest(self.vertices, cost)
        return {index: mates[index] for index in self.moved_down if mates[index] in rank}

    def _pair_remainder(self, met: Mapping[int, int], pairs: int) -> dict[int, int]:
        """The residents whom no moved-down player has taken: the first exchange (article 4.3), and for it the first
        transposition (4.2)."""
        taken = {*met, *met.values()}
        vertices = [vertex for vertex in self.vertices if vertex not in taken]
        order = [index for index in self.residents if index not in taken]
        first = self._exchange(vertices, order, pairs)
        second = [index for index in order if index not in first]
        place = {index: pairs - 1 - position for position, index in enumerate(first)}
        rank = {index: position for position, index in enumerate(second)}

        def cost(one: int, two: int) -> Digits | None:
            if two in self.members:
                upper, lower = (one, two) if one in place else (two, one)
                if upper not in place or lower not in rank:
                    return None
                return self.criteria[one, two], rank[lower] * len(second) ** place[upper]
            return None if one in place else (self.criteria[one, two], 0)

        mates = self._cheapest(vertices, cost)
        return {min(index, mates[index]): max(index, mates[index]) for index in first}

    def _exchange(self, vertices: Sequence[int], order: Sequence[int], pairs: int) -> list[int]:
        """The upper subgroup after the first exchange that allows the best pairing, in ranking order.

        The upper subgroup is the first ``pairs`` of ``order``. A pair of two upper players moves the worse of them
        down, an upper player who floats moves down too; a pair of two lower players moves the better of them up.
        Fewest moves; then the smallest sum of numbers moved up minus numbers moved down; then the highest differing
        number moved down; then the lowest moved up.
        """
        number = {index: position for position, index in enumerate(order, start=1)}

        def cost(one: int, two: int) -> Digits | None:
            if two in self.members and (one not in number or two not in number):
                return None
            up, down = _moved(one, two, number, pairs)
            if up:
                return self.criteria[one, two], 1, up, 0, -(1 << (len(order) - up))
            if down:
                return self.criteria[one, two], 0, -down, -(1 << down), 0
            return self.criteria[one, two], 0, 0, 0, 0

        mates = self._cheapest(vertices, cost)
        moves = [_moved(index, mates[index], number, pairs) for index in order if index < mates[index]]
        upper = {*range(1, pairs + 1), *(up for up, _ in moves if up)} - {down for _, down in moves}
        return [order[position - 1] for position in sorted(upper)]


def _moved(one: int, two: int, number: Mapping[int, int], pairs: int) -> tuple[int, int]:
    """The numbers that a pair of the remainder, or a floater and its partner, moves up and down; 0: none."""
    if one not in number:
        return 0, 0
    better, worse = number[one], number.get(two, number[one])
    if worse <= pairs:
        return 0, worse
    return (better, 0) if better > pairs and two in number else (0, 0)
