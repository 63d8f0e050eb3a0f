"""Withdrawing from a tournament that runs, and being thrown out of it, over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest

from notifications.models import Notification
from tests.factories.tournaments import make_tournament, play, play_out, player_of, running_tournament, submit
from tests.factories.users import UserFactory
from tests.factories.wallet import assert_ledger_holds
from tests.matches.test_formats import agree, match_of
from tests.matches.test_formats_http import Cup
from tournaments.models import Entrant, Tournament
from users.models import User

pytestmark = pytest.mark.django_db


def path(tournament: Tournament, part: str) -> str:
    return f"/api/tournaments/tournaments/{tournament.pk}/{part}/"


def disqualify(client: Any, entrant: Entrant, **body: Any) -> Any:
    part = f"participants/{entrant.pk}/disqualify"
    return client.post(path(entrant.tournament, part), {"reason": "aimbot", **body})


def actions(client: Any, tournament: Tournament) -> dict[str, Any]:
    shown = client.get(path(tournament, "").replace("//", "/")).json()["available_actions"]
    return {action["action"]: (action["allowed"], action["reason"]) for action in shown}


def test_opponent_of_who_withdraws_advances_at_once(client_for: Callable[..., Any]) -> None:
    tournament = running_tournament(4)
    first, second = tournament.matches.filter(round=1).order_by("number")
    play(second, second.entrant_a)
    submit(first, first.entrant_b)
    client = client_for(player_of(first.entrant_a))
    assert actions(client, tournament)["withdraw"] == (True, None)

    answer = client.post(path(tournament, "withdraw"))

    assert (answer.status_code, answer.json()["status"]) == (200, "withdrawn")
    first.refresh_from_db()
    assert (first.status, first.outcome, first.winner) == ("completed", "walkover", first.entrant_b)
    final = match_of(tournament, "W2.1")
    assert (final.status, final.entrant_a) == ("ongoing", first.entrant_b)
    kinds = ["opponent_left", "entrant_withdrawn"]
    told = {row.user_id: row.kind for row in Notification.objects.filter(kind__in=kinds)}
    assert told == {first.entrant_a.user_id: "entrant_withdrawn", first.entrant_b.user_id: "opponent_left"}
    assert actions(client, tournament)["withdraw"] == (False, "entrant_is_out")
    again = client.post(path(tournament, "withdraw"))
    assert (again.status_code, again.json()["code"]) == (400, "entrant_is_out")
    agree(tournament)


def test_losers_bracket_waits_for_nobody_who_has_left(client_for: Callable[..., Any]) -> None:
    tournament = running_tournament(4, format="double_elimination")
    first, second = tournament.matches.filter(bracket="W", round=1).order_by("number")
    assert client_for(player_of(first.entrant_b)).post(path(tournament, "withdraw")).status_code == 200
    play(second, second.entrant_a)
    dropped = match_of(tournament, "L1.1")
    assert (dropped.outcome, dropped.winner) == ("walkover", second.entrant_b)
    agree(tournament)
    play_out(tournament)
    by_place = Entrant.objects.filter(tournament=tournament).order_by("place_first")
    assert list(by_place.values_list("status", flat=True)) == ["finished", "finished", "finished", "withdrawn"]


def test_who_is_left_alone_has_won(client_for: Callable[..., Any]) -> None:
    cup = Cup(client_for, 2, prize_distribution=[10_000])
    assert cup.players[cup.users[0].pk].post(f"{cup.path}withdraw/").status_code == 200
    assert cup.get()["status"] == "completed"
    assert [(row["place"], row["entrant"]["id"]) for row in cup.get("winners/")] == [(1, cup.entrants[cup.users[1].pk])]
    assert_ledger_holds()


def test_a_withdrawn_runner_up_keeps_the_prize_and_a_disqualified_one_does_not(client_for: Callable[..., Any]) -> None:
    for thrown_out in (False, True):
        cup = Cup(client_for, 2, prize_distribution=[7000, 3000])
        loser = cup.users[1]
        if thrown_out:
            entrant = Entrant.objects.get(pk=cup.entrants[loser.pk])
            assert disqualify(cup.organiser, entrant).status_code == 200
        else:
            cup.players[loser.pk].post(f"{cup.path}withdraw/")
        prizes = {row["entrant"]["id"]: row["prize"] for row in cup.get("winners/")}
        assert (prizes[cup.entrants[loser.pk]] == 0) is thrown_out
        assert prizes[cup.entrants[cup.users[0].pk]] > 0
        assert_ledger_holds()


@pytest.mark.parametrize(
    ("mode", "unplayed", "points"),
    [("forward", "walkover", (3, 3)), ("void_unplayed", "void", (3, 0)), ("void_all", "void", (0, 0))],
)
def test_mode_says_what_becomes_of_the_matches(
    client_for: Callable[..., Any], mode: str, unplayed: str, points: tuple[int, int]
) -> None:
    """``points`` are those of who has beaten the cheat and of who was still to meet it."""
    tournament = running_tournament(3, format="round_robin", format_options={"withdrawn": "forfeit"})
    played = tournament.matches.get(status="ongoing")
    winner, cheat = played.entrant_a, played.entrant_b
    third = tournament.entrants.exclude(pk__in=[winner.pk, cheat.pk]).get()
    play(played, winner)
    assert disqualify(client_for(tournament.creator), cheat, mode=mode).status_code == 200
    assert tournament.matches.exclude(pk=played.pk).exclude(status="ongoing").get().outcome == unplayed
    left = tournament.matches.get(status="ongoing")
    assert {left.entrant_a, left.entrant_b} == {winner, third}
    rows = client_for(None).get(path(tournament, "standings")).json()
    table = {row["entrant"]: row["values"].get("POINTS") for row in rows}
    assert (table[winner.pk], table[third.pk]) == points
    agree(tournament)


def test_swiss_pairs_only_who_is_left(client_for: Callable[..., Any]) -> None:
    tournament = running_tournament(4, format="swiss", format_options={"rounds": 2})
    first, second = tournament.matches.filter(round=1).order_by("number")
    play(first, first.entrant_a)
    assert client_for(player_of(second.entrant_b)).post(path(tournament, "withdraw")).status_code == 200
    live = tournament.matches.get(status="ongoing")
    assert live.round == 2
    assert second.entrant_b not in (live.entrant_a, live.entrant_b)
    assert tournament.matches.filter(round=2, outcome="void").count() == 1
    agree(tournament)


@pytest.mark.parametrize(
    ("who", "status", "code"),
    [("nobody", 401, "not_authenticated"), ("stranger", 403, "not_organiser"), ("player", 403, "not_organiser")],
)
def test_only_the_organiser_and_staff_throw_out(
    client_for: Callable[..., Any], who: str, status: int, code: str
) -> None:
    tournament = running_tournament(4)
    entrant = tournament.entrants.order_by("seed").first()
    caller = {"nobody": None, "stranger": UserFactory(), "player": player_of(entrant)}[who]
    answer = disqualify(client_for(caller), entrant)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    entrant.refresh_from_db()
    assert entrant.status == "playing"


def test_staff_throw_out_once_and_only_while_it_runs(client_for: Callable[..., Any], staff: User) -> None:
    tournament = running_tournament(4)
    entrant = tournament.entrants.order_by("seed").first()
    client = client_for(staff)
    assert disqualify(client, entrant, mode="sideways").json()["errors"].keys() == {"mode"}
    assert disqualify(client, entrant, reason="").json()["errors"].keys() == {"reason"}
    assert disqualify(client, entrant).json()["status"] == "disqualified"
    assert disqualify(client, entrant).json()["code"] == "entrant_is_out"
    other = running_tournament(2, prize_distribution=[10_000]).entrants.first()
    elsewhere = client.post(path(tournament, f"participants/{other.pk}/disqualify"), {"reason": "x"})
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "not_found")
    play_out(tournament)
    last = tournament.entrants.get(seed=2)
    assert disqualify(client, last).json()["code"] == "tournament_state"


def test_before_the_start_one_leaves_instead(client_for: Callable[..., Any]) -> None:
    tournament = make_tournament()
    player = UserFactory()
    client = client_for(player)
    assert client.post(path(tournament, "withdraw")).json()["code"] == "not_a_participant"
    client.post(path(tournament, "join"))
    assert client.post(path(tournament, "withdraw")).json()["code"] == "tournament_state"
    assert actions(client, tournament)["withdraw"] == (False, "tournament_state")


def test_only_the_captain_withdraws_a_team(client_for: Callable[..., Any]) -> None:
    tournament = running_tournament(2, type="team", team_size=2, prize_distribution=[10_000])
    entrant = tournament.entrants.first()
    mate = entrant.roster.exclude(user=entrant.captain).get().user
    refused = client_for(mate).post(path(tournament, "withdraw"))
    assert (refused.status_code, refused.json()["code"]) == (403, "not_team_captain")
    assert client_for(entrant.captain).post(path(tournament, "withdraw")).status_code == 200
