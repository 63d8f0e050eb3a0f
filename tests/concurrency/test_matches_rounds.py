"""The end of a round, and leaving, from all sides at once; ``STRESS=n`` multiplies the rounds."""

from collections.abc import Callable, Iterator
from threading import Barrier
from typing import Any

import pytest
from django.utils import timezone

from common.db import LockQuerySet
from matches.models import Match
from matches.services import leaving, progress, results
from notifications.models import Notification
from tests.concurrency.threads import WAIT, in_parallel, rounds, told
from tests.factories.tournaments import player_of, running_tournament, submit
from tests.factories.wallet import assert_ledger_holds
from tests.matches.test_formats import agree
from tournaments.engine import DqMode
from tournaments.models import Entrant, StageEvent, Tournament
from tournaments.services import history

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def books_hold() -> Iterator[None]:
    yield
    assert_ledger_holds()


def swiss(count: int = 4) -> Tournament:
    return running_tournament(count, format="swiss", format_options={"rounds": 2}, prize_distribution=[10_000])


def claimed(tournament: Tournament) -> list[Match]:
    return [submit(match, match.entrant_a) for match in tournament.matches.filter(status="ongoing").order_by("pk")]


def confirming(match: Match) -> Callable[[], Match]:
    actor = player_of(match.entrant_b)
    return lambda: results.confirm(match_id=match.pk, actor=actor, now=timezone.now())


def withdrawing(entrant: Entrant) -> Callable[[], Entrant]:
    actor = player_of(entrant)
    return lambda: leaving.withdraw(tournament_id=entrant.tournament_id, actor=actor, now=timezone.now())


def throwing_out(entrant: Entrant) -> Callable[[], Entrant]:
    return lambda: leaving.disqualify(
        tournament_id=entrant.tournament_id,
        entrant_id=entrant.pk,
        mode=DqMode.FORWARD,
        reason="x",
        actor=entrant.tournament.creator,
        now=timezone.now(),
    )


def pairings(tournament: Tournament) -> list[int]:
    log = StageEvent.objects.filter(stage__tournament=tournament, data__event="round_paired").order_by("pk")
    return [event.data["round"] for event in log]


def both_at_once(call: Callable[..., Any]) -> Callable[..., Any]:
    here = Barrier(2)

    def meeting(*args: Any, **kwargs: Any) -> Any:
        here.wait(WAIT)
        return call(*args, **kwargs)

    return meeting


def test_without_the_locks_a_round_is_not_paired_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tournament = swiss()
    last = claimed(tournament)

    monkeypatch.setattr(LockQuerySet, "locked", lambda self: self.order_by("pk"))
    # both have ended their match before either asks what is left, and have asked before either commits
    for where, name in ((history, "record"), (progress, "notify_many")):
        monkeypatch.setattr(where, name, both_at_once(getattr(where, name)))
    assert told(in_parallel(*[confirming(match) for match in last])) == {"done": 2}
    assert pairings(tournament) == []


def test_the_last_matches_of_a_round_decided_at_once_pair_the_next_round_once() -> None:
    for _ in rounds(4):
        tournament = swiss(6)
        assert told(in_parallel(*[confirming(match) for match in claimed(tournament)])) == {"done": 3}
        assert pairings(tournament) == [2]
        second = tournament.matches.filter(round=2)
        assert set(second.values_list("status", flat=True)) == {"ongoing"}
        ready = Notification.objects.filter(dedupe_key__in=[f"match_ready:{match.pk}" for match in second])
        assert ready.count() == 6
        agree(tournament)


def test_leaving_while_the_round_ends_keeps_rows_and_log_together() -> None:
    for _ in rounds(4):
        tournament = swiss(6)
        last = claimed(tournament)
        leaver = last[0].entrant_b
        outcomes = in_parallel(
            *[confirming(match) for match in last], withdrawing(leaver), throwing_out(last[1].entrant_b)
        )
        assert told(outcomes).keys() <= {"done", "match_not_pending_confirmation"}
        assert pairings(tournament)[:1] == [2]
        leaver.refresh_from_db()
        assert leaver.status == "withdrawn"
        agree(tournament)


def test_an_entrant_leaves_once() -> None:
    for _ in rounds(4):
        tournament = running_tournament(4, format="double_elimination")
        entrant = tournament.entrants.order_by("seed").first()
        outcomes = in_parallel(withdrawing(entrant), throwing_out(entrant), withdrawing(entrant), throwing_out(entrant))
        assert told(outcomes) == {"done": 1, "entrant_is_out": 3}
        assert StageEvent.objects.filter(stage__tournament=tournament).count() == 1
        agree(tournament)


def test_all_leave_at_once_and_whoever_is_left_alone_has_won() -> None:
    for _ in rounds(3):
        tournament = swiss(4)
        outcomes = in_parallel(*[withdrawing(entrant) for entrant in tournament.entrants.all()])
        assert told(outcomes) == {"done": 3, "tournament_state": 1}
        tournament.refresh_from_db()
        assert tournament.status == "completed"
        assert tournament.entrants.get(place_first=1).status == "finished"
        agree(tournament)
