"""Single elimination that seeds each round anew: the best seed left meets the worst."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.playing import better_seed_wins, planned, result, unhurried
from tests.engine.test_single_elimination import drawn, places
from tournaments.engine import (
    EngineError,
    EntrantId,
    Event,
    Kind,
    MatchId,
    Outcome,
    Result,
    RoundPaired,
    StagePlan,
    StageView,
    Withdrawal,
    apply,
    fold,
    next_round,
)


def reseeded(entrants: int, third_place: bool = False) -> StagePlan:
    return planned("single_elimination", entrants, reseed=True, third_place=third_place)


def pairs(*lines: str) -> tuple[tuple[EntrantId, EntrantId], ...]:
    return tuple((EntrantId(a), EntrantId(b)) for a, b in (line.split("-") for line in lines))


def played(view: StageView, *winners: int) -> StageView:
    for match_id, winner in zip(view.ready, winners, strict=True):
        view, _ = apply(view, result(match_id, winner))
    return view


def paired(view: StageView) -> StageView:
    return apply(view, next_round(view).event)[0]


def test_survivors_meet_best_against_worst() -> None:
    view = played(fold(reseeded(8)), 8, 5, 2, 6)
    assert view.round_to_pair == 2
    assert next_round(view).event == RoundPaired(2, pairs("2-8", "5-6"))
    view = played(paired(view), 8, 6)
    assert view.slots[MatchId("W3.1")] == ("8", "6")
    assert played(view, 6).champion == "6"


def test_byes_come_in_with_their_seed() -> None:
    """n = 12: 1 to 4 wait; the winners of round 1 are seeded below and among them."""
    view = played(fold(reseeded(12)), 9, 12, 7, 6)
    assert next_round(view).event == RoundPaired(2, pairs("1-12", "2-9", "3-7", "4-6"))


def test_two_and_three_and_four_entrants_have_nothing_to_pair() -> None:
    for entrants in (2, 3, 4):
        assert drawn(reseeded(entrants)) == drawn(planned("single_elimination", entrants))


def test_after_a_double_forfeit_the_best_seed_has_the_bye() -> None:
    view = fold(reseeded(8))
    view, _ = apply(view, result(view.ready[0], None, Kind.DOUBLE_FORFEIT))
    view = played(view, 4, 2, 3)
    assert next_round(view).event == RoundPaired(2, pairs("3-4"), EntrantId("2"))
    view = played(paired(view), 3)
    assert view.slots[MatchId("W3.1")] in (("3", "2"), ("2", "3"))
    view = played(view, 2)
    assert (view.champion, view.complete) == ("2", True)


def test_who_leaves_between_the_rounds_is_out() -> None:
    view = played(fold(reseeded(8)), 1, 4, 2, 3)
    view, _ = apply(view, Withdrawal(EntrantId("1")))
    view = paired(view)
    assert [view.status[MatchId(name)].value for name in ("W2.1", "W2.2")] == ["walkover", "ready"]
    view = played(view, 2)
    assert view.slots[MatchId("W3.1")] == ("4", "2")
    assert played(view, 4).complete


def test_the_third_place_match_is_that_of_the_semi_finals() -> None:
    view = paired(played(fold(reseeded(8, third_place=True)), 1, 4, 2, 3))
    view = played(view, 1, 2)
    assert set(view.ready) == {"W3.1", "P3"}
    assert view.slots[MatchId("P3")] == ("4", "3")
    assert places(played(view, 1, 3))[:4] == [(1, 1), (2, 2), (3, 3), (4, 4)]


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (RoundPaired(2, pairs("1-4")), "invalid_pairing"),
        (RoundPaired(2, pairs("1-4", "2-2")), "invalid_pairing"),
        (RoundPaired(2, pairs("1-4", "2-8")), "invalid_pairing"),
        (RoundPaired(2, pairs("1-4"), EntrantId("2")), "invalid_pairing"),
        (RoundPaired(3, pairs("1-4", "2-3")), "round_not_open"),
        (RoundPaired(1, pairs("1-4", "2-3")), "round_not_open"),
        (RoundPaired(2.0, pairs("1-4", "2-3")), "invalid_event"),  # type: ignore[arg-type]
        (RoundPaired(True, pairs("1-4", "2-3")), "invalid_event"),
        (RoundPaired(2, None), "invalid_pairing"),  # type: ignore[arg-type]
        (RoundPaired(2, (("1", "4"), ("2", []))), "invalid_pairing"),  # type: ignore[arg-type]
    ],
)
def test_pairings_that_cannot_be(event: RoundPaired, code: str) -> None:
    view = played(fold(reseeded(8)), 1, 4, 2, 3)
    with pytest.raises(EngineError) as refused:
        apply(view, event)
    assert refused.value.code == code


def test_a_round_is_paired_again_until_it_has_started() -> None:
    view = paired(played(fold(reseeded(8)), 1, 4, 2, 3))
    other = RoundPaired(2, pairs("1-2", "3-4"))
    view, _ = apply(view, other)
    assert view.pairings == (other,)
    assert view.slots[MatchId("W2.1")] == ("1", "2")
    view, _ = apply(view, result("W2.1", 1))
    with pytest.raises(EngineError) as refused:
        apply(view, RoundPaired(2, pairs("1-4", "2-3")))
    assert refused.value.code == "round_already_started"


def test_nothing_is_paired_before_the_round_is_over() -> None:
    view = fold(reseeded(8))
    for stage in (view, fold(planned("single_elimination", 8)), fold(planned("round_robin", 4))):
        with pytest.raises(EngineError) as refused:
            next_round(stage)
        assert refused.value.code == "round_not_open"


@unhurried
@given(st.integers(2, 64), st.randoms(use_true_random=False))
def test_each_round_is_seeded_anew(entrants: int, rng: object) -> None:
    view = fold(reseeded(entrants))
    while not view.complete:
        if view.round_to_pair is not None:
            event = next_round(view).event
            left = sorted(int(entrant) for pair in event.pairs for entrant in pair)
            assert [sorted(map(int, pair)) for pair in event.pairs] == [
                [left[index], left[-1 - index]] for index in range(len(left) // 2)
            ]
            view, _ = apply(view, event)
        for match_id in view.ready:
            winner = rng.choice(view.slots[match_id])  # type: ignore[attr-defined]
            view, _ = apply(view, Result(match_id, Outcome(winner)))
    assert len(view.results) == entrants - 1


def test_chalk_is_the_same_as_in_a_fixed_bracket() -> None:
    events: list[Event] = []
    view = fold(reseeded(16))
    while not view.complete:
        if view.round_to_pair is not None:
            view = paired(view)
        for match_id in view.ready:
            events.append(Result(match_id, better_seed_wins(*map(str, view.slots[match_id]))))
            view, _ = apply(view, events[-1])
    met = {frozenset(view.slots[spec.id]) for spec in view.plan.matches}
    fixed = fold(planned("single_elimination", 16))
    while fixed.ready:
        for match_id in fixed.ready:
            fixed, _ = apply(fixed, Result(match_id, better_seed_wins(*map(str, fixed.slots[match_id]))))
    assert met == {frozenset(fixed.slots[spec.id]) for spec in fixed.plan.matches}
