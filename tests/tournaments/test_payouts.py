"""Prizes, place by place: awarded when no match can change the place, paid once, held when staff say so."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from common.errors import IllegalTransition, InvalidInput, PermissionDenied
from matches.models import Match
from matches.services import leaving, results
from tests.factories.tournaments import make_tournament, play, play_out, player_of, running_tournament, submit
from tests.factories.users import StaffFactory, UserFactory
from tests.factories.wallet import account_balance, assert_ledger_holds
from tournaments.engine import DqMode
from tournaments.errors import PrizesPaid
from tournaments.models import Entrant, Payout, Tournament
from tournaments.services import editing, lifecycle, payouts
from users.models import User
from wallet.models import LedgerAccount
from wallet.selectors import balance, balances

pytestmark = pytest.mark.django_db
FEE = 1_000_000
EIGHT = [4000, 2000, 1000, 1000, 500, 500, 500, 500]


def cup(count: int = 8, **fields: Any) -> Tournament:
    """A running single elimination for entry fees; 10 % are the platform's."""
    defaults = {"entry_fee_rial": FEE, "prize_source": "entry_pool", "prize_distribution": EIGHT}
    return running_tournament(count, **(defaults | fields))


def play_round(tournament: Tournament, number: int) -> None:
    for match in tournament.matches.filter(round=number).order_by("pk"):
        play(match, min((match.entrant_a, match.entrant_b), key=lambda entrant: entrant.seed))


def won(tournament: Tournament) -> list[int]:
    """What each player has won so far, by seed."""
    players = [entrant.captain for entrant in tournament.entrants.order_by("seed")]
    return [balances(player).winnings for player in players]


def statuses(tournament: Tournament) -> dict[int, str]:
    """Seed → status of the payout."""
    return dict(tournament.payouts.order_by("entrant__seed").values_list("entrant__seed", "status"))


def is_closed(tournament: Tournament) -> bool:
    return LedgerAccount.objects.filter(tournament_id=tournament.pk, closed_at__isnull=False).exists()


def test_losers_of_early_rounds_are_paid_before_the_final_is_played(now: datetime) -> None:
    tournament = cup()
    play_round(tournament, 1)
    assert won(tournament) == [0] * 8
    assert payouts.sweep(now=timezone.now()) == 1
    assert won(tournament) == [0, 0, 0, 0, 360_000, 360_000, 360_000, 360_000]

    play_round(tournament, 2)
    payouts.sweep(now=timezone.now())
    assert won(tournament) == [0, 0, 720_000, 720_000, 360_000, 360_000, 360_000, 360_000]
    assert (is_closed(tournament), balance(tournament.pk)) == (False, 800_000 + 2_880_000 + 1_440_000)

    play_round(tournament, 3)
    assert won(tournament) == [2_880_000, 1_440_000, 720_000, 720_000, 360_000, 360_000, 360_000, 360_000]
    assert (is_closed(tournament), account_balance("platform_fee")) == (True, 800_000)
    assert [entrant.prize_rial for entrant in tournament.entrants.order_by("seed")] == won(tournament)
    assert_ledger_holds()


def test_place_that_an_open_dispute_can_change_is_not_paid() -> None:
    tournament = cup()
    disputed, *others = tournament.matches.filter(round=1).order_by("pk")
    for match in others:
        play(match, match.entrant_a)
    submit(disputed, disputed.entrant_a)
    results.dispute(
        match_id=disputed.pk, actor=player_of(disputed.entrant_b), reason="that is not my score", now=timezone.now()
    )
    payouts.sweep(now=timezone.now())
    assert statuses(tournament) == {}

    results.resolve(
        match_id=disputed.pk, actor=StaffFactory(), winner_id=disputed.entrant_b.user_id, now=timezone.now()
    )
    payouts.sweep(now=timezone.now())
    assert sorted(statuses(tournament).values()) == ["paid"] * 4
    assert disputed.entrant_a.payout.amount_rial == 360_000
    assert_ledger_holds()


def test_looking_again_pays_nothing_again() -> None:
    tournament = cup()
    play_round(tournament, 1)
    for _ in range(3):
        Tournament.objects.filter(pk=tournament.pk).update(payouts_check_at=timezone.now())
        payouts.sweep(now=timezone.now())
    assert won(tournament)[4:] == [360_000] * 4
    assert payouts.sweep(now=timezone.now()) == 0
    assert_ledger_holds()


def test_prize_waits_for_the_tournaments_hold_and_then_ends_its_books() -> None:
    tournament = play_out(cup(4, prize_distribution=[6000, 4000], prize_hold_minutes=30))
    now = timezone.now()
    assert (statuses(tournament), won(tournament), is_closed(tournament)) == ({1: "due", 2: "due"}, [0] * 4, False)
    assert [entrant.prize_rial for entrant in tournament.entrants.order_by("seed")] == [2_160_000, 1_440_000, 0, 0]
    assert payouts.sweep(now=now + timedelta(minutes=29)) == 0

    assert payouts.sweep(now=now + timedelta(minutes=31)) == 1
    assert (won(tournament), is_closed(tournament)) == ([2_160_000, 1_440_000, 0, 0], True)
    assert account_balance("platform_fee") == 400_000
    assert payouts.sweep(now=now + timedelta(days=1)) == 0
    assert_ledger_holds()


