from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.playing import stages, unhurried
from tournaments.engine import (
    BasisPoints,
    EngineError,
    EntrantId,
    FixedAmounts,
    PlaceRange,
    PrizeTable,
    Result,
    StagePlan,
    TieMode,
    distribute,
    distribute_by_kills,
    fold,
    placements,
    split_team,
)

HORT_EXAMPLE = FixedAmounts((100, 80, 60, 40, 20, 10))


def tied(*sizes: int) -> dict[EntrantId, PlaceRange]:
    """Entrants A, B, C … in groups of these sizes, from the first place down."""
    places: dict[EntrantId, PlaceRange] = {}
    for size in sizes:
        first = len(places) + 1
        places |= {EntrantId(chr(64 + first + index)): PlaceRange(first, first + size - 1) for index in range(size)}
    return places


def amounts(
    pool: int,
    table: PrizeTable,
    places: dict[EntrantId, PlaceRange],
    tie_mode: TieMode = TieMode.POOL_AVERAGE,
    unit: int = 1,
) -> list[int]:
    return list(distribute(pool, table, places, tie_mode, unit).amounts.values())


def test_golden_shared_third_place() -> None:
    table = BasisPoints((5000, 2500, 1250, 1250))
    assert amounts(10_000_000, table, tied(1, 1, 2)) == [5_000_000, 2_500_000, 1_250_000, 1_250_000]


def test_golden_three_tied_for_second() -> None:
    table = FixedAmounts((2000, 1000, 500, 300, 200))
    payouts = distribute(5000, table, tied(1, 3, 1))
    assert list(payouts.amounts.values()) == [2000, 600, 600, 600, 200]
    assert payouts.remainder == 1000


def test_golden_hort() -> None:
    """The published example prints 17 for the last and pays 311 of 310."""
    assert amounts(310, HORT_EXAMPLE, tied(2, 1, 3), TieMode.HORT) == [95, 85, 60, 32, 22, 16]


def test_golden_odd_rial_and_two_tied_for_second() -> None:
    table = BasisPoints((5000, 3000, 2000))
    assert amounts(10_000_001, table, tied(1, 2)) == [5_000_001, 2_500_000, 2_500_000]


def test_tiebreak_pays_each_place_as_it_stands() -> None:
    assert amounts(310, HORT_EXAMPLE, tied(2, 1, 3), TieMode.TIEBREAK) == [100, 80, 60, 40, 20, 10]


def test_pool_average_gives_the_indivisible_units_in_order() -> None:
    table = FixedAmounts((100, 0, 0))
    assert amounts(100, table, tied(3)) == [34, 33, 33]
    assert amounts(100, table, tied(3), unit=10) == [40, 30, 30]


def test_units_go_to_the_largest_remainders() -> None:
    """4.05, 3.05 and 2.9 units of 1,000: the one unit left over belongs to the third place."""
    payouts = distribute(10_000, BasisPoints((4050, 3050, 2900)), tied(1, 1, 1), unit=1000)
    assert list(payouts.amounts.values()) == [4000, 3000, 3000]
    assert payouts.remainder == 0


def test_what_is_less_than_a_unit_is_the_remainder() -> None:
    payouts = distribute(10_004_999, BasisPoints((6000, 4000)), tied(1, 1), unit=5000)
    assert list(payouts.amounts.values()) == [6_000_000, 4_000_000]
    assert payouts.remainder == 4999


def test_prizes_of_places_that_nobody_holds_are_the_remainder() -> None:
    payouts = distribute(1000, BasisPoints((5000, 3000, 2000)), tied(1, 1))
    assert (dict(payouts.amounts), payouts.remainder) == ({"A": 500, "B": 300}, 200)


def test_places_can_be_paid_in_parts() -> None:
    """Losers of early rounds are paid before the final: both calls together pay what one call would."""
    table = BasisPoints((5000, 2000, 1500, 1500))
    everyone = tied(1, 1, 2)
    early = {entrant: place for entrant, place in everyone.items() if place.first == 3}
    late = {entrant: place for entrant, place in everyone.items() if place.first < 3}
    parts = {**distribute(999, table, late).amounts, **distribute(999, table, early).amounts}
    assert parts == distribute(999, table, everyone).amounts


def test_whoever_gets_nothing_is_not_listed() -> None:
    payouts = distribute(100, BasisPoints((10_000,)), tied(1, 1, 2))
    assert (dict(payouts.amounts), payouts.remainder) == ({"A": 100}, 0)


TABLES = st.lists(st.integers(0, 60), min_size=1, max_size=12).filter(any)
SIZES = st.lists(st.integers(1, 6), min_size=1, max_size=6)


