"""What is no row, no game and no scoring is refused."""

import pytest

from tests.engine.test_heats_scoring import eid, game
from tournaments.engine.errors import EngineError
from tournaments.engine.heats import (
    ALGS,
    FREE_FIRE,
    SUPER,
    WARZONE,
    HeatAdjustment,
    HeatResult,
    HeatRow,
    HeatScoring,
    check_rows,
    headstart_points,
    heat_standings,
    placement_points,
    preset,
)
from tournaments.engine.types import EntrantId, MatchId


def refusal(call: object, *args: object, **options: object) -> str:
    with pytest.raises(EngineError) as refused:
        call(*args, **options)  # type: ignore[operator]
    return refused.value.code


def test_check_rows_accepts_a_whole_lobby() -> None:
    check_rows(game(1, ("A", 2, 0), ("B", 1, 0)), ["A", "B"])
    check_rows(game(1, ("A", 1, 0), ("B", 1, 0), ("C", 3, 0)), ["A", "B", "C"], ties_allowed=True)
    absent = HeatResult(MatchId("H1.G1"), (HeatRow(eid("A"), 2, absent=True), HeatRow(eid("B"), 1)))
    check_rows(absent, ["A", "B"])
    check_rows(HeatResult(MatchId("H1.G1"), (HeatRow(eid("A"), 1, absent=True),)), ["A"])


@pytest.mark.parametrize(
    ("result", "lobby", "ties", "code"),
    [
        (game(1, ("A", 1, 0), ("B", 3, 0)), ["A", "B"], False, "invalid_places"),
        (game(1, ("A", 1, 0), ("B", 3, 0)), ["A", "B"], True, "invalid_places"),
        (game(1, ("A", 2, 0), ("B", 2, 0)), ["A", "B"], True, "invalid_places"),
        (game(1, ("A", 3, 0), ("B", 3, 0), ("C", 3, 0)), ["A", "B", "C"], True, "invalid_places"),
        (game(1, ("A", 1, 0), ("B", 1, 0), ("C", 2, 0)), ["A", "B", "C"], True, "invalid_places"),
        (game(1, ("A", 1, 0), ("B", 1, 0)), ["A", "B"], False, "ties_forbidden"),
        (game(1, ("A", 1, 0)), ["A", "B"], False, "missing_entrant"),
        (game(1, ("A", 1, 0), ("C", 2, 0)), ["A", "B"], False, "unknown_entrant"),
        (game(1, ("A", 1, 0)), ["A", "A"], False, "duplicate_entrant"),
        (game(1, ("A", 1, 0)), "A", False, "invalid_entrant"),
        (None, ["A"], False, "invalid_heat"),
        (HeatResult(MatchId("H"), (HeatRow(eid("A"), 1, absent=True), HeatRow(eid("B"), 1))), ["A", "B"], False,
         "invalid_places"),
        (HeatResult(MatchId("H"), (HeatRow(eid("A"), 3, absent=True), HeatRow(eid("B"), 1))), ["A", "B"], False,
         "invalid_places"),
    ],
)  # fmt: skip
def test_check_rows_refuses(result: HeatResult, lobby: list[EntrantId], ties: bool, code: str) -> None:
    assert refusal(check_rows, result, lobby, ties) == code


@pytest.mark.parametrize(
    "arguments",
    [
        ("", 1), (None, 1), (3, 1), ("A", 0), ("A", True), ("A", 1.0), ("A", float("nan")), ("A", 129), ("A", "1"),
        ("A", 1, -1), ("A", 1, True), ("A", 1, 0.5), ("A", 1, 10**13), ("A", 1, None),
        ("A", 1, 0, [("t", 1)]), ("A", 1, 0, (("t", 1), ("t", 2))), ("A", 1, 0, (("u", 1), ("t", 2))),
        ("A", 1, 0, (("t", -1),)), ("A", 1, 0, (("t", 1.5),)), ("A", 1, 0, ("t",)), ("A", 1, 0, ((1, 1),)),
        ("A", 1, 0, None), ("A", 1, 1, (), True), ("A", 1, 0, (), 1), (["A"], 1),
    ],
)  # fmt: skip
def test_rows_refuse_nonsense(arguments: tuple[object, ...]) -> None:
    assert refusal(HeatRow, *arguments) == "invalid_heat"


