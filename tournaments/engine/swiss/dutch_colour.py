"""Who gets white in the Dutch system, and what a pair costs in colours.

Source: FIDE Handbook C.04.3 (in force from 1 February 2026), article 5.2 and criteria C10 to C13.
"""

from enum import StrEnum
from typing import NamedTuple

from .dutch_player import Colour, Contestant, Strength, opposite


class ColourRule(StrEnum):
    """The rule of article 5.2 that decided, in the order in which they are asked."""

    PREFERENCES = "preferences"
    STRONGER = "stronger"
    WIDER = "wider"
    ALTERNATION = "alternation"
    RANK = "rank"
    NUMBER = "number"


class Allocation(NamedTuple):
    white: Contestant
    black: Contestant
    rule: ColourRule


def _colour_of(higher: Contestant, lower: Contestant, first_colour: Colour) -> tuple[Colour, ColourRule]:
    """What the higher ranked player gets."""
    mine, theirs = higher.preference, lower.preference
    if mine is None and theirs is not None:
        return opposite(theirs), ColourRule.PREFERENCES
    if mine is None:
        return first_colour if higher.number % 2 else opposite(first_colour), ColourRule.NUMBER
    if mine != theirs:
        return mine, ColourRule.PREFERENCES
    if higher.strength != lower.strength:
        return mine if higher.strength > lower.strength else opposite(mine), ColourRule.STRONGER
    wider = abs(higher.difference) - abs(lower.difference)
    if higher.strength is Strength.ABSOLUTE and wider:
        return mine if wider > 0 else opposite(mine), ColourRule.WIDER
    for own, other in zip(reversed(higher.colours), reversed(lower.colours), strict=False):
        if own != other:
            return other, ColourRule.ALTERNATION
    return mine, ColourRule.RANK


def allocate(higher: Contestant, lower: Contestant, first_colour: Colour) -> Allocation:
    """The colours of a pair; ``higher`` stands before ``lower`` in the ranking order.

    Colour histories are compared from the last game back, games only: rounds without a game are skipped.
    """
    colour, rule = _colour_of(higher, lower, first_colour)
    return Allocation(higher, lower, rule) if colour == "w" else Allocation(lower, higher, rule)


class ColourCost(NamedTuple):
    """What a pair adds to criteria C10 to C13: players with a difference beyond 2, with the same colour three times
    running, without their preference, without their strong preference."""

    beyond_two: int
    three_running: int
    preference: int
    strong: int


def colour_cost(allocation: Allocation) -> ColourCost:
    beyond_two = three_running = preference = strong = 0
    sides: tuple[tuple[Contestant, Colour, int], ...] = ((allocation.white, "w", 1), (allocation.black, "b", -1))
    for player, colour, step in sides:
        if player.preference in (None, colour):
            continue
        preference += 1
        strong += player.strength is Strength.STRONG
        beyond_two += abs(player.difference + step) > 2
        three_running += player.colours[-2:] == (colour, colour)
    return ColourCost(beyond_two, three_running, preference, strong)
