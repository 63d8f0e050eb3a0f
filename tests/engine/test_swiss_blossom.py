"""The exact matching: against trying everything, and by its own proof where that would take too long."""

import os
from functools import cache
from random import Random

import pytest

from tournaments.engine.swiss.blossom import Matching, min_cost_matching

CASES = int(os.environ.get("ENGINE_FUZZ", "300"))
Costs = dict[tuple[int, int], int]


def rows(size: int, costs: Costs) -> list[list[tuple[int, int]]]:
    edges: list[list[tuple[int, int]]] = [[] for _ in range(size)]
    for (one, two), cost in sorted(costs.items()):
        edges[one].append((two, cost))
        edges[two].append((one, cost))
    return edges


def cheapest(size: int, costs: Costs) -> int | None:
    """The cost of the best perfect matching, by trying every one (subsets of vertices, remembered)."""

    @cache
    def rest(open_: int) -> int | None:
        if not open_:
            return 0
        one = (open_ & -open_).bit_length() - 1
        found = []
        for two in range(one + 1, size):
            if open_ >> two & 1 and (one, two) in costs:
                after = rest(open_ & ~(1 << one | 1 << two))
                if after is not None:
                    found.append(after + costs[one, two])
        return min(found, default=None)

    return rest((1 << size) - 1)


def assert_proven(costs: Costs, matching: Matching) -> None:
    """Complementary slackness: no perfect matching can be cheaper than this one."""
    mate, potential = matching.mate, matching.potential
    assert all(mate[mate[vertex]] == vertex != mate[vertex] for vertex in range(len(mate)))
    sets = [(set(vertices), value) for vertices, value in matching.odd_sets]
    for vertices, value in sets:
        assert value > 0
        assert len(vertices) % 2 == 1
        assert sum(mate[vertex] in vertices for vertex in vertices) == len(vertices) - 1
    for (one, two), cost in costs.items():
        slack = 2 * cost - potential[one] - potential[two]
        slack += sum(value for vertices, value in sets if one in vertices and two in vertices)
        assert slack >= 0
        if mate[one] == two:
            assert slack == 0
    assert all((min(vertex, mate[vertex]), max(vertex, mate[vertex])) in costs for vertex in range(len(mate)))


def drawn(random: Random, size: int) -> Costs:
    density = random.random()
    most = random.choice([1, 3, 10, 1000, 10**40])
    least = random.choice([0, 0, -most])
    return {
        (one, two): random.randint(least, most)
        for one in range(size)
        for two in range(one + 1, size)
        if random.random() < density
    }


def test_matching_is_the_cheapest_of_all() -> None:
    random = Random(1)
    without = 0
    for _ in range(CASES):
        size = random.choice([0, 1, 2, 3, 4, 6, 8, 9, 10, 12])
        costs = drawn(random, size)
        best = cheapest(size, costs)
        matching = min_cost_matching(rows(size, costs))
        if best is None:
            assert matching is None
            without += 1
        else:
            assert matching is not None
            assert sum(costs[one, two] for one, two in enumerate(matching.mate) if one < two) == best
            assert_proven(costs, matching)
    assert 0 < without < CASES


@pytest.mark.parametrize("size", [20, 40, 64, 100])
def test_matching_of_large_graphs_carries_its_proof(size: int) -> None:
    random = Random(size)
    nested = 0
    for density in (0.1, 0.3, 1.0):
        for most in (1, 4, 10**6):
            costs = {
                (one, two): random.randint(0, most)
                for one in range(size)
                for two in range(one + 1, size)
                if random.random() < density
            }
            matching = min_cost_matching(rows(size, costs))
            if matching is not None:
                assert_proven(costs, matching)
                nested += len(matching.odd_sets)
    assert nested


def test_matching_proves_score_gaps_with_many_blocked_pairs() -> None:
    random = Random(5)
    for _ in range(10):
        points = sorted(random.randint(0, 12) for _ in range(60))
        costs = {
            (one, two): (points[one] - points[two]) ** 2 + (10**9 if random.random() < 0.6 else 0)
            for one in range(60)
            for two in range(one + 1, 60)
        }
        matching = min_cost_matching(rows(60, costs))
        assert matching is not None
        assert_proven(costs, matching)


def test_a_lone_or_isolated_vertex_cannot_be_matched() -> None:
    assert min_cost_matching([[]]) is None
    assert min_cost_matching([[(1, 5)], [(0, 5)], [], []]) is None
    assert min_cost_matching([]) == Matching((), (), ())
