"""Correcting history: what a wrong result had led to stands or falls with it."""

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.playing import (
    DRAW_SEED,
    MATCH_FORMATS,
    Ways,
    better_seed_wins,
    double,
    histories,
    numbered,
    planned,
    play,
    random_outcome,
    result,
    single,
    unhurried,
)
from tournaments.engine import (
    Adjustment,
    Correction,
    Disqualification,
    EngineError,
    EntrantId,
    Event,
    Kind,
    MatchId,
    Outcome,
    Policy,
    Result,
    RoundPaired,
    StagePlan,
    StageView,
    Status,
    Withdrawal,
    apply,
    fold,
    from_json,
    next_round,
    placements,
    preview_change,
    standings,
    to_json,
)

TABLES = ("round_robin", "swiss")
SEMI_FINALS = [result("W1.1", 1), result("W1.2", 2)]


def corrected(match_id: str, winner: int | None, policy: Policy = Policy.SAFE, kind: Kind = Kind.PLAYED) -> Correction:
    return Correction(MatchId(match_id), result(match_id, winner, kind).outcome, policy)


def refusal(view: StageView, event: Event) -> tuple[str, dict[str, object]]:
    with pytest.raises(EngineError) as refused:
        apply(view, event)
    return refused.value.code, refused.value.params


def test_a_correction_moves_the_other_one_on() -> None:
    view = fold(single(4), [*SEMI_FINALS, corrected("W1.1", 4)])
    assert view.slots[MatchId("W2.1")] == ("4", "2")
    assert view.results == (result("W1.1", 4), result("W1.2", 2))
    assert len(view.events) == 3


def test_safe_refuses_when_a_later_match_was_played() -> None:
    view = fold(single(8), [*[result(f"W1.{n}", w) for n, w in ((1, 1), (2, 4), (3, 2), (4, 3))], result("W2.1", 1)])
    assert refusal(view, corrected("W1.1", 8)) == ("downstream_started", {"matches": ("W2.1",)})
    assert apply(view, corrected("W1.3", 7))[0].slots[MatchId("W2.2")] == ("7", "3")


def test_a_correction_of_the_score_alone_is_always_safe() -> None:
    view = fold(single(4), [*SEMI_FINALS, result("W2.1", 1)])
    outcome = Outcome(EntrantId("1"), Kind.FORFEIT, (3, 1))
    after, _ = apply(view, Correction(MatchId("W1.1"), outcome))
    assert after.states[MatchId("W1.1")].outcome == outcome
    assert (after.champion, after.complete) == ("1", True)
    assert apply(view, Correction(MatchId("W1.1"), outcome, Policy.KEEP))[0] == after


def test_keep_refuses_any_change_of_sides() -> None:
    view = fold(single(4), SEMI_FINALS)
    assert refusal(view, corrected("W1.1", 4, Policy.KEEP)) == ("sides_would_change", {"matches": ("W2.1",)})
    assert refusal(fold(single(2)), corrected("W1.1", 1)) == ("match_not_decided", {"match": "W1.1"})


def test_cascade_drops_what_was_played_by_others() -> None:
    view = fold(single(4, third_place=True), [*SEMI_FINALS, result("W2.1", 2), result("P3", 3)])
    assert view.complete
    after, _ = apply(view, corrected("W1.1", 4, Policy.CASCADE))
    assert after.ready == ("W2.1", "P3")
    assert (after.slots[MatchId("W2.1")], after.slots[MatchId("P3")]) == (("4", "2"), ("1", "3"))
    assert (after.champion, after.results) == (None, (result("W1.1", 4), result("W1.2", 2)))


def test_a_correction_creates_the_second_grand_final_and_takes_it_away() -> None:
    before_final = [result("W1.1", 2), result("W2.1", 1), result("L2.1", 2)]
    view = fold(double(3), [*before_final, result("GF1", 1)])
    assert view.champion == "1"
    level, _ = apply(view, corrected("GF1", 2))
    assert (level.ready, level.champion, level.slots[MatchId("GF2")]) == (("GF2",), None, ("1", "2"))
    played, _ = apply(level, result("GF2", 2))
    assert refusal(played, corrected("GF1", 1))[0] == "downstream_started"
    back, _ = apply(played, corrected("GF1", 1, Policy.CASCADE))
    assert back == view
    assert back.status[MatchId("GF2")] is Status.VOID


