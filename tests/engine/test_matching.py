"""The matchings under draws, links and limited Swiss, each against trying everything."""

import os
from collections.abc import Iterator
from itertools import permutations
from random import Random

from tournaments.engine.matching import (
    Pair,
    assignments_by_cost,
    cheapest_assignment,
    first_pairing,
    match_all,
    uniform_pairing,
)

FUZZ = int(os.environ.get("ENGINE_FUZZ", "300"))


def graph(random: Random, size: int, density: float) -> list[int]:
    allowed = [0] * size
    for one in range(size):
        for other in range(one):
            if random.random() < density:
                allowed[one] |= 1 << other
                allowed[other] |= 1 << one
    return allowed


def pairings(left: tuple[int, ...], prefer: list[list[int]]) -> Iterator[tuple[Pair, ...]]:
    if not left:
        yield ()
        return
    for partner in prefer[left[0]]:
        if partner in left[1:]:
            for rest in pairings(tuple(one for one in left[1:] if one != partner), prefer):
                yield ((left[0], partner), *rest)


def faults(allowed: list[int], pairs: tuple[Pair, ...]) -> int:
    return sum(not allowed[one] >> other & 1 for one, other in pairs)


def test_the_first_pairing_is_the_first_of_those_with_the_fewest_faults() -> None:
    random = Random(1)
    for _ in range(FUZZ):
        size = random.choice([0, 2, 4, 6, 8, 8])
        allowed = graph(random, size, random.random())
        prefer = [random.sample(range(size), size) for _ in range(size)]
        listed = list(pairings(tuple(range(size)), prefer))
        fewest = min(faults(allowed, pairs) for pairs in listed)
        expected = next(pairs for pairs in listed if faults(allowed, pairs) == fewest)
        assert first_pairing(allowed, prefer.__getitem__) == (expected, fewest)


def test_odd_cycles_do_not_hide_a_pairing() -> None:
    """Rings of odd length joined by one edge: the only pairing uses the bridge, and a search without blossoms misses it
    from some labels."""
    random = Random(2)
    for _ in range(FUZZ):
        size = 2 * random.choice([3, 5, 7])
        label = random.sample(range(size), size)
        half = size // 2
        edges = [(at, (at + 1) % half) for at in range(half)]
        edges += [(half + one, half + other) for one, other in edges]
        edges.append((random.randrange(half), half + random.randrange(half)))
        allowed = [0] * size
        for one, other in edges:
            allowed[label[one]] |= 1 << label[other]
            allowed[label[other]] |= 1 << label[one]
        pairs, relaxed = first_pairing(allowed, lambda vertex, last=size - 1: range(last, vertex, -1))
        assert relaxed == 0
        assert faults(allowed, pairs) == 0
        assert sorted(one for pair in pairs for one in pair) == list(range(size))


def test_each_pairing_with_the_fewest_faults_has_one_number() -> None:
    random = Random(3)
    for _ in range(FUZZ // 3):
        size = random.choice([2, 4, 6])
        allowed = graph(random, size, random.random())
        listed = list(pairings(tuple(range(size)), [list(range(size))] * size))
        fewest = min(faults(allowed, pairs) for pairs in listed)
        expected = [pairs for pairs in listed if faults(allowed, pairs) == fewest]
        bounds: list[int] = []
        found = []
        for number in range(len(expected)):
            pairs, relaxed = uniform_pairing(
                allowed, lambda bound, asked=bounds, chosen=number: asked.append(bound) or chosen
            )
            assert relaxed == fewest
            found.append(pairs)
        assert bounds == [len(expected)] * len(expected)
        assert sorted(found) == sorted(expected)


def test_sixteen_can_be_paired_in_2027025_ways() -> None:
    everyone = (1 << 16) - 1
    asked: list[int] = []
    uniform_pairing([everyone ^ 1 << one for one in range(16)], lambda bound: asked.append(bound) or 0)
    assert asked == [2_027_025]


def test_assignments_come_by_cost_and_then_in_lexicographic_order() -> None:
    random = Random(4)
    for _ in range(FUZZ // 2):
        size, most = random.randint(1, 5), random.choice([1, 3, 1000])
        costs = [[None if random.random() < 0.3 else random.randint(0, most) for _ in range(size)] for _ in range(size)]
        priced = []
        for columns in permutations(range(size)):
            cells = [costs[row][column] for row, column in enumerate(columns)]
            if None not in cells:
                priced.append((sum(cell for cell in cells if cell), columns))
        expected = [columns for _, columns in sorted(priced)]
        assert list(assignments_by_cost(costs)) == expected
        assert cheapest_assignment(costs) == (expected[0] if expected else None)


def test_everyone_is_matched_if_that_can_be() -> None:
    random = Random(5)
    for _ in range(FUZZ):
        left, right = random.randint(0, 5), random.randint(1, 5)
        choices = [random.getrandbits(right) for _ in range(left)]
        wished = [random.choice([None, random.randrange(right)]) for _ in range(left)]
        possible = any(
            all(choices[one] >> at & 1 for one, at in enumerate(order)) for order in permutations(range(right), left)
        )
        matched = match_all(choices, wished)
        assert (matched is not None) == possible
        if matched is not None:
            assert len(set(matched)) == left
            assert all(choices[one] >> at & 1 for one, at in enumerate(matched))


def test_wishes_that_fit_together_are_granted() -> None:
    assert match_all([0b111, 0b111, 0b111], [2, 0, 1]) == [2, 0, 1]
    assert match_all([0b11, 0b11], [0, 0]) == [0, 1]
    assert match_all([0b01, 0b11], [1, 0]) == [0, 1]
