"""The score rule, by numbers worked out on paper (docs/adr/0021)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from players.services.points import level_of, points
from tournaments.enums import PrizeSource
from tournaments.models import Tournament


@pytest.mark.parametrize(
    ("entrants", "place", "tied_with", "percent", "worth"),
    [
        # 16 entrants are 4 rounds: 400 for the champion, half of it for each doubling of the place
        (16, 1, 0, 100, 400),
        (16, 2, 0, 100, 200),
        (16, 3, 0, 100, 100),
        (16, 4, 0, 100, 100),
        (16, 3, 1, 100, 100),
        (16, 5, 3, 100, 50),
        (16, 9, 7, 100, 25),
        # the first two share 400 + 200
        (16, 1, 1, 100, 300),
        # places 2, 3 and 4 share 200 + 100 + 100, which is 133 1/3 each
        (16, 2, 2, 100, 133),
        # a larger field is worth more: 8 are 3 rounds, 9 are 4, 4,096 are 12
        (8, 1, 0, 100, 300),
        (9, 1, 0, 100, 400),
        (4096, 1, 0, 100, 1200),
        (4096, 4096, 0, 100, 0),
        # so is a greater event
        (16, 1, 0, 150, 600),
        (16, 5, 3, 300, 150),
    ],
)
def test_points_of_a_place(entrants: int, place: int, tied_with: int, percent: int, worth: int) -> None:
    assert points(place=place, tied_with=tied_with, entrants=entrants, percent=percent) == worth


@given(st.integers(2, 300), st.data())
def test_a_better_place_is_never_worth_less(entrants: int, data: st.DataObject) -> None:
    place = data.draw(st.integers(1, entrants - 1))
    better = points(place=place, tied_with=0, entrants=entrants, percent=100)
    assert better >= points(place=place + 1, tied_with=0, entrants=entrants, percent=100)
    shared = points(place=place, tied_with=1, entrants=entrants, percent=100)
    assert better >= shared >= points(place=place + 1, tied_with=0, entrants=entrants, percent=100)


@pytest.mark.parametrize(
    ("source", "prize", "percent"),
    [
        (PrizeSource.PLATFORM, 0, 100),
        (PrizeSource.PLATFORM, 99_999_999, 100),
        (PrizeSource.PLATFORM, 100_000_000, 150),
        (PrizeSource.SPONSOR, 1_000_000_000, 200),
        (PrizeSource.SPONSOR, 10_000_000_000, 300),
        (PrizeSource.ENTRY_POOL, 10_000_000_000, 100),
    ],
)
def test_level_follows_the_promised_prize(source: str, prize: int, percent: int) -> None:
    assert level_of(Tournament(prize_source=source, prize_pool_rial=prize)) == percent
