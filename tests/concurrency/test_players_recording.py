"""Tournaments that end at once, and workers that record at once; ``STRESS=n`` multiplies the rounds."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from matches.models import Match
from matches.services import results
from players.models import PlayedTournament, PlayerStanding
from players.services import recording, seasons, standings
from tests.concurrency.threads import in_parallel, one_waits_for_the_other, rounds, told
from tests.factories.games import GameFactory
from tests.factories.players import completed, record_all, some_players
from tests.factories.tournaments import player_of, running_tournament, submit
from tests.players.snapshots import forget, snapshot

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def small_tournaments_count(settings: Any) -> None:
    settings.LEADERBOARD_MIN_ENTRANTS = settings.LEADERBOARD_MIN_MATCHES = 2


def record(tournament: Any) -> Any:
    return lambda: recording.record(tournament_id=tournament.pk, now=timezone.now())


def test_without_the_lock_one_of_two_tournaments_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    players, now = some_players(3), timezone.now()
    first, second = (completed(players, game=GameFactory(), at=now - timedelta(hours=h)) for h in (2, 1))
    monkeypatch.setattr(recording, "alone", lambda: None)
    # both have written their contributions before either adds up what the players have
    monkeypatch.setattr(recording.awards, "award", lambda **_: None)
    one_waits_for_the_other(monkeypatch, standings, "project_teams", record(first), record(second))
    over_all = PlayerStanding.objects.get(user=players[0], board__game=None)
    assert over_all.tournaments == 1


def test_two_tournaments_of_the_same_players_recorded_at_once_are_both_there() -> None:
    for _ in rounds(3):
        players, now = some_players(4), timezone.now()
        games = [GameFactory(), GameFactory()]
        history = [
            completed(players[::step], game=game, at=now - timedelta(hours=hour))
            for hour, (game, step) in enumerate([(games[0], 1), (games[0], -1), (games[1], 1), (games[1], -1)])
        ]
        outcomes = in_parallel(*[record(tournament) for tournament in history])
        assert told(outcomes) == {"done": 4}
        record_all()
        at_once = snapshot()
        forget()
        seasons.rebuild(actor=None, now=now)
        record_all()
        assert snapshot() == at_once


def test_workers_that_record_at_once_record_everything_once() -> None:
    for _ in rounds(2):
        players = some_players(4)
        for hour in range(4):
            completed(players, at=timezone.now() - timedelta(hours=hour))
        done = in_parallel(*[lambda: recording.record_due(now=timezone.now())] * 4)
        assert sum(done) == 4
        assert not PlayedTournament.objects.filter(is_due=True).exists()
        assert PlayerStanding.objects.get(user=players[0], board__game=None).titles == 4


def test_tournaments_that_end_at_once_are_all_recorded() -> None:
    tournaments = [running_tournament(2) for _ in range(3)]
    last = [submit(one.matches.get(), one.entrants.get(seed=1)) for one in tournaments]

    def confirming(match: Match) -> Any:
        actor = player_of(match.entrant_b)
        return lambda: results.confirm(match_id=match.pk, actor=actor, now=timezone.now())

    assert told(in_parallel(*[confirming(match) for match in last])) == {"done": 3}
    record_all()
    assert list(PlayedTournament.objects.values_list("is_due", flat=True)) == [False] * 3
    assert PlayerStanding.objects.filter(board__game=None).count() == 6
