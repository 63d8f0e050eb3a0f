"""What can be achieved, as a table: a code, its texts, and the rule that finds in a player's history where it was.

Nothing is given by hand: whoever has the history has the achievement, and loses it when a correction takes the ground
away. Rules see contributions in the order of completion; those that do not count bring winnings and nothing else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from common.text import StrOrPromise
from players.models import Contribution, PlayerContribution

History = Sequence[PlayerContribution]
Rule = Callable[[History], PlayerContribution | None]

UPSET = 300
PODIUM = 3


@dataclass(frozen=True, slots=True)
class AchievementKind:
    """``rule`` gives the contribution that earned it, None for who has not earned it."""

    title: StrOrPromise
    description: StrOrPromise
    rule: Rule


def _sum_reaches(number: Callable[[PlayerContribution], int], least: int) -> Rule:
    def rule(history: History) -> PlayerContribution | None:
        total = 0
        for one in history:
            total += number(one)
            if total >= least:
                return one
        return None

    return rule


def _first(condition: Callable[[PlayerContribution], bool]) -> Rule:
    return lambda history: next((one for one in history if condition(one)), None)


def _in_a_row(condition: Callable[[PlayerContribution], bool], length: int) -> Rule:
    def rule(history: History) -> PlayerContribution | None:
        row = 0
        for one in history:
            if one.counts:
                row = row + 1 if condition(one) else 0
            if row == length:
                return one
        return None

    return rule


def _matches(one: PlayerContribution) -> int:
    return one.wins + one.draws + one.losses


def _wins(one: PlayerContribution) -> int:
    return one.wins


def _titles(one: PlayerContribution) -> int:
    return int(one.is_title)


def _winnings(one: PlayerContribution) -> int:
    return one.winnings_rial


def _is_undefeated_title(one: PlayerContribution) -> bool:
    return one.is_title and one.wins > 0 and one.wins == _matches(one)


def is_podium(one: Contribution) -> bool:
    return one.counts and one.place <= PODIUM


ACHIEVEMENTS: Mapping[str, AchievementKind] = {
    "first_match": AchievementKind(
        _("First match"), _("Play a match in a tournament that counts."), _sum_reaches(_matches, 1)
    ),
    "first_win": AchievementKind(_("First win"), _("Win a match."), _sum_reaches(_wins, 1)),
    "wins_10": AchievementKind(_("Ten wins"), _("Win 10 matches."), _sum_reaches(_wins, 10)),
    "wins_50": AchievementKind(_("Fifty wins"), _("Win 50 matches."), _sum_reaches(_wins, 50)),
    "wins_100": AchievementKind(_("A hundred wins"), _("Win 100 matches."), _sum_reaches(_wins, 100)),
    "first_title": AchievementKind(_("First title"), _("Win a tournament."), _sum_reaches(_titles, 1)),
    "titles_3": AchievementKind(_("Three titles"), _("Win 3 tournaments."), _sum_reaches(_titles, 3)),
    "titles_10": AchievementKind(_("Ten titles"), _("Win 10 tournaments."), _sum_reaches(_titles, 10)),
    "undefeated": AchievementKind(
        _("Undefeated"), _("Win a tournament and every match you played in it."), _first(_is_undefeated_title)
    ),
    "comeback": AchievementKind(
        _("Comeback"), _("Win a tournament by way of the losers' bracket."), _first(lambda one: one.is_comeback)
    ),
    "giant_killer": AchievementKind(
        _("Giant killer"),
        _("Beat an opponent who is rated 300 points higher."),
        _first(lambda one: one.best_upset >= UPSET),
    ),
    "podium_streak": AchievementKind(
        _("Podium regular"), _("Be among the first three in 3 tournaments in a row."), _in_a_row(is_podium, 3)
    ),
    "winnings_10m": AchievementKind(
        _("One million Toman"), _("Win 10,000,000 Rials in prizes."), _sum_reaches(_winnings, 10_000_000)
    ),
    "winnings_100m": AchievementKind(
        _("Ten million Toman"), _("Win 100,000,000 Rials in prizes."), _sum_reaches(_winnings, 100_000_000)
    ),
    "winnings_1b": AchievementKind(
        _("A hundred million Toman"), _("Win 1,000,000,000 Rials in prizes."), _sum_reaches(_winnings, 1_000_000_000)
    ),
}


def earned(history: History) -> dict[str, PlayerContribution]:
    """Code → the contribution that earned it."""
    found = {code: kind.rule(history) for code, kind in ACHIEVEMENTS.items()}
    return {code: one for code, one in found.items() if one is not None}
