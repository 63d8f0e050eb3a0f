import hashlib
import hmac
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.playing import unhurried
from tournaments.engine import DrawRng, EngineError, commitment, shuffle

SECRET = bytes(range(32))


def test_shuffle_golden_vector() -> None:
    """Pinned: a draw that was published must come out the same for ever."""
    assert shuffle([1, 2, 3, 4, 5, 6, 7, 8], SECRET, "stage1|0|seeds") == (1, 2, 8, 5, 3, 7, 6, 4)


def test_below_is_the_leading_bits_of_the_blocks_that_fit() -> None:
    rng = DrawRng(SECRET, "lots")
    expected = []
    counter = 0
    while len(expected) < 50:
        block = hmac.new(SECRET, f"lots|{counter}".encode(), hashlib.sha256).digest()
        value = block[0] >> 5
        if value < 6:
            expected.append(value)
        counter += 1
    assert counter > 50
    assert [rng.below(6) for _ in range(50)] == expected


def test_below_covers_large_and_smallest_bounds() -> None:
    rng = DrawRng(SECRET, "bounds")
    assert [rng.below(1) for _ in range(3)] == [0, 0, 0]
    assert 2**255 > rng.below(2**255) > 2**200
    for bound in (0, -3, 2**256 + 1):
        with pytest.raises(EngineError) as refused:
            rng.below(bound)
        assert refused.value.code == "invalid_size"


@unhurried
@given(st.lists(st.integers(), max_size=60), st.binary(min_size=1), st.text(max_size=20))
def test_shuffle_permutes_and_repeats(items: list[int], secret: bytes, purpose: str) -> None:
    once = shuffle(items, secret, purpose)
    assert sorted(once) == sorted(items)
    assert once == shuffle(items, secret, purpose)


def test_shuffle_depends_on_secret_and_purpose() -> None:
    items = range(100)
    orders = {
        shuffle(items, SECRET, "a"),
        shuffle(items, SECRET, "b"),
        shuffle(items, SECRET[:-1], "a"),
        tuple(items),
    }
    assert len(orders) == 4


def test_shuffle_favours_no_permutation() -> None:
    counts: dict[tuple[int, ...], int] = {}
    for number in range(6000):
        order = shuffle((1, 2, 3), SECRET, str(number))
        counts[order] = counts.get(order, 0) + 1
    assert len(counts) == 6
    chi_square = sum((count - 1000) ** 2 / 1000 for count in counts.values())
    assert chi_square < 20.5  # 0.999 quantile for 5 degrees of freedom; the secret is fixed, so this never flickers


def test_commitment_is_sha256_of_the_secret() -> None:
    assert commitment(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize(
    ("secret", "code"), [(b"", "draw_seed_required"), ("text", "invalid_draw_seed"), (None, "invalid_draw_seed")]
)
def test_draws_refuse_a_missing_secret(secret: object, code: str) -> None:
    for attempt in (lambda: shuffle([1, 2], secret, "x"), lambda: commitment(secret)):  # type: ignore[arg-type]
        with pytest.raises(EngineError) as refused:
            attempt()
        assert refused.value.code == code


def test_streams_of_one_secret_do_not_overlap() -> None:
    """Not even where one purpose begins with another."""
    streams = []
    for purpose in ("x", "x|0", "x|1", "y"):
        rng = DrawRng(SECRET, purpose)
        streams.append({rng.below(2**64) for _ in range(200)})
    assert all(first.isdisjoint(second) for first, second in combinations(streams, 2))
