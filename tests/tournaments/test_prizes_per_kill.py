"""Prizes for kills: what a side scores in its games, paid when the last match is over, as far as the pool reaches."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from common.errors import InvalidInput
from matches.errors import GamesRequired, RulingInvalid, ScoreContradictsWinner
from matches.models import Match
from matches.services import leaving, results
from tests.factories.tournaments import make_tournament, play, player_of, running_tournament, submit
from tests.factories.users import StaffFactory
from tests.factories.wallet import account_balance, assert_ledger_holds
from tournaments.engine import DqMode
from tournaments.models import Entrant, Tournament
from tournaments.selectors import placed
from tournaments.services import completion, editing, payouts, prizes
from wallet.selectors import balance, balances

pytestmark = pytest.mark.django_db
KILLS = {
    "prize_source": "platform",
    "prize_pool_rial": 1_000_000,
    "prize_kind": "per_kill",
    "prize_distribution": [],
    "prize_per_kill_rial": 10_000,
}


def cup(count: int = 4, **fields: Any) -> Tournament:
    return running_tournament(count, **(KILLS | {"creator": StaffFactory()} | fields))


def better(match: Match) -> Entrant:
    return min((match.entrant_a, match.entrant_b), key=lambda entrant: entrant.seed)


def game(match: Match, winner: int, loser: int) -> dict[str, int]:
    one, two = (winner, loser) if better(match) == match.entrant_a else (loser, winner)
    return {"score1": one, "score2": two}


def play_all(tournament: Tournament, *scores: tuple[int, int]) -> None:
    """The better seed wins every match, with these scores one after the other."""
    for number, score in enumerate(scores, start=1):
        match = Match.objects.filter(tournament=tournament, status="ongoing").order_by("pk").first()
        assert match is not None, number
        play(match, better(match), [game(match, *score)])
    tournament.refresh_from_db()


def won(tournament: Tournament) -> list[int]:
    return [balances(entrant.captain).winnings for entrant in tournament.entrants.order_by("seed")]


def test_every_kill_is_paid_when_the_last_match_is_over() -> None:
    tournament = cup()
    play_all(tournament, (10, 7), (12, 3))
    payouts.sweep(now=timezone.now())
    assert won(tournament) == [0, 0, 0, 0], "those who are out could still be paid less if the pool does not reach"

    play_all(tournament, (20, 15))
    assert tournament.status == "completed"
    assert won(tournament) == [300_000, 270_000, 30_000, 70_000]
    assert (account_balance("platform"), balance(tournament.pk)) == (-670_000, 0)
    assert [row["prize"] for row in completion.get_tournament_winners(tournament)] == [300_000]
    assert [entrant.prize_rial for entrant in placed(tournament.pk)][:2] == [300_000, 270_000]
    assert_ledger_holds()


def test_a_pool_that_does_not_reach_is_shared_by_kills(settings: Any) -> None:
    tournament = cup(prize_pool_rial=100_000)
    play_all(tournament, (10, 5), (10, 0), (15, 10))
    # 25, 20, 0 and 5 of 50 kills
    assert won(tournament) == [50_000, 40_000, 0, 10_000]
    assert_ledger_holds()


def test_entry_fees_can_be_the_pool() -> None:
    tournament = cup(prize_source="entry_pool", prize_pool_rial=0, entry_fee_rial=100_000, platform_fee_bps=1000)
    play_all(tournament, (10, 5), (10, 0), (15, 10))
    assert won(tournament) == [180_000, 144_000, 0, 36_000]
    assert account_balance("platform_fee") == 40_000
    assert_ledger_holds()


def test_whoever_is_disqualified_gets_nothing_and_a_walkover_has_no_kills() -> None:
    tournament = cup()
    play_all(tournament, (10, 7), (12, 3))
    final = tournament.matches.get(status="ongoing")
    loser = final.entrant_b if better(final) == final.entrant_a else final.entrant_a
    leaving.disqualify(
        tournament_id=tournament.pk,
        entrant_id=loser.pk,
        actor=StaffFactory(),
        mode=DqMode.FORWARD,
        reason="cheats",
        now=timezone.now(),
    )
    tournament.refresh_from_db()
    assert tournament.status == "completed"
    assert won(tournament) == [100_000, 0, 30_000, 70_000]
    assert_ledger_holds()


def test_a_result_without_games_is_refused_where_kills_are_paid() -> None:
    match = cup().matches.filter(status="ongoing").first()
    with pytest.raises(GamesRequired):
        submit(match, better(match))
    match.refresh_from_db()
    assert match.status == "ongoing"


def test_staff_say_what_the_scores_were() -> None:
    tournament = cup(2)
    match = tournament.matches.get()
    winner = better(match)
    submit(match, winner, games=[game(match, 900, 1)])
    results.dispute(match_id=match.pk, actor=player_of(other(match)), reason="made up", now=timezone.now())
    ruling: dict[str, Any] = {"match_id": match.pk, "actor": StaffFactory(), "now": timezone.now()}
    with pytest.raises(ScoreContradictsWinner):
        results.resolve(**ruling, winner_id=winner.user_id, games=[game(match, 1, 9)])
    with pytest.raises(RulingInvalid):
        results.resolve(**ruling, outcome="double_forfeit", games=[game(match, 9, 1)])
    results.resolve(**ruling, winner_id=winner.user_id, games=[game(match, 9, 1)])
    match.refresh_from_db()
    assert sorted((match.score_a, match.score_b)) == [1, 9]
    assert won(tournament) == [90_000, 10_000]


@pytest.mark.parametrize("upheld", [True, False])
def test_a_ruling_without_scores_keeps_the_claimed_ones_for_the_same_winner_alone(upheld: bool) -> None:
    tournament = cup(2)
    match = tournament.matches.get()
    submit(match, better(match), games=[game(match, 9, 1)])
    results.dispute(match_id=match.pk, actor=player_of(other(match)), reason="no", now=timezone.now())
    winner = better(match) if upheld else other(match)
    results.resolve(match_id=match.pk, actor=StaffFactory(), winner_id=winner.user_id, now=timezone.now())
    assert won(tournament) == ([90_000, 10_000] if upheld else [0, 0])
    assert balance(tournament.pk) == 0


def other(match: Match) -> Entrant:
    return match.entrant_b if better(match) == match.entrant_a else match.entrant_a


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"prize_per_kill_rial": 0}, "prize_per_kill", "required"),
        ({"prize_per_kill_rial": 10_001}, "prize_per_kill", "unit"),
        ({"prize_distribution": [10_000]}, "prize_distribution", "for_kills"),
        ({"prize_kind": "share", "prize_distribution": [10_000]}, "prize_per_kill", "not_for_kills"),
    ],
)
def test_prizes_for_kills_have_to_make_sense(changes: dict[str, Any], field: str, code: str, settings: Any) -> None:
    settings.PRIZE_UNIT_RIAL = 1000
    with pytest.raises(InvalidInput) as refusal:
        make_tournament(creator=StaffFactory(), **(KILLS | changes))
    assert refusal.value.errors[field][0]["code"] == code


def test_without_a_table_the_draft_has_none() -> None:
    fields = {name: value for name, value in KILLS.items() if name != "prize_distribution"}
    tournament = make_tournament(creator=StaffFactory(), published=False, **fields)
    assert (tournament.prize_distribution, prizes.paid_places(tournament)) == ([], 1)
    with pytest.raises(InvalidInput):
        editing.update(tournament_id=tournament.pk, actor=tournament.creator, now=timezone.now(), prize_per_kill_rial=0)


def test_the_plan_says_what_a_kill_is_worth(client: Client) -> None:
    tournament = cup()
    plan = client.get(f"/api/tournaments/tournaments/{tournament.pk}/payout-plan/").json()
    assert (plan["prize_kind"], plan["per_kill"], plan["prize_pool"], plan["places"]) == (
        "per_kill", 10_000, 1_000_000, [],
    )  # fmt: skip
    shown = client.get(f"/api/tournaments/tournaments/{tournament.pk}/").json()
    assert (shown["prize_per_kill"], shown["winner_slots"]) == (10_000, 1)
