"""The ladder of ranks that scores climb. A game may have its own; staff may change the common one; else it is this."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from common.text import StrOrPromise


@dataclass(frozen=True, slots=True)
class Rung:
    name: StrOrPromise
    required_score: int
    color: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Ladder:
    """``rungs`` from the lowest to the highest."""

    rungs: Sequence[Rung]

    def rung_of(self, score: int) -> Rung | None:
        """The highest rung that the score has reached; None below the lowest."""
        return next((rung for rung in reversed(self.rungs) if rung.required_score <= score), None)

    def next_of(self, score: int) -> Rung | None:
        """The rung to climb to; None at the top."""
        return next((rung for rung in self.rungs if rung.required_score > score), None)


DEFAULT = Ladder(
    (
        Rung(_("Bronze"), 0, "#a05a2c", "bronze"),
        Rung(_("Silver"), 200, "#9aa5b1", "silver"),
        Rung(_("Gold"), 600, "#d4a017", "gold"),
        Rung(_("Platinum"), 1_500, "#3fb8af", "platinum"),
        Rung(_("Diamond"), 4_000, "#4aa3ff", "diamond"),
        Rung(_("Master"), 10_000, "#8e44ad", "master"),
        Rung(_("Legend"), 25_000, "#e74c3c", "legend"),
    )
)
