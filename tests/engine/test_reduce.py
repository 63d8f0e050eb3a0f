from functools import reduce
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.playing import (
    EVERY_KIND,
    better_seed_wins,
    numbered,
    play,
    played_at_random,
    result,
    single,
    stages,
    unhurried,
)
from tournaments.engine import (
    BYE,
    TBD,
    Bye,
    EngineError,
    EntrantId,
    Kind,
    LoserOf,
    MatchDecided,
    MatchId,
    MatchOpened,
    MatchState,
    Outcome,
    Result,
    Seed,
    Slot,
    SlotFilled,
    SlotState,
    StageConfig,
    StagePlan,
    StageView,
    Status,
    Target,
    Tbd,
    WinnerOf,
    advance,
    apply,
    fold,
    plan_stage,
    settle,
)
from tournaments.engine.match_table import BYE_CODE, MatchTable, Round, seed_code, winner_code

_PROGRESS = {Status.LOCKED: 0, Status.READY: 1, Status.COMPLETED: 2, Status.WALKOVER: 2, Status.VOID: 2}


def refusal(view: StageView, event: Result) -> str:
    with pytest.raises(EngineError) as refused:
        apply(view, event)
    return refused.value.code


@unhurried
@given(stages())
def test_fold_equals_applying_one_by_one(stage: tuple[StagePlan, list[Result]]) -> None:
    plan, results = stage
    assert reduce(lambda view, event: apply(view, event)[0], results, fold(plan)) == fold(plan, results)


@unhurried
@given(stages())
def test_folding_the_results_of_a_view_gives_the_view(stage: tuple[StagePlan, list[Result]]) -> None:
    """Also that independent matches commute: the view lists its results in plan order, not as they were played."""
    plan, results = stage
    view = fold(plan, results)
    assert sorted(event.match_id for event in view.results) == sorted(event.match_id for event in results)
    assert fold(plan, view.results) == view


@unhurried
@given(stages(), st.integers(0, 2**32))
def test_any_possible_order_of_the_same_results_gives_the_same_view(
    stage: tuple[StagePlan, list[Result]], chance: int
) -> None:
    plan, results = stage
    rng = Random(chance)
    outcomes = {event.match_id: event.outcome for event in results}
    view = fold(plan)
    while playable := [match_id for match_id in view.ready if match_id in outcomes]:
        chosen = rng.choice(playable)
        view, _ = apply(view, Result(chosen, outcomes[chosen]))
    assert view == fold(plan, results)


@unhurried
@given(stages())
def test_status_only_moves_forward_and_undecided_counts_the_rest(stage: tuple[StagePlan, list[Result]]) -> None:
    plan, results = stage
    view = fold(plan)
    for event in results:
        before = dict(view.states)
        view, _ = apply(view, event)
        for match_id, state in view.states.items():
            assert _PROGRESS[before[match_id].status] <= _PROGRESS[state.status]
            if before[match_id].outcome is not None:
                assert state == before[match_id]
            assert (state.outcome is None) == (state.status in (Status.LOCKED, Status.READY))
        assert view.undecided == sum(state.outcome is None for state in view.states.values())
        assert view.complete == (view.undecided == 0)


@unhurried
@given(stages())
def test_apply_leaves_the_earlier_view_alone(stage: tuple[StagePlan, list[Result]]) -> None:
    plan, results = stage
    views = [fold(plan)]
    for event in results:
        views.append(apply(views[-1], event)[0])
    assert views == [fold(plan, results[:count]) for count in range(len(results) + 1)]


@unhurried
@given(stages())
def test_effects_tell_exactly_what_changed(stage: tuple[StagePlan, list[Result]]) -> None:
    """Whoever keeps rows and writes only the effects has the same rows as the view."""
    plan, results = stage
    view = fold(plan)
    rows: dict[MatchId, MatchState] = dict(view.states)
    for event in results:
        view, effects = apply(view, event)
        for effect in effects:
            match effect:
                case SlotFilled():
                    row = rows[effect.target.match_id]
                    a = effect.occupant if effect.target.side == "a" else row.a
                    b = effect.occupant if effect.target.side == "b" else row.b
                    rows[effect.target.match_id] = MatchState(a, b, row.status)
                case MatchOpened():
                    row = rows[effect.match_id]
                    rows[effect.match_id] = MatchState(row.a, row.b, Status.READY)
                case MatchDecided():
                    row = rows[effect.match_id]
                    rows[effect.match_id] = MatchState(row.a, row.b, effect.status, effect.outcome)
        assert rows == dict(view.states)


