"""Which group each seed plays in, and what the seeds are."""

from fractions import Fraction
from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.playing import unhurried
from tournaments.engine import EngineError, EntrantId, shuffle
from tournaments.engine.group_seeding import Distribution, Entry, SeedSource, distribute_groups, seed_order

DEALT = ("effort_balanced", "snake", "seed_optimized", "bracket_optimized")


def text(groups: tuple[tuple[int, ...], ...]) -> str:
    return "|".join(" ".join(map(str, group)) for group in groups)


@pytest.mark.parametrize(
    ("entrants", "groups", "method", "expected"),
    [
        (8, 4, "effort_balanced", "1 5|2 6|3 7|4 8"),
        (10, 4, "effort_balanced", "1 5 9|2 6 10|3 7|4 8"),
        (8, 4, "snake", "1 8|2 7|3 6|4 5"),
        (16, 4, "snake", "1 8 9 16|2 7 10 15|3 6 11 14|4 5 12 13"),
        (16, 4, "seed_optimized", "1 8 9 16|2 7 10 15|3 6 11 14|4 5 12 13"),
        (10, 4, "snake", "1 8 9|2 7 10|3 6|4 5"),
        (9, 4, "snake", "1 8 9|2 7|3 6|4 5"),
        (11, 3, "snake", "1 6 7|2 5 8 11|3 4 9 10"),
        (16, 4, "bracket_optimized", "1 7 12 14|2 8 11 13|3 5 10 16|4 6 9 15"),
        (8, 2, "bracket_optimized", "1 4 6 7|2 3 5 8"),
        (5, 1, "snake", "1 2 3 4 5"),
    ],
)
def test_seeds_are_dealt_as_the_method_says(entrants: int, groups: int, method: str, expected: str) -> None:
    assert text(distribute_groups(entrants, groups, method)) == expected


@pytest.mark.parametrize(("entrants", "groups"), [(12, 4), (24, 8), (10, 2), (15, 3), (8, 1), (16, 6), (32, 12)])
def test_bracket_optimized_is_the_snake_where_it_is_not_defined(entrants: int, groups: int) -> None:
    assert distribute_groups(entrants, groups, "bracket_optimized") == distribute_groups(entrants, groups, "snake")


@unhurried
@given(st.integers(1, 64), st.integers(0, 400), st.sampled_from(DEALT))
def test_groups_are_even_complete_and_keep_the_best_seeds_apart(groups: int, more: int, method: str) -> None:
    entrants = 2 * groups + more
    dealt = distribute_groups(entrants, groups, method)
    sizes = [len(group) for group in dealt]
    assert max(sizes) - min(sizes) <= 1
    assert sorted(seed for group in dealt for seed in group) == list(range(1, entrants + 1))
    assert [group[0] for group in dealt] == list(range(1, groups + 1))
    assert all(list(group) == sorted(group) for group in dealt)


@pytest.mark.parametrize("power", [2, 3, 4, 5])
def test_the_snake_gives_full_groups_equal_sums_of_seeds(power: int) -> None:
    assert len({sum(group) for group in distribute_groups(4 * 2**power, 2**power, "snake")}) == 1


def test_manual_groups_are_taken_as_given() -> None:
    assert distribute_groups(5, 2, "manual", [[5, 1], [2, 4, 3]]) == ((1, 5), (2, 3, 4))
    assert distribute_groups(4, 2, Distribution.MANUAL, ((1, 2), (3, 4))) == ((1, 2), (3, 4))


@pytest.mark.parametrize(
    ("manual", "params"),
    [
        ((), {"reason": "number", "expected": 2, "given": 0}),
        (None, {"reason": "not_lists"}),
        ("12", {"reason": "not_lists"}),
        ([1, 2], {"reason": "not_lists"}),
        ([[1, 2], [3, 4], [5]], {"reason": "number", "expected": 2, "given": 3}),
        ([[1, 2], [3, 4, 6]], {"reason": "unknown_seed", "seed": 6}),
        ([[1, 2], [3, 4, True]], {"reason": "unknown_seed", "seed": True}),
        ([[1, 2], [3, 4, "5"]], {"reason": "unknown_seed", "seed": "5"}),
        ([[1, 2], [3, 4, 1]], {"reason": "duplicate_seed", "seed": 1}),
        ([[1, 2], [3, 5]], {"reason": "missing_seed", "seed": 4}),
        ([[1, 2, 3, 4], [5]], {"reason": "sizes", "smallest": 1, "largest": 4}),
    ],
)
def test_manual_groups_are_checked(manual: object, params: dict[str, object]) -> None:
    with pytest.raises(EngineError) as refused:
        distribute_groups(5, 2, "manual", manual)  # type: ignore[arg-type]
    assert (refused.value.code, refused.value.params) == ("invalid_groups", params)