def test_held_prize_is_paid_when_staff_release_it(staff: User, now: datetime) -> None:
    tournament = play_out(cup(4, prize_distribution=[6000, 4000], prize_hold_minutes=30))
    first = tournament.payouts.get(place_first=1)
    payouts.hold(payout_id=first.pk, actor=staff, reason="a report", now=now)
    later = timezone.now() + timedelta(hours=1)
    payouts.sweep(now=later)
    assert (statuses(tournament), is_closed(tournament)) == ({1: "held", 2: "paid"}, False)
    assert payouts.sweep(now=later) == 0

    payouts.release(payout_id=first.pk, actor=staff, now=later)
    assert (won(tournament)[0], is_closed(tournament), balance(tournament.pk)) == (2_160_000, True, 0)
    assert_ledger_holds()


def test_forfeited_prize_goes_to_the_platform(staff: User) -> None:
    tournament = play_out(cup(4, prize_distribution=[6000, 4000], prize_hold_minutes=30))
    first = tournament.payouts.get(place_first=1)
    later = timezone.now() + timedelta(hours=1)
    payouts.forfeit(payout_id=first.pk, actor=staff, reason="cheated", now=later)
    assert (statuses(tournament), won(tournament)) == ({1: "forfeited", 2: "paid"}, [0, 1_440_000, 0, 0])
    assert (account_balance("platform"), account_balance("platform_fee")) == (2_160_000, 400_000)
    with pytest.raises(IllegalTransition):
        payouts.release(payout_id=first.pk, actor=staff, now=later)
    assert_ledger_holds()


def test_who_is_disqualified_before_the_prize_is_paid_gets_nothing(staff: User, now: datetime) -> None:
    tournament = cup(prize_hold_minutes=30)
    play_round(tournament, 1)
    payouts.sweep(now=timezone.now())
    loser = tournament.entrants.get(seed=8)
    leaving.disqualify(
        tournament_id=tournament.pk,
        entrant_id=loser.pk,
        mode=DqMode.FORWARD,
        reason="x",
        actor=staff,
        now=now,
    )
    payouts.sweep(now=timezone.now() + timedelta(minutes=31))
    assert statuses(tournament) == {5: "paid", 6: "paid", 7: "paid", 8: "forfeited"}
    play_out(tournament)
    payouts.sweep(now=timezone.now() + timedelta(minutes=31))
    assert (won(tournament)[7], account_balance("platform"), balance(tournament.pk)) == (0, 360_000, 0)
    assert_ledger_holds()


def test_tournament_is_not_called_off_once_a_prize_is_paid() -> None:
    tournament = cup()
    play_round(tournament, 1)
    payouts.sweep(now=timezone.now())
    before = won(tournament)
    with pytest.raises(PrizesPaid):
        lifecycle.cancel(tournament_id=tournament.pk, actor=tournament.creator, reason="rain", now=timezone.now())
    tournament.refresh_from_db()
    assert (tournament.status, won(tournament)) == ("ongoing", before)
    assert Match.objects.filter(tournament=tournament, status="cancelled").count() == 0


def test_awarded_prizes_of_a_tournament_that_is_called_off_are_not_paid() -> None:
    tournament = cup(prize_hold_minutes=30)
    play_round(tournament, 1)
    payouts.sweep(now=timezone.now())
    assert len(statuses(tournament)) == 4
    lifecycle.cancel(tournament_id=tournament.pk, actor=tournament.creator, reason="rain", now=timezone.now())
    payouts.sweep(now=timezone.now() + timedelta(hours=1))
    assert set(statuses(tournament).values()) == {"forfeited"}
    assert [balances(entrant.captain).deposited for entrant in tournament.entrants.all()] == [FEE] * 8
    assert set(tournament.entrants.values_list("prize_rial", flat=True)) == {0}
    assert_ledger_holds()


TIED_FOR_THIRD = {
    "pool_average": [5_000_000, 2_500_000, 1_250_000, 1_250_000],
    "hort": [5_000_000, 2_000_000, 1_750_000, 1_250_000],
    "tiebreak": [5_000_000, 2_000_000, 2_000_000, 1_000_000],
}


@pytest.mark.parametrize("mode", TIED_FOR_THIRD)
def test_who_shares_places_is_paid_by_the_tournaments_rule(mode: str, staff: User) -> None:
    shares = [5000, 2500, 1250, 1250] if mode == "pool_average" else [5000, 2000, 2000, 1000]
    tournament = play_out(
        running_tournament(
            4, creator=staff, prize_source="sponsor", prize_pool_rial=10_000_000, prize_distribution=shares,
            prize_tie_mode=mode,
        )
    )  # fmt: skip
    assert sorted(won(tournament), reverse=True) == TIED_FOR_THIRD[mode]
    assert_ledger_holds()


