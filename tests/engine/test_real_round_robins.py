"""Real round robins. The results lie outside the repository; without them this is skipped."""

import json
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import TypedDict

import pytest

import tournaments.engine
from tests.engine.ranked_tables import FOOTBALL, Game, places, table_of
from tournaments.engine.ranking import PRESETS, Meeting, MeetingKind, Record, Table, rank
from tournaments.engine.types import EntrantId

DATA = Path(tournaments.engine.__file__).parents[3] / "shared" / "data"

RealEvent = TypedDict(
    "RealEvent",
    {
        "n": int,
        "matches": list[tuple[int, int, int, int, bool]],
        "placements": list[int],
        "matches_rule_W_GW%_H2H": bool,
    },
)


@cache
def events() -> list[RealEvent]:
    path = DATA / "startgg_round_robin" / "events.jsonl"
    if not path.is_file():
        pytest.skip("the real events are not on this machine: ../shared/data/startgg_round_robin/events.jsonl")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def table_of_event(event: RealEvent) -> Table:
    """The n-th game of a pair stands in round n."""
    rows: list[list[Meeting]] = [[] for _ in range(event["n"])]
    for winner, loser, won, lost, absent in event["matches"]:
        number = 1 + sum(meeting.opponent == str(loser) for meeting in rows[winner - 1])
        kind = MeetingKind.FORFEIT if absent else MeetingKind.PLAYED
        won, lost = max(won, 0), max(lost, 0)
        rows[winner - 1].append(Meeting(number, EntrantId(str(loser)), kind, 2, "win", won, lost))
        rows[loser - 1].append(Meeting(number, EntrantId(str(winner)), kind, 0, "loss", lost, won))
    records = tuple(
        Record(EntrantId(str(seed)), seed, tuple(sorted(row, key=lambda meeting: meeting.round)))
        for seed, row in enumerate(rows, start=1)
    )
    return Table(records, max(meeting.round for row in rows for meeting in row), all_play_all=True)


def placements(event: RealEvent) -> list[int]:
    preset = PRESETS["startgg_rr"]
    found = places(rank(table_of_event(event), preset.metrics, preset.residual))
    return [found[str(seed)] for seed in range(1, event["n"] + 1)]


def test_startgg_preset_gives_the_official_places_wherever_its_rule_does() -> None:
    following = [event for event in events() if event["matches_rule_W_GW%_H2H"]]
    assert len(following) == 83
    assert [event for event in following if placements(event) != event["placements"]] == []


def test_startgg_preset_is_not_the_rule_of_the_other_events() -> None:
    others = [event for event in events() if not event["matches_rule_W_GW%_H2H"]]
    assert (len(others), sum(placements(event) == event["placements"] for event in others)) == (13, 0)


PREMIER_LEAGUE_2023_24 = """
    Manchester City 91 96 34 | Arsenal 89 91 29 | Liverpool 82 86 41 | Aston Villa 68 76 61
    Tottenham Hotspur 66 74 61 | Chelsea 63 77 63 | Newcastle United 60 85 62 | Manchester United 60 57 58
    West Ham United 52 60 74 | Crystal Palace 49 57 58 | Brighton & Hove Albion 48 55 62 | AFC Bournemouth 48 54 67
    Fulham 47 55 61 | Wolverhampton Wanderers 46 50 65 | Everton 40 40 51 | Brentford 39 56 65
    Nottingham Forest 32 49 67 | Luton Town 26 52 85 | Burnley 24 41 78 | Sheffield United 16 35 104
"""
"""The final table: points, goals for, goals against."""


def premier_league() -> Table:
    path = DATA / "openfootball" / "2023-24_en.1.json"
    if not path.is_file():
        pytest.skip("the results are not on this machine: ../shared/data/openfootball/2023-24_en.1.json")
    games: list[Game] = [
        (
            int(match["round"].removeprefix("Matchday ")),
            match["team1"].removesuffix(" FC"),
            match["team2"].removesuffix(" FC"),
            *match["score"]["ft"],
        )
        for match in json.loads(path.read_text(encoding="utf-8"))["matches"]
    ]
    deducted = {"Everton": -16, "Nottingham Forest": -8}
    return table_of(games, counted="score", scheme=FOOTBALL, legs=2, adjustments=deducted)


def test_premier_league_is_complete() -> None:
    table = premier_league()
    names = {record.entrant for record in table.records}
    homes = [
        (record.entrant, meeting.opponent)
        for record in table.records
        for meeting in record.meetings
        if meeting.side == "a"
    ]
    assert sorted(homes) == sorted(permutations(names, 2))
    assert {tuple(meeting.round for meeting in record.meetings) for record in table.records} == {tuple(range(1, 39))}


def test_premier_league_has_its_final_table_with_the_deducted_points() -> None:
    final = []
    for row in PREMIER_LEAGUE_2023_24.replace("\n", "|").split("|"):
        if row.strip():
            name, *numbers = row.strip().rsplit(" ", 3)
            final.append((name, *map(int, numbers)))
    standings = rank(premier_league(), ["POINTS", "SCORE_DIFF", "SCORE_FOR"])
    found = []
    for standing in standings:
        values = dict(standing.values)
        found.append(
            (standing.entrant, values["POINTS"], values["SCORE_FOR"], values["SCORE_FOR"] - values["SCORE_DIFF"])
        )
    assert found == final
    assert [standing.place for standing in standings] == list(range(1, 21))
