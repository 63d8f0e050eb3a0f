"""Exact numbers for all entrants at once: integers over one common denominator."""

from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from typing import NamedTuple

Number = int | Fraction


class Column(NamedTuple):
    """One number for every entrant: the true value is ``values[i] / scale``."""

    values: Sequence[int]
    scale: int = 1


def quotients(dividends: Sequence[int], divisors: Sequence[int], scale: int = 1) -> Column:
    """``dividends[i] / divisors[i] / scale``; a quotient by 0 is 0."""
    common = lcm(*{divisor for divisor in divisors if divisor})
    return Column(
        [
            dividend * (common // divisor) if divisor else 0
            for dividend, divisor in zip(dividends, divisors, strict=True)
        ],
        common * scale,
    )


def at_least(floor: Fraction, column: Column) -> Column:
    """The column with every smaller value raised to ``floor``."""
    lowest = floor.numerator * column.scale
    return Column([max(lowest, value * floor.denominator) for value in column.values], column.scale * floor.denominator)


def shown(value: Number, scale: int) -> Number:
    """``value / scale``: an integer where it is whole, otherwise a fraction."""
    true = Fraction(value) / scale
    return true.numerator if true.denominator == 1 else true