@unhurried
@given(stages())
def test_storing_rows_with_advance_and_settle_gives_the_same_states(stage: tuple[StagePlan, list[Result]]) -> None:
    """The database adapter's way: no plan in memory, one match at a time, only the two local functions."""
    plan, results = stage
    specs = {spec.id: spec for spec in plan.matches}
    rows: dict[MatchId, MatchState] = dict(fold(plan).states)

    def decide(match_id: MatchId, status: Status, outcome: Outcome) -> None:
        row = rows[match_id]
        rows[match_id] = MatchState(row.a, row.b, status, outcome)
        for move in advance(specs[match_id], outcome, row.a, row.b):
            following = rows[move.target.match_id]
            a, b = (move.occupant, following.b) if move.target.side == "a" else (following.a, move.occupant)
            settlement = settle(a, b)
            rows[move.target.match_id] = MatchState(a, b, settlement.status)
            if settlement.outcome is not None:
                decide(move.target.match_id, settlement.status, settlement.outcome)

    for event in results:
        decide(event.match_id, Status.COMPLETED, event.outcome)
    assert rows == dict(fold(plan, results).states)


@unhurried
@given(stages())
def test_slots_follow_from_the_definitions(stage: tuple[StagePlan, list[Result]]) -> None:
    """An oracle that looks each slot up from the end of the bracket, without any notion of advancing."""
    plan, results = stage
    view = fold(plan, results)
    outcomes = {event.match_id: event.outcome for event in results}

    def known(slot: Slot) -> SlotState:
        match slot:
            case Seed():
                return plan.seeds[slot.number - 1]
            case WinnerOf() | LoserOf():
                a, b = (known(side) for side in (plan.match(slot.match_id).a, plan.match(slot.match_id).b))
                wants_winner = isinstance(slot, WinnerOf)
                if isinstance(a, Tbd) or isinstance(b, Tbd):
                    return TBD
                if isinstance(b, Bye) and plan.match(slot.match_id).moves_if == "b":
                    return BYE
                if isinstance(a, Bye) or isinstance(b, Bye):
                    return (b if isinstance(a, Bye) else a) if wants_winner else BYE
                outcome = outcomes.get(slot.match_id)
                if outcome is None:
                    return TBD
                if outcome.winner is None or (outcome.kind is Kind.DQ and not wants_winner):
                    return BYE
                if plan.match(slot.match_id).moves_if == "b" and outcome.winner == a:
                    return BYE
                return outcome.winner if wants_winner else ({a, b} - {outcome.winner}).pop()
            case _:
                return slot

    assert dict(view.slots) == {spec.id: (known(spec.a), known(spec.b)) for spec in plan.matches}


@unhurried
@given(stages(), st.binary())
def test_a_draw_seed_changes_nothing_where_nothing_is_drawn(
    stage: tuple[StagePlan, list[Result]], draw_seed: bytes
) -> None:
    plan, _ = stage
    assert plan_stage(plan.config, plan.seeds, draw_seed) == plan


def test_effects_of_one_result_in_their_order() -> None:
    view = fold(single(4, third_place=True), [result("W1.1", 1)])
    _, effects = apply(view, result("W1.2", 3))
    assert effects == (
        MatchDecided(MatchId("W1.2"), Status.COMPLETED, Outcome(EntrantId("3"))),
        SlotFilled(Target(MatchId("W2.1"), "b"), EntrantId("3")),
        MatchOpened(MatchId("W2.1")),
        SlotFilled(Target(MatchId("P3"), "b"), EntrantId("2")),
        MatchOpened(MatchId("P3")),
    )


def test_effects_of_a_double_forfeit_run_through_to_the_end() -> None:
    view = fold(single(4, third_place=True), [result("W1.1", 1)])
    view, effects = apply(view, result("W1.2", None, Kind.DOUBLE_FORFEIT))
    walkover = Outcome(EntrantId("1"), Kind.WALKOVER)
    assert effects == (
        MatchDecided(MatchId("W1.2"), Status.COMPLETED, Outcome(None, Kind.DOUBLE_FORFEIT)),
        SlotFilled(Target(MatchId("W2.1"), "b"), BYE),
        SlotFilled(Target(MatchId("P3"), "b"), BYE),
        MatchDecided(MatchId("W2.1"), Status.WALKOVER, walkover),
        MatchDecided(MatchId("P3"), Status.WALKOVER, Outcome(EntrantId("4"), Kind.WALKOVER)),
    )
    assert (view.complete, view.champion) == (True, "1")


def test_a_stage_that_has_just_begun() -> None:
    view = fold(single(6))
    assert view.ready == ("W1.1", "W1.2")
    assert view.slots[MatchId("W2.1")] == ("1", TBD)
    assert view.status[MatchId("W2.1")] is Status.LOCKED
    assert (view.complete, view.champion, view.results) == (False, None, ())


