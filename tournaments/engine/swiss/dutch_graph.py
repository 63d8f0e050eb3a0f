"""Who may meet whom in the Dutch system, and the cheapest pairing of a field by costs in order of importance."""

from collections.abc import Callable, Mapping, Sequence
from functools import reduce

from .blossom import min_cost_matching
from .dutch_colour import ColourCost, allocate, colour_cost
from .dutch_player import Colour, Contestant, Strength

Pair = tuple[int, int]
Digits = tuple[int, ...]
"""Costs, the most important first; sums of them are compared like tuples."""


class PairingGraph:
    """The contestants 0..n-1 in ranking order and, when n is odd, the bye as vertex n.

    ``costs`` holds every pair of two contestants (smaller index first) that may meet, with its colour cost: they have
    not met (C1), and they do not have the same absolute preference unless one of them is a topscorer (C3), which is a
    player with more than ``topscore`` half points; None: nobody is.
    ``bye_takers`` may take the bye (C2); ``settle_bye`` leaves those who have the lowest score with which the round can
    be paired (C4, C5).
    """

    def __init__(self, contestants: Sequence[Contestant], topscore: int | None, first_colour: Colour) -> None:
        self.contestants = tuple(contestants)
        self.bye = len(self.contestants)
        self.vertices = tuple(range(self.bye + self.bye % 2))
        self.costs: dict[Pair, ColourCost] = {
            (one, two): colour_cost(allocate(higher, lower, first_colour))
            for two, lower in enumerate(self.contestants)
            for one, higher in enumerate(self.contestants[:two])
            if _may_meet(higher, lower, topscore)
        }
        self.bye_takers = frozenset(index for index, player in enumerate(self.contestants) if player.may_take_bye)

    def settle_bye(self) -> bool:
        """False when the round has no legal pairing."""
        points = [player.points for player in self.contestants]
        levels = {score: level for level, score in enumerate(sorted(set(points)))}
        mates = self.cheapest(self.vertices, lambda one, two: (levels[points[one]] if two == self.bye else 0,))
        if mates is not None and self.bye in mates:
            score = points[mates[self.bye]]
            self.bye_takers = frozenset(index for index in self.bye_takers if points[index] == score)
        return mates is not None

    def edges(self, vertices: Sequence[int]) -> list[Pair]:
        """The legal pairs of the vertices (ascending), the bye included; smaller index first."""
        return [
            (one, two)
            for index, two in enumerate(vertices)
            for one in vertices[:index]
            if (one in self.bye_takers if two == self.bye else (one, two) in self.costs)
        ]

    def cheapest(self, vertices: Sequence[int], cost: Callable[[int, int], Digits | None]) -> Mapping[int, int] | None:
        """The perfect matching of the vertices (ascending) with the smallest sum of costs, as vertex → partner.

        ``cost(one, two)`` with one < two is a row of one and the same length for all pairs; None forbids the pair.
        The result is None when there is no perfect matching.
        """
        rows = {edge: digits for edge in self.edges(vertices) if (digits := cost(*edge)) is not None}
        position = {vertex: index for index, vertex in enumerate(vertices)}
        neighbours: list[list[tuple[int, int]]] = [[] for _ in vertices]
        for (one, two), weight in packed(rows, len(vertices)).items():
            neighbours[position[one]].append((position[two], weight))
            neighbours[position[two]].append((position[one], weight))
        matching = min_cost_matching(neighbours)
        if matching is None:
            return None
        return {vertex: vertices[matching.mate[index]] for index, vertex in enumerate(vertices)}


def packed(rows: Mapping[Pair, Digits], vertices: int) -> dict[Pair, int]:
    """One integer per row: sums over the pairs of two matchings compare like the sums of the rows.

    Each place is wider than any difference of two sums of its digits, which may have either sign.
    """
    bases = [vertices * max(map(abs, column)) + 1 for column in zip(*rows.values(), strict=True)]
    return {
        edge: reduce(lambda total, place: total * place[0] + place[1], zip(bases, digits, strict=True), 0)
        for edge, digits in rows.items()
    }


def _may_meet(higher: Contestant, lower: Contestant, topscore: int | None) -> bool:
    if lower.number in higher.opponents:
        return False
    same_absolute = (
        higher.strength is Strength.ABSOLUTE
        and lower.strength is Strength.ABSOLUTE
        and higher.preference == lower.preference
    )
    return not same_absolute or (topscore is not None and higher.points > topscore)
