"""The bracket in the database is the engine's: whatever is played, in whatever order."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.models import Conversation, ConversationMember
from matches import selectors
from matches.enums import DisputeOutcome
from matches.services import results
from matches.services.standings import standings_of
from tests.factories.tournaments import (
    fill,
    make_tournament,
    play,
    play_out,
    player_of,
    running_tournament,
    submit,
)
from tests.factories.users import StaffFactory
from tournaments.services import lifecycle

pytestmark = pytest.mark.django_db


def test_byes_are_no_matches_and_everybody_ready_begins_at_the_start() -> None:
    tournament = running_tournament(6)
    assert tournament.matches.filter(round=1).count() == 2
    assert tournament.matches.filter(status="ongoing").count() == 2
    assert tournament.matches.exclude(status="ongoing").filter(room_id="", started_at=None).count() == 3
    rooms = tournament.matches.exclude(room_id="").values_list("room_id", flat=True)
    assert len(set(rooms)) == 2


def test_a_clock_that_is_behind_keeps_the_order_of_results(now: datetime) -> None:
    tournament = running_tournament(4)
    staff = StaffFactory()
    for match in tournament.matches.filter(round=1):
        results.resolve(match_id=match.pk, actor=staff, winner_id=match.entrant_a.user_id, now=now)
    final = tournament.matches.get(round=2)
    behind = now - timedelta(minutes=5)
    results.resolve(match_id=final.pk, actor=staff, winner_id=final.entrant_a.user_id, now=behind)
    tournament.refresh_from_db()
    final.refresh_from_db()
    assert (tournament.status, final.completed_at) == ("completed", behind)
    assert standings_of(tournament)[0]["entrant"] == final.entrant_a_id


def test_double_forfeit_of_both_semifinals_voids_the_final_and_pays_all_that_is_won() -> None:
    tournament = running_tournament(4, format_options={"third_place": True})
    staff = StaffFactory()
    for match in list(tournament.matches.filter(round=1)):
        results.resolve(match_id=match.pk, actor=staff, outcome=DisputeOutcome.DOUBLE_FORFEIT, now=timezone.now())
    tournament.refresh_from_db()
    assert tournament.status == "completed"
    assert set(tournament.matches.filter(round=2).values_list("status", "outcome", "winner")) == {
        ("completed", "void", None)
    }


def test_cancelling_ends_what_is_not_over_and_leaves_the_rest() -> None:
    tournament = running_tournament(4)
    first, second = tournament.matches.filter(round=1)
    play(first, first.entrant_a)
    submit(second, second.entrant_a)
    lifecycle.cancel(tournament_id=tournament.pk, actor=tournament.creator, reason="x", now=timezone.now())
    statuses = tournament.matches.order_by("round", "number").values_list("status", "confirm_deadline_at")
    assert list(statuses) == [("completed", None), ("cancelled", None), ("cancelled", None)]


def test_every_begun_match_has_a_room_with_its_players() -> None:
    tournament = running_tournament(8, type="team", team_size=2)
    assert Conversation.objects.filter(match__tournament=tournament).count() == 4
    for match in tournament.matches.filter(round=1):
        members = ConversationMember.objects.filter(conversation__match=match).values_list("user", flat=True)
        assert sorted(members) == selectors.players_of(match)
        assert match.conversation.title == f"{match.entrant_a.name} – {match.entrant_b.name}"
    play_out(tournament)
    assert Conversation.objects.filter(match__tournament=tournament).count() == 7


def statements(work: Callable[[], Any]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        work()
    return len(captured)


def cost_of_starting(count: int) -> int:
    tournament = make_tournament(max_participants=64)
    fill(tournament, count)
    return statements(
        lambda: lifecycle.start(tournament_id=tournament.pk, actor=tournament.creator, now=timezone.now())
    )


def cost_of_results(count: int) -> list[int]:
    """Of a result whose next match has to wait, and of one whose next match begins."""
    tournament = running_tournament(count, max_participants=64)
    costs = []
    for match in tournament.matches.filter(round=1).order_by("number")[:2]:
        submit(match, match.entrant_a)
        loser = player_of(match.entrant_b)
        costs.append(
            statements(lambda pk=match.pk, loser=loser: results.confirm(match_id=pk, actor=loser, now=timezone.now()))
        )
    return costs


def test_starting_costs_the_same_statements_at_every_size() -> None:
    assert cost_of_starting(4) == cost_of_starting(8) == cost_of_starting(64)


def test_one_result_costs_the_same_statements_at_every_size() -> None:
    small, large = cost_of_results(8), cost_of_results(64)
    assert small == large
    assert max(large) <= 32
