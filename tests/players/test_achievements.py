"""Which history earns which achievement, where, and when it is taken back."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from notifications.kinds import render
from notifications.models import Notification
from players.achievements import ACHIEVEMENTS, earned
from players.models import Achievement, PlayerContribution
from players.services import recording
from tests.conftest import ApiClient
from tests.factories.games import GameFactory
from tests.factories.players import completed, record_all, some_players
from tournaments.models import Scoring

NOON = datetime(2026, 5, 1, 12, tzinfo=timezone.get_default_timezone())


def one(**numbers: Any) -> PlayerContribution:
    return PlayerContribution(**{"counts": True, "place": 9} | numbers)


TITLE = {"place": 1, "is_title": True}
CASES = [
    ("first_match", [one(), one(losses=1)], 1),
    ("first_match", [one(winnings_rial=5)], None),
    ("first_win", [one(losses=1), one(draws=2), one(wins=1)], 2),
    ("wins_10", [one(wins=4), one(wins=6), one(wins=1)], 1),
    ("wins_10", [one(wins=9)], None),
    ("wins_50", [one(wins=25), one(wins=25)], 1),
    ("wins_100", [one(wins=99), one(), one(wins=1)], 2),
    ("first_title", [one(place=2), one(**TITLE)], 1),
    ("first_title", [one(place=1)], None),
    ("titles_3", [one(**TITLE) for _ in range(3)], 2),
    ("titles_10", [one(**TITLE) for _ in range(9)], None),
    ("titles_10", [one(**TITLE) for _ in range(10)], 9),
    ("undefeated", [one(**TITLE, wins=3, losses=1), one(**TITLE, wins=3)], 1),
    ("undefeated", [one(**TITLE, wins=3, draws=1)], None),
    ("undefeated", [one(**TITLE)], None),
    ("comeback", [one(**TITLE, is_comeback=True)], 0),
    ("giant_killer", [one(best_upset=299), one(best_upset=300)], 1),
    ("podium_streak", [one(place=3), one(place=1), one(place=2)], 2),
    ("podium_streak", [one(place=3), one(place=1), one(place=4), one(place=2)], None),
    # one that does not count neither breaks nor makes a row
    ("podium_streak", [one(place=3), one(place=1), one(place=9, counts=False), one(place=2)], 3),
    ("winnings_10m", [one(winnings_rial=9_999_999), one(counts=False, winnings_rial=1)], 1),
    ("winnings_100m", [one(winnings_rial=99_999_999), one(winnings_rial=1)], 1),
    ("winnings_1b", [one(winnings_rial=10**9)], 0),
]


@pytest.mark.parametrize(("code", "history", "index"), CASES)
def test_rule(code: str, history: list[PlayerContribution], index: int | None) -> None:
    assert earned(history).get(code) is (None if index is None else history[index])


def test_every_achievement_has_a_case() -> None:
    assert {code for code, _, index in CASES if index is not None} == ACHIEVEMENTS.keys()


@pytest.fixture
def small_tournaments_count(settings: Any) -> None:
    settings.LEADERBOARD_MIN_ENTRANTS = 4
    settings.LEADERBOARD_MIN_MATCHES = 3


@pytest.mark.django_db
@pytest.mark.usefixtures("small_tournaments_count")
def test_achievements_are_given_told_once_and_taken_back(anonymous: ApiClient) -> None:
    players = some_players(4)
    players[1].language = "en"
    players[1].save()
    tournament = completed(players, at=NOON, prizes=[12_000_000])
    recording.record_due(now=NOON + timedelta(hours=1))

    codes = {"first_match", "first_win", "first_title", "undefeated", "winnings_10m"}
    assert set(players[0].achievements.values_list("code", flat=True)) == codes
    shown = anonymous.get(f"/api/users/users/{players[1].pk}/achievements/").json()
    assert [row["code"] for row in shown] == ["first_match", "first_win"]
    assert shown[1] == {
        "code": "first_win", "title": "First win", "description": "Win a match.", "tournament": tournament.pk,
        "tournament_name": "Old Cup", "earned_at": NOON.isoformat().replace("+00:00", "Z"),
    }  # fmt: skip
    texts = {render(one.kind, one.params) for one in Notification.objects.filter(user=players[1])}
    assert {text.rsplit(": ")[-1].rstrip(".") for text in texts} == {"First match", "First win"}
    told = Notification.objects.count()

    # the first and the second change places
    Scoring.objects.filter(user=players[0]).update(placement=2)
    Scoring.objects.filter(user=players[1]).update(placement=1)
    recording.mark_due(tournament_id=tournament.pk)
    recording.record_due(now=NOON + timedelta(hours=2))
    assert set(players[0].achievements.values_list("code", flat=True)) == codes - {"first_title", "undefeated"}
    assert "first_title" in set(players[1].achievements.values_list("code", flat=True))
    assert Notification.objects.filter(dedupe_key="achievement:first_match").count() == 4
    assert Notification.objects.count() == told + 1


@pytest.mark.django_db
@pytest.mark.usefixtures("small_tournaments_count")
def test_nobody_is_told_of_what_was_long_ago() -> None:
    completed(some_players(4), at=NOON)
    recording.record_due(now=NOON + timedelta(days=8))
    assert Achievement.objects.count() == 9
    assert not Notification.objects.exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("small_tournaments_count")
def test_giant_and_comeback_come_from_the_matches() -> None:
    players, game = some_players(5), GameFactory()
    for day in range(3):
        completed(players[:4], game=game, at=NOON + timedelta(days=day), matches=[(0, 1), (0, 2), (0, 3)])
    david = [players[4], *players[:3]]
    completed(
        david, game=game, at=NOON + timedelta(days=5), matches=[(1, 0), (0, 2), (0, 1)], brackets=["W", "L", "GF"]
    )
    record_all()
    codes = set(players[4].achievements.values_list("code", flat=True))
    assert {"giant_killer", "comeback", "first_title"} <= codes
    assert "undefeated" not in codes