def test_fixed_prizes_are_paid_and_the_rest_of_the_pool_goes_to_the_platform(staff: User) -> None:
    tournament = play_out(
        running_tournament(
            4, creator=staff, prize_source="sponsor", prize_pool_rial=5_000, prize_kind="fixed",
            prize_distribution=[2000, 1000, 500, 300],
        )
    )  # fmt: skip
    assert won(tournament) == [2000, 1000, 400, 400]
    assert (account_balance("platform"), balance(tournament.pk)) == (1_200, 0)
    assert_ledger_holds()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"prize_distribution": [6000, 3000]}, "prize_distribution"),
        ({"prize_distribution": []}, "prize_distribution"),
        ({"prize_kind": "fixed", "prize_distribution": [900, 200], "prize_pool_rial": 1_000}, "prize_distribution"),
        ({"prize_kind": "fixed", "prize_distribution": [100], "prize_source": "entry_pool"}, "prize_kind"),
    ],
)
def test_prize_table_that_cannot_be_paid_is_refused(fields: dict[str, Any], field: str, staff: User) -> None:
    with pytest.raises(InvalidInput) as refusal:
        make_tournament(creator=staff, **fields)
    assert list(refusal.value.errors) == [field]
    assert Tournament.objects.count() == 0


def test_fixed_prize_is_a_multiple_of_the_smallest_unit(staff: User, settings: Any) -> None:
    settings.PRIZE_UNIT_RIAL = 1_000
    with pytest.raises(InvalidInput):
        make_tournament(creator=staff, prize_kind="fixed", prize_distribution=[1_500], prize_pool_rial=2_000)


def test_prize_rules_are_locked_once_players_rely_on_them() -> None:
    tournament = make_tournament(entry_fee_rial=FEE, prize_source="entry_pool")
    for change in ({"prize_tie_mode": "hort"}, {"prize_kind": "fixed"}, {"prize_hold_minutes": 9_999}):
        with pytest.raises(Exception, match="field_locked"):
            editing.update(tournament_id=tournament.pk, actor=tournament.creator, now=timezone.now(), **change)


def test_plan_shows_what_is_final_to_everybody(client_for: Callable[..., Any]) -> None:
    tournament = cup(prize_hold_minutes=30)
    path = f"/api/tournaments/tournaments/{tournament.pk}/payout-plan/"
    assert client_for(None).get(path).json()["payouts"] == []
    play_round(tournament, 1)
    payouts.sweep(now=timezone.now())
    plan = client_for(None).get(path).json()
    assert (plan["tie_mode"], plan["prize_kind"], plan["hold_minutes"]) == ("pool_average", "share", 30)
    assert [(row["place_first"], row["place_last"], row["amount"], row["status"]) for row in plan["payouts"]] == [
        (5, 8, 360_000, "due")
    ] * 4


@pytest.mark.parametrize("decide", [payouts.hold, payouts.release, payouts.forfeit])
def test_only_staff_decide_about_prizes(decide: Callable[..., Any], now: datetime) -> None:
    tournament = play_out(cup(4, prize_distribution=[10_000], prize_hold_minutes=30))
    payout = tournament.payouts.get()
    for actor in (tournament.creator, player_of(payout.entrant), UserFactory(is_staff=True)):
        with pytest.raises(PermissionDenied):
            decide(payout_id=payout.pk, actor=actor, reason="x", now=now)
    assert Payout.objects.values_list("status", "version").get() == ("due", 1)


def test_staff_hold_release_and_forfeit_in_the_admin(staff: User) -> None:
    tournament = play_out(cup(4, prize_distribution=[6000, 4000], prize_hold_minutes=30))
    client = Client(headers={"accept-language": "en"})
    client.force_login(staff)
    first, second = tournament.payouts.order_by("place_first")

    def act(action: str, payout: Payout) -> list[str]:
        answer = client.post("/admin/tournaments/payout/", {"action": action, "_selected_action": [payout.pk]})
        assert answer.status_code == 302
        told = [str(message) for message in get_messages(answer.wsgi_request)]
        assert client.get("/admin/tournaments/payout/").status_code == 200
        return told

    assert act("hold", first) == []
    assert act("hold", first) == [f"{first}: This is not possible in the current state."]
    assert act("forfeit", second) == []
    assert statuses(tournament) == {1: "held", 2: "forfeited"}
    assert act("release", first) == []
    assert statuses(tournament)[1] == "due"


def test_team_is_paid_by_its_frozen_roster() -> None:
    tournament = play_out(
        running_tournament(
            2, type="team", team_size=3, entry_fee_rial=FEE, prize_source="entry_pool", prize_distribution=[10_000],
            platform_fee_bps=0,
        )
    )  # fmt: skip
    winner = Entrant.objects.get(tournament=tournament, place_first=1)
    parts = {row.user_id: balances(row.user).winnings for row in winner.roster.select_related("user")}
    assert parts.pop(winner.captain_id) == 666_668
    assert list(parts.values()) == [666_666, 666_666]
    assert_ledger_holds()
