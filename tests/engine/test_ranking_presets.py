"""Presets and the spelling of a ranking as an option."""

import pytest

from tournaments.engine.ranking import PRESETS, RESIDUALS, Preset, parse_ranking, ranking_of
from tournaments.engine.ranking.presets import check_metrics

EXPECTED = {
    "esports_rr", "esports_swiss", "startgg_rr", "fifa", "uefa", "fide_swiss", "mtg", "pokemon", "valve", "challonge",
}  # fmt: skip


def test_presets_are_valid_rankings() -> None:
    assert set(PRESETS) == EXPECTED
    for preset in PRESETS.values():
        assert check_metrics(preset.metrics) == preset.metrics
        assert preset.residual in RESIDUALS


def test_presets_of_the_rule_books() -> None:
    assert PRESETS["fide_swiss"] == Preset(("POINTS", "BH/C1", "BH", "SB", "DE", "WIN"))
    assert PRESETS["valve"] == Preset(("WINS", "LOSSES", "DIFFICULTY"), "seed")
    assert PRESETS["mtg"] == Preset(("POINTS", "OMW", "GW%", "OGW"))
    assert PRESETS["esports_rr"] == Preset(("POINTS", "H2H", "GAME_DIFF", "GAMES_WON"), "playoff_required")
    with pytest.raises(TypeError):
        PRESETS["mine"] = Preset(("POINTS",))  # type: ignore[index]


@pytest.mark.parametrize(
    ("value", "normal"),
    [
        ("fifa", "fifa"),
        ("POINTS", "POINTS"),
        ("POINTS,BH/C1,SEED", "POINTS,BH/C1,SEED"),
        (["POINTS", "H2H:POINTS+SCORE_DIFF", "PLAYOFF"], "POINTS,H2H:POINTS+SCORE_DIFF,PLAYOFF"),
        (("WINS", "LOT"), "WINS,LOT"),
    ],
)
def test_a_ranking_is_parsed_to_its_normal_form(value: object, normal: str) -> None:
    assert parse_ranking(value) == normal
    assert parse_ranking(normal) == normal


def test_a_normal_form_stands_for_a_ranking() -> None:
    assert ranking_of("uefa") is PRESETS["uefa"]
    assert ranking_of("POINTS,H2H,PLAYOFF") == Preset(("POINTS", "H2H"), "playoff_required")
    assert ranking_of("POINTS,SEED") == Preset(("POINTS", "SEED"), "shared")


@pytest.mark.parametrize(
    "value",
    [
        "", "FIFA", "points", "POINTS,", ",POINTS", "POINTS, WINS", "PLAYOFF", "PLAYOFF,POINTS", "POINTS,POINTS",
        "POINTS,PLAYOFF,PLAYOFF", ["fifa"], ["POINTS", 1], ["POINTS", ["WINS"]], ["POINTS,WINS"], ["POINTS"] * 40,
        [], (), None, 0, 1, 1.5, True, b"POINTS", {"POINTS": 1},
    ],
)  # fmt: skip
def test_anything_else_is_no_ranking(value: object) -> None:
    with pytest.raises(ValueError, match="metrics"):
        parse_ranking(value)