@pytest.mark.parametrize(
    ("heat", "rows", "code"),
    [
        ("", (HeatRow(eid("A"), 1),), "invalid_heat"),
        (1, (HeatRow(eid("A"), 1),), "invalid_heat"),
        ("H1.G1", (), "invalid_heat"),
        ("H1.G1", [HeatRow(eid("A"), 1)], "invalid_heat"),
        ("H1.G1", ("A",), "invalid_heat"),
        ("H1.G1", tuple(HeatRow(eid(n), 1) for n in range(129)), "invalid_heat"),
        ("H1.G1", (HeatRow(eid("A"), 1), HeatRow(eid("A"), 2)), "duplicate_entrant"),
    ],
)
def test_results_refuse_nonsense(heat: object, rows: object, code: str) -> None:
    assert refusal(HeatResult, heat, rows) == code


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"table": ()}, "invalid_points_table"),
        ({"table": [3, 2]}, "invalid_points_table"),
        ({"table": (3, 4)}, "invalid_points_table"),
        ({"table": (3, -1)}, "invalid_points_table"),
        ({"table": (3.0,)}, "invalid_points_table"),
        ({"table": (True,)}, "invalid_points_table"),
        ({"table": (1,) * 129}, "invalid_points_table"),
        ({"table": None}, "invalid_points_table"),
        ({"table": (1,), "per_kill": -1}, "invalid_option"),
        ({"table": (1,), "per_kill": 1.5}, "invalid_option"),
        ({"table": (1,), "kill_cap": -1}, "invalid_option"),
        ({"table": (1,), "ties": "average"}, "invalid_tie_mode"),
        ({"table": (1,), "ranking": ()}, "invalid_option"),
        ({"table": (1,), "ranking": ["points"]}, "invalid_option"),
        ({"table": (1,), "ranking": ("points", "-points")}, "invalid_option"),
        ({"table": (1,), "ranking": ("kils",)}, "unknown_metric"),
        ({"table": (1,), "ranking": ("time_alive",), "extras": ()}, "unknown_metric"),
        ({"table": (1,), "ranking": (1,)}, "invalid_option"),
        ({"table": (1,), "extras": ("points",)}, "invalid_option"),
        ({"table": (1,), "extras": "time_alive"}, "invalid_option"),
    ],
)
def test_scoring_refuses_nonsense(options: dict[str, object], code: str) -> None:
    assert refusal(HeatScoring, **options) == code


ONE = [game(1, ("A", 1, 0))]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((["A", "A"], [], SUPER), "duplicate_entrant"),
        (("A", [], SUPER), "invalid_entrant"),
        (([1], [], SUPER), "invalid_entrant"),
        (({"A"}, [], SUPER), "invalid_entrant"),
        ((["B"], ONE, SUPER), "unknown_entrant"),
        ((["A"], ONE + ONE, SUPER), "duplicate_heat"),
        ((["A"], ["H1.G1"], SUPER), "invalid_heat"),
        ((["A"], None, SUPER), "invalid_heat"),
        ((["A", "B"], [game(1, ("A", 1, 0), ("B", 1, 0))], SUPER), "ties_forbidden"),
        ((["A"], [game(1, ("A", 2, 0))], SUPER), "invalid_places"),
        ((["A"], ONE, "super"), "invalid_option"),
        ((["A"], ONE, SUPER, [("A", 3, "x")]), "invalid_adjustment"),
        ((["A"], ONE, SUPER, 3), "invalid_adjustment"),
        ((["A"], ONE, SUPER, [HeatAdjustment(eid("B"), 3, "x")]), "unknown_entrant"),
        ((["A"], ONE, SUPER, [HeatAdjustment(eid("A"), 3, "x", MatchId("H7.G1"))]), "invalid_adjustment"),
        ((["A"], ONE, SUPER, (), {"B": 1}), "unknown_entrant"),
        ((["A"], ONE, SUPER, (), {1: 1}), "unknown_entrant"),
        ((["A"], ONE, SUPER, (), {"A": -1}), "invalid_option"),
        ((["A"], ONE, SUPER, (), ["A"]), "invalid_option"),
    ],
)
def test_standings_refuse_nonsense(arguments: tuple[object, ...], code: str) -> None:
    assert refusal(heat_standings, *arguments) == code


@pytest.mark.parametrize(
    "arguments", [("A", 0, "x"), ("A", 1.0, "x"), ("A", True, "x"), ("A", 1, ""), ("A", 1, None), ("", 1, "x"),
                  ("A", 1, "x", ""), ("A", 10**13, "x")],
)  # fmt: skip
def test_adjustments_refuse_nonsense(arguments: tuple[object, ...]) -> None:
    assert refusal(HeatAdjustment, *arguments) == "invalid_adjustment"


def test_presets_and_headstarts_refuse_nonsense() -> None:
    assert refusal(preset, "cod_mobile") == "unknown_preset"
    assert refusal(preset, ["super"]) == "unknown_preset"
    assert refusal(headstart_points, (1, 2), []) == "invalid_points_table"
    assert refusal(headstart_points, (1,), "AB") == "invalid_entrant"
    assert refusal(headstart_points, (1,), [["A", "A"]]) == "duplicate_entrant"
    assert refusal(placement_points, None, SUPER) == "invalid_heat"
    assert refusal(placement_points, game(1, ("A", 1, 0)), "super") == "invalid_option"


def test_results_are_values() -> None:
    assert (ALGS.table[0], FREE_FIRE.table[0], WARZONE.table[0]) == (12, 12, 400)
    assert hash(game(1, ("A", 1, 0))) == hash(game(1, ("A", 1, 0)))
