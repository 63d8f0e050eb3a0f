"""The bracket in the database is the engine's: whatever is played, in whatever order."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat.models import Conversation, ConversationMember
from matches import selectors
from matches.enums import DisputeOutcome, MatchOutcome, MatchStatus
from matches.models import Match
from matches.services import results
from matches.services.standings import engine_outcome, standings_of, view_of
from tests.factories.tournaments import (
    fill,
    make_tournament,
    play,
    play_out,
    player_of,
    running_tournament,
    side_id,
    start,
    submit,
)
from tests.factories.users import StaffFactory
from tournaments.engine import BYE, TBD, EntrantId, MatchId, Result, Status, fold, placements
from tournaments.models import Entrant, Tournament
from tournaments.services import lifecycle, planning
from users.models import User

pytestmark = pytest.mark.django_db
Decide = Callable[[Match, User, Random], bool]


def stored(tournament: Tournament) -> dict[str, Any]:
    """Slots and status of every match, in the engine's words."""

    def slot(entrant_id: int | None, bye: bool) -> Any:
        return BYE if bye else EntrantId(str(entrant_id)) if entrant_id else TBD

    def status(match: Match) -> Status:
        if match.status == MatchStatus.PENDING:
            return Status.LOCKED
        by_outcome = {MatchOutcome.WALKOVER: Status.WALKOVER, MatchOutcome.VOID: Status.VOID, "": Status.READY}
        return by_outcome.get(match.outcome, Status.COMPLETED)

    return {
        match.key: (slot(match.entrant_a_id, match.a_is_bye), slot(match.entrant_b_id, match.b_is_bye), status(match))
        for match in tournament.matches.all()
    }


def confirmed(match: Match, staff: User, rng: Random) -> bool:
    winner, other = rng.sample([match.entrant_a, match.entrant_b], 2)
    submit(match, winner)
    results.confirm(match_id=match.pk, actor=player_of(other), now=timezone.now())
    return True


def confirmed_by_time(match: Match, staff: User, rng: Random) -> bool:
    submit(match, rng.choice([match.entrant_a, match.entrant_b]))
    assert results.expire(match_id=match.pk, now=timezone.now() + timedelta(hours=1))
    return True


def resolved(match: Match, staff: User, rng: Random) -> bool:
    winner = rng.choice([match.entrant_a, match.entrant_b])
    results.resolve(match_id=match.pk, actor=staff, winner_id=side_id(winner), now=timezone.now())
    return True


def disputed_and_resolved(match: Match, staff: User, rng: Random) -> bool:
    submit(match, match.entrant_a)
    results.dispute(match_id=match.pk, actor=player_of(match.entrant_b), reason="no", now=timezone.now())
    return resolved(match, staff, rng)


def both_lose(match: Match, staff: User, rng: Random) -> bool:
    results.resolve(match_id=match.pk, actor=staff, outcome=DisputeOutcome.DOUBLE_FORFEIT, now=timezone.now())
    return True


def replayed(match: Match, staff: User, rng: Random) -> bool:
    submit(match, rng.choice([match.entrant_a, match.entrant_b]))
    results.resolve(match_id=match.pk, actor=staff, outcome=DisputeOutcome.REPLAY, now=timezone.now())
    return False


WAYS: list[Decide] = [confirmed, confirmed, confirmed_by_time, resolved, disputed_and_resolved, both_lose, replayed]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(count=st.integers(2, 16), third=st.booleans(), luck=st.integers(0, 2**32), stop_after=st.integers(0, 40))
def test_rows_equal_the_engines_fold_of_the_same_results(
    staff: User, count: int, third: bool, luck: int, stop_after: int
) -> None:
    rng = Random(luck)
    tournament = make_tournament(format_options={"third_place": third}, prize_distribution=[6000, 4000])
    fill(tournament, count)
    start(tournament)
    plan, played = planning.plan_of(tournament.stages.get()), []
    for _ in range(stop_after):
        ready = list(tournament.matches.filter(status=MatchStatus.ONGOING).select_related("entrant_a", "entrant_b"))
        if not ready:
            break
        match = rng.choice(ready)
        if rng.choice(WAYS)(match, staff, rng):
            match.refresh_from_db()
            played.append(Result(MatchId(match.key), engine_outcome(match.winner_id, match.outcome)))
        view = fold(plan, played)
        assert stored(tournament) == {key: (*view.slots[key], view.status[key]) for key in view.slots}
    tournament.refresh_from_db()
    view = fold(plan, played)
    assert view_of(tournament.stages.get()).slots == view.slots
    assert (tournament.status == "completed") == view.complete
    shown = {row["entrant"]: row["place"] for row in standings_of(tournament)}
    assert len(shown) == count
    if view.complete:
        places = {int(key): (place.first, place.last) for key, place in placements(view).items()}
        rows = Entrant.objects.filter(tournament=tournament).values_list("pk", "place_first", "place_last")
        assert {pk: (first, last) for pk, first, last in rows} == places
        assert shown == {pk: first for pk, (first, _) in places.items()}


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
        both_lose(match, staff, Random(1))
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
