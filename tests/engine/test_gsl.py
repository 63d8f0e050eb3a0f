from itertools import product

import pytest

from tests.engine.playing import better_seed_wins, planned, play, result
from tests.engine.test_single_elimination import drawn, places
from tournaments.engine import EngineError, Kind, MatchId, StageConfig, apply, fold, plan_stage, standings


def test_five_matches_by_name() -> None:
    assert drawn(planned("gsl", 4)) == [
        *["O1: 1-4", "O2: 2-3", "WM: O1-O2", "EM: loser of O1-loser of O2", "DM: loser of WM-EM"]
    ]


def test_chalk() -> None:
    view = play(fold(planned("gsl", 4)), better_seed_wins)
    pairs = [view.slots[spec.id] for spec in view.plan.matches]
    assert pairs == [("1", "4"), ("2", "3"), ("1", "2"), ("4", "3"), ("2", "3")]
    assert [row.entrant for row in standings(view)] == ["1", "2", "3", "4"]
    assert places(view) == [(1, 1), (2, 2), (3, 3), (4, 4)]


def test_two_advance_with_two_wins_each_in_every_course() -> None:
    """All 32 courses: first and second lose at most once, third and fourth twice, and nobody is out before."""
    plan = planned("gsl", 4)
    for course in product((0, 1), repeat=5):
        view = fold(plan)
        for spec, side in zip(plan.matches, course, strict=True):
            view, _ = apply(view, result(spec.id, int(str(view.slots[spec.id][side]))))
        rows = standings(view)
        assert [row.place for row in rows] == [1, 2, 3, 4]
        record = [(dict(row.values)["wins"], dict(row.values)["losses"]) for row in rows]
        assert record == [(2, 0), (2, 1), (1, 2), (0, 2)]
        assert view.champion == rows[0].entrant


def test_the_first_place_is_known_before_the_decider() -> None:
    view = fold(planned("gsl", 4), [result("O1", 1), result("O2", 2), result("WM", 2)])
    assert (view.champion, view.complete, view.ready) == ("2", False, ("EM",))
    assert places(view) == [(1, 1)]


def test_best_of_is_counted_from_the_decider() -> None:
    best_of = {str(spec.id): spec.best_of for spec in planned("gsl", 4, best_of=(5, 3, 1)).matches}
    assert best_of == {"O1": 1, "O2": 1, "WM": 3, "EM": 3, "DM": 5}


def test_a_double_forfeit_and_a_disqualification() -> None:
    view = fold(planned("gsl", 4), [result("O1", None, Kind.DOUBLE_FORFEIT), result("O2", 2)])
    assert [view.status[MatchId(name)].value for name in ("WM", "EM", "DM")] == ["walkover", "walkover", "walkover"]
    assert places(view) == [(3, 4), (1, 1), (2, 2), (3, 4)]
    view = fold(planned("gsl", 4), [result("O1", 1, Kind.DQ), result("O2", 2), result("WM", 1), result("DM", 3)])
    assert places(view) == [(1, 1), (3, 3), (2, 2), (4, 4)]


def test_after_a_double_forfeit_of_the_winners_match_only_the_other_two_can_advance() -> None:
    opening = [result("O1", 1), result("O2", 2), result("WM", None, Kind.DOUBLE_FORFEIT)]
    view = fold(planned("gsl", 4), [*opening, result("EM", 3)])
    assert (view.complete, view.champion, view.status[MatchId("DM")].value) == (True, "3", "walkover")
    assert places(view) == [(2, 3), (2, 3), (1, 1), (4, 4)]


@pytest.mark.parametrize(("entrants", "code"), [(3, "too_few_entrants"), (5, "too_many_entrants")])
def test_only_four(entrants: int, code: str) -> None:
    with pytest.raises(EngineError) as refused:
        plan_stage(StageConfig("gsl"), planned("single_elimination", entrants).seeds)
    assert refused.value.code == code
