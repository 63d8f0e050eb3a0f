"""Finals played to match point, and leaderboards."""

import os
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.playing import numbered, unhurried
from tournaments.engine.errors import EngineError
from tournaments.engine.heats import (
    ALGS,
    AttemptRule,
    HeatAdjustment,
    HeatResult,
    HeatRow,
    HeatScoring,
    Ties,
    heat_id,
    heat_standings,
    leaderboard,
    match_point,
    placement_points,
    smash_threshold,
)
from tournaments.engine.types import EntrantId, Explanation, MatchId

fuzzed = settings(unhurried, max_examples=int(os.environ.get("ENGINE_FUZZ", "80")))
TEN = HeatScoring((10, 5, 1))


def finish(number: int, *order: str) -> HeatResult:
    """A game in which the entrants finished in this order."""
    return HeatResult(heat_id(1, number), tuple(HeatRow(EntrantId(name), place) for place, name in enumerate(order, 1)))


def names(*entrants: str) -> list[EntrantId]:
    return [EntrantId(name) for name in entrants]


def test_reaching_the_threshold_with_a_win_is_not_yet_the_title() -> None:
    games = [finish(1, "A", "B", "C"), finish(2, "A", "B", "C")]
    stage = match_point(names("A", "B", "C"), games, TEN, threshold=20)
    assert (stage.eligible, stage.winner, stage.over) == (("A",), None, False)
    stage = match_point(names("A", "B", "C"), [*games, finish(3, "C", "A", "B")], TEN, threshold=20)
    assert (stage.eligible, stage.winner, stage.over) == (("A",), None, False)
    stage = match_point(
        names("A", "B", "C"), [*games, finish(3, "C", "A", "B"), finish(4, "A", "C", "B")], TEN, threshold=20
    )
    assert (stage.eligible, stage.winner, stage.decided_by, stage.over) == ((), "A", "H1.G4", True)


def test_the_winner_stands_first_and_says_why() -> None:
    games = [finish(1, "A", "B", "C"), finish(2, "B", "A", "C")]
    stage = match_point(names("A", "B", "C", "D"), games, TEN, threshold=5)
    assert [(row.entrant, row.place, row.tied, row.final) for row in stage.standings] == [
        ("B", 1, False, True),
        ("A", 2, False, True),
        ("C", 3, False, True),
        ("D", 4, False, True),
    ]
    why = (("heat", "H1.G2"), ("points_before", 5), ("threshold", 5))
    assert stage.standings[0].explain == Explanation("match_point", why)
    assert dict(stage.standings[1].explain.params)["below"] == "C"


def test_a_winner_with_fewer_points_moves_the_leader_to_the_second_place() -> None:
    games = [finish(1, "C", "A", "B", "D"), finish(2, "C", "A", "B", "D"), finish(3, "B", "A", "C", "D")]
    start = {EntrantId("A"): 100, EntrantId("B"): 30, EntrantId("D"): 21}
    stage = match_point(
        names("A", "B", "C", "D"), games, HeatScoring((10, 5, 1), ranking=("points",)), 32, None, (), start
    )
    assert (stage.winner, stage.decided_by) == ("B", "H1.G3")
    assert [(row.entrant, row.place, row.tied, dict(row.values)["points"]) for row in stage.standings] == [
        ("B", 1, False, 42),
        ("A", 2, False, 115),
        ("C", 3, True, 21),
        ("D", 3, True, 21),
    ]


def test_after_the_last_game_the_points_decide() -> None:
    games = [finish(1, "A", "B", "C"), finish(2, "B", "A", "C"), finish(3, "C", "A", "B")]
    stage = match_point(names("A", "B", "C"), games, TEN, threshold=99, max_games=3)
    assert (stage.winner, stage.decided_by, stage.over, stage.eligible) == ("A", None, True, ())
    assert all(row.final for row in stage.standings)
    absent = HeatResult(heat_id(1, 1), tuple(HeatRow(EntrantId(name), 2, absent=True) for name in "AB"))
    shared = match_point(names("A", "B"), [absent], TEN, max_games=1)
    assert (shared.winner, shared.over, [row.tied for row in shared.standings]) == (None, True, [True, True])


