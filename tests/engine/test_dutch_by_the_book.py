"""The Dutch system against the rules word for word, on small fields of the most awkward kind."""

import os
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.dutch_by_the_book import pair_by_the_book
from tests.engine.playing import unhurried
from tournaments.engine.swiss.dutch_bracket import pairs_of
from tournaments.engine.swiss.dutch_colour import allocate
from tournaments.engine.swiss.dutch_graph import PairingGraph
from tournaments.engine.swiss.dutch_player import Contestant, Float, Strength

CASES = int(os.environ.get("ENGINE_FUZZ", "500"))

HISTORIES: tuple[tuple[tuple[str, ...], int, str | None, Strength], ...] = (
    ((), 0, None, Strength.NONE),
    (("w",), 1, "b", Strength.STRONG),
    (("b",), -1, "w", Strength.STRONG),
    (("b", "w"), 0, "b", Strength.MILD),
    (("w", "b"), 0, "w", Strength.MILD),
    (("w", "w"), 2, "b", Strength.ABSOLUTE),
    (("b", "b"), -2, "w", Strength.ABSOLUTE),
    (("b", "w", "w"), 1, "b", Strength.ABSOLUTE),
    (("w", "b", "b"), -1, "w", Strength.ABSOLUTE),
    (("w", "w", "b", "w"), 2, "b", Strength.ABSOLUTE),
)


def awkward_field(rng: Random, size: int) -> list[Contestant]:
    """Few scores, many floats, colours that clash, many who have met: no tournament needs to have led here."""
    histories = rng.sample(HISTORIES, rng.randint(1, 4)) if rng.random() < 0.7 else list(HISTORIES)
    scores = rng.choice(((2,), (2, 1), (3, 2), (4, 2, 1), (5, 3, 2, 1)))
    met_share, float_share = rng.choice((0.0, 0.2, 0.4, 0.6)), rng.choice((0.0, 0.4, 0.8))
    met = {frozenset((one, two)) for two in range(1, size + 1) for one in range(1, two) if rng.random() < met_share}

    def floated() -> Float:
        return rng.choice((Float.DOWN, Float.UP)) if rng.random() < float_share else Float.NONE

    field = []
    for number in range(1, size + 1):
        colours, difference, preference, strength = rng.choice(histories)
        field.append(
            Contestant(
                number=number,
                points=rng.choice(scores),
                opponents=frozenset(other for pair in met if number in pair for other in pair if other != number),
                colours=colours,  # type: ignore[arg-type]
                difference=difference,
                preference=preference,  # type: ignore[arg-type]
                strength=strength,
                floats=(floated(), floated()),
                unplayed=rng.choice((0, 0, 1, 2)),
                may_take_bye=rng.random() < 0.8,
            )
        )
    return sorted(field, key=lambda player: (-player.points, player.number))


def homogeneous_field(size: int, may_meet: Callable[[int, int], bool]) -> list[Contestant]:
    """One scoregroup before any colour, in which only some have not met."""
    numbers = range(1, size + 1)
    return [
        Contestant(
            number=number,
            points=2,
            opponents=frozenset(
                other for other in numbers if other != number and not may_meet(min(number, other), max(number, other))
            ),
            colours=(),
            difference=0,
            preference=None,
            strength=Strength.NONE,
            floats=(Float.NONE, Float.NONE),
            unplayed=0,
            may_take_bye=True,
        )
        for number in numbers
    ]


def paired(field: list[Contestant], topscore: int | None) -> tuple[set[tuple[int, int]], int | None] | None:
    graph = PairingGraph(field, topscore, "w")
    if not graph.settle_bye():
        return None
    pairs = list(pairs_of(graph))
    games = [allocate(field[one], field[two], "w") for one, two in pairs]
    left = [player.number for index, player in enumerate(field) if all(index not in pair for pair in pairs)]
    return {(game.white.number, game.black.number) for game in games}, left[0] if left else None


@given(seed=st.integers(0, 2**32 - 1), size=st.integers(2, 9))
@settings(unhurried, max_examples=CASES)
def test_small_fields_are_paired_by_the_book(seed: int, size: int) -> None:
    rng = Random(seed)
    field = awkward_field(rng, size)
    topscore = rng.choice((None, None, 0, 2))
    assert paired(field, topscore) == pair_by_the_book(field, topscore, "w")


@given(seed=st.integers(0, 2**32 - 1), size=st.integers(10, 11))
@settings(unhurried, max_examples=CASES // 10)
def test_exchanges_come_in_the_order_of_the_book(seed: int, size: int) -> None:
    rng = Random(seed)
    share = rng.choice((0.3, 0.4, 0.5))
    open_pairs = {(one, two) for two in range(1, size + 1) for one in range(1, two) if rng.random() < share}
    field = homogeneous_field(size, lambda *pair: pair in open_pairs)
    assert paired(field, None) == pair_by_the_book(field, None, "w")


def pairs_in(text: str) -> set[tuple[int, int]]:
    return {(int(one), int(two)) for one, two in (pair.split("-") for pair in text.split())}


def chosen(field: list[Contestant]) -> set[tuple[int, int]]:
    answer = paired(field, None)
    assert answer is not None
    return {(min(pair), max(pair)) for pair in answer[0]}


@pytest.mark.parametrize(
    ("points", "best", "other"),
    [
        ((4, 2, 2, 2, 2, 0, 0, 0, 0, 0), "1-6 2-3 4-5 7-8 9-10", "1-2 3-7 4-8 5-9 6-10"),
        ((6, 6, 6, 4, 4, 4, 4, 0, 0, 0, 0, 0), "1-8 2-3 4-5 6-7 9-10 11-12", "1-3 2-4 5-9 6-10 7-11 8-12"),
    ],
    ids=["this bracket", "the following bracket"],
)
def test_the_number_of_floaters_counts_more_than_their_scores(points: tuple[int, ...], best: str, other: str) -> None:
    open_pairs = pairs_in(best) | pairs_in(other)
    field = [
        replace(player, points=score)
        for player, score in zip(homogeneous_field(len(points), lambda *pair: pair in open_pairs), points, strict=True)
    ]
    assert chosen(field) == pairs_in(best)


@pytest.mark.parametrize(
    ("forced", "first", "second"),
    [
        ("", "1-2 3-7 4-8 5-9 6-10 11-12", "1-5 2-6 3-11 4-12 7-9 8-10"),
        ("5-11 6-12", "1-4 2-8 3-9 7-10", "1-7 2-3 4-9 8-10"),
        ("3-11 6-12", "1-5 2-10 4-7 8-9", "1-4 2-8 5-10 7-9"),
        ("1-5 2-6 4-12", "3-9 7-8 10-11", "3-7 8-10 9-11"),
    ],
    ids=["fewest", "smallest difference", "highest down", "lowest up"],
)
def test_of_two_exchanges_the_first_is_taken(forced: str, first: str, second: str) -> None:
    open_pairs = pairs_in(forced) | pairs_in(first) | pairs_in(second)
    field = homogeneous_field(12, lambda *pair: pair in open_pairs)
    assert chosen(field) == pairs_in(forced) | pairs_in(first)
