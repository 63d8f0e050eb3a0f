from collections.abc import Callable
from typing import Any

import pytest

from tests.factories.games import GameFactory
from tests.factories.tournaments import screenshot
from tests.factories.users import UserFactory
from users.models import InGameID, User

ME, USERS, IN_GAME = "/api/users/users/me/", "/api/users/users/", "/api/users/in-game-ids/"


def test_search_finds_by_username_prefix_and_by_exact_phone(
    client_for: Callable[..., Any], user: User, django_assert_num_queries: Any
) -> None:
    wanted = UserFactory(username="Sniper99", phone_number="09351112233")
    UserFactory(username="sniperqueen")
    UserFactory(username="other", is_active=False)
    client = client_for(user)

    def found(term: str) -> list[str]:
        return [row["username"] for row in client.get(USERS, {"search": term}).json()["results"]]

    assert found("sniper") == ["Sniper99", "sniperqueen"]
    assert found("+98 935 111 2233") == ["Sniper99"]
    assert found("0935111223") == found("s") == found("") == found("other") == []
    with django_assert_num_queries(4):
        row = client.get(USERS, {"search": "Sniper99"}).json()["results"][0]
    assert (row["id"], set(row)) == (wanted.pk, {"id", "username", "profile_picture"})


def test_public_profile_holds_nothing_private(client_for: Callable[..., Any], user: User) -> None:
    other = UserFactory(email="secret@example.com")
    answer = client_for(user).get(f"{USERS}{other.pk}/")
    assert answer.status_code == 200
    assert other.phone_number not in answer.content.decode()
    assert other.email not in answer.content.decode()
    other.is_active = False
    other.save()
    assert client_for(user).get(f"{USERS}{other.pk}/").status_code == 404


def test_me_updates_profile_picture_and_game_ids(client_for: Callable[..., Any], user: User) -> None:
    client, game = client_for(user), GameFactory()
    data = client.patch(ME, {"in_game_ids": [{"game": game.pk, "player_id": "Ace#1"}], "language": "en"}).json()
    assert [(row["game"], row["player_id"]) for row in data["in_game_ids"]] == [(game.pk, "Ace#1")]
    pictured = client.patch(ME, {"profile_picture": screenshot()}, format="multipart").json()
    assert pictured["profile_picture"].startswith("http")
    assert client.patch(ME, {"in_game_ids": [{"game": game.pk, "player_id": ""}]}).json()["in_game_ids"] == []
    assert user.in_game_ids.count() == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "ab"}, "username"),
        ({"username": "a b c"}, "username"),
        ({"username": None}, "username"),
        ({"email": "no"}, "email"),
        ({"language": "de"}, "language"),
        ({"bio": "x" * 501}, "bio"),
        ({"in_game_ids": [{"game": 10**12, "player_id": "x"}]}, "in_game_ids.0.game"),
        ({"in_game_ids": "x"}, "in_game_ids.non_field_errors"),
    ],
)
def test_me_refuses_nonsense(client_for: Callable[..., Any], user: User, change: Any, field: str) -> None:
    answer = client_for(user).patch(ME, change)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_username_is_taken_whatever_its_case(client_for: Callable[..., Any], user: User) -> None:
    UserFactory(username="Ali")
    answer = client_for(user).patch(ME, {"username": "aLI", "full_name": "x"})
    assert (answer.status_code, answer.json()["code"]) == (400, "username_taken")
    user.refresh_from_db()
    assert user.full_name == ""


def test_player_id_belongs_to_one_user_per_game(client_for: Callable[..., Any], user: User) -> None:
    game = GameFactory()
    InGameID.objects.create(user=UserFactory(), game=game, player_id="Ace")
    client = client_for(user)
    answer = client.post(IN_GAME, {"game": game.pk, "player_id": "ACE"})
    assert (answer.status_code, answer.json()["code"]) == (400, "player_id_taken")
    assert client.post(IN_GAME, {"game": game.pk, "player_id": "Ace2"}).json()[0]["player_id"] == "Ace2"
    assert [row["player_id"] for row in client.get(IN_GAME).json()] == ["Ace2"]
