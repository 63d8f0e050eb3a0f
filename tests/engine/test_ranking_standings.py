"""Standings: refinement metric by metric, places, what decides at the end, explanations, and refusals."""

import os
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.playing import unhurried
from tests.engine.ranked_tables import (
    explained,
    games,
    places,
    round_robins,
    swiss_at_random,
    swiss_tables,
    table_of,
    values,
)
from tournaments.engine.errors import EngineError, ErrorCode
from tournaments.engine.ranking import (
    PRESETS,
    RESIDUALS,
    RULES,
    Meeting,
    MeetingKind,
    Points,
    Record,
    Residual,
    Table,
    rank,
)
from tournaments.engine.ranking.explain import printed
from tournaments.engine.ranking.metrics import METRICS
from tournaments.engine.types import EntrantId, Explanation, Standing

CASES = int(os.environ.get("ENGINE_FUZZ", "60"))
CUTS = ["BH", "BH/C1", "BH/C2", "BH/M1", "FB", "FB/C1", "SB", "SB/C1", "SB/M2", "PS", "PS/C1"]
HEAD_TO_HEAD = ["H2H", "H2H_RESTART", "H2H:POINTS+GAME_DIFF+GAMES_WON", "H2H_RESTART:GAME_WIN_PCT+WINS", "DE"]
CODES = sorted(METRICS) + CUTS + HEAD_TO_HEAD
often = settings(unhurried, max_examples=CASES)
metric_lists = st.lists(st.sampled_from(CODES), min_size=1, max_size=6, unique=True)


def test_places_are_competition_places_and_the_tied_stand_by_seed() -> None:
    table = table_of(games("C2-1D A1-1B A1-0D C1-0D"), "DCBA")
    standings = rank(table, ["POINTS"])
    assert [(row.entrant, row.place, row.tied) for row in standings] == [
        ("C", 1, False),
        ("A", 2, False),
        ("B", 3, False),
        ("D", 4, False),
    ]
    standings = rank(table, ["LOSSES"])
    assert [(row.entrant, row.place, row.tied) for row in standings] == [
        ("C", 1, True),
        ("B", 1, True),
        ("A", 1, True),
        ("D", 4, False),
    ]


def test_values_are_real_points_as_exact_numbers() -> None:
    table = table_of(games("A1-1B A1-0C"))
    (first, *_) = rank(table, ["POINTS", "BH", "SB", "GAME_WIN_PCT", "H2H"])
    assert first == Standing(
        EntrantId("A"),
        1,
        False,
        True,
        (("POINTS", Fraction(3, 2)), ("BH", Fraction(1, 2)), ("SB", Fraction(1, 4)), ("GAME_WIN_PCT", Fraction(2, 3))),
        Explanation(
            "separated", (("below", "B"), ("below_by", "POINTS"), ("below_value", "0.5"), ("below_own", "1.5"))
        ),
    )
    assert type(values(table, "BH")["B"]) is Fraction
    assert type(values(table, "POINTS")["C"]) is int


def test_entrants_compared_by_head_to_head_or_lot_carry_their_position() -> None:
    table = table_of(games("A0-1B C1-0A B0-1C D0-0E"))
    rows = {row.entrant: dict(row.values) for row in rank(table, ["POINTS", "H2H"], "lot", b"secret")}
    assert rows["C"] == {"POINTS": 2}
    assert rows["B"] == {"POINTS": 1}
    assert sorted(rows[name]["LOT"] for name in "DE") == [1, 2]
    assert [rows[name]["H2H"] for name in "DE"] == [1, 1]


def test_what_the_metrics_leave_level_is_shared_or_decided() -> None:
    table = table_of(games("A1-0B C1-0D"), "DBCA")
    assert places(rank(table, ["POINTS"])) == {"A": 1, "C": 1, "B": 3, "D": 3}
    assert places(rank(table, ["POINTS"], "playoff_required")) == {"A": 1, "C": 1, "B": 3, "D": 3}
    assert places(rank(table, ["POINTS"], "seed")) == {"C": 1, "A": 2, "D": 3, "B": 4}
    drawn = [tuple(places(rank(table, ["POINTS"], "lot", bytes([n]))).items()) for n in range(1, 40)]
    assert len(set(drawn)) == 4
    assert {place for found in drawn for place in dict(found).values()} == {1, 2, 3, 4}


def test_a_lot_depends_on_the_secret_and_the_purpose_only() -> None:
    table = table_of(games("A1-1B C1-1D E1-1F"))
    shuffled = replace(table, records=table.records[::-1])
    first = rank(table, ["POINTS"], "lot", b"secret")
    assert rank(shuffled, ["POINTS"], "lot", b"secret") == first == rank(table, ["POINTS", "LOT"], draw_seed=b"secret")
    others = [rank(table, ["POINTS"], "lot", b"secret", draw_purpose=purpose) for purpose in ("A", "B", "C")]
    assert any(other != first for other in others)


