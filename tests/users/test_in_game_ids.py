from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.forms import modelform_factory
from django.utils import timezone

from games.admin import GameForm
from games.models import Game
from tests.factories.games import GameFactory
from tests.factories.tournaments import fill, join, make_tournament, play_out, start
from tests.factories.users import UserFactory
from tournaments.models import Tournament
from tournaments.services import registration
from users import player_ids
from users.errors import PlayerIdInvalid
from users.models import InGameID, InGameIDChange, Privacy, User
from users.services import profiles

IN_GAME = "/api/users/in-game-ids/"


def give(user: User, game: Game, player_id: str, now: datetime | None = None) -> None:
    entry = {"game": game, "player_id": player_id}
    profiles.update(actor=user, in_game_ids=[entry], now=now or timezone.now())


@pytest.mark.parametrize("other", ["ACE#1", "ａｃｅ#1", " Ace #1", "Ace\u200b#1", "Ace#۱", "Ace\u200a#١"])
def test_spellings_of_one_id_are_one_id(client_for: Callable[..., Any], user: User, other: str) -> None:
    game = GameFactory()
    InGameID.objects.create(user=UserFactory(), game=game, player_id="Ace#1")
    assert player_ids.key(other) == "ace#1"
    answer = client_for(user).post(IN_GAME, {"game": game.pk, "player_id": other})
    assert (answer.status_code, answer.json()["code"]) == (400, "player_id_taken")
    assert (user.in_game_ids.count(), InGameIDChange.objects.count()) == (0, 0)
    assert client_for(user).post(IN_GAME, {"game": GameFactory().pk, "player_id": other}).status_code == 200


def test_game_says_what_its_ids_look_like(client_for: Callable[..., Any], user: User) -> None:
    game = GameFactory(name="Clash", player_id_pattern=r"#[0-9A-Z]{8}", player_id_example="#2PP0VY8L")
    client = client_for(user)
    answer = client.post(IN_GAME, {"game": game.pk, "player_id": "sara"})
    assert (answer.status_code, answer.json()["code"]) == (400, "player_id_invalid")
    assert answer.json()["params"] == {"game": "Clash", "example": "#2PP0VY8L"}
    assert client.post(IN_GAME, {"game": game.pk, "player_id": "#2PP0VY8L"}).json()[0]["player_id"] == "#2PP0VY8L"


@pytest.mark.parametrize("player_id", ["\u2003", "\u00a0\u2002", "\u200b", "x" * 65, "ﷺ" * 4])
def test_id_that_is_empty_or_becomes_too_long_is_refused(user: User, player_id: str) -> None:
    with pytest.raises(PlayerIdInvalid):
        player_ids.check(GameFactory.build(), player_id)


@pytest.mark.parametrize(("pattern", "valid"), [("", True), (r"#\w+", True), ("(", False)])
def test_pattern_of_a_game_is_a_regular_expression(pattern: str, valid: bool) -> None:
    form = modelform_factory(Game, GameForm, fields=["player_id_pattern"])({"player_id_pattern": pattern})
    form.is_valid()
    assert ("player_id_pattern" not in form.errors) == valid


def test_every_change_is_kept_for_staff(user: User, now: datetime) -> None:
    game = GameFactory()
    for player_id in ["One", "Two", "Two", ""]:
        give(user, game, player_id, now)
    changes = user.in_game_id_changes.order_by("pk").values_list("actor", "before", "after", "changed_at")
    assert list(changes) == [(user.pk, "", "One", now), (user.pk, "One", "Two", now), (user.pk, "Two", "", now)]
    assert user.in_game_ids.count() == 0


def playing(user: User) -> Tournament:
    tournament = make_tournament()
    join(tournament, user)
    fill(tournament, 1)
    return start(tournament)


@pytest.mark.parametrize("wanted", ["Other", ""])
def test_id_stays_during_a_tournament_of_the_game(client_for: Callable[..., Any], user: User, wanted: str) -> None:
    game, client = GameFactory(), client_for(user)
    give(user, game, "Mine")
    tournament = make_tournament(game=game)
    join(tournament, user)
    fill(tournament, 1)
    give(user, game, "Mine2")
    start(tournament)
    answer = client.post(IN_GAME, {"game": game.pk, "player_id": wanted})
    assert (answer.status_code, answer.json()["code"]) == (400, "in_game_id_frozen")
    assert user.in_game_ids.get().player_id == "Mine2"
    assert client.post(IN_GAME, {"game": game.pk, "player_id": "Mine2"}).status_code == 200
    assert client.post(IN_GAME, {"game": GameFactory().pk, "player_id": "Else"}).status_code == 200
    play_out(tournament)
    give(user, game, "Mine3")
    assert user.in_game_ids.get(game=game).player_id == "Mine3"


def test_id_stays_from_check_in(client_for: Callable[..., Any], user: User) -> None:
    now = timezone.now()
    tournament = make_tournament(check_in_start_at=now + timedelta(minutes=30))
    give(user, tournament.game, "Mine")
    join(tournament, user)
    Tournament.objects.filter(pk=tournament.pk).update(check_in_start_at=now - timedelta(minutes=1))
    registration.check_in(tournament_id=tournament.pk, actor=user, now=now)
    answer = client_for(user).post(IN_GAME, {"game": tournament.game.pk, "player_id": "Other"})
    assert (answer.status_code, answer.json()["code"]) == (400, "in_game_id_frozen")


def test_first_id_can_be_given_while_playing(user: User) -> None:
    tournament = playing(user)
    give(user, tournament.game, "Late")
    assert user.in_game_ids.get().player_id == "Late"


@pytest.mark.parametrize(
    ("who", "status"), [("player", 200), ("organiser", 200), ("staff", 200), ("stranger", 403), (None, 401)]
)
def test_ids_of_players_are_shown_to_those_who_need_them(
    client_for: Callable[..., Any], user: User, staff: User, who: str | None, status: int
) -> None:
    tournament = playing(user)
    give(user, tournament.game, "Sara#1")
    Privacy.objects.create(user=user, in_game_ids="nobody", profile="nobody")
    rival = tournament.entrants.exclude(user=user).get().captain
    people = {"player": rival, "organiser": tournament.creator, "staff": staff, "stranger": UserFactory()}
    answer = client_for(people[who] if who else None).get(f"/api/tournaments/tournaments/{tournament.pk}/players/")
    assert answer.status_code == status
    if status == 200:
        shown = {row["user"]["id"]: row["player_id"] for row in answer.json()["results"]}
        assert shown == {user.pk: "Sara#1", rival.pk: None}


def test_list_of_players_costs_the_same_for_many(
    client_for: Callable[..., Any], user: User, django_assert_num_queries: Any
) -> None:
    tournament = make_tournament(creator=user)
    client, path = client_for(user), f"/api/tournaments/tournaments/{tournament.pk}/players/"
    for count in (1, 2):
        fill(tournament, count)
        with django_assert_num_queries(6):
            client.get(path)