@pytest.mark.parametrize(
    ("entrants", "groups", "method", "code"),
    [
        (0, 1, "snake", "invalid_size"),
        (-4, 1, "snake", "invalid_size"),
        (8, 0, "snake", "invalid_size"),
        (8, True, "snake", "invalid_size"),
        (8.0, 2, "snake", "invalid_size"),
        (float("nan"), 2, "snake", "invalid_size"),
        (None, 2, "snake", "invalid_size"),
        ("8", 2, "snake", "invalid_size"),
        (1, 1, "snake", "too_few_entrants"),
        (7, 4, "snake", "too_few_entrants"),
        (4097, 8, "snake", "too_many_entrants"),
        (10**30, 8, "snake", "too_many_entrants"),
        (8, 4, "random", "invalid_option"),
        (8, 4, None, "invalid_option"),
        (8, 4, [], "invalid_option"),
    ],
)
def test_nonsense_sizes_and_methods_are_refused(entrants: object, groups: object, method: object, code: str) -> None:
    with pytest.raises(EngineError) as refused:
        distribute_groups(entrants, groups, method)  # type: ignore[arg-type]
    assert refused.value.code == code


def entry(name: str, registered: int = 0, **numbers: object) -> Entry:
    return Entry(EntrantId(name), registered, **numbers)  # type: ignore[arg-type]


FIELD = (
    entry("a", 3, rating=1500, previous_rank=2, manual_seed=2),
    entry("b", 2, rating=1500.5, previous_rank=None, manual_seed=1),
    entry("c", 1, rating=None, previous_rank=2, manual_seed=1),
    entry("d", 1, rating=Fraction(3001, 2), previous_rank=1),
    entry("e", 2, rating=1500.5, previous_rank=3),
)


@pytest.mark.parametrize(
    ("source", "expected"),
    [("rating", "dbeac"), ("previous_rank", "daceb"), ("manual", "bcade"), (SeedSource.MANUAL, "bcade")],
)
def test_seeds_follow_the_source_then_rating_registration_and_id(source: str, expected: str) -> None:
    for order in permutations(FIELD):
        assert "".join(seed_order(order, source)) == expected


def test_random_seeds_come_from_the_draw_seed_alone() -> None:
    expected = shuffle("abcde", b"secret", "seeding")
    for order in permutations(FIELD):
        assert seed_order(order, "random", b"secret") == expected
    unrated = [entry(name) for name in "edcba"]
    assert seed_order(unrated, "random", b"secret") == expected
    assert seed_order(FIELD, "random", b"secret", "W|seeding") == shuffle("abcde", b"secret", "W|seeding")


def test_a_zero_is_a_number_and_not_a_gap() -> None:
    assert seed_order([entry("a", 2), entry("b", 3, rating=0), entry("c", 1, rating=-5)], "rating") == ("b", "c", "a")
    assert seed_order([entry("a", manual_seed=1), entry("b", manual_seed=0)], "manual") == ("b", "a")


@unhurried
@given(st.integers(0, 2**32))
def test_seed_order_does_not_depend_on_the_order_of_entries(number: int) -> None:
    random = Random(number)
    entries = [
        entry(
            f"t{index}",
            random.randrange(3),
            rating=random.choice([None, 1, 2.5]),
            previous_rank=random.choice([None, 1, 2]),
            manual_seed=random.choice([None, 1, 2]),
        )
        for index in range(random.randrange(8))
    ]
    for source in SeedSource:
        orders = {seed_order(random.sample(entries, len(entries)), source, b"s") for _ in range(3)}
        assert len(orders) == 1
        assert sorted(orders.pop()) == [item.entrant for item in entries]


@pytest.mark.parametrize(
    ("entries", "source", "code"),
    [
        (FIELD, "elo", "invalid_option"),
        (FIELD, None, "invalid_option"),
        (FIELD, ["rating"], "invalid_option"),
        (None, "rating", "invalid_entrant"),
        ("abc", "rating", "invalid_entrant"),
        (["a"], "rating", "invalid_entrant"),
        ([entry("")], "rating", "invalid_entrant"),
        ([entry("a", None)], "rating", "invalid_entrant"),  # type: ignore[arg-type]
        ([entry("a", True)], "rating", "invalid_entrant"),
        ([entry("a", rating=float("nan"))], "rating", "invalid_entrant"),
        ([entry("a", rating=float("inf"))], "rating", "invalid_entrant"),
        ([entry("a", rating="1500")], "rating", "invalid_entrant"),
        ([entry("a", rating=True)], "rating", "invalid_entrant"),
        ([entry("a", previous_rank="")], "rating", "invalid_entrant"),
        ([entry("a", manual_seed=1.5)], "rating", "invalid_entrant"),
        ([entry("a"), entry("a")], "rating", "duplicate_entrant"),
        ([entry(str(number)) for number in range(4097)], "rating", "too_many_entrants"),
        (FIELD, "random", "draw_seed_required"),
    ],
)
def test_nonsense_entries_are_refused(entries: object, source: object, code: str) -> None:
    with pytest.raises(EngineError) as refused:
        seed_order(entries, source)  # type: ignore[arg-type]
    assert refused.value.code == code
