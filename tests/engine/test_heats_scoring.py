"""What games of many entrants are worth, and who stands where."""

import os
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.playing import numbered, unhurried
from tournaments.engine.heats import (
    FNCS,
    SCORING_PRESETS,
    SUPER,
    HeatAdjustment,
    HeatResult,
    HeatRow,
    HeatScoring,
    Ties,
    headstart_points,
    heat_standings,
    placement_points,
    preset,
    totals,
)
from tournaments.engine.types import EntrantId, Explanation, MatchId, Standing

fuzzed = settings(unhurried, max_examples=int(os.environ.get("ENGINE_FUZZ", "80")))


def eid(name: object) -> EntrantId:
    return EntrantId(str(name))


def game(number: int, *rows: tuple[str, int, int], alive: dict[str, int] | None = None) -> HeatResult:
    """Rows of (entrant, place, kills)."""
    return HeatResult(
        MatchId(f"H1.G{number}"),
        tuple(
            HeatRow(eid(name), place, kills, (("time_alive", alive[name]),) if alive and name in alive else ())
            for name, place, kills in rows
        ),
    )


def random_game(rng: Random, entrants: list[EntrantId], number: int, scoring: HeatScoring) -> HeatResult:
    """A game of some of the entrants, the others of the lobby absent, with ties where the scoring knows them."""
    lobby = rng.sample(entrants, rng.randint(1, len(entrants)))
    played = rng.randint(0, len(lobby))
    rows, place = [], 1
    for index, entrant in enumerate(lobby):
        if index >= played:
            rows.append(HeatRow(entrant, rng.randint(played + 1, len(lobby)), absent=True))
            continue
        if scoring.ties is Ties.FORBIDDEN or rng.random() < 0.7:
            place = index + 1
        rows.append(HeatRow(entrant, place, rng.randint(0, 9), (("time_alive", rng.randint(0, 3)),)))
    rng.shuffle(rows)
    return HeatResult(MatchId(f"H1.G{number}"), tuple(rows))


SCORINGS = [
    *SCORING_PRESETS.values(),
    HeatScoring((5, 3), 2, kill_cap=3, ties=Ties.AVERAGE),
    HeatScoring((9, 4, 4, 1), 1, ties=Ties.MAX, ranking=("-place_sum", "kills", "seed")),
]


@st.composite
def played(draw: st.DrawFn) -> tuple[list[EntrantId], list[HeatResult], HeatScoring]:
    rng = Random(draw(st.integers(0, 2**32)))
    entrants = numbered(draw(st.integers(1, 9)))
    scoring = draw(st.sampled_from(SCORINGS))
    return entrants, [random_game(rng, entrants, n, scoring) for n in range(1, draw(st.integers(0, 6)) + 1)], scoring


def places(standings: tuple[Standing, ...]) -> list[tuple[str, int, bool]]:
    return [(row.entrant, row.place, row.tied) for row in standings]


@pytest.mark.parametrize(
    ("name", "first", "per_kill", "paid", "total"),
    [
        ("super", (10, 6, 5, 4, 3, 2, 1, 1), 1, 8, 32),
        ("pubg", (10, 6, 5, 4, 3, 2, 1, 1), 1, 8, 32),
        ("free_fire", (12, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0), 1, 10, 57),
        ("algs", (12, 9, 7, 5, 4, 3, 3, 2, 2, 2, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0), 1, 15, 54),
        ("fncs", (30, 25, 20, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0), 2, 17, 180),
        ("warzone", (400, 330, 280, 240, 210, 180, 150, 120, 100, 80, 60, 40, 30, 20, 10, 0), 16, 15, 2250),
    ],
)
def test_preset_tables_are_the_published_ones(
    name: str, first: tuple[int, ...], per_kill: int, paid: int, total: int
) -> None:
    scoring = preset(name)
    assert scoring.table == first
    assert scoring.per_kill == per_kill
    assert sum(1 for points in scoring.table if points) == paid
    assert sum(scoring.table) == total


def test_a_game_is_worth_its_place_and_its_kills() -> None:
    table = totals(["A", "B", "C"], [game(1, ("A", 2, 7), ("B", 1, 0), ("C", 3, 1))], SUPER)
    assert [(one.points, one.placement_points, one.kill_points, one.wins) for one in table.values()] == [
        (13, 6, 7, 0),
        (10, 10, 0, 1),
        (6, 5, 1, 0),
    ]


def test_kills_above_the_cap_bring_nothing_but_are_counted() -> None:
    (a,) = totals(["A"], [game(1, ("A", 1, 9))], HeatScoring((3,), per_kill=2, kill_cap=4)).values()
    assert (a.points, a.kill_points, a.kills) == (11, 8, 9)


