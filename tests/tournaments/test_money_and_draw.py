"""What is promised before the start and how the draw is proved: pure sums and the engine's plan on real rows."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.tournaments import fill, make_tournament, running_tournament
from tests.factories.users import StaffFactory
from tournaments.engine import StageConfig, commitment, plan_stage
from tournaments.errors import DrawNotMade
from tournaments.models import Tournament
from tournaments.services import lifecycle, planning, prizes, registration

FEE = 1_000_000


@given(
    entries=st.integers(0, 10**15), bps=st.integers(0, 10_000), fixed=st.integers(0, 10**15),
    source=st.sampled_from(["entry_pool", "platform", "sponsor"]),
)  # fmt: skip
def test_pool_and_fee_are_all_the_money_there_is(entries: int, bps: int, fixed: int, source: str) -> None:
    tournament = Tournament(prize_source=source, prize_pool_rial=fixed, platform_fee_bps=bps)
    pool = prizes.pool_of(tournament, entries)
    if source == "entry_pool":
        assert pool.prize_rial + pool.fee_rial == entries
        assert pool.fee_rial == entries * bps // 10_000
    else:
        assert (pool.prize_rial, pool.fee_rial) == (fixed, entries)
    assert min(pool.prize_rial, pool.fee_rial) >= 0


def amounts(plan: dict[str, Any]) -> list[int]:
    return [place["amount"] for place in plan["places"]]


@pytest.mark.django_db
def test_payout_plan_grows_with_every_seat_and_stands_after_the_start() -> None:
    tournament = make_tournament(
        entry_fee_rial=FEE, prize_source="entry_pool", prize_distribution=[7000, 3000], platform_fee_bps=1000
    )
    assert amounts(prizes.payout_plan(tournament)) == [0, 0]
    fill(tournament, 3)
    tournament = Tournament.objects.get(pk=tournament.pk)
    plan = prizes.payout_plan(tournament)
    assert (plan["prize_pool"], plan["platform_fee"], plan["final"]) == (2_700_000, 300_000, False)
    assert amounts(plan) == [1_890_000, 810_000]
    lifecycle.start(tournament_id=tournament.pk, actor=tournament.creator, now=tournament.created_at)
    assert prizes.payout_plan(Tournament.objects.get(pk=tournament.pk)) == plan


@pytest.mark.django_db
def test_payout_plan_of_a_fixed_prize_does_not_depend_on_seats() -> None:
    tournament = make_tournament(
        creator=StaffFactory(), prize_pool_rial=10_000_001, prize_distribution=[5000, 3000, 2000]
    )
    plan = prizes.payout_plan(tournament)
    assert sum(amounts(plan)) == 10_000_001
    assert (plan["platform_fee"], plan["prize_source"]) == (0, "platform")


@pytest.mark.django_db
def test_draft_has_no_draw_and_no_commitment() -> None:
    with pytest.raises(DrawNotMade):
        planning.draw_proof(make_tournament(published=False))


@pytest.mark.django_db
def test_secret_is_revealed_by_the_draw_and_not_before() -> None:
    tournament = make_tournament()
    entrants = fill(tournament, 4)
    before = planning.draw_proof(tournament)
    assert (before["draw_seed"], before["seeds"], before["plan_hash"]) == (None, [], "")
    tournament = lifecycle.start(tournament_id=tournament.pk, actor=tournament.creator, now=tournament.created_at)
    after = planning.draw_proof(tournament)
    assert after["commitment"] == before["commitment"] == commitment(bytes.fromhex(after["draw_seed"]))
    assert sorted(row["entrant"] for row in after["seeds"]) == [entrant.pk for entrant in entrants]
    assert [row["seed"] for row in after["seeds"]] == [1, 2, 3, 4]


@pytest.mark.django_db
def test_anybody_can_plan_the_same_bracket_from_what_is_published() -> None:
    tournament = running_tournament(6, format_options={"third_place": True})
    proof, stage = planning.draw_proof(tournament), tournament.stages.get()
    seeds = [str(row["entrant"]) for row in proof["seeds"]]
    plan = plan_stage(StageConfig(stage.format, stage.options), seeds, bytes.fromhex(proof["draw_seed"]))  # type: ignore[arg-type]
    assert plan.plan_hash == proof["plan_hash"]
    assert {spec.id for spec in plan.matches} == set(tournament.matches.values_list("key", flat=True))


@pytest.mark.django_db
def test_given_seeds_stand_and_the_others_are_drawn_behind_them(now: datetime) -> None:
    tournament = make_tournament()
    entrants = fill(tournament, 5)
    registration.seed(
        tournament_id=tournament.pk, order=[entrants[3].pk, entrants[1].pk], actor=tournament.creator, now=now
    )
    lifecycle.start(tournament_id=tournament.pk, actor=tournament.creator, now=now)
    seeded = list(planning.seeded_entrants(tournament.pk))
    assert seeded[:2] == [entrants[3], entrants[1]]
    assert {entrant.pk for entrant in seeded[2:]} == {entrants[0].pk, entrants[2].pk, entrants[4].pk}
    assert {entrant.version for entrant in seeded} == {2}
