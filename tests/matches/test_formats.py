"""Every format: the rows are the engine's fold of the stored events, whatever is played."""

import os
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from matches.enums import MatchStatus
from matches.models import Match
from matches.services import results
from matches.services.stage_rows import LIVE
from matches.services.standings import standings_of
from tests.factories.tournaments import (
    fill,
    make_tournament,
    play,
    play_out,
    player_of,
    running_tournament,
    screenshot,
    side_id,
    start,
    submit,
)
from tests.matches.playing import WAYS, both_lose, stored
from tournaments.engine import placements
from tournaments.models import Entrant, StageEvent, Tournament
from tournaments.services import history
from users.models import User

pytestmark = pytest.mark.django_db

# format, options, least and most entrants
CASES: list[tuple[str, dict[str, Any], int, int]] = [
    ("single_elimination", {}, 2, 9),
    ("single_elimination", {"third_place": True}, 4, 8),
    ("double_elimination", {}, 3, 9),
    ("double_elimination", {"grand_final": "wb_advantage", "best_of": 3}, 3, 6),
    ("double_elimination", {"grand_final": "none", "skip_r1": True}, 4, 8),
    ("gsl", {}, 4, 4),
    ("stepladder", {}, 2, 6),
    ("single_elimination", {"reseed": True, "third_place": True}, 4, 12),
    ("round_robin", {}, 2, 5),
    ("round_robin", {"legs": 2, "best_of": 2, "withdrawn": "annul"}, 2, 4),
    ("groups", {"group_count": 2}, 4, 8),
    ("groups", {"group_count": 2, "inner_format": "gsl"}, 8, 8),
    ("groups", {"group_count": 2, "inner_format": "double_elimination"}, 6, 8),
    ("swiss", {}, 2, 7),
    ("swiss", {"rounds": 3, "first_round": "random", "draws": False}, 4, 6),
    ("swiss_limited", {"wins": 2, "losses": 2}, 8, 8),
]


def agree(tournament: Tournament) -> None:
    """Rows, log and status of the tournament tell the same, and nobody plays two matches at once."""
    live = tournament.matches.filter(status__in=LIVE).values_list("entrant_a", "entrant_b")
    playing = Counter(entrant for sides in live for entrant in sides)
    assert set(playing.values()) <= {1}
    view = history.view_of(tournament.stages.get())
    assert stored(tournament) == {
        key: (state.a, state.b, state.status, state.outcome and state.outcome.winner)
        for key, state in view.states.items()
    }
    tournament.refresh_from_db()
    assert (tournament.status == "completed") == view.complete
    if view.complete:
        places = {int(key): (place.first, place.last) for key, place in placements(view).items()}
        kept = Entrant.objects.filter(tournament=tournament).values_list("pk", "place_first", "place_last")
        assert {pk: (first, last) for pk, first, last in kept} == places
        shown = {row["entrant"]: row["place"] for row in standings_of(tournament)}
        assert shown == {pk: first for pk, (first, _) in places.items()}


@pytest.mark.parametrize("luck", range(int(os.environ.get("FORMATS_FUZZ", "1"))))
@pytest.mark.parametrize(("name", "options", "least", "most"), CASES)
def test_rows_are_the_fold_of_the_log(
    staff: User, name: str, options: dict[str, Any], least: int, most: int, luck: int
) -> None:
    rng = Random(f"{name}{options}{luck}")
    count = rng.randint(least, most)
    tournament = make_tournament(
        format=name, format_options=options, prize_distribution=[6000, 4000], max_participants=most
    )
    fill(tournament, count)
    start(tournament)
    while ready := list(tournament.matches.filter(status=MatchStatus.ONGOING).select_related("entrant_a", "entrant_b")):
        rng.choice(WAYS)(rng.choice(ready), staff, rng)
        agree(tournament)
    assert tournament.status == "completed"


