"""What the measurements add up to: best and median, growth, agreement of the pairings, and the goals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import log
from statistics import fmean, median
from typing import Any

from .rows import Contender, Row

GROWTH_FROM = 512
"""Sizes below this do not count for the growth exponent: there the fixed cost of a call still shows."""


@dataclass(slots=True)
class Figure:
    """One contender at one size. ``times`` holds the CPU seconds of all repetitions for each thing measured (a round;
    otherwise there is one thing), ``facts`` what else the job said of it; ``peak`` is in bytes.

    ``trouble`` says why there is nothing, or not all: the limit of time, a failure, a peer that is absent.
    """

    times: list[list[float]] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)
    peak: int = 0
    trouble: str = ""

    def add(self, lines: list[dict[str, Any]], trouble: str) -> None:
        """Add the lines of one job; the trouble of the job that got less far counts."""
        for index, line in enumerate(lines):
            if index == len(self.times):
                self.times.append([])
                self.facts.append({name: value for name, value in line.items() if name not in ("times", "peak")})
            self.times[index] += line["times"]
            self.peak = max(self.peak, line["peak"])
        self.trouble = self.trouble or trouble

    @property
    def complete(self) -> bool:
        return bool(self.times) and not self.trouble

    @property
    def best(self) -> float:
        """Mean over the rounds of the best repetition."""
        return fmean(min(repetitions) for repetitions in self.times)

    @property
    def median(self) -> float:
        return fmean(median(repetitions) for repetitions in self.times)

    @property
    def worst(self) -> float:
        """The worst round, by its best repetition."""
        return max(min(repetitions) for repetitions in self.times)

    def ratio_to(self, other: "Figure") -> float | None:
        """How many times the CPU of ``other`` this is, over the rounds that both did."""
        both = [(min(own), min(theirs)) for own, theirs in zip(self.times, other.times, strict=False)]
        theirs = sum(seconds for _, seconds in both)
        return sum(seconds for seconds, _ in both) / theirs if theirs else None


@dataclass(slots=True)
class Figures:
    """All figures, by row key, contender and size."""

    cells: dict[tuple[str, str, int], Figure] = field(default_factory=dict)

    def of(self, row: str, contender: str, size: int) -> Figure:
        return self.cells.setdefault((row, contender, size), Figure())

    def found(self, row: str, contender: str, size: int) -> Figure | None:
        """The figure, if everything was measured."""
        figure = self.cells.get((row, contender, size))
        return figure if figure is not None and figure.complete else None

    def growth(self, row: str, contender: str) -> float | None:
        """The growth exponent over the sizes from 512 up; None with fewer than two of them."""
        points = {
            size: figure.best
            for (key, name, size), figure in self.cells.items()
            if (key, name) == (row, contender) and size >= GROWTH_FROM and figure.complete
        }
        return exponent(points)


def exponent(points: Mapping[int, float]) -> float | None:
    """The slope of the least-squares line through log(seconds) over log(size): 1 is linear, 2 quadratic."""
    pairs = [(log(size), log(seconds)) for size, seconds in points.items() if seconds > 0]
    if len(pairs) < 2:
        return None
    middle_x, middle_y = fmean(x for x, _ in pairs), fmean(y for _, y in pairs)
    return sum((x - middle_x) * (y - middle_y) for x, y in pairs) / sum((x - middle_x) ** 2 for x, _ in pairs)


def agreement(ours: Figure, theirs: Figure) -> tuple[int, int, int] | None:
    """(rounds in which the sum of squared differences of points is as ours, smaller, larger), of the rounds that both
    paired; None where nobody paired. More rematches, or fewer pairs, count as larger."""
    if not theirs.facts or "gaps" not in theirs.facts[0] or not ours.facts:
        return None
    keys = [[(-fact["pairs"], fact["rematches"], fact["gaps"]) for fact in each.facts] for each in (ours, theirs)]
    both = list(zip(*keys, strict=False))
    same, smaller = sum(own == other for own, other in both), sum(other < own for own, other in both)
    return same, smaller, len(both) - same - smaller


@dataclass(frozen=True, slots=True)
class Goal:
    """``measured`` is None when this run did not measure it."""

    title: str
    most: float
    unit: str
    measured: float | None

    @property
    def missed(self) -> bool:
        return self.measured is not None and self.measured > self.most


def goals(figures: Figures, rows: tuple[Row, ...]) -> list[Goal]:
    """What the design asks of the engine. CPU times are the best of the repetitions."""

    def milliseconds(row: str, size: int, part: str) -> float | None:
        figure = figures.found(row, "ours", size)
        return None if figure is None else 1000 * float(getattr(figure, part))

    small, large = (figures.found("one result", "ours", size) for size in (64, 16384))
    return [
        Goal("Swiss round of 4,096, mean", 10, "ms", milliseconds("swiss", 4096, "best")),
        Goal("Swiss round of 4,096, worst", 10, "ms", milliseconds("swiss", 4096, "worst")),
        Goal("Swiss round of 16,384, mean", 50, "ms", milliseconds("swiss", 16384, "best")),
        Goal("Swiss round of 16,384, worst", 50, "ms", milliseconds("swiss", 16384, "worst")),
        Goal("Swiss round, growth exponent", 1.2, "", figures.growth("swiss", "ours")),
        Goal("Swiss rounds unlike the exact matching", 0, "", _unlike_exact(figures, rows)),
        Goal("Double elimination of 4,096, planned", 3, "ms", milliseconds("plan double", 4096, "best")),
        Goal("Double elimination of 16,384, planned", 15, "ms", milliseconds("plan double", 16384, "best")),
        Goal("Double elimination, growth exponent", 1.2, "", figures.growth("plan double", "ours")),
        Goal("One result at 16,384 ÷ one result at 64", 2, "", large.best / small.best if small and large else None),
    ]


def _unlike_exact(figures: Figures, rows: tuple[Row, ...]) -> float | None:
    """In how many rounds a matching over all pairs is better or worse than ours; None if nobody made one."""
    compared = [
        counts
        for row in rows
        for size in row.sizes
        for contender in row.contenders
        if row.paired and is_exact(contender)
        if (counts := agreement(figures.of(row.key, "ours", size), figures.of(row.key, contender.name, size)))
    ]
    return float(sum(smaller + larger for _, smaller, larger in compared)) if compared else None


def is_exact(contender: Contender) -> bool:
    return contender.work.endswith(" dense")