def test_a_correction_takes_a_disqualification_back() -> None:
    view = fold(double(4), [result("W1.1", 1, Kind.DQ)])
    assert dict(view.gone) == {"4": "forward"}
    after, _ = apply(view, corrected("W1.1", 1))
    assert dict(after.gone) == {}
    assert after == fold(double(4), [result("W1.1", 1)])


def test_a_correction_may_disqualify_who_left_afterwards() -> None:
    for leaving in (Withdrawal(EntrantId("4")), Disqualification(EntrantId("4"))):
        view = fold(double(4), [result("W1.1", 1), leaving])
        after, _ = apply(view, corrected("W1.1", 1, kind=Kind.DQ))
        assert dict(after.gone) == {"4": "forward"}
        assert after.states[MatchId("W1.1")].outcome == Outcome(EntrantId("1"), Kind.DQ)
        assert apply(after, corrected("W1.1", 1))[0] == view


def test_a_table_is_only_computed_again() -> None:
    view = play(fold(planned("round_robin", 5)), better_seed_wins)
    first = view.plan.matches[0].id
    a, b = view.slots[first]
    change = preview_change(view.plan, view.events, first, Outcome(EntrantId(max(str(a), str(b), key=int))))
    assert [entry.match_id for entry in change.affected] == [first]
    assert (change.voided, change.stale_rounds) == ((), ())
    assert change == preview_change(
        view.plan, view.events, first, Outcome(EntrantId(max(str(a), str(b), key=int))), Policy.SAFE
    )


def test_a_swiss_round_paired_from_a_corrected_result_is_stale_until_it_is_paired_again() -> None:
    plan = planned("swiss", 4, rounds=2)
    view = fold(plan)
    for match_id in view.ready:
        view, _ = apply(view, Result(match_id, better_seed_wins(*map(str, view.slots[match_id]))))
    paired, _ = apply(view, next_round(view).event)
    first = plan.matches[0].id
    loser = EntrantId(max(map(str, paired.slots[first]), key=int))
    change = preview_change(plan, paired.events, first, Outcome(loser))
    after, _ = apply(paired, Correction(first, Outcome(loser)))
    assert (change.stale_rounds, after.stale_rounds) == ((2,), (2,))
    assert after.pairings == paired.pairings
    again = RoundPaired(2, tuple(reversed(after.pairings[0].pairs)))
    fresh, _ = apply(after, again)
    assert (fresh.stale_rounds, fresh.pairings) == ((), (again,))
    started, _ = apply(after, Result(after.ready[0], better_seed_wins(*map(str, after.slots[after.ready[0]]))))
    assert refusal(started, again)[0] == "round_already_started"


def correction_for(view: StageView, rng: Random, policy: Policy) -> Correction | None:
    results = view.results
    if not results:
        return None
    match_id = rng.choice(results).match_id
    kinds = (Kind.PLAYED, Kind.PLAYED, Kind.FORFEIT, Kind.DQ, Kind.DRAW, Kind.DOUBLE_FORFEIT)
    return Correction(match_id, random_outcome(view, match_id, rng.choice(kinds), rng), policy)


@unhurried
@given(histories(ways=Ways(correcting=0.03)), st.integers(0, 2**32), st.sampled_from(Policy))
def test_a_preview_is_the_difference_between_before_and_after(
    stage: tuple[StagePlan, list[Event]], chance: int, policy: Policy
) -> None:
    plan, events = stage
    before = fold(plan, events)
    change = correction_for(before, Random(chance), policy)
    if change is None:
        return
    try:
        after, _ = apply(before, change)
    except EngineError as error:
        with pytest.raises(EngineError, match=re.escape(str(error))):
            preview_change(plan, events, change.match_id, change.outcome, policy)
        return
    preview = preview_change(plan, events, change.match_id, change.outcome, policy)
    expected = {
        match_id: (before.states[match_id], state)
        for match_id, state in after.states.items()
        if before.states[match_id] != state
    }
    assert {entry.match_id: (entry.before, entry.after) for entry in preview.affected} == expected
    assert len(preview.plan_hash) == 64
    assert preview.stale_rounds == after.stale_rounds
    played_before = {event.match_id for event in before.results}
    played_after = {event.match_id for event in after.results}
    assert set(preview.voided) >= played_before - played_after
    if policy is not Policy.CASCADE:
        assert preview.voided == ()
        for match_id in played_before - {change.match_id}:
            assert after.states[match_id] == before.states[match_id], "a started match is never altered"
    if policy is Policy.KEEP:
        assert dict(after.slots) == dict(before.slots)