def test_a_lot_is_not_drawn_without_a_tie() -> None:
    assert places(rank(table_of(games("A1-0B")), ["POINTS"], "lot")) == {"A": 1, "B": 2}


@pytest.mark.parametrize("residual", RESIDUALS)
def test_explanation_says_what_decided(residual: Residual) -> None:
    standings = rank(table_of(games("A1-1B A1-1B")), ["POINTS"], residual, b"secret")
    assert {row.explain.code for row in standings} == {residual}


def test_explanation_names_both_neighbours_and_what_was_level_before() -> None:
    table = table_of(games("A2-0B B2-1C C2-1A D2-0A D2-0B"))
    standings = rank(table, ["POINTS", "GAME_DIFF", "GAMES_WON"])
    assert [row.entrant for row in standings] == ["D", "C", "A", "B"]
    assert explained(standings, "C") == (
        "separated",
        {
            "above": "D",
            "above_by": "POINTS",
            "above_value": 2,
            "above_own": 1,
            "below": "A",
            "below_by": "GAME_DIFF",
            "below_value": -1,
            "below_own": 0,
            "below_level_on": "POINTS",
        },
    )


def test_explanation_of_a_shared_place_counts_it() -> None:
    table = table_of(games("A2-0B A1-0C"))
    assert explained(rank(table, ["POINTS"]), "C") == (
        "shared",
        {"sharing": 2, "above": "A", "above_by": "POINTS", "above_value": 2, "above_own": 0},
    )
    assert explained(rank(Table((), 0, annulled=(EntrantId("X"),)), ["POINTS"]), "X") == ("annulled", {})
    assert rank(Table((Record(EntrantId("A"), 1),), 0), ["POINTS"])[0].explain == Explanation("only_entrant")
    assert rank(Table((), 0), ["POINTS"]) == ()


@pytest.mark.parametrize(
    ("number", "text"),
    [(3, 3), (Fraction(11, 2), "5.5"), (Fraction(-1, 4), "-0.25"), (Fraction(39, 4), "9.75"), (Fraction(7, 9), "7/9")],
)
def test_numbers_are_printed_exactly(number: int | Fraction, text: int | str) -> None:
    assert printed(number) == text


@often
@given(swiss_tables(), metric_lists, st.sampled_from(RULES), st.sampled_from(["shared", "seed", "playoff_required"]))
def test_standings_hold_everybody_once_on_competition_places(
    table: Table, metrics: list[str], rules: str, residual: str
) -> None:
    standings = rank(table, metrics, residual, rules=rules)  # type: ignore[arg-type]
    assert Counter(row.entrant for row in standings) == Counter(record.entrant for record in table.records)
    sizes = Counter(row.place for row in standings)
    assert all(row.place == 1 + sum(size for place, size in sizes.items() if place < row.place) for row in standings)
    assert [row.tied for row in standings] == [sizes[row.place] > 1 for row in standings]
    assert all(type(value) is int or type(value) is Fraction for row in standings for _, value in row.values)
    if residual == "seed":
        assert not any(row.tied for row in standings)


@often
@given(swiss_tables(), metric_lists, st.sampled_from(CODES))
def test_a_further_metric_never_changes_an_order_already_made(table: Table, metrics: list[str], later: str) -> None:
    before = places(rank(table, metrics))
    if later in metrics:
        return
    after = places(rank(table, [*metrics, later]))
    for a, place in before.items():
        for b, other in before.items():
            assert not place < other or after[a] < after[b]


@often
@given(round_robins(), metric_lists)
def test_neighbours_are_separated_by_the_metric_that_the_explanation_names(table: Table, metrics: list[str]) -> None:
    standings = rank(table, metrics)
    for better, worse in pairwise(standings):
        if better.place == worse.place:
            continue
        why = dict(worse.explain.params)
        level = str(why.get("above_level_on", "")).split(",") if "above_level_on" in why else []
        assert level == metrics[: len(level)]
        by = metrics[len(level)]
        assert str(why["above_by"]).partition(":")[0] == by.partition(":")[0]
        own, other = dict(worse.values), dict(better.values)
        assert all(own.get(code) == other.get(code) for code in level if code in METRICS)
        assert why["above_value"] != why["above_own"]
        if by in METRICS:
            assert (why["above_value"], why["above_own"]) == (printed(other[by]), printed(own[by]))
            assert (other[by] < own[by]) == METRICS[by].ascending
        mirrored = dict(better.explain.params)
        assert (why["above"], mirrored["below"], mirrored["below_by"]) == (
            better.entrant,
            worse.entrant,
            why["above_by"],
        )
        assert (mirrored["below_value"], mirrored["below_own"]) == (why["above_own"], why["above_value"])


