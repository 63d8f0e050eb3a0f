import json
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest

import tournaments.engine
from tests.engine.playing import better_seed_wins, planned, play, result
from tournaments.engine import (
    Adjustment,
    Disqualification,
    DqMode,
    EngineError,
    EntrantId,
    Event,
    Kind,
    MatchId,
    OptionValue,
    Outcome,
    Result,
    Seed,
    StageConfig,
    StagePlan,
    StageView,
    Withdrawal,
    apply,
    fold,
    placements,
    plan_stage,
    standings,
)

LEAGUE = Path(tournaments.engine.__file__).parents[3] / "shared" / "data" / "openfootball" / "2023-24_en.1.json"
Pairs = list[list[tuple[int, int]]]


def rounds(plan: StagePlan) -> Pairs:
    found: Pairs = [[] for _ in range(max(spec.round for spec in plan.matches))]
    for spec in plan.matches:
        assert isinstance(spec.a, Seed)
        assert isinstance(spec.b, Seed)
        found[spec.round - 1].append((spec.a.number, spec.b.number))
    return found


def read(text: str) -> Pairs:
    return [[tuple(map(int, pair.split("-"))) for pair in line.split()] for line in text.split("|")]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("entrants", "table"),
    [
        (4, "1-4 2-3 | 4-3 1-2 | 2-4 3-1"),
        (6, "1-6 2-5 3-4 | 6-4 5-3 1-2 | 2-6 3-1 4-5 | 6-5 1-4 2-3 | 3-6 4-2 5-1"),
        (
            8,
            "1-8 2-7 3-6 4-5 | 8-5 6-4 7-3 1-2 | 2-8 3-1 4-7 5-6 | 8-6 7-5 1-4 2-3 | 3-8 4-2 5-1 6-7 |"
            " 8-7 1-6 2-5 3-4 | 4-8 5-3 6-2 7-1",
        ),
    ],
)
def test_berger_golden_tables(entrants: int, table: str) -> None:
    assert rounds(planned("round_robin", entrants)) == read(table)


@pytest.mark.parametrize("entrants", [*range(2, 33), 63, 64])
def test_everybody_meets_everybody_once_and_the_sides_are_fair(entrants: int) -> None:
    listed = rounds(planned("round_robin", entrants))
    assert len(listed) == entrants - 1 + entrants % 2
    pairs = [frozenset(pair) for pairs in listed for pair in pairs]
    assert len(pairs) == len(set(pairs)) == entrants * (entrants - 1) // 2
    home = Counter(pair[0] for pairs in listed for pair in pairs)
    away = Counter(pair[1] for pairs in listed for pair in pairs)
    assert all(abs(home[seed] - away[seed]) <= 1 for seed in range(1, entrants + 1))
    rests: Counter[int] = Counter()
    for pairs_ in listed:
        playing = [seed for pair in pairs_ for seed in pair]
        assert len(playing) == len(set(playing))
        rests.update(set(range(1, entrants + 1)) - set(playing))
    assert rests == (Counter(range(1, entrants + 1)) if entrants % 2 else Counter())


@pytest.mark.parametrize("legs", [2, 3, 4])
def test_every_second_leg_changes_the_sides(legs: int) -> None:
    first = rounds(planned("round_robin", 5))
    turned = [[(b, a) for a, b in pairs] for pairs in first]
    assert rounds(planned("round_robin", 5, legs=legs)) == (first + turned + first + turned)[: legs * len(first)]


def test_ids_are_round_and_number() -> None:
    assert [spec.id for spec in planned("round_robin", 4).matches] == ["R1.1", "R1.2", "R2.1", "R2.2", "R3.1", "R3.2"]


def league() -> list[tuple[int, str, str, tuple[int, int]]]:
    if not LEAGUE.is_file():
        pytest.skip("the season is not on this machine: ../shared/data/openfootball/2023-24_en.1.json")
    matches = json.loads(LEAGUE.read_text(encoding="utf-8"))["matches"]
    return [
        (int(match["round"].split()[-1]), match["team1"], match["team2"], tuple(match["score"]["ft"]))
        for match in matches
    ]


