"""Formats in which points decide: draws, the table and why, prizes of shared places; rounds paired as they come."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from matches.enums import DisputeOutcome
from matches.models import Match
from matches.services import results
from notifications.models import Notification
from tests.factories.tournaments import (
    play,
    play_out,
    player_of,
    running_tournament,
    screenshot,
    submit,
)
from tests.factories.users import StaffFactory
from tests.factories.wallet import assert_ledger_holds
from tests.matches.test_formats_http import MATCHES, Cup
from tournaments.models import Scoring, StageEvent, Tournament

pytestmark = pytest.mark.django_db


def standings(client: Any, tournament: Tournament, **query: Any) -> Any:
    return client.get(f"/api/tournaments/tournaments/{tournament.pk}/standings/", query)


def test_round_robin_counts_draws_goals_and_says_why(client_for: Callable[..., Any]) -> None:
    cup = Cup(client_for, 3, format="round_robin", prize_distribution=[10_000])
    one, two, three = (user.pk for user in cup.users)
    goals = {frozenset((one, two)): (2, 2), frozenset((one, three)): (1, 0), frozenset((two, three)): (3, 0)}
    while ongoing := cup.matches(status="ongoing"):
        (match,) = ongoing
        first, second = match["participant1_user"]["id"], match["participant2_user"]["id"]
        best, worst = goals[frozenset((first, second))]
        winner = None if best == worst else min(first, second, key=cup.seed_of)
        score = (best, worst) if winner in (None, first) else (worst, best)
        done = cup.play(match, winner, [{"score1": score[0], "score2": score[1]}])
        assert match["draws_allowed"]
        assert (done["is_draw"], done["score1"], done["score2"]) == (winner is None, *score)
        assert (done["winner_user"] is None) is (winner is None)

    assert cup.get()["status"] == "completed"
    rows = cup.get("standings/")
    assert [(row["place"], row["values"]["POINTS"], row["values"]["GAME_DIFF"]) for row in rows] == [
        (1, 4, 1), (1, 4, 1), (3, 0, -2),
    ]  # fmt: skip
    by_user = {row["name"]: row for row in rows}
    assert by_user[cup.users[2].username]["explain"]["above_by"] == "POINTS"


def test_goal_difference_of_one_game_matches_is_that_of_the_score(client_for: Callable[..., Any]) -> None:
    options = {"ranking": "fifa"}
    cup = Cup(client_for, 3, format="round_robin", format_options=options, prize_distribution=[10_000])
    ids = [user.pk for user in cup.users]
    while ongoing := cup.matches(status="ongoing"):
        (match,) = ongoing
        one, two = match["participant1_user"]["id"], match["participant2_user"]["id"]
        winner = {frozenset(ids[:2]): ids[0], frozenset(ids[1:]): ids[1], frozenset(ids[::2]): ids[2]}[
            frozenset((one, two))
        ]
        goals = 3 if winner == ids[1] else 1
        cup.play(match, winner, [{"score1": goals if winner == one else 0, "score2": goals if winner == two else 0}])
    rows = cup.get("standings/")
    assert [(row["name"], row["values"]["SCORE_DIFF"]) for row in rows] == [
        (cup.users[1].username, 2), (cup.users[0].username, 0), (cup.users[2].username, -2),
    ]  # fmt: skip
    assert rows[0]["explain"]["below_by"] == "SCORE_DIFF"
    assert rows[0]["explain"]["below_name"] == cup.users[0].username
    assert rows[0]["reason"] == f"Ahead of {cup.users[0].username} by the difference of scores: 2 against 0."


def test_everything_drawn_shares_first_place_and_the_prize(client_for: Callable[..., Any]) -> None:
    cup = Cup(client_for, 4, format="round_robin", prize_distribution=[5000, 3000, 2000])
    while ongoing := cup.matches(status="ongoing"):
        cup.play(ongoing[0], None)
    winners = cup.get("winners/")
    assert [(row["place"], row["tied"]) for row in winners] == [(1, True)] * 4
    assert len({row["prize"] for row in winners}) == 1
    assert list(Scoring.objects.filter(tournament=cup.id).values_list("wins", "draws", "losses")) == [(0, 3, 0)] * 4
    assert_ledger_holds()


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        ({"is_draw": True, "games": '[{"score1": 1, "score2": 0}]'}, "score_contradicts_winner"),
        ({"is_draw": True, "games": '[{"score1": 1, "score2": 1, "penalties1": 2, "penalties2": 1}]'},
         "score_contradicts_winner"),
        ({"is_draw": True, "games": '[{"score1": 1, "score2": 1}, {"score1": 1, "score2": 1}]'},
         "score_contradicts_winner"),
        ({"is_draw": True, "winner_id": 1}, "invalid"),
        ({"is_draw": False}, "invalid"),
        ({"is_draw": "perhaps"}, "invalid"),
    ],
)  # fmt: skip
def test_draw_that_is_none_is_refused(client_for: Callable[..., Any], claim: dict[str, Any], code: str) -> None:
    match = running_tournament(2, format="round_robin", prize_distribution=[10_000]).matches.get()
    answer = client_for(match.entrant_a.user).post(
        f"{MATCHES}{match.pk}/submit_result/", {**claim, "result_proof": screenshot()}, format="multipart"
    )
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    match.refresh_from_db()
    assert (match.status, match.is_draw) == ("ongoing", False)


def test_a_bracket_knows_no_draws(client_for: Callable[..., Any], staff: Any) -> None:
    match = running_tournament(2, prize_distribution=[10_000]).matches.get()
    claim = {"is_draw": True, "result_proof": screenshot()}
    player, path = client_for(match.entrant_a.user), f"{MATCHES}{match.pk}/"
    answer = player.post(f"{path}submit_result/", claim, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (400, "draw_not_allowed")
    ruled = client_for(staff).post(f"{path}resolve/", {"outcome": "draw"})
    assert (ruled.status_code, ruled.json()["code"]) == (400, "draw_not_allowed")


def test_a_disputed_win_may_be_ruled_a_draw_and_a_disputed_draw_a_win(
    client_for: Callable[..., Any], staff: Any
) -> None:
    tournament = running_tournament(3, format="round_robin", prize_distribution=[10_000])
    first, second, _ = tournament.matches.order_by("pk")
    referee = client_for(staff)
    submit(first, first.entrant_a)
    results.dispute(match_id=first.pk, actor=player_of(first.entrant_b), reason="level", now=timezone.now())
    ruled = referee.post(f"{MATCHES}{first.pk}/resolve/", {"outcome": "draw"}).json()
    assert (ruled["status"], ruled["is_draw"], ruled["winner_user"], ruled["sub_status"]) == (
        "completed", True, None, "resolved",
    )  # fmt: skip
    second.refresh_from_db()
    submit(second, None, by=player_of(second.entrant_a))
    results.dispute(match_id=second.pk, actor=player_of(second.entrant_b), reason="I won", now=timezone.now())
    ruled = referee.post(f"{MATCHES}{second.pk}/resolve/", {"winner_id": second.entrant_b.user_id}).json()
    assert (ruled["is_draw"], ruled["winner_user"]["id"]) == (False, second.entrant_b.user_id)
    kinds = [data["outcome"]["kind"] for data in StageEvent.objects.order_by("pk").values_list("data", flat=True)]
    assert kinds == ["draw", "admin"]


def test_a_draw_that_nobody_answers_stands(client_for: Callable[..., Any]) -> None:
    match = running_tournament(2, format="round_robin", prize_distribution=[10_000]).matches.get()
    submit(match, None, by=player_of(match.entrant_b))
    match.refresh_from_db()
    assert results.expire(match_id=match.pk, now=match.confirm_deadline_at)
    assert client_for(None).get(f"{MATCHES}{match.pk}/").json()["is_draw"] is True


def test_groups_tell_group_and_place_in_it(client_for: Callable[..., Any]) -> None:
    tournament = play_out(running_tournament(8, format="groups", format_options={"group_count": 2}))
    rows = standings(client_for(None), tournament).json()
    assert [(row["place"], row["group"], row["group_place"]) for row in rows] == [
        (place, group, number)
        for number, (place, groups) in enumerate(((1, "AB"), (3, "BA"), (5, "AB"), (7, "BA")), start=1)
        for group in groups
    ]


def test_swiss_pairs_the_next_round_when_the_last_match_of_a_round_is_decided(client_for: Callable[..., Any]) -> None:
    tournament = running_tournament(5, format="swiss", format_options={"rounds": 3})
    first, second = tournament.matches.filter(round=1).order_by("pk")
    bye = Notification.objects.get(kind="round_bye")
    assert (bye.user.entries.get().seed, bye.params["round"]) == (5, 1)
    play(first, first.entrant_a)
    assert set(tournament.matches.filter(round=2).values_list("status", "entrant_a")) == {("pending", None)}
    play(second, second.entrant_a)
    assert set(tournament.matches.filter(round=2).values_list("status", flat=True)) == {"ongoing"}
    assert [event["event"] for event in StageEvent.objects.order_by("pk").values_list("data", flat=True)] == [
        "result", "result", "round_paired",
    ]  # fmt: skip
    for match in tournament.matches.filter(round=2):
        told = Notification.objects.filter(kind="match_ready", params__match=match.pk).values_list("user", flat=True)
        assert sorted(told) == sorted([match.entrant_a.user_id, match.entrant_b.user_id])
    byes = Notification.objects.filter(kind="round_bye").order_by("pk")
    assert [notice.params["round"] for notice in byes] == [1, 2]
    assert len({notice.user_id for notice in byes}) == 2


def test_the_table_of_every_round_can_be_read_again(client_for: Callable[..., Any]) -> None:
    tournament = running_tournament(4, format="swiss", format_options={"rounds": 3})
    client, tables = client_for(None), []
    for number in (1, 2, 3):
        for match in tournament.matches.filter(round=number):
            play(match, match.entrant_a)
        tables.append([(row["entrant"], row["values"]["POINTS"]) for row in standings(client, tournament).json()])
    for number, table in enumerate(tables, start=1):
        again = standings(client, tournament, round=number).json()
        assert [(row["entrant"], row["values"]["POINTS"]) for row in again] == table
    assert standings(client, tournament, round=4).json()["code"] == "round_not_paired"
    assert standings(client, tournament, round=0).status_code == 400


def test_reasons_are_told_in_both_languages(client_for: Callable[..., Any]) -> None:
    tournament = play_out(running_tournament(2, prize_distribution=[10_000]))
    told = {
        language: [row["reason"] for row in standings(client_for(None, language), tournament).json()]
        for language in ("en", "fa")
    }
    assert told["en"] == ["Won the last match, W1.1.", "Lost match W1.1."]
    assert all("W1.1" in reason and reason not in told["en"] for reason in told["fa"])


def test_only_rounds_that_are_paired_have_tables(client_for: Callable[..., Any]) -> None:
    answer = standings(client_for(None), running_tournament(4), round=1)
    assert (answer.status_code, answer.json()["code"]) == (400, "round_not_paired")


def test_reseeding_pairs_the_best_seed_left_with_the_worst() -> None:
    tournament = running_tournament(8, format_options={"reseed": True})
    upset = tournament.matches.get(key="W1.1")
    play(upset, upset.entrant_b)
    for match in tournament.matches.filter(round=1, status="ongoing"):
        play(match, min((match.entrant_a, match.entrant_b), key=lambda entrant: entrant.seed))
    assert sorted(tournament.matches.filter(round=2).values_list("entrant_a__seed", "entrant_b__seed")) == [
        (2, 8), (3, 4),
    ]  # fmt: skip


def test_double_forfeits_of_a_whole_round_pair_the_next_one(staff: Any) -> None:
    tournament = running_tournament(4, format="swiss", format_options={"rounds": 2})
    referee = StaffFactory()
    while match := Match.objects.filter(tournament=tournament, status="ongoing").first():
        results.resolve(match_id=match.pk, actor=referee, outcome=DisputeOutcome.DOUBLE_FORFEIT, now=timezone.now())
    tournament.refresh_from_db()
    assert tournament.status == "completed"


def test_where_every_match_needs_a_winner_nobody_rules_that_both_lose(
    client_for: Callable[..., Any], staff: Any
) -> None:
    options = {"wins": 1, "losses": 1}
    match = running_tournament(2, format="swiss_limited", format_options=options, max_participants=2,
                               prize_distribution=[10_000]).matches.get()  # fmt: skip
    ruled = client_for(staff).post(f"{MATCHES}{match.pk}/resolve/", {"outcome": "double_forfeit"})
    assert (ruled.status_code, ruled.json()["code"]) == (400, "winner_needed")


def test_round_robin_is_played_in_the_order_of_the_rounds() -> None:
    tournament = running_tournament(6, format="round_robin")
    assert set(tournament.matches.filter(status="ongoing").values_list("round", flat=True)) == {1}
    assert Notification.objects.filter(kind="match_ready").count() == 6
    first, second, third = tournament.matches.filter(round=1).order_by("pk")
    play(first, first.entrant_a)
    assert tournament.matches.filter(status="ongoing").count() == 2
    play(second, second.entrant_a)
    begun = tournament.matches.get(status="ongoing", round=2)
    assert {begun.entrant_a, begun.entrant_b} < {first.entrant_a, first.entrant_b, second.entrant_a, second.entrant_b}
    play(third, third.entrant_a)
    assert tournament.matches.filter(status="ongoing", round=2).count() == 3
    for match in tournament.matches.order_by("pk").exclude(status="completed"):
        play(match, match.entrant_a)
    tournament.refresh_from_db()
    assert tournament.status == "completed"
