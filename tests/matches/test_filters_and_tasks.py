from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from matches import tasks
from matches.models import Match
from matches.services import results
from tests.factories.tournaments import play, player_of, running_tournament, submit
from tests.factories.users import UserFactory
from tournaments.models import Tournament

pytestmark = pytest.mark.django_db
LIST = "/api/tournaments/matches/"
SOON = timedelta(minutes=1)


@pytest.fixture
def tournament(db: None) -> Tournament:
    return running_tournament(4)


def ids(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.json()
    return [row["id"] for row in answer.json()["results"]]


def test_matches_are_filtered_by_tournament_round_and_status(
    client_for: Callable[..., Any], tournament: Tournament
) -> None:
    other = running_tournament(2, prize_distribution=[10_000])
    client = client_for(None)
    own = list(tournament.matches.order_by("pk").values_list("pk", flat=True))
    assert sorted(ids(client.get(LIST, {"tournament": tournament.pk}))) == own
    assert ids(client.get(LIST, {"tournament": other.pk})) == [other.matches.get().pk]
    assert ids(client.get(LIST, {"tournament": tournament.pk, "round": 2})) == [tournament.matches.get(round=2).pk]
    play(tournament.matches.get(key="W1.1"), tournament.matches.get(key="W1.1").entrant_a)
    by_status = {
        status: ids(client.get(LIST, {"tournament": tournament.pk, "status": status}))
        for status in ("completed", "ongoing", "pending")
    }
    assert by_status == {
        status: list(tournament.matches.filter(status=status).values_list("pk", flat=True)) for status in by_status
    }
    both = client.get(f"{LIST}?tournament={tournament.pk}&status=completed&status=pending")
    assert len(ids(both)) == 2


def test_matches_are_filtered_by_who_plays(client_for: Callable[..., Any], tournament: Tournament) -> None:
    match = tournament.matches.get(key="W1.2")
    player = player_of(match.entrant_b)
    assert ids(client_for(None).get(LIST, {"participant": player.pk})) == [match.pk]
    assert ids(client_for(player).get(LIST, {"mine": "true"})) == [match.pk]
    assert len(ids(client_for(player).get(LIST, {"mine": "false"}))) == 3
    assert ids(client_for(None).get(LIST, {"mine": "true"})) == []
    assert ids(client_for(UserFactory()).get(LIST, {"mine": "true"})) == []


@pytest.mark.parametrize(
    "query",
    [
        {"tournament": "x"}, {"tournament": 0}, {"tournament": 2**63}, {"tournament": "1.5"}, {"round": -1},
        {"round": 10**6}, {"status": "nonsense"}, {"participant": "NaN"}, {"participant": "9" * 40},
        {"participant": "1e5"}, {"tournament": "Infinity"},
    ],
)  # fmt: skip
def test_odd_filters_are_refused_or_find_nothing(
    client_for: Callable[..., Any], tournament: Tournament, query: dict[str, Any]
) -> None:
    answer = client_for(None).get(LIST, query)
    assert answer.status_code in {200, 400}
    if answer.status_code == 200:
        assert answer.json()["results"] == []
    else:
        assert list(answer.json()["errors"]) == list(query)


def test_task_confirms_what_is_overdue_and_nothing_else(tournament: Tournament) -> None:
    late, early = (submit(match, match.entrant_a) for match in tournament.matches.filter(round=1).order_by("number"))
    Match.objects.filter(pk=late.pk).update(confirm_deadline_at=timezone.now() - SOON)
    for _ in range(2):
        tasks.expire_pending_results()
    late.refresh_from_db()
    early.refresh_from_db()
    assert (late.status, late.outcome, late.winner, late.is_confirmed) == (
        "completed", "auto_confirmed", late.entrant_a, True,
    )  # fmt: skip
    assert (early.status, early.outcome, early.winner) == ("pending_confirmation", "", None)


def test_a_disputed_match_is_never_confirmed_by_time(tournament: Tournament) -> None:
    match = tournament.matches.get(key="W1.1")
    submit(match, match.entrant_a)
    results.dispute(match_id=match.pk, actor=player_of(match.entrant_b), reason="no", now=timezone.now())
    assert results.expire(match_id=match.pk, now=timezone.now() + timedelta(days=9)) is False
    match.refresh_from_db()
    assert match.status == "disputed"


def test_one_match_that_cannot_be_confirmed_does_not_hold_up_the_others(
    tournament: Tournament, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken, fine = (submit(match, match.entrant_a) for match in tournament.matches.filter(round=1).order_by("number"))
    Match.objects.filter(round=1).update(confirm_deadline_at=timezone.now() - SOON)
    expire = results.expire

    def fails_for_one(*, match_id: int, now: Any) -> bool:
        if match_id == broken.pk:
            raise RuntimeError("no")
        return expire(match_id=match_id, now=now)

    monkeypatch.setattr(results, "expire", fails_for_one)
    assert results.expire_pending(now=timezone.now()) == 1
    fine.refresh_from_db()
    assert fine.outcome == "auto_confirmed"
    assert f"match {broken.pk} could not be confirmed by time" in caplog.text