def test_fncs_kills_count_two_and_the_eighteenth_place_nothing() -> None:
    rows = tuple(HeatRow(eid(n), n, kills=1) for n in range(1, 34))
    table = totals(numbered(33), [HeatResult(MatchId("H1.G1"), rows)], FNCS)
    assert [table[eid(n)].points for n in (1, 4, 17, 18, 33)] == [32, 16, 3, 2, 2]


def test_tied_entrants_get_the_average_of_their_places_or_the_best() -> None:
    result = game(1, ("A", 1, 0), ("B", 2, 0), ("C", 2, 0), ("D", 2, 0), ("E", 2, 0), ("F", 6, 0))
    average = HeatScoring((10, 6, 5, 4, 2, 1), ties=Ties.AVERAGE)
    assert list(placement_points(result, average).values()) == [10, *[Fraction(17, 4)] * 4, 1]
    best = HeatScoring((10, 6, 5, 4, 2, 1), ties=Ties.MAX)
    assert list(placement_points(result, best).values()) == [10, 6, 6, 6, 6, 1]
    whole = placement_points(game(1, ("A", 1, 0), ("B", 1, 0)), average)
    assert list(whole.values()) == [8, 8]
    assert all(isinstance(points, int) for points in whole.values())


def test_two_teams_equal_in_points_wins_kills_and_placement_are_separated_by_time_alive() -> None:
    """Ana and Bea: 11 points, 1 win, 1 kill, 10 placement points, best game 11, last game 0; alive 1900 and 1901 s."""
    results = [
        game(1, ("ana", 1, 1), ("bea", 9, 0), *[(f"x{n}", n, 0) for n in range(2, 9)], alive={"ana": 1500, "bea": 301}),
        game(2, ("bea", 1, 1), ("ana", 9, 0), *[(f"x{n}", n, 0) for n in range(2, 9)], alive={"ana": 300, "bea": 1500}),
        game(3, ("ana", 9, 0), ("bea", 10, 0), *[(f"x{n}", n - 1, 0) for n in range(2, 9)], ("x9", 8, 0),
             alive={"ana": 100, "bea": 100}),
    ]  # fmt: skip
    entrants = ["ana", "bea", *[f"x{n}" for n in range(2, 10)]]
    standings = heat_standings(entrants, results, SUPER)
    by_name = {row.entrant: row for row in standings}
    ana, bea = by_name[eid("ana")], by_name[eid("bea")]
    assert ana.values[:6] == bea.values[:6]
    assert dict(ana.values)["points"] == 11
    assert (dict(ana.values)["time_alive"], dict(bea.values)["time_alive"]) == (1900, 1901)
    assert (bea.place, ana.place, ana.tied, bea.tied) == (4, 5, False, False)
    level = "points,wins,kills,placement_points,best_game,last_game"
    assert bea.explain == Explanation(
        "separated",
        (
            ("above", "x4"), ("above_by", "points"), ("above_value", 13), ("above_own", 11),
            ("below", "ana"), ("below_by", "time_alive"), ("below_value", 1900), ("below_own", 1901),
            ("below_level_on", level),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("metric", "results"),
    [
        ("points", [game(1, ("A", 2, 0), ("B", 1, 0))]),
        ("wins", [game(1, ("A", 2, 4), ("B", 1, 0))]),
        ("kills", [game(1, ("A", 2, 0), ("C", 1, 0), ("B", 3, 1))]),
        ("best_game", [game(1, ("A", 3, 0), ("B", 2, 0), ("C", 1, 0)), game(2, ("A", 4, 0), ("B", 5, 0), ("C", 1, 0),
                                                                           ("D", 2, 0), ("E", 3, 0))]),
        ("last_game", [game(1, ("A", 2, 0), ("B", 3, 0), ("C", 1, 0)), game(2, ("A", 3, 0), ("B", 2, 0), ("C", 1, 0))]),
        ("time_alive", [game(1, ("A", 9, 0), ("B", 10, 0), *[(f"x{n}", n, 0) for n in range(1, 9)],
                             alive={"A": 1, "B": 2})]),
    ],
)  # fmt: skip
def test_each_level_of_the_default_order_puts_b_before_a(metric: str, results: list[HeatResult]) -> None:
    entrants = [eid(name) for name in ("A", "B", *sorted({r.entrant for g in results for r in g.rows} - {"A", "B"}))]
    table = {row.entrant: row for row in heat_standings(entrants, results, SUPER)}
    assert table[eid("B")].place < table[eid("A")].place
    explain = dict(table[eid("B")].explain.params)
    assert (explain["below_by"], explain["below"]) == (metric, "A")


def test_placement_points_separate_where_kills_are_not_compared() -> None:
    results = [game(1, ("A", 8, 2), ("B", 6, 1), *[(f"x{n}", n, 0) for n in (1, 2, 3, 4, 5, 7)])]
    scoring = HeatScoring(SUPER.table, 1, ranking=("points", "wins", "placement_points"))
    rows = heat_standings(["A", "B", *[f"x{n}" for n in (1, 2, 3, 4, 5, 7)]], results, scoring)
    at = {row.entrant: row.place for row in rows}
    assert (at[eid("x5")], at[eid("B")], at[eid("A")]) == (5, 6, 7)


def test_equals_share_a_place_and_are_listed_by_seed() -> None:
    standings = heat_standings(["C", "A", "B"], [], SUPER)
    assert places(standings) == [("C", 1, True), ("A", 1, True), ("B", 1, True)]
    assert standings[0].explain == Explanation("shared", (("sharing", 3),))
    one_game = heat_standings(["C", "A", "B"], [game(1, ("A", 1, 0))], SUPER)
    assert places(one_game) == [("A", 1, False), ("C", 2, True), ("B", 2, True)]
    assert heat_standings(["A"], [], SUPER, complete=True)[0].explain == Explanation("only_entrant")
    assert [row.final for row in heat_standings(["A", "B"], [], SUPER, complete=True)] == [True, True]


def test_a_minus_sign_ranks_the_lowest_first() -> None:
    results = [game(1, ("A", 2, 3), ("B", 1, 0))]
    rows = heat_standings(["A", "B"], results, HeatScoring((1,), ranking=("-kills",)))
    assert places(rows) == [("B", 1, False), ("A", 2, False)]
    above = (("above", "B"), ("above_by", "kills"), ("above_value", 0), ("above_own", 3))
    assert rows[1].explain == Explanation("separated", above)


def test_an_absence_is_a_last_game_of_nothing_at_the_last_place() -> None:
    results = [
        game(1, ("A", 1, 0), ("B", 2, 0), ("C", 3, 0)),
        HeatResult(
            MatchId("H1.G2"),
            (HeatRow(eid("A"), 3, absent=True), HeatRow(eid("B"), 1, 2), HeatRow(eid("C"), 2, absent=True)),
        ),
    ]
    a, b, c = totals(["A", "B", "C"], results, SUPER).values()
    assert (a.points, a.last_game, a.games_played, a.place_sum) == (10, 0, 1, 4)
    assert (b.points, b.last_game, b.games_played, b.place_sum) == (18, 12, 2, 3)
    assert (c.points, c.games_played, c.place_sum) == (5, 1, 6)


def test_adjustments_and_the_headstart_are_points_outside_the_games() -> None:
    results = [game(1, ("A", 1, 0), ("B", 2, 0))]
    adjustments = [HeatAdjustment(eid("A"), -15, "late"), HeatAdjustment(eid("B"), 2, "restart", MatchId("H1.G1"))]
    a, b = totals(["A", "B"], results, SUPER, adjustments, {eid("B"): 7}).values()
    assert (a.points, a.adjustment, a.placement_points, a.best_game) == (-5, -15, 10, 10)
    assert (b.points, b.adjustment, b.headstart, b.best_game) == (15, 2, 7, 6)


def test_headstart_adds_up_the_days() -> None:
    days = [["A", "B", "C"], ["C", "A", "B"]]
    assert headstart_points((8, 6), days) == {"A": 14, "B": 6, "C": 8}


def test_fncs_puts_the_better_sum_of_places_first_when_kills_are_equal() -> None:
    results = [
        game(1, ("A", 1, 0), ("B", 19, 0), *[(f"x{n}", n, 0) for n in range(2, 19)]),
        game(2, ("A", 18, 0), ("B", 1, 0), *[(f"x{n}", n, 0) for n in range(2, 18)]),
    ]
    rows = heat_standings(["B", "A", *[f"x{n}" for n in range(2, 19)]], results, FNCS)
    a = next(row for row in rows if row.entrant == "A")
    why = dict(a.explain.params)
    assert (why["below"], why["below_by"], why["below_own"], why["below_value"]) == ("B", "place_sum", 19, 20)


@fuzzed
@given(played())
def test_placement_points_of_a_game_add_up_to_the_table(
    stage: tuple[list[EntrantId], list[HeatResult], HeatScoring],
) -> None:
    _, results, scoring = stage
    for result in results:
        present = sum(1 for row in result.rows if not row.absent)
        paid = sum(placement_points(result, scoring).values())
        if scoring.ties is Ties.MAX:
            assert paid >= sum(scoring.table[:present])
        else:
            assert paid == sum(scoring.table[:present])


def naive_key(entrant: EntrantId, results: list[HeatResult], scoring: HeatScoring) -> tuple[object, ...]:
    """The default order, computed the slow way."""
    games = []
    for result in results:
        row = next((row for row in result.rows if row.entrant == entrant), None)
        if row is None or all(one.absent for one in result.rows):
            continue
        if row.absent:
            games.append((Fraction(0), 0, 0, False, 0))
            continue
        same = [one for one in result.rows if one.place == row.place and not one.absent]
        table = [*scoring.table, *[0] * 200]
        place = Fraction(table[row.place - 1])
        if scoring.ties is Ties.AVERAGE:
            place = Fraction(sum(table[row.place - 1 : row.place - 1 + len(same)]), len(same))
        kills = row.kills if scoring.kill_cap is None else min(row.kills, scoring.kill_cap)
        games.append((place, kills * scoring.per_kill, row.kills, row.place == 1, dict(row.extras)["time_alive"]))
    return (
        sum(one[0] + one[1] for one in games),
        sum(one[3] for one in games),
        sum(one[2] for one in games),
        sum(one[0] for one in games),
        max((one[0] + one[1] for one in games), default=0),
        games[-1][0] + games[-1][1] if games else 0,
        sum(one[4] for one in games),
    )


@fuzzed
@given(played().filter(lambda stage: stage[2].ranking == SUPER.ranking))
def test_standings_are_those_of_the_plain_computation(
    stage: tuple[list[EntrantId], list[HeatResult], HeatScoring],
) -> None:
    entrants, results, scoring = stage
    keys = {entrant: naive_key(entrant, results, scoring) for entrant in entrants}
    expected = sorted(entrants, key=lambda entrant: keys[entrant], reverse=True)
    rows = heat_standings(entrants, results, scoring)
    assert [row.entrant for row in rows] == expected
    for row in rows:
        assert row.place == 1 + sum(1 for key in keys.values() if key > keys[row.entrant])  # type: ignore[operator]
        assert row.tied == (list(keys.values()).count(keys[row.entrant]) > 1)
        assert tuple(value for _, value in row.values[:7]) == keys[row.entrant]


@fuzzed
@given(played(), st.randoms(use_true_random=False))
def test_row_order_means_nothing(stage: tuple[list[EntrantId], list[HeatResult], HeatScoring], rng: Random) -> None:
    entrants, results, scoring = stage
    mixed = [HeatResult(one.heat_id, tuple(rng.sample(one.rows, len(one.rows)))) for one in results]
    assert heat_standings(entrants, mixed, scoring) == heat_standings(entrants, results, scoring)


@fuzzed
@given(played())
def test_a_game_in_which_everyone_is_absent_changes_nothing(
    stage: tuple[list[EntrantId], list[HeatResult], HeatScoring],
) -> None:
    entrants, results, scoring = stage
    empty = HeatResult(MatchId("H9.G9"), tuple(HeatRow(entrant, len(entrants), absent=True) for entrant in entrants))
    assert heat_standings(entrants, [*results, empty], scoring) == heat_standings(entrants, results, scoring)


@fuzzed
@given(st.integers(2, 20), st.data())
def test_a_better_place_with_equal_kills_never_lowers_the_points(size: int, data: st.DataObject) -> None:
    scoring = data.draw(st.sampled_from(SCORINGS))
    kills = data.draw(st.integers(0, 20))
    worse = data.draw(st.integers(2, size))
    better = data.draw(st.integers(1, worse - 1))
    points = []
    for place in (better, worse):
        others = [n for n in range(1, size + 1) if n != place]
        rows = (HeatRow(eid("me"), place, kills), *[HeatRow(eid(n), n) for n in others])
        everyone = [eid("me"), *[eid(n) for n in others]]
        points.append(totals(everyone, [HeatResult(MatchId("H1.G1"), rows)], scoring)[eid("me")].points)
    assert points[0] >= points[1]


@fuzzed
@given(played())
def test_renaming_entrants_renames_the_standings(
    stage: tuple[list[EntrantId], list[HeatResult], HeatScoring],
) -> None:
    entrants, results, scoring = stage
    new = {entrant: eid(f"z{len(entrants) - index}") for index, entrant in enumerate(entrants)}
    renamed = [
        HeatResult(
            one.heat_id,
            tuple(HeatRow(new[row.entrant], row.place, row.kills, row.extras, row.absent) for row in one.rows),
        )
        for one in results
    ]
    after = heat_standings([new[entrant] for entrant in entrants], renamed, scoring)
    before = heat_standings(entrants, results, scoring)
    assert [(row.entrant, row.place, row.values) for row in after] == [
        (new[row.entrant], row.place, row.values) for row in before
    ]