@often
@given(swiss_tables(), metric_lists, st.randoms(use_true_random=False))
def test_standings_do_not_depend_on_the_order_of_the_records_or_on_names(
    table: Table, metrics: list[str], rng: Random
) -> None:
    standings = rank(table, metrics)
    names = [record.entrant for record in table.records]
    renamed = dict(zip(names, rng.sample(names, len(names)), strict=True))
    records = [
        replace(
            record,
            entrant=renamed[record.entrant],
            meetings=tuple(
                meeting._replace(opponent=renamed[meeting.opponent] if meeting.opponent else None)
                for meeting in record.meetings
            ),
        )
        for record in rng.sample(table.records, len(table.records))
    ]
    again = rank(replace(table, records=tuple(records)), metrics)
    assert [(row.entrant, row.place, row.values) for row in again] == [
        (renamed[row.entrant], row.place, row.values) for row in standings
    ]


@often
@given(swiss_tables(), st.sampled_from(RULES), st.booleans())
def test_cuts_only_take_away(table: Table, rules: str, all_play_all: bool) -> None:
    table = replace(table, all_play_all=all_play_all)
    for row in rank(table, CUTS, rules=rules):
        found = dict(row.values)
        assert found["BH"] >= found["BH/C1"] >= found["BH/C2"] >= 0
        assert found["BH/C1"] >= found["BH/M1"]
        assert found["SB"] >= found["SB/C1"] >= 0
        assert found["SB"] <= found["BH"]
        assert found["PS"] >= found["PS/C1"]


@often
@given(swiss_tables(all_played=True))
def test_sums_over_everybody_when_every_round_was_played(table: Table) -> None:
    met = {record.entrant: sum(meeting.opponent is not None for meeting in record.meetings) for record in table.records}
    points, difficulty = values(table, "POINTS"), values(table, "DIFFICULTY")
    wins, losses, buchholz = values(table, "WINS"), values(table, "LOSSES"), values(table, "BH")
    assert sum(buchholz.values()) == sum(points[name] * met[name] for name in met)  # type: ignore[call-overload,operator]
    assert sum(difficulty.values()) == sum((wins[name] - losses[name]) * met[name] for name in met)  # type: ignore[call-overload,operator]


@often
@given(swiss_tables())
def test_percentages_stay_within_their_bounds(table: Table) -> None:
    for row in rank(table, ["OMW", "GW%", "OGW", "OWP", "OOWP"]):
        found = dict(row.values)
        record = next(record for record in table.records if record.entrant == row.entrant)
        if any(meeting.opponent for meeting in record.meetings):
            assert Fraction(33, 100) <= found["OMW"] <= 1
            assert Fraction(33, 100) <= found["OGW"] <= 1
            assert Fraction(1, 4) <= found["OWP"] <= 1
            assert Fraction(1, 4) <= found["OOWP"] <= 1
        else:
            assert found["OMW"] == found["OGW"] == found["OWP"] == found["OOWP"] == 0
        assert Fraction(33, 100) <= found["GW%"] <= 1


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_every_preset_ranks_every_table(preset: str) -> None:
    for number in range(30):
        table = swiss_at_random(Random(number), number % 11, 5, all_played=False)
        standings = rank(table, PRESETS[preset].metrics, PRESETS[preset].residual, b"secret")
        assert sorted(row.entrant for row in standings) == sorted(record.entrant for record in table.records)


def refusal(table: object, metrics: object = ("POINTS",), **options: object) -> ErrorCode:
    with pytest.raises(EngineError) as refused:
        rank(table, metrics, **options)  # type: ignore[arg-type]
    return refused.value.code


PAIR = table_of(games("A1-0B"))
A, B = PAIR.records
MEETING = A.meetings[0]


def with_meeting(**changes: object) -> Table:
    return replace(PAIR, records=(replace(A, meetings=(MEETING._replace(**changes),)), B))  # type: ignore[arg-type]