def basis_points(weights: list[int]) -> BasisPoints:
    """A table that falls from place to place and adds up to 10,000."""
    total = sum(weights)
    shares = [weight * 10_000 // total for weight in sorted(weights, reverse=True)]
    return BasisPoints((shares[0] + 10_000 - sum(shares), *shares[1:]))


@unhurried
@given(st.integers(0, 10**13), TABLES, SIZES, st.sampled_from(TieMode), st.sampled_from([1, 7, 1000, 10_000]))
def test_distribution_conserves_the_pool(
    pool: int, weights: list[int], sizes: list[int], tie_mode: TieMode, unit: int
) -> None:
    payouts = distribute(pool, basis_points(weights), tied(*sizes), tie_mode, unit)
    assert sum(payouts.amounts.values()) + payouts.remainder == pool
    assert payouts.remainder >= 0
    assert all(amount > 0 and amount % unit == 0 for amount in payouts.amounts.values())


@unhurried
@given(st.integers(0, 10**9), TABLES, SIZES, st.sampled_from(TieMode), st.sampled_from([1, 1000]))
def test_distribution_never_pays_a_better_place_less(
    pool: int, weights: list[int], sizes: list[int], tie_mode: TieMode, unit: int
) -> None:
    places = tied(*sizes)
    paid = distribute(pool, basis_points(weights), places, tie_mode, unit).amounts
    by_place = [paid.get(entrant, 0) for entrant in places]
    assert by_place == sorted(by_place, reverse=True)


@unhurried
@given(st.integers(0, 10**9), TABLES, SIZES, st.sampled_from([1, 1000]))
def test_pool_average_pays_tied_entrants_alike(pool: int, weights: list[int], sizes: list[int], unit: int) -> None:
    places = tied(*sizes)
    paid = distribute(pool, basis_points(weights), places, unit=unit).amounts
    for place in set(places.values()):
        shares = [paid.get(entrant, 0) for entrant in places if places[entrant] == place]
        assert max(shares) - min(shares) in (0, unit)


@unhurried
@given(st.integers(0, 10**9), TABLES, SIZES, st.sampled_from(TieMode), st.randoms(use_true_random=False))
def test_distribution_depends_on_order_among_tied_only(
    pool: int, weights: list[int], sizes: list[int], tie_mode: TieMode, rng: object
) -> None:
    places = tied(*sizes)
    groups = [[who for who in places if places[who].first == first] for first in {p.first for p in places.values()}]
    rng.shuffle(groups)  # type: ignore[attr-defined]
    regrouped = {entrant: places[entrant] for group in groups for entrant in group}
    table = basis_points(weights)
    assert distribute(pool, table, regrouped, tie_mode) == distribute(pool, table, places, tie_mode)


@unhurried
@given(stages(complete=True), st.integers(0, 10**9))
def test_the_places_of_any_finished_stage_can_be_paid(stage: tuple[StagePlan, list[Result]], pool: int) -> None:
    payouts = distribute(pool, BasisPoints((5000, 2500, 1250, 1250)), placements(fold(*stage)))
    assert sum(payouts.amounts.values()) + payouts.remainder == pool


@pytest.mark.parametrize(
    ("pool", "table", "places", "unit", "code"),
    [
        (-1, BasisPoints((10_000,)), tied(1), 1, "invalid_amount"),
        (10.0, BasisPoints((10_000,)), tied(1), 1, "invalid_amount"),
        (True, BasisPoints((10_000,)), tied(1), 1, "invalid_amount"),
        (10, BasisPoints((10_000,)), tied(1), 0, "invalid_unit"),
        (10, BasisPoints((10_000,)), tied(1), -5, "invalid_unit"),
        (10, BasisPoints((9_999,)), tied(1), 1, "invalid_prize_table"),
        (10, BasisPoints((10_001, -1)), tied(1), 1, "invalid_prize_table"),
        (10, BasisPoints(()), tied(1), 1, "invalid_prize_table"),
        (10, FixedAmounts((5, -1)), tied(1), 1, "invalid_prize_table"),
        (10, FixedAmounts((5, 2.5)), tied(1), 1, "invalid_prize_table"),  # type: ignore[arg-type]
        (10, (10_000,), tied(1), 1, "invalid_prize_table"),
        (10, FixedAmounts((8, 3)), tied(1), 1, "prizes_exceed_pool"),
        (1000, FixedAmounts((500, 250)), tied(1), 100, "amount_not_in_units"),
        (10, BasisPoints((10_000,)), {"A": PlaceRange(1, 2)}, 1, "inconsistent_places"),
        (10, BasisPoints((10_000,)), {"A": PlaceRange(1, 1), "B": PlaceRange(1, 1)}, 1, "inconsistent_places"),
        (10, BasisPoints((10_000,)), {"A": PlaceRange(0, 0)}, 1, "inconsistent_places"),
        (10, BasisPoints((10_000,)), {"A": PlaceRange(3, 1)}, 1, "inconsistent_places"),
        (
            10,
            BasisPoints((10_000,)),
            {"A": PlaceRange(1, 2), "B": PlaceRange(1, 2), "C": PlaceRange(2, 2)},
            1,
            "inconsistent_places",
        ),
    ],
)
def test_distribution_refuses(pool: int, table: PrizeTable, places: dict[EntrantId, PlaceRange], unit: int, code: str):
    with pytest.raises(EngineError) as refused:
        distribute(pool, table, places, unit=unit)
    assert refused.value.code == code


def test_distribution_refuses_an_unknown_tie_mode() -> None:
    with pytest.raises(EngineError) as refused:
        distribute(10, BasisPoints((10_000,)), tied(1), "average")  # type: ignore[arg-type]
    assert refused.value.code == "invalid_tie_mode"


def test_split_team_gives_the_odd_rials_to_the_captain() -> None:
    assert split_team(1003, ["ana", "bea", "eve", "ida"], "bea") == {"ana": 250, "bea": 253, "eve": 250, "ida": 250}
    assert split_team(0, ["ana"], "ana") == {"ana": 0}


@unhurried
@given(st.integers(0, 10**13), st.integers(1, 30))
def test_split_team_conserves_the_amount(amount: int, size: int) -> None:
    members = [str(number) for number in range(size)]
    parts = split_team(amount, members, members[-1])
    assert sum(parts.values()) == amount
    assert list(parts) == members
    assert 0 <= parts[members[-1]] - amount // size < size


@pytest.mark.parametrize(
    ("amount", "members", "captain", "code"),
    [
        (-1, ["a"], "a", "invalid_amount"),
        (1.5, ["a"], "a", "invalid_amount"),
        (10, [], "a", "no_members"),
        (10, ["a", "b", "a"], "a", "duplicate_member"),
        (10, ["a", "b"], "c", "captain_not_in_team"),
    ],
)
def test_split_team_refuses(amount: int, members: list[str], captain: str, code: str) -> None:
    with pytest.raises(EngineError) as refused:
        split_team(amount, members, captain)
    assert refused.value.code == code


def by_kills(pool: int, per_kill: int, kills: dict[str, int], unit: int = 1) -> tuple[dict[str, int], int]:
    payouts = distribute_by_kills(pool, per_kill, {EntrantId(name): number for name, number in kills.items()}, unit)
    return {str(name): amount for name, amount in payouts.amounts.items()}, payouts.remainder


def test_every_kill_is_worth_the_same_while_the_pool_reaches() -> None:
    assert by_kills(1000, 100, {"A": 4, "B": 0, "C": 6}) == ({"A": 400, "C": 600}, 0)
    assert by_kills(1000, 100, {"A": 4, "B": 1}) == ({"A": 400, "B": 100}, 500)
    assert by_kills(0, 100, {"A": 0}) == ({}, 0)


def test_a_pool_that_does_not_reach_is_shared_by_kills() -> None:
    assert by_kills(1000, 1000, {"A": 1, "B": 1, "C": 1}) == ({"A": 334, "B": 333, "C": 333}, 0)
    assert by_kills(1050, 1000, {"A": 1, "B": 3}, unit=100) == ({"A": 200, "B": 800}, 50)
    assert by_kills(0, 5, {"A": 1}) == ({}, 0)


@pytest.mark.parametrize(
    ("pool", "per_kill", "kills", "unit"), [(-1, 1, 1, 1), (1, -1, 1, 1), (1, 1, -1, 1), (1, 1, 1, 0)]
)
def test_kills_refuse_numbers_that_are_none(pool: int, per_kill: int, kills: int, unit: int) -> None:
    with pytest.raises(EngineError):
        by_kills(pool, per_kill, {"A": kills}, unit)


@given(
    pool=st.integers(0, 10**12),
    per_kill=st.integers(0, 10**6),
    kills=st.lists(st.integers(0, 10_000), max_size=30),
    unit=st.sampled_from([1, 10, 1000]),
)
def test_kills_never_pay_more_than_the_pool_nor_more_than_they_are_worth(
    pool: int, per_kill: int, kills: list[int], unit: int
) -> None:
    numbers = {f"{number:02}": count for number, count in enumerate(kills)}
    paid, remainder = by_kills(pool, per_kill * unit, numbers, unit)
    assert sum(paid.values()) + remainder == pool
    worth = {name: count * per_kill * unit for name, count in numbers.items()}
    assert all(0 < amount <= worth[name] and amount % unit == 0 for name, amount in paid.items())
    if sum(worth.values()) <= pool:
        assert paid == {name: amount for name, amount in worth.items() if amount}
    else:
        assert remainder < unit
        order = sorted(numbers, key=lambda name: numbers[name])
        assert all(paid.get(less, 0) <= paid.get(more, 0) + unit for less, more in pairwise(order))