def test_a_headstart_can_make_entrants_eligible_for_the_first_game() -> None:
    stage = match_point(names("A", "B"), [], TEN, threshold=10, headstart={EntrantId("B"): 10})
    assert stage.eligible == ("B",)
    stage = match_point(names("A", "B"), [finish(1, "B", "A")], TEN, threshold=10, headstart={EntrantId("B"): 10})
    assert stage.winner == "B"


def test_adjustments_count_from_their_game_on() -> None:
    games = [finish(1, "A", "B"), finish(2, "B", "A")]
    late = [HeatAdjustment(EntrantId("B"), 5, "restart", MatchId("H1.G1"))]
    assert match_point(names("A", "B"), games, TEN, threshold=10, adjustments=late).winner == "B"
    too_late = [HeatAdjustment(EntrantId("B"), 5, "restart", MatchId("H1.G2"))]
    assert match_point(names("A", "B"), games, TEN, threshold=10, adjustments=too_late).winner is None
    taken = [HeatAdjustment(EntrantId("A"), -1, "late")]
    assert match_point(names("A", "B"), games[:1], TEN, threshold=10, adjustments=taken).eligible == ()


def test_of_two_eligible_entrants_that_share_the_first_place_the_better_one_wins() -> None:
    both = HeatResult(heat_id(1, 1), tuple(HeatRow(EntrantId(name), 1) for name in "AB"))
    scoring = HeatScoring((10, 5), ties=Ties.AVERAGE)
    start = {EntrantId("A"): 10, EntrantId("B"): 11}
    stage = match_point(names("A", "B"), [both], scoring, threshold=10, headstart=start)
    assert (stage.winner, [row.place for row in stage.standings]) == ("B", [1, 2])
    assert match_point(names("A", "B"), [both], scoring, threshold=11, headstart=start).winner == "B"


def test_smash_threshold_is_the_leader_plus_ten() -> None:
    rows = heat_standings(names("A", "B"), [finish(1, "A", "B"), finish(2, "A", "B")], TEN)
    assert smash_threshold(rows) == 30
    halves = heat_standings(
        names("A", "B"),
        [HeatResult(heat_id(1, 1), tuple(HeatRow(EntrantId(name), 1) for name in "AB"))],
        HeatScoring((10, 5), ties=Ties.AVERAGE),
    )
    assert smash_threshold(halves, margin=0) == 8


@fuzzed
@given(st.integers(2, 12), st.integers(1, 60), st.integers(0, 2**32), st.integers(1, 12) | st.none())
def test_the_winner_was_eligible_before_the_game_it_won(
    size: int, threshold: int, dice: int, max_games: int | None
) -> None:
    rng = Random(dice)
    entrants = numbered(size)
    games: list[HeatResult] = []
    stage = match_point(entrants, games, ALGS, threshold, max_games)
    while not stage.over:
        eligible = stage.eligible
        order = rng.sample(entrants, size)
        rows = tuple(HeatRow(entrant, place, rng.randint(0, 5)) for place, entrant in enumerate(order, 1))
        games.append(HeatResult(heat_id(1, len(games) + 1), rows))
        before, stage = stage, match_point(entrants, games, ALGS, threshold, max_games)
        assert (stage.decided_by is not None) == (order[0] in eligible)
        points = {row.entrant: dict(row.values)["points"] for row in before.standings}
        assert set(before.eligible) == {entrant for entrant in entrants if points[entrant] >= threshold}
        if stage.decided_by:
            assert (stage.winner, stage.decided_by) == (order[0], games[-1].heat_id)
            assert points[order[0]] >= threshold
            rest = [row for row in heat_standings(entrants, games, ALGS) if row.entrant != order[0]]
            assert [row.entrant for row in stage.standings[1:]] == [row.entrant for row in rest]
        elif stage.over:
            assert len(games) == max_games
        if len(games) > 300:
            break
    with pytest.raises(EngineError) as refused:
        match_point(entrants, [*games, finish(999, *entrants)], ALGS, threshold, max_games)
    assert refused.value.code == "heat_after_decision"


def test_a_table_of_another_size_is_used_up_to_its_end() -> None:
    assert list(placement_points(finish(1, "A", "B", "C", "D"), TEN).values()) == [10, 5, 1, 0]


