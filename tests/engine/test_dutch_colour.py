"""Colour preferences and who gets white in the Dutch system."""

import pytest

from tournaments.engine.swiss.dutch_colour import allocate
from tournaments.engine.swiss.dutch_player import (
    Colour,
    Contestant,
    DutchPlayer,
    DutchRound,
    Strength,
    contestants,
    opposite,
)


def colours(history: str) -> tuple[Colour, ...]:
    return tuple("w" if letter == "w" else "b" for letter in history)


def contestant(number: int, history: str) -> Contestant:
    """One player's colours and preference as the engine derives them, in a field of ever new opponents."""
    games = tuple(DutchRound(number + 1 + index, colour) for index, colour in enumerate(colours(history)))
    others = [
        DutchPlayer(
            number + 1 + index,
            tuple(
                DutchRound(number, opposite(colour)) if at == index else DutchRound()
                for at, colour in enumerate(colours(history))
            ),
        )
        for index in range(len(games))
    ]
    return contestants([DutchPlayer(number, games), *others], len(games) + 1, 2, 0)[0]


@pytest.mark.parametrize(
    ("history", "difference", "preference", "strength"),
    [
        ("", 0, None, Strength.NONE),
        ("w", 1, "b", Strength.STRONG),
        ("b", -1, "w", Strength.STRONG),
        ("bw", 0, "b", Strength.MILD),
        ("wb", 0, "w", Strength.MILD),
        ("ww", 2, "b", Strength.ABSOLUTE),
        ("bww", 1, "b", Strength.ABSOLUTE),
        ("bwbww", 1, "b", Strength.ABSOLUTE),
        ("wbb", -1, "w", Strength.ABSOLUTE),
        ("wbw", 1, "b", Strength.STRONG),
        ("wwbw", 2, "b", Strength.ABSOLUTE),
    ],
)
def test_colour_preferences(history: str, difference: int, preference: Colour | None, strength: Strength) -> None:
    player = contestant(1, history)
    assert (player.difference, player.preference, player.strength) == (difference, preference, strength)


@pytest.mark.parametrize(
    ("higher", "lower", "white", "rule"),
    [
        ("", "", 1, "number"),
        ("w", "", 2, "preferences"),
        ("", "w", 1, "preferences"),
        ("w", "b", 2, "preferences"),
        ("w", "bw", 2, "stronger"),
        ("bw", "w", 1, "stronger"),
        ("bww", "ww", 1, "wider"),
        ("ww", "bww", 2, "wider"),
        ("bwbw", "wbbw", 2, "alternation"),
        ("wbbw", "bwbw", 1, "alternation"),
        ("bw", "bw", 2, "rank"),
        ("wb", "wb", 1, "rank"),
    ],
)
def test_colours_are_given_by_the_first_rule_that_decides(higher: str, lower: str, white: int, rule: str) -> None:
    one, two = contestant(1, higher), contestant(2, lower)
    allocation = allocate(one, two, "w")
    assert (allocation.white.number, str(allocation.rule)) == (white, rule)


def test_an_even_number_turns_the_first_colour() -> None:
    one, two = contestant(2, ""), contestant(3, "")
    assert allocate(one, two, "w").black is one
    assert allocate(one, two, "b").white is one