def match_of(tournament: Tournament, key: str) -> Match:
    return Match.objects.select_related("entrant_a__captain", "entrant_b__captain").get(tournament=tournament, key=key)


def win(tournament: Tournament, key: str, side: str) -> Match:
    match = match_of(tournament, key)
    return play(match, match.entrant_a if side == "a" else match.entrant_b)


def test_second_grand_final_is_not_played_when_the_undefeated_side_wins() -> None:
    tournament = play_out(running_tournament(4, format="double_elimination"))
    reset = match_of(tournament, "GF2")
    assert (reset.status, reset.outcome, reset.conditional, reset.winner) == ("completed", "void", "GF1", None)
    assert list(tournament.entrants.order_by("place_first").values_list("seed", flat=True)) == [1, 2, 3, 4]


def test_second_grand_final_is_played_when_the_losers_bracket_wins_the_first() -> None:
    tournament = running_tournament(3, format="double_elimination")
    for key, side in (("W1.1", "a"), ("W2.1", "a"), ("L2.1", "a"), ("GF1", "b")):
        win(tournament, key, side)
    reset = match_of(tournament, "GF2")
    assert (reset.status, reset.entrant_a.seed, reset.entrant_b.seed) == ("ongoing", 1, 2)
    win(tournament, "GF2", "b")
    tournament.refresh_from_db()
    assert tournament.status == "completed"
    assert list(tournament.entrants.order_by("place_first").values_list("seed", flat=True)) == [2, 1, 3]


def test_double_forfeits_of_a_double_elimination_leave_nobody_waiting(staff: User) -> None:
    tournament = running_tournament(8, format="double_elimination")
    while ready := tournament.matches.filter(status="ongoing").first():
        both_lose(ready, staff, Random(1))
    agree(tournament)
    assert tournament.status == "completed"


def test_an_advantage_counts_in_the_score_and_not_in_the_games(client_for: Callable[..., Any]) -> None:
    tournament = running_tournament(
        3, format="double_elimination", format_options={"grand_final": "wb_advantage", "best_of": 3}
    )
    for key, side in (("W1.1", "a"), ("W2.1", "a"), ("L2.1", "a")):
        win(tournament, key, side)
    final = match_of(tournament, "GF1")
    winner = final.entrant_a
    games = [{"score1": 1, "score2": 0}]
    done = results.submit(
        match_id=final.pk, actor=winner.captain, winner_id=side_id(winner), proof=screenshot(), games=games,
        now=timezone.now(),
    )  # fmt: skip
    assert (done.advantage, done.score_a, done.score_b) == (1, 2, 0)


def test_the_log_cannot_be_changed() -> None:
    tournament = running_tournament(2, prize_distribution=[10_000])
    play_out(tournament)
    log = StageEvent.objects.filter(stage__tournament=tournament)
    for tamper in (lambda: log.update(data={}), lambda: log.delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            tamper()
    assert log.count() == 1


def cost_of_results(name: str, count: int) -> set[int]:
    """The different numbers of statements that the results of the first two rounds cost."""
    tournament = running_tournament(count, format=name, max_participants=count, prize_distribution=[10_000])
    costs = set()
    while match := tournament.matches.filter(status="ongoing", round__lte=2).order_by("pk").first():
        submit(match, match.entrant_a)
        loser = player_of(match.entrant_b)
        with CaptureQueriesContext(connection) as captured:
            results.confirm(match_id=match.pk, actor=loser, now=timezone.now())
        costs.add(len(captured))
    return costs


@pytest.mark.parametrize(
    ("name", "small", "large", "most"),
    [("double_elimination", 8, 16, 32), ("round_robin", 6, 8, 30), ("swiss", 8, 16, 36)],
)
def test_one_result_costs_the_same_statements_at_every_size(name: str, small: int, large: int, most: int) -> None:
    costs = cost_of_results(name, large)
    assert cost_of_results(name, small) == costs
    assert max(costs) <= most