def with_record(**changes: object) -> Table:
    return replace(PAIR, records=(replace(A, **changes), B))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "table",
    [
        None,
        "table",
        replace(PAIR, records=list(PAIR.records)),  # type: ignore[arg-type]
        replace(PAIR, records=(A, B, None)),  # type: ignore[arg-type]
        replace(PAIR, rounds=0),
        replace(PAIR, rounds=-1),
        replace(PAIR, rounds=1.0),  # type: ignore[arg-type]
        replace(PAIR, legs=0),
        replace(PAIR, all_play_all=1),  # type: ignore[arg-type]
        replace(PAIR, scheme=None),  # type: ignore[arg-type]
        replace(PAIR, scheme=Points(win=1.5)),  # type: ignore[arg-type]
        replace(PAIR, annulled=(3,)),  # type: ignore[arg-type]
        replace(PAIR, records=(A, replace(B, meetings=()))),
        with_record(entrant=None),
        with_record(entrant=["A"]),
        with_record(seed=0),
        with_record(seed=True),
        with_record(meetings=[MEETING]),
        with_record(meetings=(None,)),
        with_record(meetings=(MEETING, MEETING)),
        with_record(rating=1500.0),
        with_record(adjustment=float("nan")),
        with_record(penalty=-1),
        with_record(withdrawn=None),
        with_meeting(round=0),
        with_meeting(round=2),
        with_meeting(round="1"),
        with_meeting(opponent="A"),
        with_meeting(opponent=None),
        with_meeting(opponent=2),
        with_meeting(kind="played"),
        with_meeting(kind=MeetingKind.BYE),
        with_meeting(result="loss"),
        with_meeting(result="draw"),
        with_meeting(result="none"),
        with_meeting(result=["win"]),
        with_meeting(kind=MeetingKind.DOUBLE_FORFEIT),
        with_meeting(points=0.5),
        with_meeting(points=float("nan")),
        with_meeting(points=Decimal(1)),
        with_meeting(points=None),
        with_meeting(games_for=-1),
        with_meeting(games_against="0"),
        with_meeting(score_for=Fraction(1, 2)),
        with_meeting(score_against=[1]),
        with_meeting(side="c"),
        with_meeting(side=["a"]),
    ],
)
def test_a_table_that_is_none_is_refused(table: object) -> None:
    assert refusal(table) is ErrorCode.INVALID_TABLE


def test_duplicates_and_strangers_are_refused() -> None:
    assert refusal(replace(PAIR, records=(A, B, A))) is ErrorCode.DUPLICATE_ENTRANT
    assert refusal(replace(PAIR, annulled=(EntrantId("A"),))) is ErrorCode.DUPLICATE_ENTRANT
    assert refusal(replace(PAIR, annulled=(EntrantId("X"), EntrantId("X")))) is ErrorCode.DUPLICATE_ENTRANT
    assert refusal(with_meeting(opponent="X")) is ErrorCode.UNKNOWN_ENTRANT
    assert refusal(replace(PAIR, records=(A,))) is ErrorCode.UNKNOWN_ENTRANT


@pytest.mark.parametrize(
    "code", ["", "points", "BH/C0", "BH/C10", "BH/M", "BH/", "PS/M1", "AOB/C1", "NOPE", None, 1, ["POINTS"], b"BH"]
)
def test_unknown_metrics_are_refused(code: object) -> None:
    assert refusal(PAIR, ["POINTS", code]) is ErrorCode.UNKNOWN_METRIC


@pytest.mark.parametrize("metrics", [(), [], "POINTS", None, 1, {"POINTS"}, ["POINTS", "POINTS"], ["POINTS"] * 99])
def test_metrics_that_are_no_list_of_different_codes_are_refused(metrics: object) -> None:
    assert refusal(PAIR, metrics) is ErrorCode.INVALID_OPTION


def test_other_arguments_out_of_range_are_refused() -> None:
    for residual in ("", "SEED", None, 1, ["seed"]):
        assert refusal(PAIR, residual=residual) is ErrorCode.INVALID_OPTION
    for rules in ("", None, 2026, ["fide_c07@2024"]):
        assert refusal(PAIR, rules=rules) is ErrorCode.INVALID_OPTION
    assert refusal(PAIR, draw_purpose=b"lot") is ErrorCode.INVALID_OPTION
    assert refusal(PAIR, draw_seed="secret") is ErrorCode.INVALID_DRAW_SEED
    level = table_of(games("A0-0B"))
    assert refusal(level, residual="lot") is ErrorCode.DRAW_SEED_REQUIRED
    assert refusal(level, ["POINTS", "LOT"]) is ErrorCode.DRAW_SEED_REQUIRED
    assert len(RESIDUALS) == 4


def test_huge_numbers_stay_exact() -> None:
    large = 10**30
    table = with_meeting(points=large, games_for=large, score_for=-large)
    (first, _) = rank(table, ["POINTS", "GAME_WIN_PCT", "SCORE_DIFF"])
    assert dict(first.values) == {"POINTS": large // 2, "GAME_WIN_PCT": 1, "SCORE_DIFF": -large}


def test_a_double_forfeit_is_lost_by_both() -> None:
    both = tuple(
        Record(EntrantId(own), seed, (Meeting(1, EntrantId(other), MeetingKind.DOUBLE_FORFEIT, 0, "loss"),))
        for seed, (own, other) in enumerate(("AB", "BA"), start=1)
    )
    found = {row.entrant: dict(row.values) for row in rank(Table(both, 1), ["WINS", "LOSSES", "GE"])}
    assert found == {name: {"WINS": 0, "LOSSES": 1, "GE": 0} for name in "AB"}
