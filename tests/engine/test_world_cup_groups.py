"""The groups of the World Cup 2018 by FIFA's rules. The results lie outside the repository (openfootball, CC0)."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import tournaments.engine
from tests.engine.ranked_tables import FOOTBALL, Game, explained, places, table_of
from tournaments.engine.errors import EngineError, ErrorCode
from tournaments.engine.ranking import PRESETS, Table, rank

RESULTS = Path(tournaments.engine.__file__).parents[3] / "shared" / "data" / "openfootball"
FIFA = PRESETS["fifa"]
FAIR_PLAY_2018 = {"Japan": 4, "Senegal": 6}
"""Yellow cards of the two in the group stage; one penalty point each."""


@cache
def document(name: str) -> dict[str, Any]:
    path = RESULTS / name
    if not path.is_file():
        pytest.skip(f"the results are not on this machine: ../shared/data/openfootball/{name}")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def group(name: str, penalties: dict[str, int] | None = None) -> Table:
    matches = [match for match in document("2018_worldcup.json")["matches"] if match.get("group") == name]
    days = sorted({match["date"] for match in matches})
    games: list[Game] = [
        (days.index(match["date"]) + 1, match["team1"], match["team2"], *match["score"]["ft"]) for match in matches
    ]
    return table_of(games, counted="score", scheme=FOOTBALL, penalties=penalties)


@pytest.mark.parametrize("letter", "ABCDEFGH")
def test_group_has_its_official_table(letter: str) -> None:
    (official,) = [
        group for group in document("2018_worldcup.standings.json")["groups"] if group["name"] == f"Group {letter}"
    ]
    standings = rank(group(f"Group {letter}", FAIR_PLAY_2018), FIFA.metrics, FIFA.residual)
    found = {
        row.entrant: (row.place, values["POINTS"], values["SCORE_FOR"], values["SCORE_FOR"] - values["SCORE_DIFF"])
        for row in standings
        for values in [dict(row.values)]
    }
    assert found == {
        row["team"]["name"]: (row["pos"], row["pts"], row["goals_for"], row["goals_against"])
        for row in official["standings"]
    }
    assert len(standings) == 4


def test_only_discipline_separates_japan_from_senegal() -> None:
    standings = rank(group("Group H", FAIR_PLAY_2018), FIFA.metrics, FIFA.residual)
    assert explained(standings, "Japan") == (
        "separated",
        {
            "above": "Colombia",
            "above_by": "POINTS",
            "above_value": 6,
            "above_own": 4,
            "below": "Senegal",
            "below_by": "DISCIPLINE",
            "below_value": 6,
            "below_own": 4,
            "below_level_on": "POINTS,SCORE_DIFF,SCORE_FOR,H2H:POINTS+SCORE_DIFF+SCORE_FOR",
        },
    )


def test_with_equal_discipline_the_lot_would_have_decided() -> None:
    table = group("Group H", {"Japan": 4, "Senegal": 4})
    shared = places(rank(table, FIFA.metrics, "shared"))
    assert (shared["Colombia"], shared["Japan"], shared["Senegal"], shared["Poland"]) == (1, 2, 2, 4)
    with pytest.raises(EngineError) as refused:
        rank(table, FIFA.metrics, FIFA.residual)
    assert refused.value.code is ErrorCode.DRAW_SEED_REQUIRED
    drawn = {places(rank(table, FIFA.metrics, "lot", bytes([number])))["Japan"] for number in range(1, 20)}
    assert drawn == {2, 3}
    standings = rank(table, FIFA.metrics, "lot", b"a secret")
    assert {explained(standings, name)[0] for name in ("Japan", "Senegal")} == {"lot"}