def test_apply_refuses_what_does_not_fit_the_moment() -> None:
    view = fold(single(4), [result("W1.1", 1)])
    assert refusal(view, result("W9.9", 1)) == "result_for_unknown_match"
    assert refusal(view, result("W2.1", 1)) == "match_not_ready"
    assert refusal(view, result("W1.1", 1)) == "match_already_decided"
    assert refusal(view, result("W1.2", 1)) == "winner_not_in_match"
    assert refusal(view, result("W1.2", None)) == "winner_required"
    assert refusal(view, result("W1.2", None, Kind.WALKOVER)) == "winner_required"
    assert refusal(view, result("W1.2", 2, Kind.DOUBLE_FORFEIT)) == "unexpected_winner"
    assert refusal(view, result("W1.2", None, Kind.DRAW)) == "draw_not_allowed"
    assert refusal(view, "W1.2") == "invalid_event"  # type: ignore[arg-type]
    assert refusal(view, Result(["W1.2"], Outcome(EntrantId("2")))) == "result_for_unknown_match"  # type: ignore[arg-type]
    assert refusal(view, Result(MatchId("W1.2"), None)) == "invalid_outcome"  # type: ignore[arg-type]
    assert refusal(view, Result(MatchId("W1.2"), Outcome(EntrantId("2"), "played"))) == "invalid_outcome"  # type: ignore[arg-type]
    assert view == fold(single(4), [result("W1.1", 1)])


def test_a_walkover_match_cannot_be_played_any_more() -> None:
    view = fold(single(8), [result("W1.1", 8), result("W1.2", None, Kind.DOUBLE_FORFEIT)])
    assert refusal(view, result("W2.1", 8)) == "match_already_decided"


def test_fold_names_the_first_refused_result() -> None:
    with pytest.raises(EngineError) as refused:
        fold(single(4), [result("W1.1", 1), result("W1.1", 1), result("W9.9", 1)])
    assert (refused.value.code, refused.value.params) == ("match_already_decided", {"match": "W1.1"})


def test_planned_byes_are_settled_at_once_by_a_format_that_leaves_them_in() -> None:
    """Formats to come may plan matches with dead slots; they are walkovers and voids from the start."""
    rounds = (Round("W", 1, 2, "W1."), Round("W", 2, 1, "W2."))
    seed_1, winners = seed_code(1), [winner_code(0), winner_code(1)]
    table = MatchTable(
        rounds, [seed_1, BYE_CODE, winners[0]], [BYE_CODE, BYE_CODE, winners[1]], [4, 5, -1], [-1, -1, -1]
    )
    view = fold(StagePlan(single(2).config, (EntrantId("1"), EntrantId("2")), table))
    assert list(view.status.values()) == [Status.WALKOVER, Status.VOID, Status.WALKOVER]
    assert (view.complete, view.champion) == (True, "1")


def test_view_mappings_are_in_plan_order_and_know_their_length() -> None:
    view = play(fold(single(9)), better_seed_wins)
    names = [spec.id for spec in view.plan.matches]
    assert list(view.slots) == list(view.status) == list(view.states) == names
    assert len(view.slots) == len(view.states) == 8
    assert "W9.9" not in view.status
    with pytest.raises(KeyError):
        view.slots[MatchId("W9.9")]


def test_the_largest_stage_plays_through() -> None:
    plan = plan_stage(StageConfig("single_elimination", {"third_place": True}), numbered(4096))
    results = played_at_random_in_plan_order(plan)
    view = fold(plan, results)
    assert (view.complete, len(results)) == (True, 4096)


def played_at_random_in_plan_order(plan: StagePlan) -> list[Result]:
    rng = Random(4096)
    view = fold(plan)
    results = []
    for spec in plan.matches:
        a, b = view.slots[spec.id]
        results.append(Result(spec.id, Outcome(EntrantId(str(rng.choice((a, b)))))))
        view, _ = apply(view, results[-1])
    return results


def test_a_whole_bracket_of_double_forfeits_does_not_overflow() -> None:
    plan = single(4096)
    first_round = [spec.id for spec in plan.matches if spec.round == 1]
    view = fold(plan, [Result(match_id, Outcome(None, Kind.DOUBLE_FORFEIT)) for match_id in first_round])
    assert (view.complete, view.champion) == (True, None)
    assert sum(status is Status.VOID for status in view.status.values()) == 2047


def test_random_play_reaches_every_kind_of_end() -> None:
    """Guards the strategy behind the properties above: it does produce walkovers, voids and disqualifications."""
    plan = single(12, third_place=True)
    seen: set[tuple[Status, Kind]] = set()
    for chance in range(60):
        view = fold(plan, played_at_random(plan, Random(chance), EVERY_KIND, 12))
        seen |= {(state.status, state.outcome.kind) for state in view.states.values() if state.outcome is not None}
    assert {(Status.COMPLETED, kind) for kind in EVERY_KIND} < seen
    assert {(Status.WALKOVER, Kind.WALKOVER), (Status.VOID, Kind.WALKOVER)} < seen