def test_a_premier_league_season_is_a_double_round_robin() -> None:
    """The same 380 matches, the same sides, 38 rounds of 10; and the table that the season ended with."""
    season = league()
    clubs = sorted({home for _, home, _, _ in season})
    plan = plan_stage(
        StageConfig("round_robin", {"legs": 2, "ranking": "POINTS,SCORE_DIFF,SCORE_FOR"}), [EntrantId(c) for c in clubs]
    )
    ours = {(clubs[a - 1], clubs[b - 1]) for pairs in rounds(plan) for a, b in pairs}
    assert ours == {(home, away) for _, home, away, _ in season}
    assert (len(season), len(plan.matches), len(rounds(plan))) == (380, 380, 38)
    assert {len(pairs) for pairs in rounds(plan)} == {10}
    by_sides = {fold(plan).slots[spec.id]: spec.id for spec in plan.matches}
    events = []
    for _, home, away, (scored, conceded) in season:
        winner = None if scored == conceded else EntrantId(home if scored > conceded else away)
        outcome = Outcome(winner, Kind.PLAYED if winner else Kind.DRAW, (scored, conceded))
        events.append(Result(by_sides[EntrantId(home), EntrantId(away)], outcome))
    view = fold(plan, events)
    rows = standings(view)
    assert view.champion == "Manchester City FC"
    top = [(row.entrant, dict(row.values)["POINTS"], dict(row.values)["SCORE_DIFF"]) for row in rows[:4]]
    assert top == [
        ("Manchester City FC", 91, 62),
        ("Arsenal FC", 89, 62),
        ("Liverpool FC", 82, 45),
        ("Aston Villa FC", 68, 15),
    ]
    assert [row.entrant for row in rows[-3:]] == ["Luton Town FC", "Burnley FC", "Sheffield United FC"]


def points(view: StageView) -> dict[str, int | Fraction | None]:
    """Points by entrant, None for who has no record any more."""
    return {str(row.entrant): dict(row.values).get("POINTS") for row in standings(view)}


def match_of(view: StageView, *pair: int) -> MatchId:
    sides = {str(seed) for seed in pair}
    return next(match_id for match_id in view.ready if set(view.slots[match_id]) == sides)


def after(view: StageView, *wins: tuple[int, int]) -> StageView:
    """Pairs of winner and loser."""
    for winner, loser in wins:
        view, _ = apply(view, result(match_of(view, winner, loser), winner))
    return view


FIVE = [(5, 1), (1, 2), (1, 3), (2, 3), (4, 1), (2, 4), (3, 4)]


@pytest.mark.parametrize(
    ("rule", "played", "expected"),
    [
        ("half", 1, {"1": 6, "2": 6, "3": 3, "4": 3, "5": None}),
        ("half", 2, {"1": 6, "2": 9, "3": 6, "4": 3, "5": 6}),
        ("forfeit", 1, {"1": 6, "2": 9, "3": 6, "4": 6, "5": 3}),
        ("annul", 2, {"1": 6, "2": 6, "3": 3, "4": 3, "5": None}),
    ],
)
def test_withdrawal_rules(rule: str, played: int, expected: dict[str, int | None]) -> None:
    """5 beats 1 (and 4) and leaves: one of four games is less than half of them, two are not."""
    view = after(fold(planned("round_robin", 5, withdrawn=rule)), *FIVE)
    if played == 2:
        view = after(view, (5, 4))
    view, _ = apply(view, Withdrawal(EntrantId("5")))
    assert view.complete
    assert points(view) == expected
    assert sorted(placements(view)) == sorted(view.plan.seeds)


