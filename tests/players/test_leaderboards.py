"""Public lists of players and teams: who is on them, in which order, and what they cost."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from games.models import Game
from players import selectors
from players.models import PlayerStanding, Rank, Season
from tests.conftest import ApiClient
from tests.factories.games import GameFactory
from tests.factories.players import completed, record_all, some_players, some_teams
from tests.factories.users import StaffFactory
from users.enums import Audience
from users.models import User
from users.services import disabling, profiles

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 1, 12, tzinfo=timezone.get_default_timezone())
BY_RANK = "/api/users/top-players-by-rank/"
Client = Callable[..., ApiClient]


@pytest.fixture(autouse=True)
def small_tournaments_count(settings: Any) -> None:
    settings.LEADERBOARD_MIN_ENTRANTS = 4
    settings.LEADERBOARD_MIN_MATCHES = 3


@pytest.fixture
def game() -> Game:
    return GameFactory()


@pytest.fixture
def players(game: Game) -> list[User]:
    """The first has 200 points, the second 100, the third 50, the last has won nothing."""
    found = some_players(4)
    completed(found, game=game, at=NOW, prizes=[1_000, 9_000])
    record_all()
    return found


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["username"] for row in answer.json()]


def test_board_shows_players_in_order(anonymous: ApiClient, players: list[User], game: Game) -> None:
    answer = anonymous.get(BY_RANK, {"game": game.pk})
    first = answer.json()[0]
    assert names(answer) == [player.username for player in players[:3]]
    assert first == {
        "id": players[0].pk, "username": players[0].username, "profile_picture": None, "position": 1, "score": 200,
        "rank": {"name": "Silver", "required_score": 200, "color": "#9aa5b1", "icon": "silver"},
        "rating": PlayerStanding.objects.get(user=players[0], board__game=game).individual_rating,
        "total_winnings": 1_000, "tournaments": 1, "titles": 1, "podiums": 1, "wins": 1, "draws": 0, "losses": 0,
        "streak": 1, "best_streak": 1,
    }  # fmt: skip


def test_boards_are_ordered_by_what_is_asked(anonymous: ApiClient, players: list[User], game: Game) -> None:
    assert names(anonymous.get("/api/users/top-players/")) == [players[1].username, players[0].username]
    assert names(anonymous.get(BY_RANK, {"by": "winnings"})) == [players[1].username, players[0].username]
    by_rating = names(anonymous.get(BY_RANK, {"by": "rating", "game": game.pk}))
    assert (by_rating[0], by_rating[-1]) == (players[0].username, players[3].username)
    assert names(anonymous.get(BY_RANK, {"by": "rating", "game": game.pk, "type": "team"})) == []
    assert names(anonymous.get(BY_RANK, {"game": GameFactory().pk})) == []


def test_rating_needs_a_game(anonymous: ApiClient) -> None:
    answer = anonymous.get(BY_RANK, {"by": "rating"})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["game"])


def test_pages_go_on_and_equals_share_a_position(anonymous: ApiClient, game: Game) -> None:
    for day in range(3):
        completed(some_players(4), game=game, at=NOW + timedelta(days=day))
    record_all()
    seen, after = [], None
    while True:
        rows = anonymous.get(BY_RANK, {"game": game.pk, "page_size": 2, **({"after": after} if after else {})}).json()
        if not rows:
            break
        seen += [(row["score"], row["position"]) for row in rows]
        after = rows[-1]["id"]
    assert seen == [(200, 1)] * 3 + [(100, 4)] * 3 + [(50, 7)] * 3


@pytest.mark.parametrize("audience", [Audience.MEMBERS, Audience.NOBODY])
def test_whoever_hides_is_off_the_boards_at_once(
    anonymous: ApiClient, players: list[User], game: Game, audience: str
) -> None:
    profiles.set_privacy(actor=players[0], now=NOW, history=audience)
    assert names(anonymous.get(BY_RANK)) == [player.username for player in players[1:3]]
    assert anonymous.get(BY_RANK, {"game": game.pk}).json()[0]["position"] == 1
    assert set(PlayerStanding.objects.filter(user=players[0]).values_list("is_listed", flat=True)) == {False}

    profiles.set_privacy(actor=players[0], now=NOW, history=Audience.EVERYONE)
    assert names(anonymous.get(BY_RANK))[0] == players[0].username


def test_disabled_player_is_off_the_boards_until_enabled(anonymous: ApiClient, players: list[User]) -> None:
    admin = StaffFactory()
    disabling.disable(user_id=players[0].pk, actor=admin, reason="x", now=NOW)
    assert players[0].username not in names(anonymous.get(BY_RANK))
    disabling.enable(user_id=players[0].pk, actor=admin, reason="x", now=NOW)
    assert players[0].username in names(anonymous.get(BY_RANK))


def test_row_that_was_forgotten_is_hidden_all_the_same(anonymous: ApiClient, players: list[User]) -> None:
    profiles.set_privacy(actor=players[0], now=NOW, history=Audience.NOBODY)
    PlayerStanding.objects.update(is_listed=True)
    assert players[0].username not in names(anonymous.get(BY_RANK))


@pytest.mark.parametrize("count", [4, 40])
def test_top_of_a_board_takes_two_statements(
    anonymous: ApiClient, game: Game, count: int, django_assert_num_queries: Any
) -> None:
    field = some_players(count)
    completed(field, game=game, at=NOW, prizes=[10] * count)
    record_all()
    with django_assert_num_queries(2):
        anonymous.get(BY_RANK, {"game": game.pk})
    with django_assert_num_queries(1):
        anonymous.get("/api/users/top-players/")
    with django_assert_num_queries(5):
        anonymous.get(BY_RANK, {"game": game.pk, "after": field[0].pk, "page_size": 2})


def test_standings_tell_position_rank_and_what_is_missing(client_for: Client, players: list[User], game: Game) -> None:
    rows = client_for(players[1]).get(f"/api/users/users/{players[1].pk}/standings/").json()
    by_game = {row["game"] and row["game"]["id"]: row for row in rows}
    assert set(by_game) == {None, game.pk}
    mine = by_game[game.pk]
    assert (mine["score"], mine["position"], mine["rank"]["name"]) == (100, 2, "Bronze")
    assert (mine["next_rank"]["name"], mine["missing_score"]) == ("Silver", 100)
    (rating,) = mine["ratings"]
    assert rating["type"] == "individual"
    assert rating["rating"] == round(rating["value"] - 2 * rating["deviation"])
    assert by_game[None]["ratings"] == []


def test_position_is_not_counted_without_end(
    client_for: Client, players: list[User], game: Game, settings: Any
) -> None:
    settings.LEADERBOARD_POSITIONS = 2
    found = [
        client_for(None).get(f"/api/users/users/{player.pk}/standings/").json()[0]["position"] for player in players
    ]
    assert found == [1, 2, None, None]
    assert [row["position"] for row in client_for(None).get(BY_RANK).json()] == [1, 2, None]


def test_hidden_history_hides_what_follows_from_it(client_for: Client, players: list[User]) -> None:
    profiles.set_privacy(actor=players[0], now=NOW, history=Audience.NOBODY)
    for part in ("standings", "achievements", "tournaments", "match-history"):
        path = f"/api/users/users/{players[0].pk}/{part}/"
        refused = client_for(players[1]).get(path)
        assert (refused.status_code, refused.json()["code"]) == (403, "history_hidden"), part
        assert client_for(players[0]).get(path).status_code == 200
        assert client_for(StaffFactory()).get(path).status_code == 200
        assert client_for(None).get("/api/users/users/999999/" + part + "/").status_code == 404


def test_game_may_have_a_ladder_of_its_own(client_for: Client, game: Game) -> None:
    Rank.objects.create(name="Rookie", name_fa="تازه‌کار", required_score=10)
    Rank.objects.create(name="Pawn", name_fa="سرباز", required_score=0, game=game)
    Rank.objects.create(name="King", name_fa="شاه", required_score=500, game=game)

    def shown(language: str, **query: Any) -> list[tuple[str, int]]:
        rows = client_for(None, language=language).get("/api/users/ranks/", query).json()
        return [(row["name"], row["required_score"]) for row in rows]

    assert shown("en") == [("Rookie", 10)]
    assert shown("fa", game=game.pk) == [("سرباز", 0), ("شاه", 500)]
    assert shown("en", game=GameFactory().pk) == [("Rookie", 10)]


def test_seasons_have_boards_of_their_own(anonymous: ApiClient, game: Game) -> None:
    players = some_players(4)
    spring = Season.objects.create(name="Spring", game=game, starts_at=NOW, ends_at=NOW + timedelta(days=9))
    year = Season.objects.create(
        name="1405", game=None, starts_at=NOW - timedelta(days=99), ends_at=NOW + timedelta(days=9999)
    )
    completed(players, game=game, at=NOW - timedelta(days=1))
    completed(players[::-1], game=game, at=NOW)
    record_all()
    assert names(anonymous.get(BY_RANK, {"game": game.pk, "season": spring.pk}))[0] == players[3].username
    scores = [row["score"] for row in anonymous.get(BY_RANK, {"season": year.pk}).json()]
    assert scores == [200, 200, 150, 150]
    listed = anonymous.get("/api/users/seasons/", {"game": game.pk}).json()
    assert [(row["name"], row["is_current"]) for row in listed] == [("Spring", False), ("1405", True)]


def test_top_teams_leave_closed_ones_out(anonymous: ApiClient, game: Game, django_assert_num_queries: Any) -> None:
    teams = some_teams(4)
    completed(teams, game=game, at=NOW, prizes=[2_000, 1_000])
    record_all()
    with django_assert_num_queries(1):
        rows = anonymous.get("/api/teams/top-teams/").json()
    assert [(row["name"], row["score"], row["total_winnings"]) for row in rows] == [
        (teams[0].name, 200, 2_000),
        (teams[1].name, 100, 1_000),
        (teams[2].name, 50, 0),
    ]
    teams[0].closed_at = NOW
    teams[0].save()
    by_money = anonymous.get("/api/teams/top-teams/", {"by": "winnings", "game": game.pk}).json()
    assert [row["name"] for row in by_money] == [teams[1].name]


def test_total_players_counts_who_can_sign_in(anonymous: ApiClient) -> None:
    selectors.total_players.cache_clear()
    some_players(3)
    User.objects.filter(pk=some_players(1)[0].pk).update(is_active=False)
    assert anonymous.get("/api/users/total-players/").json() == {"total_players": 3}
    selectors.total_players.cache_clear()
