"""Ten real Swiss stages of Counter-Strike Majors. The records lie outside the repository; without them this is
skipped."""

import json
from functools import cache
from pathlib import Path
from typing import TypedDict

import pytest

import tournaments.engine
from tournaments.engine.swiss.limited import Contender, Progress, limited_best_of, limited_standings, pair_limited

RECORDS = Path(tournaments.engine.__file__).parents[3] / "shared" / "data" / "cs_major_swiss" / "stages.json"
RULES = {"greedy": "greedy", "table": "valve@2024-03"}


class RealMatch(TypedDict):
    a: int
    b: int
    winner: int
    maps: list[tuple[int, int]]


class RealStage(TypedDict):
    event: str
    stage: str
    r1: str
    rule: str
    teams: list[dict[str, object]]
    rounds: list[list[RealMatch]]
    final: list[dict[str, int]]


@cache
def stages() -> list[RealStage]:
    if not RECORDS.is_file():
        pytest.skip("the real stages are not on this machine: ../shared/data/cs_major_swiss/stages.json")
    found: list[RealStage] = json.loads(RECORDS.read_text(encoding="utf-8"))["stages"]
    return found


def after(contenders: dict[int, Contender], match: RealMatch) -> None:
    for seed, opponent in ((match["a"], match["b"]), (match["b"], match["a"])):
        one, won = contenders[seed], match["winner"] == seed
        contenders[seed] = Contender(seed, one.wins + won, one.losses + (not won), (*one.opponents, opponent))


def replayed(stage: RealStage, rules: str) -> tuple[int, dict[int, Contender]]:
    """How many real pairings were found, and the records at the end."""
    contenders = {seed: Contender(seed) for seed in range(1, len(stage["teams"]) + 1)}
    found = 0
    for number, matches in enumerate(stage["rounds"], start=1):
        before = list(contenders.values())
        paired = pair_limited(before, round_number=number, rules=rules, first_round=stage["r1"])
        pairs = {frozenset(pair) for pool in paired for pair in pool.pairs}
        assert sum(pool.relaxed for pool in paired) == 0
        found += len(pairs & {frozenset((match["a"], match["b"])) for match in matches})
        for match in matches:
            after(contenders, match)
    return found, contenders


def test_there_are_ten_stages_of_33_matches() -> None:
    assert len(stages()) == 10
    assert all(sum(map(len, stage["rounds"])) == 33 for stage in stages())


def test_all_33_pairings_of_every_stage_are_found() -> None:
    found = {(stage["event"], stage["stage"]): replayed(stage, RULES[stage["rule"]])[0] for stage in stages()}
    assert set(found.values()) == {33}


def test_the_priority_table_was_not_yet_used_in_antwerp() -> None:
    """The records can tell the two rules apart: one stage of 2022 does not fit the later rule."""
    found = [replayed(stage, "valve@2024-03")[0] for stage in stages()]
    assert sorted(found) == [30, *[33] * 9]


def test_final_tables_and_difficulties_are_the_real_ones() -> None:
    for stage in stages():
        rows = limited_standings(list(replayed(stage, RULES[stage["rule"]])[1].values()))
        found = [{"seed": row.seed, "w": row.wins, "l": row.losses, "difficulty": row.difficulty} for row in rows]
        assert found == stage["final"]
        assert sum(row.progress is Progress.THROUGH for row in rows) == 8


def test_deciding_matches_were_best_of_three() -> None:
    """The maps of one match are missing in the records if it was won by forfeit; no such match is in these stages."""
    for stage in stages():
        contenders = {seed: Contender(seed) for seed in range(1, 17)}
        for matches in stage["rounds"]:
            for match in matches:
                one = contenders[match["a"]]
                best_of = limited_best_of((one.wins, one.losses))
                assert (1 if best_of == 1 else 2) <= len(match["maps"]) <= best_of
            for match in matches:
                after(contenders, match)
