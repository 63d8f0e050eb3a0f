import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.playing import unhurried
from tournaments.engine import (
    ORDERS,
    EngineError,
    half_shift,
    inner_outer,
    natural,
    pair_flip,
    reverse,
    reverse_half_shift,
)


def test_inner_outer_golden_vectors() -> None:
    assert inner_outer(1) == (1,)
    assert inner_outer(2) == (1, 2)
    assert inner_outer(4) == (1, 4, 2, 3)
    assert inner_outer(8) == (1, 8, 4, 5, 2, 7, 3, 6)
    assert inner_outer(16) == (1, 16, 8, 9, 4, 13, 5, 12, 2, 15, 7, 10, 3, 14, 6, 11)


def test_other_orders_golden_vectors() -> None:
    assert natural(8) == (1, 2, 3, 4, 5, 6, 7, 8)
    assert reverse(8) == (8, 7, 6, 5, 4, 3, 2, 1)
    assert half_shift(8) == (5, 6, 7, 8, 1, 2, 3, 4)
    assert half_shift(4) == (3, 4, 1, 2)
    assert reverse_half_shift(8) == (4, 3, 2, 1, 8, 7, 6, 5)
    assert reverse_half_shift(4) == (2, 1, 4, 3)
    assert reverse_half_shift(2) == (1, 2)
    assert pair_flip(8) == (2, 1, 4, 3, 6, 5, 8, 7)
    assert pair_flip(5) == (2, 1, 4, 3, 5)


@unhurried
@given(st.sampled_from(sorted(set(ORDERS) - {"inner_outer"})), st.integers(1, 300))
def test_orders_are_permutations(name: str, size: int) -> None:
    assert sorted(ORDERS[name](size)) == list(range(1, size + 1))


@unhurried
@given(st.integers(0, 12))
def test_inner_outer_keeps_top_seeds_apart(exponent: int) -> None:
    """The best 2^k seeds stand in different 2^k-ths of the bracket, and the first pairs add up to size + 1."""
    size = 2**exponent
    order = inner_outer(size)
    assert sorted(order) == list(range(1, size + 1))
    for k in range(exponent + 1):
        section = size // 2**k
        homes = {order.index(seed) // section for seed in range(1, 2**k + 1)}
        assert homes == set(range(2**k))
    assert {order[i] + order[i + 1] for i in range(0, size - 1, 2)} <= {size + 1}


@pytest.mark.parametrize("name", sorted(ORDERS))
@pytest.mark.parametrize("size", [0, -1])
def test_orders_refuse_empty_sizes(name: str, size: int) -> None:
    with pytest.raises(EngineError) as refused:
        ORDERS[name](size)
    assert refused.value.code == "invalid_size"


@pytest.mark.parametrize("size", [3, 6, 12, 4095])
def test_inner_outer_refuses_sizes_that_are_no_power_of_two(size: int) -> None:
    with pytest.raises(EngineError) as refused:
        inner_outer(size)
    assert (refused.value.code, refused.value.params) == ("invalid_size", {"size": size})
