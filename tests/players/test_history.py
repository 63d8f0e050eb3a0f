"""What somebody has played, as lists; and the home of whoever has signed in."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.conftest import ApiClient
from tests.factories.games import GameFactory
from tests.factories.players import completed, record_all, some_players, some_teams
from tests.factories.teams import InvitationFactory
from tests.factories.tournaments import join, make_team, make_tournament, running_tournament
from tests.factories.wallet import deposit

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 1, 12, tzinfo=timezone.get_default_timezone())
Client = Callable[..., ApiClient]


def results(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def test_match_history_is_told_from_the_players_side(anonymous: ApiClient) -> None:
    me, other = some_players(2)
    first = completed([me, other], at=NOON, matches=[(0, 1), (1, 0)])
    first.matches.filter(number=0).update(score_a=3, score_b=1)
    drawn = completed([other, me], at=NOON, matches=[(0, 1)])
    drawn.matches.update(winner=None, is_draw=True, draws_allowed=True)
    path = f"/api/users/users/{me.pk}/match-history/"

    rows = results(anonymous.get(path))
    assert [row["result"] for row in rows] == ["drawn", "lost", "won"]
    assert (rows[2]["score"], rows[2]["opponent_score"]) == (3, 1)
    assert {row["opponent"]["user"]["id"] for row in rows} == {other.pk}
    assert [row["own_side"]["name"] for row in rows] == [me.username] * 3
    for result in ("won", "lost", "drawn"):
        assert [row["result"] for row in results(anonymous.get(path, {"result": result}))] == [result]
    assert len(results(anonymous.get(path, {"game": first.game_id}))) == 2
    older = results(anonymous.get(path, {"before": rows[1]["id"]}))
    assert [row["id"] for row in older] == [rows[2]["id"]]
    assert anonymous.get(path, {"result": "x"}).status_code == 400


def test_tournaments_of_a_player(anonymous: ApiClient) -> None:
    me, *others = some_players(5)
    game = GameFactory()
    completed([*others, me], game=game, at=NOON)
    won = completed([me, *others], at=NOON + timedelta(days=1), prizes=[700])
    running = running_tournament(2)
    join(make_tournament(name="To come"), me)
    path = f"/api/users/users/{me.pk}/tournaments/"

    rows = results(anonymous.get(path))
    assert [(row["rank"], row["prize"], row["wins"], row["losses"]) for row in rows] == [(1, 700, 1, 0), (5, 0, 0, 1)]
    assert (rows[0]["tournament"]["id"], rows[0]["tournament"]["game"]["id"]) == (won.pk, won.game_id)
    assert [row["rank"] for row in results(anonymous.get(path, {"result": "title"}))] == [1]
    assert [row["rank"] for row in results(anonymous.get(path, {"result": "podium"}))] == [1]
    assert [row["rank"] for row in results(anonymous.get(path, {"game": game.pk}))] == [5]
    player = running.entrants.first().user
    (mine,) = results(anonymous.get(f"/api/users/users/{player.pk}/tournaments/"))
    assert (mine["rank"], mine["prize"], mine["status"]) == (None, None, "playing")


def test_match_history_of_a_team(anonymous: ApiClient) -> None:
    ours, theirs = some_teams(2)
    completed([ours, theirs], at=NOON)
    (row,) = results(anonymous.get(f"/api/teams/teams/{ours.pk}/match-history/"))
    assert (row["result"], row["opponent"]["team"]["id"], row["opponent"]["user"]) == ("won", theirs.pk, None)
    (row,) = results(anonymous.get(f"/api/teams/teams/{theirs.pk}/match-history/", {"result": "lost"}))
    assert row["own_side"]["name"] == theirs.name
    assert anonymous.get("/api/teams/teams/999999/match-history/").status_code == 404


@pytest.mark.parametrize(("part", "statements"), [("match-history", 4), ("tournaments", 4)])
def test_histories_cost_the_same_for_more_rows(
    anonymous: ApiClient, part: str, statements: int, django_assert_num_queries: Any
) -> None:
    me, *others = some_players(4)
    path = f"/api/users/users/{me.pk}/{part}/"
    for count in (1, 3):
        for _ in range(count):
            completed([me, *others], at=NOON)
        with django_assert_num_queries(statements):
            anonymous.get(path)


def test_dashboard_shows_what_is_mine(client_for: Client, settings: Any, django_assert_num_queries: Any) -> None:
    settings.LEADERBOARD_MIN_ENTRANTS = settings.LEADERBOARD_MIN_MATCHES = 2
    me, *others = some_players(4)
    completed([me, *others], at=NOON, prizes=[700])
    record_all()
    mine, invited = make_team(2, captain=me), InvitationFactory(user=me)
    deposit(me, 5_000)
    tournament = make_tournament()
    join(tournament, me)
    client = client_for(me)

    shown = client.get("/api/users/dashboard/").json()
    assert (shown["user_profile"]["id"], shown["user_profile"]["phone_number"]) == (me.pk, me.phone_number)
    assert [(team["id"], team["members_count"], team["is_captain"]) for team in shown["teams"]] == [(mine.pk, 2, True)]
    assert [(row["rank"], row["prize"]) for row in shown["tournament_history"]] == [(1, 700)]
    assert (shown["wallet"]["total_balance"], shown["wallet"]["currency"]) == (5_000, "IRR")
    assert [row["id"] for row in shown["open_invitations"]] == [invited.pk]
    assert (shown["standing"]["score"], shown["standing"]["position"]) == (200, 1)
    assert shown["unread_notifications"] == me.notifications.filter(is_read=False).count() > 0
    assert shown["next_matches"] == []

    with django_assert_num_queries(12):
        client.get("/api/users/dashboard/")
    for _ in range(2):
        completed([me, *others], at=NOON)
        make_team(3, captain=me, name=f"Team {timezone.now().timestamp()}")
        InvitationFactory(user=me)
    with django_assert_num_queries(12):
        client.get("/api/users/dashboard/")


def test_histories_of_who_has_played_nothing_are_empty(anonymous: ApiClient) -> None:
    (nobody,), (team,) = some_players(1), some_teams(1)
    for path in (f"users/users/{nobody.pk}/match-history/", f"users/users/{nobody.pk}/tournaments/"):
        assert anonymous.get(f"/api/{path}").json() == {"results": [], "has_more": False}
    assert results(anonymous.get(f"/api/teams/teams/{team.pk}/match-history/", {"result": "won"})) == []


def test_dashboard_shows_the_match_that_waits(client_for: Client) -> None:
    tournament = running_tournament(2)
    player = tournament.entrants.first().user
    shown = client_for(player).get("/api/users/dashboard/").json()
    assert [row["id"] for row in shown["next_matches"]] == [tournament.matches.get().pk]
    assert shown["standing"] is None


def test_dashboard_is_for_who_has_signed_in(anonymous: ApiClient) -> None:
    assert anonymous.get("/api/users/dashboard/").status_code == 401
