"""Who leaves: by withdrawal, by disqualification, by a result, or by not coming at all."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.playing import (
    LINKED,
    MATCH_FORMATS,
    better_seed_wins,
    double,
    numbered,
    planned,
    play,
    random_plan,
    result,
    single,
    unhurried,
)
from tests.engine.test_single_elimination import places
from tournaments.engine import (
    Disqualification,
    DqMode,
    EngineError,
    EntrantId,
    Event,
    Kind,
    MatchDecided,
    MatchId,
    Outcome,
    StageView,
    Status,
    Withdrawal,
    apply,
    fold,
    next_round,
    placements,
    standings,
)


def leaves(entrant: int) -> Withdrawal:
    return Withdrawal(EntrantId(str(entrant)))


def status(view: StageView, *match_ids: str) -> list[str]:
    return [view.status[MatchId(match_id)].value for match_id in match_ids]


def slots(view: StageView, match_id: str) -> tuple[object, object]:
    return view.slots[MatchId(match_id)]


def test_the_opponent_of_an_open_match_goes_on() -> None:
    view, effects = apply(fold(single(4)), leaves(1))
    walkover = Outcome(EntrantId("4"), Kind.WALKOVER)
    assert effects[0] == MatchDecided(MatchId("W1.1"), Status.WALKOVER, walkover)
    assert slots(view, "W2.1")[0] == "4"
    assert dict(view.gone) == {"1": DqMode.FORWARD}


def test_whoever_waits_and_leaves_hands_the_match_to_who_comes() -> None:
    view = fold(single(8), [result("W1.1", 1), leaves(1)])
    assert status(view, "W2.1") == ["locked"]
    view, _ = apply(view, result("W1.2", 5))
    assert status(view, "W2.1") == ["walkover"]
    assert slots(view, "W3.1")[0] == "5"
    view = play(view, better_seed_wins)
    assert places(view)[0] == (3, 4)


def test_in_a_double_elimination_the_losers_bracket_is_lost_too() -> None:
    view = fold(double(4), [leaves(1), result("W1.2", 2)])
    assert status(view, "W1.1", "L1.1") == ["walkover", "walkover"]
    assert slots(view, "L1.1") == ("1", "3")
    assert slots(view, "L2.1")[1] == "3"
    view = play(view, better_seed_wins)
    assert places(view) == [(4, 4), (1, 1), (2, 2), (3, 3)]


def test_a_forfeit_costs_one_match_and_a_disqualification_all() -> None:
    forfeited = fold(double(4), [result("W1.1", 4, Kind.FORFEIT), result("W1.2", 2)])
    assert slots(forfeited, "L1.1") == ("1", "3")
    assert status(forfeited, "L1.1") == ["ready"]
    assert play(forfeited, better_seed_wins).champion == "1"
    thrown_out = fold(double(4), [result("W1.1", 4, Kind.DQ), result("W1.2", 2)])
    assert status(thrown_out, "L1.1") == ["walkover"]
    assert dict(thrown_out.gone) == {"1": DqMode.FORWARD}
    assert places(play(thrown_out, better_seed_wins))[0] == (4, 4)


def test_both_sides_of_a_waiting_match_may_leave() -> None:
    view = fold(double(4), [result("W1.1", 1), leaves(4), leaves(3)])
    assert status(view, "W1.2", "L1.1", "L2.1") == ["walkover", "void", "locked"]
    assert slots(view, "L1.1") == ("4", "3")
    view, _ = apply(view, result("W2.1", 2))
    assert status(view, "L2.1") == ["walkover"]
    assert slots(view, "GF1") == ("2", "1")
    assert places(play(view, better_seed_wins)) == [(1, 1), (2, 2), (3, 4), (3, 4)]


def test_a_double_forfeit_puts_both_out() -> None:
    view = fold(double(4), [result("W1.1", None, Kind.DOUBLE_FORFEIT), result("W1.2", 2)])
    assert status(view, "W2.1", "L1.1", "L2.1") == ["walkover", "walkover", "walkover"]
    assert slots(view, "GF1") == ("2", "3")
    assert places(play(view, better_seed_wins)) == [(3, 4), (1, 1), (2, 2), (3, 4)]


@pytest.mark.parametrize("kind", [Kind.DOUBLE_FORFEIT])
def test_a_double_forfeit_in_the_grand_final_has_no_champion(kind: Kind) -> None:
    before = [result("W1.1", 2), result("W2.1", 1), result("L2.1", 2)]
    view = fold(double(3), [*before, result("GF1", None, kind)])
    assert (view.complete, view.champion, places(view)) == (True, None, [(1, 2), (1, 2), (3, 3)])
    reset = fold(double(3), [*before, result("GF1", 2), result("GF2", None, kind)])
    assert (reset.complete, reset.champion, places(reset)) == (True, None, [(1, 2), (1, 2), (3, 3)])


def test_who_leaves_before_the_grand_final_loses_it() -> None:
    before = [result("W1.1", 2), result("W2.1", 1), result("L2.1", 2)]
    view = fold(double(3), [*before, leaves(1)])
    assert (view.complete, view.champion, status(view, "GF1", "GF2")) == (True, "2", ["walkover", "walkover"])
    view = fold(double(3), [*before, leaves(2)])
    assert (view.complete, view.champion, status(view, "GF1", "GF2")) == (True, "1", ["walkover", "void"])


@pytest.mark.parametrize("mode", list(DqMode))
@pytest.mark.parametrize("name", LINKED)
def test_in_a_bracket_every_mode_is_forward(name: str, mode: DqMode) -> None:
    plan = planned(name, 4)
    first = fold(plan).ready[0]
    a, b = fold(plan).slots[first]
    expelled = fold(plan, [Disqualification(EntrantId(str(a)), mode)])
    withdrawn = fold(plan, [Withdrawal(EntrantId(str(a)))])
    assert dict(expelled.states) == dict(withdrawn.states)
    assert expelled.states[first].outcome == Outcome(EntrantId(str(b)), Kind.WALKOVER)


def test_nobody_leaves_twice_and_no_stranger_does() -> None:
    view = fold(single(4), [leaves(1)])
    for event, code in ((leaves(1), "entrant_already_out"), (leaves(9), "unknown_entrant")):
        with pytest.raises(EngineError) as refused:
            apply(view, event)
        assert refused.value.code == code


def test_leaving_does_not_take_back_what_was_won() -> None:
    view = play(fold(single(4)), better_seed_wins)
    after, effects = apply(view, leaves(1))
    assert (after.champion, effects, placements(after)) == ("1", (), placements(view))


@unhurried
@given(st.integers(0, 2**32))
def test_when_everybody_leaves_the_stage_is_over(chance: int) -> None:
    """In any order, at any moment, in every format."""
    rng = Random(chance)
    plan = random_plan(rng, 16, MATCH_FORMATS)
    view = fold(plan)
    order = list(plan.seeds)
    rng.shuffle(order)
    for entrant in order:
        if view.ready and rng.random() < 0.5:
            match_id = rng.choice(view.ready)
            view, _ = apply(view, result(match_id, int(str(rng.choice(view.slots[match_id])))))
        if view.round_to_pair is not None and rng.random() < 0.5:
            view, _ = apply(view, next_round(view).event)
        event: Event = rng.choice((Withdrawal(entrant), Disqualification(entrant, rng.choice(list(DqMode)))))
        view, _ = apply(view, event)
        assert not any(side in view.gone for match_id in view.ready for side in view.slots[match_id])
    while view.round_to_pair is not None:
        view, _ = apply(view, next_round(view).event)
    assert view.complete
    found = placements(view)
    assert sorted(found) == sorted(plan.seeds)
    assert sorted(n for p in set(found.values()) for n in range(p.first, p.last + 1)) == list(
        range(1, len(plan.seeds) + 1)
    )


def test_a_round_robin_without_anybody_shares_all_places() -> None:
    plan = planned("round_robin", 11)
    view = fold(plan, [Disqualification(entrant, DqMode.VOID_ALL) for entrant in reversed(plan.seeds)])
    assert view.complete
    assert [(row.entrant, row.place, row.tied) for row in standings(view)] == [(who, 1, True) for who in numbered(11)]
    assert view.champion is None
