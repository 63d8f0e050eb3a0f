import pytest

from tests.engine.playing import better_seed_wins, planned, play, result
from tests.engine.test_single_elimination import drawn, places
from tournaments.engine import EntrantId, Kind, MatchId, Outcome, StageView, Withdrawal, apply, fold


def worse_seed_wins(a: str, b: str) -> Outcome:
    return Outcome(EntrantId(max(a, b, key=int)))


def test_each_winner_climbs_to_the_next_better_seed() -> None:
    assert drawn(planned("stepladder", 5)) == ["S1: 4-5", "S2: 3-S1", "S3: 2-S2", "S4: 1-S3"]
    assert drawn(planned("stepladder", 2)) == ["S1: 1-2"]


@pytest.mark.parametrize("entrants", [2, 3, 5, 8, 63, 64])
def test_chalk_and_the_run_of_the_last(entrants: int) -> None:
    plan = planned("stepladder", entrants)
    assert len(plan.matches) == entrants - 1
    chalk = play(fold(plan), better_seed_wins)
    assert (chalk.champion, places(chalk)) == ("1", [(n, n) for n in range(1, entrants + 1)])
    run = play(fold(plan), worse_seed_wins)
    assert run.champion == str(entrants)
    assert places(run) == [*[(n + 1, n + 1) for n in range(1, entrants)], (1, 1)]


def test_one_match_is_open_at_a_time() -> None:
    view: StageView = fold(planned("stepladder", 6))
    while not view.complete:
        assert len(view.ready) == 1
        a, b = view.slots[view.ready[0]]
        view, _ = apply(view, result(view.ready[0], int(max(str(a), str(b), key=int))))


def test_best_of_is_counted_from_the_last_match() -> None:
    assert [spec.best_of for spec in planned("stepladder", 5, best_of=(7, 5, 3)).matches] == [3, 3, 5, 7]


def test_who_leaves_is_climbed_past_and_keeps_the_place() -> None:
    view = fold(planned("stepladder", 4), [Withdrawal(EntrantId("2")), result("S1", 4)])
    assert view.status[MatchId("S2")].value == "walkover"
    assert view.slots[MatchId("S3")] == ("1", "4")
    view, _ = apply(view, result("S3", 4))
    assert places(view) == [(2, 2), (3, 3), (4, 4), (1, 1)]


def test_after_a_double_forfeit_the_next_seed_goes_on_unplayed() -> None:
    view = fold(planned("stepladder", 4), [result("S1", None, Kind.DOUBLE_FORFEIT)])
    assert view.slots[MatchId("S3")] == ("1", "2")
    view, _ = apply(view, result("S3", 1))
    assert places(view) == [(1, 1), (2, 2), (3, 4), (3, 4)]
