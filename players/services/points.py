"""The score rule: what a place in a tournament is worth. Whole numbers only; docs/adr/0021 says why it is so."""

from django.conf import settings

from tournaments.enums import PrizeSource
from tournaments.models import Tournament


def rounds_of(entrants: int) -> int:
    """How many rounds a knockout of so many would take."""
    return (entrants - 1).bit_length()


def points(*, place: int, tied_with: int, entrants: int, percent: int) -> int:
    """What a place is worth: the champion has 100 points for each round that the field stands for, and each further
    doubling of the place halves them. Those who share places share their points; fractions are dropped.

    :param tied_with: how many others share the places from ``place`` on.
    :param percent: the level of the event, 100 for an ordinary one.
    """
    size = tied_with + 1
    top = rounds_of(entrants)
    # in units of 1 / 2**top, so that nothing is rounded before the end
    shared = sum(1 << (top - rounds_of(one)) for one in range(place, place + size))
    return top * percent * shared // (size << top)


def level_of(tournament: Tournament) -> int:
    """In percent, by the prize that a sponsor or the platform promised; prizes from entry fees lift nothing, because
    entrants could agree on them."""
    promised = 0 if tournament.prize_source == PrizeSource.ENTRY_POOL else tournament.prize_pool_rial
    return max(percent for least, percent in settings.LEADERBOARD_LEVELS if promised >= least)
