"""Tournaments for some ranks only."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.conftest import ApiClient
from tests.factories.games import GameFactory
from tests.factories.players import completed, record_all, some_players
from tests.factories.tournaments import join, make_team, make_tournament
from tournaments.errors import RankNotAllowed
from users.models import User

pytestmark = pytest.mark.django_db
Client = Callable[..., ApiClient]


@pytest.fixture
def game(settings: Any) -> Any:
    settings.LEADERBOARD_MIN_ENTRANTS = settings.LEADERBOARD_MIN_MATCHES = 3
    return GameFactory()


@pytest.fixture
def players(game: Any) -> list[User]:
    """With 200, 100, 50 and 0 points in the game."""
    found = some_players(4)
    completed(found, game=game, at=timezone.now() - timedelta(days=1))
    record_all()
    return found


@pytest.mark.parametrize(
    ("least", "most", "may_enter"),
    [
        (None, None, [0, 1, 2, 3]),
        (100, None, [0, 1]),
        (101, None, [0]),
        (None, 50, [2, 3]),
        (50, 100, [1, 2]),
        (0, 0, [3]),
    ],
)
def test_who_may_enter(
    players: list[User], game: Any, least: int | None, most: int | None, may_enter: list[int]
) -> None:
    tournament = make_tournament(game=game, min_rank=least, max_rank=most)
    for index, player in enumerate(players):
        if index in may_enter:
            join(tournament, player)
        else:
            with pytest.raises(RankNotAllowed) as refused:
                join(tournament, player)
            assert refused.value.params["users"] == [{"id": player.pk, "username": player.username}]
    assert tournament.entrants.count() == len(may_enter)


def test_everybody_of_a_team_needs_the_rank(players: list[User], game: Any) -> None:
    tournament = make_tournament(game=game, type="team", team_size=2, min_rank=100)
    team = make_team(2, captain=players[0])
    with pytest.raises(RankNotAllowed) as refused:
        join(tournament, team=team)
    assert [person["id"] for person in refused.value.params["users"]] == [
        member.user_id for member in team.memberships.exclude(user=players[0])
    ]
    assert not tournament.entrants.exists()


def test_organiser_sets_ranks_and_joining_is_refused_over_the_api(
    client_for: Client, players: list[User], game: Any
) -> None:
    tournament = make_tournament(game=game, published=False)
    path = f"/api/tournaments/tournaments/{tournament.pk}/"
    organiser = client_for(tournament.creator)
    wrong = organiser.patch(path, {"version": tournament.version, "min_rank": 5, "max_rank": 4})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "ranks_invalid")
    changed = organiser.patch(path, {"version": tournament.version, "min_rank": 200, "is_rated": False})
    assert (changed.status_code, changed.json()["min_rank"], changed.json()["is_rated"]) == (200, 200, False)
    organiser.post(path + "publish/")
    late = organiser.patch(path, {"min_rank": 0})
    assert (late.status_code, late.json()["code"]) == (400, "field_locked")

    refused = client_for(players[1]).post(path + "join/")
    assert (refused.status_code, refused.json()["code"]) == (403, "rank_not_allowed")
    assert client_for(players[0]).post(path + "join/").status_code == 201
