"""What a Swiss round refuses, and the odd values that it takes."""

from dataclasses import replace

import pytest

from tournaments.engine import EngineError, ErrorCode
from tournaments.engine.swiss.pairing import Field, first_round, pair_round

GOOD = Field([2, 2, 0, 0], [{3}, {2}, {1}, {0}], {3}, [(0, 0)] * 4, [0] * 4, {(0, 1)})


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("points", [2, 2, 0, "0"]),
        ("points", [2, 2, 0, 0.0]),
        ("points", [2, 2, 0, float("nan")]),
        ("points", [2, 2, 0, True]),
        ("points", None),
        ("points", "2200"),
        ("met", [{3}, {2}, {1}]),
        ("met", [{3}, {2}, {1}, set()]),
        ("met", [set(), {2}, {1}, {0}]),
        ("met", [{3}, {2}, {1}, {0, 3}]),
        ("met", [{3, 4}, {2}, {1}, {0}]),
        ("met", [{3, -1}, {2}, {1}, {0}]),
        ("met", [{3, "1"}, {2}, {1}, {0}]),
        ("met", [{3, 1.0}, {2}, {1}, {0}]),
        ("met", [3, 2, 1, 0]),
        ("met", ["3", "2", "1", "0"]),
        ("met", 5),
        ("no_bye", {4}),
        ("no_bye", {-1}),
        ("no_bye", {"3"}),
        ("no_bye", 3),
        ("floats", [(0, 0)] * 3),
        ("floats", [(0, 2)] * 4),
        ("floats", [[0, 0]] * 4),
        ("floats", [0] * 4),
        ("floats", 7),
        ("sides", [0] * 5),
        ("sides", [0, 0, 0, None]),
        ("sides", 0),
        ("forbidden", {(1, 1)}),
        ("forbidden", {(0, 4)}),
        ("forbidden", {(0, -1)}),
        ("forbidden", {(0, 1, 2)}),
        ("forbidden", {3}),
        ("forbidden", {("0", 1)}),
        ("forbidden", 9),
    ],
)
def test_a_field_that_makes_no_sense_is_refused(column: str, value: object) -> None:
    pair_round(GOOD)
    with pytest.raises(EngineError) as caught:
        pair_round(replace(GOOD, **{column: value}))
    assert (caught.value.code, caught.value.params) == (ErrorCode.INVALID_FIELD, {"column": column})


@pytest.mark.parametrize(
    ("size", "code"),
    [(0, ErrorCode.TOO_FEW_ENTRANTS), (1, ErrorCode.TOO_FEW_ENTRANTS), (16385, ErrorCode.TOO_MANY_ENTRANTS)],
)
def test_fields_and_first_rounds_have_a_size(size: int, code: ErrorCode) -> None:
    with pytest.raises(EngineError) as caught:
        pair_round(Field([0] * size, [()] * size))
    assert caught.value.code == code
    with pytest.raises(EngineError) as caught:
        first_round(size, "fold")
    assert caught.value.code == code


def test_other_nonsense_is_refused() -> None:
    for call, code in [
        (lambda: pair_round(None), ErrorCode.INVALID_FIELD),
        (lambda: pair_round(GOOD, shape="triangle"), ErrorCode.INVALID_OPTION),
        (lambda: pair_round(GOOD, shape=[]), ErrorCode.INVALID_OPTION),
        (lambda: first_round(4, "triangle"), ErrorCode.INVALID_OPTION),
        (lambda: first_round("4", "fold"), ErrorCode.INVALID_SIZE),
        (lambda: first_round(True, "fold"), ErrorCode.INVALID_SIZE),
        (lambda: first_round(4, "random"), ErrorCode.DRAW_SEED_REQUIRED),
        (lambda: first_round(4, "random", "seed"), ErrorCode.INVALID_DRAW_SEED),
    ]:
        with pytest.raises(EngineError) as caught:
            call()
        assert caught.value.code == code


def test_points_may_be_negative_or_huge() -> None:
    pairing = pair_round(Field([10**30, 0, -3, -3], [{1}, {0}, set(), set()]))
    assert not pairing.relaxed
    assert pairing.cost.gaps == (10**30 + 3) ** 2 + 9