@unhurried
@given(histories(), st.integers(0, 2**32), st.sampled_from(Policy))
def test_correcting_to_the_same_result_changes_nothing(
    stage: tuple[StagePlan, list[Event]], chance: int, policy: Policy
) -> None:
    view = fold(*stage)
    if not view.results:
        return
    same = Random(chance).choice(view.results)
    after, _ = apply(view, Correction(same.match_id, same.outcome, policy))
    assert after == view
    assert standings(after) == standings(view)


@unhurried
@given(histories(ways=Ways(leaving=0, adjusting=0, kinds=(Kind.PLAYED, Kind.FORFEIT))), st.integers(0, 2**32))
def test_cascade_and_the_same_results_again_give_the_original_stage(
    stage: tuple[StagePlan, list[Event]], chance: int
) -> None:
    """Correct a result, correct it back, and play what was dropped as before."""
    plan, events = stage
    view = fold(plan, events)
    if not view.results:
        return
    changed = Random(chance).choice(view.results)
    sides = view.slots[changed.match_id]
    other = next(EntrantId(str(side)) for side in sides if side != changed.outcome.winner)
    now, _ = apply(view, Correction(changed.match_id, Outcome(other), Policy.CASCADE))
    now, _ = apply(now, Correction(changed.match_id, changed.outcome, Policy.CASCADE))
    for event in events:
        if isinstance(event, RoundPaired) and event not in now.pairings:
            now, _ = apply(now, event)
        if isinstance(event, Result) and now.status[event.match_id] is not Status.COMPLETED:
            now, _ = apply(now, event)
    assert dict(now.states) == dict(view.states)
    assert (now.champion, now.pairings, now.gone) == (view.champion, view.pairings, view.gone)
    assert placements(now) == placements(view)


@unhurried
@given(histories(formats=TABLES, ways=Ways(leaving=0, adjusting=0.05, kinds=(Kind.PLAYED,))), st.integers(0, 2**32))
def test_in_tables_nothing_else_is_ever_in_the_way(stage: tuple[StagePlan, list[Event]], chance: int) -> None:
    plan, events = stage
    view = fold(plan, events)
    if not view.results:
        return
    changed = Random(chance).choice(view.results)
    other = next(EntrantId(str(side)) for side in view.slots[changed.match_id] if side != changed.outcome.winner)
    preview = preview_change(plan, events, changed.match_id, Outcome(other))
    assert [entry.match_id for entry in preview.affected] == [changed.match_id]
    assert preview.voided == ()


@unhurried
@given(histories(formats=MATCH_FORMATS, ways=Ways(correcting=0.2), most=12))
def test_a_log_with_corrections_is_replayed_and_written(stage: tuple[StagePlan, list[Event]]) -> None:
    view = fold(*stage)
    assert view.events == tuple(stage[1])
    read = from_json(to_json(view), DRAW_SEED)
    assert isinstance(read, StageView)
    assert (read, read.events) == (view, view.events)


def test_a_preview_is_bound_to_the_history_and_to_the_correction() -> None:
    plan = single(4)
    hashes = {
        preview_change(plan, SEMI_FINALS, MatchId("W1.1"), Outcome(EntrantId("4"))).plan_hash,
        preview_change(plan, SEMI_FINALS, MatchId("W1.2"), Outcome(EntrantId("3"))).plan_hash,
        preview_change(plan, SEMI_FINALS[:1], MatchId("W1.1"), Outcome(EntrantId("4"))).plan_hash,
        preview_change(plan, SEMI_FINALS, MatchId("W1.1"), Outcome(EntrantId("4")), Policy.CASCADE).plan_hash,
    }
    assert len(hashes) == 4


def test_events_of_every_kind_survive_a_round_trip() -> None:
    one, two, three = numbered(3)
    events: list[Event] = [
        result("R1.1", 2),
        Adjustment(one, -3, "late"),
        Adjustment(two, 0, "کارت زرد", 2),
        corrected("R1.1", 3),
        Disqualification(three),
        Withdrawal(one),
    ]
    view = fold(planned("round_robin", 3), events)
    assert from_json(to_json(view), DRAW_SEED) == view
    assert from_json(to_json(view), DRAW_SEED).events == tuple(events)  # type: ignore[union-attr]