@pytest.mark.parametrize(
    ("mode", "expected", "status"),
    [
        (DqMode.FORWARD, {"1": 6, "2": 9, "3": 6, "4": 6, "5": 3}, {"walkover"}),
        (DqMode.VOID_UNPLAYED, {"1": 6, "2": 6, "3": 3, "4": 3, "5": 3}, {"void"}),
        (DqMode.VOID_ALL, {"1": 6, "2": 6, "3": 3, "4": 3, "5": None}, {"void"}),
    ],
)
def test_disqualification_modes(mode: DqMode, expected: dict[str, int | None], status: set[str]) -> None:
    view = after(fold(planned("round_robin", 5, withdrawn="forfeit")), *FIVE)
    open_before = view.ready
    view, _ = apply(view, Disqualification(EntrantId("5"), mode))
    assert view.complete
    assert points(view) == expected
    assert {view.status[match_id].value for match_id in open_before} == status


def test_annulling_one_leaves_the_meetings_of_the_others_alone() -> None:
    full = play(fold(planned("round_robin", 4, ranking="POINTS,H2H")), better_seed_wins)
    view, _ = apply(full, Disqualification(EntrantId("4"), DqMode.VOID_ALL))
    assert points(view) == {"1": 6, "2": 3, "3": 0, "4": None}


@pytest.mark.parametrize(
    ("scheme", "win_draw_loss"), [((3, 1, 0), (3, 1, 0)), ((1, 0.5, 0), (1, Fraction(1, 2), 0)), ((2, 1, 1), (2, 1, 1))]
)
def test_points_of_every_kind_of_result(scheme: OptionValue, win_draw_loss: tuple[int, int, int]) -> None:
    win, draw, loss = win_draw_loss
    view = fold(planned("round_robin", 3, points=scheme, withdrawn="forfeit"))
    view, _ = apply(view, result(match_of(view, 1, 2), None, Kind.DRAW))
    view, _ = apply(view, result(match_of(view, 1, 3), 1))
    view, _ = apply(view, result(match_of(view, 2, 3), None, Kind.DOUBLE_FORFEIT))
    assert points(view) == {"1": win + draw, "2": draw, "3": loss}


def test_draws_can_be_forbidden() -> None:
    view = fold(planned("round_robin", 2, draws=False))
    with pytest.raises(EngineError) as refused:
        apply(view, result("R1.1", None, Kind.DRAW))
    assert refused.value.code == "draw_not_allowed"


def test_adjustments_count_for_the_entrant_alone() -> None:
    view = play(fold(planned("round_robin", 3)), better_seed_wins)
    assert points(view) == {"1": 6, "2": 3, "3": 0}
    events: list[Event] = [
        Adjustment(EntrantId("1"), -13, "an ineligible player"),
        Adjustment(EntrantId("3"), 1, "half a point back"),
    ]
    for event in events:
        view, _ = apply(view, event)
    assert points(view) == {"1": Fraction(-1, 2), "2": 3, "3": Fraction(1, 2)}
    assert view.champion == "2"
    with pytest.raises(EngineError) as refused:
        apply(view, Adjustment(EntrantId("1"), 1, "  "))
    assert refused.value.code == "invalid_event"


def test_places_are_told_when_everything_is_played() -> None:
    plan = planned("round_robin", 3)
    view = after(fold(plan), (1, 2), (1, 3))
    assert (placements(view), view.champion) == ({}, None)
    assert standings(view)[0].entrant == "1"
    done = after(view, (2, 3))
    assert [(entrant, place.first) for entrant, place in placements(done).items()] == [("1", 1), ("2", 2), ("3", 3)]


def test_without_a_draw_seed_a_lot_is_left_undrawn() -> None:
    draws = [result(f"R{n}.1", None, Kind.DRAW) for n in (1, 2, 3)]
    undrawn = fold(plan_stage(StageConfig("round_robin", {"ranking": "fifa"}), planned("gsl", 4).seeds[:3]), draws)
    assert [(row.place, row.explain.code) for row in standings(undrawn)] == [(1, "shared")] * 3
    drawn = fold(planned("round_robin", 3, ranking="fifa"), draws)
    assert sorted(row.place for row in standings(drawn)) == [1, 2, 3]
    assert undrawn.champion is None
    assert drawn.champion == standings(drawn)[0].entrant