def board(rows: object) -> list[tuple[str, int, int]]:
    return [(row.entrant, row.place, dict(row.values)["result"]) for row in rows]  # type: ignore[attr-defined]


def test_leaderboards_take_the_best_the_last_or_the_best_sum() -> None:
    attempts = {EntrantId("A"): [5, 9, 1], EntrantId("B"): (7, 8), EntrantId("C"): [9]}
    who = names("A", "B", "C", "D")
    assert board(leaderboard(who, attempts)) == [("A", 1, 9), ("C", 1, 9), ("B", 3, 8), ("D", 4, 0)]
    assert board(leaderboard(who, attempts, AttemptRule.LAST)) == [("C", 1, 9), ("B", 2, 8), ("A", 3, 1), ("D", 4, 0)]
    best_two = leaderboard(who, attempts, AttemptRule.SUM_OF_BEST, best_of=2)
    assert board(best_two) == [("B", 1, 15), ("A", 2, 14), ("C", 3, 9), ("D", 4, 0)]
    times = leaderboard(who, attempts, lowest_wins=True)
    assert board(times) == [("A", 1, 1), ("B", 2, 7), ("C", 3, 9), ("D", 4, 0)]
    two_times = leaderboard(who, attempts, AttemptRule.SUM_OF_BEST, best_of=2, lowest_wins=True)
    assert board(two_times) == [("A", 1, 6), ("B", 2, 15), ("C", 3, 9), ("D", 4, 0)]
    assert dict(two_times[1].explain.params)["below_by"] == "counted"


def refusal(call: object, *args: object, **options: object) -> str:
    with pytest.raises(EngineError) as refused:
        call(*args, **options)  # type: ignore[operator]
    return refused.value.code


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"threshold": 0}, "invalid_option"), ({"threshold": True}, "invalid_option"),
        ({"threshold": 50.0}, "invalid_option"), ({"threshold": None}, "invalid_option"),
        ({"max_games": 0}, "invalid_option"), ({"max_games": "3"}, "invalid_option"),
        ({"headstart": {"Z": 1}}, "unknown_entrant"), ({"adjustments": [1]}, "invalid_adjustment"),
        ({"entrants": ["A", "A"]}, "duplicate_entrant"), ({"entrants": None}, "invalid_entrant"),
        ({"results": [finish(1, "Z")]}, "unknown_entrant"), ({"results": None}, "invalid_heat"),
        ({"scoring": "algs"}, "invalid_option"),
    ],
)  # fmt: skip
def test_match_point_refuses(options: dict[str, object], code: str) -> None:
    arguments = {"entrants": ["A", "B"], "results": [], "scoring": ALGS, **options}
    assert refusal(match_point, **arguments) == code


def test_smash_threshold_refuses() -> None:
    assert refusal(smash_threshold, []) == "too_few_entrants"
    assert refusal(smash_threshold, None) == "invalid_entrant"
    assert refusal(smash_threshold, ["A"]) == "invalid_entrant"
    assert refusal(smash_threshold, leaderboard(names("A"), {})) == "invalid_entrant"
    assert refusal(smash_threshold, heat_standings(names("A"), [], ALGS), -1) == "invalid_option"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((["A"], {"B": [1]}), "unknown_entrant"), ((["A"], {"A": 1}), "invalid_score"),
        ((["A"], {"A": [1.5]}), "invalid_score"), ((["A"], {"A": [True]}), "invalid_score"),
        ((["A"], {"A": [float("nan")]}), "invalid_score"), ((["A"], None), "invalid_option"),
        ((["A"], {}, "best"), "invalid_option"), ((["A"], {}, AttemptRule.BEST, 2), "invalid_option"),
        ((["A"], {}, AttemptRule.SUM_OF_BEST, 0), "invalid_option"), ((["A", "A"], {}), "duplicate_entrant"),
        ((["A"], {}, AttemptRule.BEST, 1, 1), "invalid_option"), (("A", {}), "invalid_entrant"),
    ],
)  # fmt: skip
def test_leaderboards_refuse(arguments: tuple[object, ...], code: str) -> None:
    assert refusal(leaderboard, *arguments) == code
