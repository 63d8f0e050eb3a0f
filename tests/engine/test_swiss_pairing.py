"""One Swiss round: never worse than exact on the criteria that are promised, whatever the field."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import ceil, log2
from random import Random

import pytest

import tournaments.engine.swiss.graph as graph
import tournaments.engine.swiss.sweep as sweep
from tournaments.engine.swiss.blossom import min_cost_matching
from tournaments.engine.swiss.pairing import Cost, Field, Pairing, first_round, pair_round

CASES = int(os.environ.get("ENGINE_FUZZ", "250"))
SHAPES = ("fold", "slide", "adjacent")
Values = tuple[int, ...]


def edge(field: Field, one: int, two: int) -> Values:
    """The first, third and fourth criterion of a pair, as in Cost."""
    gap = field.points[one] - field.points[two]
    forbidden = (one, two) in field.forbidden or (two, one) in field.forbidden
    repeats = [0, 0]
    if gap and field.floats:
        down, up = (one, two) if gap > 0 else (two, one)
        repeats = [
            (field.floats[down][ago] == -1) + (field.floats[up][ago] == 1) for ago in (0, 1)
        ]  # fmt: skip
    return int(two in field.met[one] or forbidden), 0, 0, gap * gap, *repeats


def bye_edge(field: Field, one: int) -> Values:
    floats = field.floats[one] if field.floats else (0, 0)
    return 0, int(one in field.no_bye), field.points[one] - min(field.points), 0, *(int(last == -1) for last in floats)


def summed(parts: Sequence[Values]) -> Values:
    return tuple(map(sum, zip(*parts, strict=True)))


def cost_of(field: Field, pairing: Pairing) -> Values:
    parts = [edge(field, one, two) for one, two in pairing.pairs]
    return summed(parts if pairing.bye is None else [*parts, bye_edge(field, pairing.bye)])


def every_pairing(free: tuple[int, ...], odd: bool) -> Iterator[tuple[list[tuple[int, int]], int | None]]:
    if not free:
        yield [], None
        return
    one, *others = free
    if odd:
        for pairs, _ in every_pairing(tuple(others), False):
            yield pairs, one
    for two in others:
        for pairs, bye in every_pairing(tuple(other for other in others if other != two), odd):
            yield [(one, two), *pairs], bye


def best_of_all(field: Field) -> Values:
    size = len(field.points)
    return min(
        summed([*(edge(field, *pair) for pair in pairs), *([] if bye is None else [bye_edge(field, bye)])])
        for pairs, bye in every_pairing(tuple(range(size)), size % 2 == 1)
    )


def best_by_matching(field: Field) -> Values:
    """The optimum of the whole field at once, from a matching that is proven elsewhere."""
    size = len(field.points)
    digits = 1 << 60
    rows: list[list[tuple[int, int]]] = [[] for _ in range(size + size % 2)]

    def join(one: int, two: int, values: Values) -> None:
        cost = 0
        for value in values:
            cost = cost * digits + value
        rows[one].append((two, cost))
        rows[two].append((one, cost))

    for one in range(size):
        for two in range(one + 1, size):
            join(one, two, edge(field, one, two))
        if size % 2:
            join(one, size, bye_edge(field, one))
    matching = min_cost_matching(rows)
    assert matching is not None
    pairs = [(one, two) for one, two in enumerate(matching.mate) if one < two]
    return summed([bye_edge(field, one) if two == size else edge(field, one, two) for one, two in pairs])


def assert_sound(field: Field, pairing: Pairing) -> None:
    used = [entrant for pair in pairing.pairs for entrant in pair]
    used += [] if pairing.bye is None else [pairing.bye]
    assert sorted(used) == list(range(len(field.points)))
    assert cost_of(field, pairing) == pairing.cost[:6]
    assert pairing.relaxed == (pairing.cost.broken > 0)
    floats = {} if pairing.bye is None else {pairing.bye: -1}
    for one, two in pairing.pairs:
        gap = field.points[one] - field.points[two]
        if gap:
            floats |= {one: -1 if gap > 0 else 1, two: 1 if gap > 0 else -1}
        if field.sides:
            assert (field.sides[one], one) < (field.sides[two], two)
        else:
            assert one < two
    assert pairing.floats == tuple(sorted(floats.items()))
    best = [max(field.points[one], field.points[two]) for one, two in pairing.pairs]
    assert best == sorted(best, reverse=True)
    assert [why.code for why in pairing.why].count("rematch_unavoidable") == pairing.cost.broken


def drawn(random: Random, size: int) -> Field:
    """A field that no tournament need have produced: any points, any meetings, any history."""
    levels, step = random.choice([1, 2, 3, 5, 8, size]), random.choice([1, 2, 3])
    points = [step * random.randint(0, levels) for _ in range(size)]
    if random.random() < 0.2:
        points = [value * value for value in points]
    density = random.choice([0, 0.05, 0.2, 0.5, 0.8, 0.95, 1]) * random.random() ** 0.3
    met: list[set[int]] = [set() for _ in range(size)]
    for one in range(size):
        for two in range(one):
            if random.random() < density:
                met[one].add(two)
                met[two].add(one)
    share, had = random.choice([0, 0.1, 0.5, 0.9]), random.choice([0, 0.3, 0.9, 1])
    before = [tuple(random.choice([-1, 0, 1]) if random.random() < share else 0 for _ in "ab") for _ in points]
    return Field(
        points,
        met,
        {entrant for entrant in range(size) if random.random() < had},
        [(last, earlier) for last, earlier in before] if random.random() < 0.8 else (),
        [random.randint(-2, 2) for _ in points] if random.random() < 0.5 else (),
        {tuple(random.sample(range(size), 2)) for _ in range(random.choice([0, 0, size]))},
    )


def clustered(random: Random, size: int) -> Field:
    """Small score groups; here and there most have met their neighbours: troubles that can be solved near by."""
    points: list[int] = []
    while len(points) < size:
        points += [2 * size - len(points)] * random.choice([1, 1, 2, 3, 4, 6, 8])
    points = points[:size]
    share = random.choice([0.1, 0.3, 0.6])
    busy = [random.random() < share for _ in range(size)]
    met: list[set[int]] = [set() for _ in range(size)]
    for one in range(size):
        for two in range(one + 1, min(size, one + 8)):
            if random.random() < (0.9 if busy[one] and busy[two] else 0.1):
                met[one].add(two)
                met[two].add(one)
    floats = [(random.choice([-1, 0, 0, 1]), random.choice([-1, 0, 1])) for _ in points]
    return Field(points, met, random.sample(range(size), size // 2), floats if random.random() < 0.5 else ())


def played(random: Random, size: int, rounds: int, draws: float = 0.1, leaving: float = 0.0) -> Iterator[Field]:
    """The fields of a tournament with random results; the caller's rounds are the engine's."""
    active = list(range(size))
    points, sides, floats = [0] * size, [0] * size, [(0, 0)] * size
    met: list[set[int]] = [set() for _ in range(size)]
    byes: set[int] = set()
    for _ in range(rounds):
        active = [entrant for entrant in active if len(active) <= 4 or random.random() >= leaving]
        index = {entrant: position for position, entrant in enumerate(active)}
        field = Field(
            [points[entrant] for entrant in active],
            [{index[other] for other in met[entrant] if other in index} for entrant in active],
            {index[entrant] for entrant in byes if entrant in index},
            [floats[entrant] for entrant in active],
            [sides[entrant] for entrant in active],
        )
        yield field
        pairing = pair_round(field)
        directions = dict(pairing.floats)
        for position, entrant in enumerate(active):
            floats[entrant] = directions.get(position, 0), floats[entrant][0]
        for one, two in ((active[one], active[two]) for one, two in pairing.pairs):
            met[one].add(two)
            met[two].add(one)
            sides[one], sides[two] = sides[one] + 1, sides[two] - 1
            won = 1 if random.random() < draws else random.choice([0, 2])
            points[one], points[two] = points[one] + won, points[two] + 2 - won
        if pairing.bye is not None:
            byes.add(active[pairing.bye])
            points[active[pairing.bye]] += 2


def test_small_fields_are_paired_as_well_as_by_trying_everything() -> None:
    random = Random(1)
    proofs = set()
    for case in range(CASES):
        field = drawn(random, random.randint(2, 8))
        pairing = pair_round(field, shape=SHAPES[case % 3])
        assert_sound(field, pairing)
        assert pairing.cost[:6] == best_of_all(field)
        proofs.add((pairing.proof, pairing.relaxed))
    assert proofs == {("bound", False), ("exact", False), ("exact", True)}


def test_any_field_is_paired_as_well_as_by_one_exact_matching() -> None:
    random = Random(2)
    for case in range(CASES):
        field = drawn(random, random.choice([9, 12, 15, 16, 24, 33, 48, 49, 50, 64]))
        pairing = pair_round(field, shape=SHAPES[case % 3])
        assert_sound(field, pairing)
        assert pairing.cost[:6] == best_by_matching(field)


@pytest.mark.parametrize(("dense", "near"), [(128, 8), (6, 2)])
def test_windows_and_left_out_edges_change_no_cost(monkeypatch: pytest.MonkeyPatch, dense: int, near: int) -> None:
    """Windows even in small fields, graphs that start with few edges: the costs stay those of one exact matching."""
    monkeypatch.setattr(sweep, "_SMALL_FIELD", 4)
    monkeypatch.setattr(graph, "_DENSE", dense)
    monkeypatch.setattr(graph, "_NEAR", near)
    windows = []
    solve = sweep.solve_window
    monkeypatch.setattr(sweep, "solve_window", lambda *args: windows.append(args[2:]) or solve(*args))
    random = Random(3)
    for _ in range(CASES // 4):
        field = drawn(random, random.choice([9, 12, 16, 25, 40]))
        assert pair_round(field).cost[:6] == best_by_matching(field)
    for size, rounds in ((50, 12), (41, 20)):
        for field in played(random, size, rounds):
            assert pair_round(field).cost[:6] == best_by_matching(field)
    for _ in range(CASES // 3):
        field = clustered(random, random.choice([20, 41, 60, 80]))
        assert pair_round(field).cost[:6] == best_by_matching(field)
    assert len(windows) > CASES // 4


@pytest.mark.parametrize(
    ("size", "rounds", "draws", "leaving"),
    [
        (8, 7, 0.0, 0.0),
        (9, 9, 0.1, 0.0),
        (16, 15, 0.5, 0.0),
        (33, 16, 0.1, 0.0),
        (64, 12, 0.2, 0.01),
        (65, 8, 0.0, 0.05),
    ],
)
def test_every_round_of_a_tournament_is_optimal(size: int, rounds: int, draws: float, leaving: float) -> None:
    for field in played(Random(size), size, rounds, draws, leaving):
        pairing = pair_round(field)
        assert_sound(field, pairing)
        assert pairing.cost[:6] == best_by_matching(field)


@pytest.mark.parametrize("size", [64, 100, 255, 512])
def test_a_normal_tournament_never_repeats_a_pair_or_a_bye(size: int) -> None:
    for field in played(Random(7), size, ceil(log2(size))):
        pairing = pair_round(field)
        assert_sound(field, pairing)
        assert pairing.cost.broken == pairing.cost.bye_again == 0


def test_all_rounds_until_everybody_has_met_everybody() -> None:
    broken = [pair_round(field).cost.broken for field in played(Random(3), 6, 5)]
    assert broken[:3] == [0, 0, 0]


def test_fold_of_round_two() -> None:
    pairing = pair_round(Field([2, 2, 2, 2, 0, 0, 0, 0], [{7}, {6}, {5}, {4}, {3}, {2}, {1}, {0}]))
    assert pairing.pairs == ((0, 3), (1, 2), (4, 7), (5, 6))
    assert pairing.cost == Cost()
    assert (pairing.bye, pairing.floats, pairing.proof, pairing.why) == (None, (), "bound", ())


@pytest.mark.parametrize(
    ("shape", "pairs"),
    [("fold", ((0, 5), (1, 4), (2, 3))), ("slide", ((0, 3), (1, 4), (2, 5))), ("adjacent", ((0, 1), (2, 3), (4, 5)))],
)
def test_shapes_inside_a_group(shape: str, pairs: tuple[tuple[int, int], ...]) -> None:
    assert pair_round(Field([0] * 6, [set()] * 6), shape=shape).pairs == pairs


def test_a_blocked_pair_is_exchanged_with_its_neighbour() -> None:
    field = Field([0] * 6, [{5}, set(), set(), set(), set(), {0}])
    pairing = pair_round(field)
    assert pairing.pairs == ((0, 4), (1, 5), (2, 3))
    assert pairing.cost.shape == 2


@pytest.mark.parametrize("shape", SHAPES)
def test_large_groups_keep_their_shape_around_blocked_pairs(shape: str) -> None:
    size = 200
    ideal = pair_round(Field([0] * size, [set()] * size), shape=shape).pairs
    met: list[set[int]] = [set() for _ in range(size)]
    for one, two in ideal[::9]:
        met[one].add(two)
        met[two].add(one)
    pairing = pair_round(Field([0] * size, met), shape=shape)
    assert pairing.proof == "bound"
    assert not any(two in met[one] for one, two in pairing.pairs)
    assert len(set(pairing.pairs) - set(ideal)) <= 2 * len(ideal[::9])


def test_the_last_of_an_odd_group_floats_to_the_first_of_the_next() -> None:
    pairing = pair_round(Field([4, 4, 4, 2, 2, 2], [set()] * 6))
    assert pairing.pairs == ((0, 1), (2, 3), (4, 5))
    assert pairing.floats == ((2, -1), (3, 1))
    assert pairing.cost.gaps == 4
    [why] = pairing.why
    assert why.code == "float_odd_group"
    assert why.params == (("entrant", 2), ("opponent", 3), ("points", 4), ("opponent_points", 2))


def test_who_floated_down_last_round_does_not_float_down_again() -> None:
    floats = [(0, 0), (0, 0), (-1, 0), (1, 0), (0, 0), (0, 0)]
    pairing = pair_round(Field([4, 4, 4, 2, 2, 2], [set()] * 6, floats=floats))
    assert pairing.floats == ((1, -1), (4, 1))
    assert (pairing.cost.repeats, pairing.cost.repeats_before) == (0, 0)


def test_two_at_the_top_who_have_met_meet_the_group_below() -> None:
    pairing = pair_round(Field([6, 6, 4, 4, 4, 4], [{1}, {0}, set(), set(), set(), set()]))
    assert pairing.pairs[:2] == ((0, 2), (1, 3))
    assert [why.code for why in pairing.why] == ["float_no_opponent"] * 2
    assert (pairing.proof, pairing.cost.gaps, pairing.relaxed) == ("exact", 8, False)


def test_the_bye_goes_to_the_last_of_the_lowest_group_who_had_none() -> None:
    points, met = [2, 2, 2, 0, 0], [set()] * 5
    assert pair_round(Field(points, met)).bye == 4
    assert pair_round(Field(points, met, no_bye={4})).bye == 3
    above = pair_round(Field(points, met, no_bye={3, 4}))
    assert (above.bye, above.cost.bye_points, above.why[0].code) == (2, 2, "bye_next_group")
    again = pair_round(Field(points, met, no_bye=range(5)))
    assert (again.bye, again.cost.bye_again, again.why[0].code) == (4, 1, "bye_again")


def test_a_rematch_is_made_only_if_there_is_no_other_way() -> None:
    everybody = [{other for other in range(4) if other != one} for one in range(4)]
    pairing = pair_round(Field([4, 2, 2, 0], everybody))
    assert (pairing.relaxed, pairing.cost.broken, pairing.cost.gaps) == (True, 2, 8)
    assert [why.code for why in pairing.why[:2]] == ["rematch_unavoidable"] * 2
    one_left = [set(row) for row in everybody]
    one_left[0].discard(3)
    one_left[3].discard(0)
    pairing = pair_round(Field([4, 2, 2, 0], one_left))
    assert (pairing.pairs, pairing.cost.broken) == (((0, 3), (1, 2)), 1)


def test_forbidden_pairs_count_in_either_order() -> None:
    field = Field([0] * 4, [set()] * 4)
    assert pair_round(field).pairs == ((0, 3), (1, 2))
    for pair in ((0, 3), (3, 0)):
        assert pair_round(replace(field, forbidden={pair})).pairs == ((0, 2), (1, 3))


def test_side_a_goes_to_who_had_it_less() -> None:
    pairing = pair_round(Field([0] * 4, [set()] * 4, sides=[1, 0, 0, -1]))
    assert pairing.pairs == ((3, 0), (1, 2))
    assert pairing.cost.sides == 2


def test_rows_of_lists_and_of_sets_give_the_same_round() -> None:
    for field in played(Random(4), 40, 8):
        rows = [tuple(sorted(row, reverse=True)) for row in field.met]
        backwards = replace(field, met=rows, no_bye=sorted(field.no_bye, reverse=True))
        assert pair_round(backwards) == pair_round(field) == pair_round(field)


def test_hundreds_who_must_not_meet_each_other_are_spread() -> None:
    size, team = 256, 130
    met = [set(range(team)) - {one} if one < team else set() for one in range(size)]
    pairing = pair_round(Field([0] * size, met))
    assert pairing.cost[:6] == (2, 0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("method", "pairs", "bye"),
    [
        ("fold", ((0, 5), (1, 4), (2, 3)), 6),
        ("slide", ((0, 3), (1, 4), (2, 5)), 6),
        ("adjacent", ((0, 1), (2, 3), (4, 5)), 6),
    ],
)
def test_first_round(method: str, pairs: tuple[tuple[int, int], ...], bye: int) -> None:
    assert first_round(7, method) == (pairs, bye)
    assert first_round(6, method) == (pairs, None)
    assert first_round(6, method).pairs == pair_round(Field([0] * 6, [()] * 6), shape=method).pairs


def test_random_first_round_follows_the_draw_seed() -> None:
    drawn_round = first_round(9, "random", b"0123456789abcdef")
    assert sorted(entrant for pair in drawn_round.pairs for entrant in pair) == list(range(8))
    assert drawn_round.bye == 8
    assert drawn_round == first_round(9, "random", b"0123456789abcdef")
    assert drawn_round != first_round(9, "random", b"0123456789abcdee")
    assert drawn_round != first_round(9, "random", b"0123456789abcdef", purpose="other|1|pairs")
