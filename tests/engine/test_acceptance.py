"""The engine as somebody sees it who has only its command line: documents in, documents out. Real records are replayed
from outside the repository; without them those tests are skipped."""

import io
import json
import os
import re
import subprocess
import sys
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import tournaments.engine
from tournaments.engine.__main__ import main

ROOT = Path(tournaments.engine.__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"

Document = dict[str, Any]
Row = dict[str, Any]


def ask(command: str, document: Document) -> tuple[int, Document]:
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(document).encode())))
        status = main([command])
    assert err.getvalue() == ""
    return status, json.loads(out.getvalue())


def planned(format_: str, entrants: int, **options: object) -> list[Row]:
    status, answer = ask("plan", {"format": format_, "entrants": entrants, "options": options})
    assert status == 0
    matches: list[Row] = answer["matches"]
    return matches


def replayed(format_: str, entrants: int, results: list[Row], **options: object) -> Document:
    """The answer; nothing may be rejected."""
    document = {"format": format_, "entrants": entrants, "options": options, "results": results}
    status, answer = ask("replay", document)
    assert (status, answer["rejected"]) == (0, [])
    return answer


def result(a: int, b: int, winner: int | None, score: list[int] | None = None, kind: str = "played") -> Row:
    return {"a": a, "b": b, "winner": winner, "score": score, "kind": kind}


def pairs_of(matches: list[Row]) -> list[tuple[int, int]]:
    return [(match["a"]["seed"], match["b"]["seed"]) for match in matches]


def open_pairs(answer: Document) -> set[frozenset[int]]:
    return {frozenset(pair) for pair in pairs_of(answer["open"])}


def places(answer: Document) -> list[int]:
    """The place of entrant 1, 2, …"""
    return [answer["placements"][str(seed)] for seed in range(1, answer["entrants"] + 1)]


def check_end(answer: Document) -> None:
    """What every finished stage has: competition ranks for everybody, and a champion who is first."""
    assert answer["complete"]
    assert answer["open"] == []
    shared = Counter(places(answer))
    ahead = 0
    for place in sorted(shared):
        assert place == ahead + 1
        ahead += shared[place]
    assert {str(row["entrant"]): row["place"] for row in answer["standings"]} == answer["placements"]
    assert answer["champion"] is None or answer["placements"][str(answer["champion"])] == 1


def better_seed_wins(format_: str, entrants: int, **options: object) -> Document:
    """The stage in which the better seed always wins, told match by match."""
    results: list[Row] = []
    answer = replayed(format_, entrants, results, **options)
    while not answer["complete"]:
        results += [result(a, b, min(a, b)) for a, b in pairs_of(answer["open"])]
        answer = replayed(format_, entrants, results, **options)
    check_end(answer)
    return answer


def played_pairs(answer: Document, label: str) -> str:
    """ "1-8 4-5": who met in the matches whose ids begin so."""
    played = [match for match in answer["matches"] if match["id"].startswith(label) and match["status"] == "completed"]
    return " ".join(f"{a}-{b}" for a, b in pairs_of(played))


@cache
def text(name: str) -> str:
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"the records are not on this machine: ../shared/data/{name}")
    return path.read_bytes().decode()


def lines(name: str) -> list[Any]:
    return [json.loads(line) for line in text(name).splitlines()]


def in_order(a: int, winner: int, won: int, lost: int) -> list[int]:
    return [won, lost] if a == winner else [lost, won]


# Elimination


def test_real_double_eliminations() -> None:
    events = lines("startgg_double_elim/events.jsonl")
    for event in events:
        results = [
            result(a, b, winner, in_order(a, winner, won, lost), "no_show" if absent else "played")
            for _, _, a, b, winner, won, lost, absent in event["matches"]
        ]
        answer = replayed("double_elimination", event["n"], results)
        check_end(answer)
        assert places(answer) == event["placements"]
        found = Counter(
            (m["bracket"], m["round"], m["winner"]) for m in answer["matches"] if m["status"] == "completed"
        )
        assert found == Counter((match[0], match[1], match[4]) for match in event["matches"])
    assert len(events) == 350


def test_real_single_eliminations() -> None:
    """The record of a match for the third place says only by its score of -1 that somebody did not come."""
    events = lines("startgg_single_elim/events.jsonl")
    for event in events:
        results = [
            result(a, b, winner, in_order(a, winner, won, lost), "forfeit" if absent else "played")
            for _, a, b, winner, won, lost, absent in event["matches"]
        ]
        if event["third"] is not None:
            winner, loser, _, won, lost = event["third"]
            results.append(result(winner, loser, winner, [won, lost]))
        answer = replayed("single_elimination", event["n"], results, third_place=event["third"] is not None)
        check_end(answer)
        assert places(answer) == event["placements"]
    assert len(events) == 75


def test_single_elimination_by_the_specification() -> None:
    first = {5: [(4, 5)], 6: [(4, 5), (3, 6)], 12: [(8, 9), (5, 12), (7, 10), (6, 11)]}
    for entrants, expected in first.items():
        matches = [match for match in planned("single_elimination", entrants) if match["round"] == 1]
        assert pairs_of(matches) == expected
    by_id = {match["id"]: match for match in planned("single_elimination", 12)}
    assert [(by_id[f"W2.{number}"]["a"], by_id[f"W2.{number}"]["b"]) for number in range(1, 5)] == [
        ({"seed": 1}, {"winner_of": "W1.1"}),
        ({"seed": 4}, {"winner_of": "W1.2"}),
        ({"seed": 2}, {"winner_of": "W1.3"}),
        ({"seed": 3}, {"winner_of": "W1.4"}),
    ]
    assert places(better_seed_wins("single_elimination", 8)) == [1, 2, 3, 3, 5, 5, 5, 5]
    for entrants in range(2, 66):
        assert len(planned("single_elimination", entrants)) == entrants - 1
        assert len(planned("single_elimination", entrants, third_place=True)) == entrants - 1 + (entrants >= 4)


def test_reseed_lets_the_best_left_meet_the_worst() -> None:
    answer = replayed(
        "single_elimination",
        8,
        [result(1, 8, 8), result(4, 5, 4), result(2, 7, 2), result(3, 6, 3)],
        reseed=True,
    )
    assert open_pairs(answer) == {frozenset({2, 8}), frozenset({3, 4})}


def test_double_elimination_by_the_specification() -> None:
    answer = better_seed_wins("double_elimination", 8)
    expected = {
        "W1.": "1-8 4-5 2-7 3-6",
        "W2.": "1-4 2-3",
        "W3.": "1-2",
        "L1.": "8-5 7-6",
        "L2.": "3-5 4-6",
        "L3.": "3-4",
        "L4.": "2-3",
        "GF": "1-2",
    }
    assert {label: played_pairs(answer, label) for label in expected} == expected
    assert places(answer) == [1, 2, 3, 4, 5, 5, 7, 7]
    five = better_seed_wins("double_elimination", 5)
    rounds = ("W1.", "W2.", "W3.", "L1.", "L2.", "L3.", "L4.", "GF")
    assert [played_pairs(five, label) for label in rounds] == ["4-5", "1-4 2-3", "1-2", "", "3-5", "3-4", "2-3", "1-2"]
    three = better_seed_wins("double_elimination", 3)
    assert [played_pairs(three, label) for label in ("W1.", "W2.", "L2.", "GF")] == ["2-3", "1-2", "2-3", "1-2"]
    assert places(better_seed_wins("double_elimination", 11))[8:] == [9, 9, 9]
    for entrants in range(3, 66):
        assert len(planned("double_elimination", entrants)) == 2 * entrants - 1
        assert len(planned("double_elimination", entrants, grand_final="single")) == 2 * entrants - 2
        assert len(planned("double_elimination", entrants, grand_final="none")) == 2 * entrants - 3


def test_losers_drop_as_the_tables_say() -> None:
    tables = {
        8: [[2, 1], [1]],
        16: [[4, 3, 2, 1], [1, 2], [1]],
        32: [[8, 7, 6, 5, 4, 3, 2, 1], [2, 1, 4, 3], [2, 1], [1]],
        64: [list(range(16, 0, -1)), [4, 3, 2, 1, 8, 7, 6, 5], [3, 4, 1, 2], [1, 2], [1]],
    }
    for entrants, expected in tables.items():
        by_id = {match["id"]: match for match in planned("double_elimination", entrants)}
        found = [
            [int(by_id[f"L{2 * k}.{j}"]["a"]["loser_of"].split(".")[1]) for j in range(1, len(row) + 1)]
            for k, row in enumerate(expected, start=1)
        ]
        assert found == expected


def test_one_order_of_the_losers_may_be_named_alone() -> None:
    alone = planned("double_elimination", 32, lb_order="natural")
    assert alone == planned("double_elimination", 32, lb_order=["natural"])
    assert alone != planned("double_elimination", 32, lb_order="cycle")


def test_the_second_grand_final_is_played_when_the_first_is_lost_by_the_undefeated() -> None:
    lower = [result(2, 3, 2), result(1, 2, 1), result(2, 3, 2)]
    again = replayed("double_elimination", 3, [*lower, result(1, 2, 2)])
    assert [match["id"] for match in again["open"]] == ["GF2"]
    assert replayed("double_elimination", 3, [*lower, result(1, 2, 1)])["champion"] == 1
    assert replayed("double_elimination", 3, [*lower, result(1, 2, 2), result(2, 1, 1)])["champion"] == 1


def test_gsl_and_stepladder_by_the_specification() -> None:
    gsl = better_seed_wins("gsl", 4)
    assert [played_pairs(gsl, label) for label in ("O1", "O2", "WM", "EM", "DM")] == ["1-4", "2-3", "1-2", "4-3", "2-3"]
    assert places(gsl) == [1, 2, 3, 4]
    ladder = better_seed_wins("stepladder", 5)
    assert [set(pair) for pair in pairs_of(ladder["matches"])] == [{4, 5}, {3, 4}, {2, 3}, {1, 2}]
    assert places(ladder) == [1, 2, 3, 4, 5]


# Round robin, groups


def test_round_robin_by_the_berger_tables() -> None:
    six = "R1 1-6 2-5 3-4 | R2 6-4 5-3 1-2 | R3 2-6 3-1 4-5 | R4 6-5 1-4 2-3 | R5 3-6 4-2 5-1"
    four = "R1 1-4 2-3 | R2 4-3 1-2 | R3 2-4 3-1"
    for entrants, golden in ((6, six), (4, four)):
        rounds: dict[int, list[str]] = {}
        for match in planned("round_robin", entrants):
            rounds.setdefault(match["round"], []).append(f"{match['a']['seed']}-{match['b']['seed']}")
        assert " | ".join(f"R{number} {' '.join(pairs)}" for number, pairs in rounds.items()) == golden
    one, two = planned("round_robin", 6), planned("round_robin", 6, legs=2)
    assert pairs_of(two[15:]) == [(b, a) for a, b in pairs_of(one)]


def test_real_round_robins() -> None:
    """Where the official places follow the rule of the preset, they are found; matches are told in the real order."""
    followed = 0
    for event in lines("startgg_round_robin/events.jsonl"):
        results = [
            result(winner, loser, winner, [won, lost], "forfeit" if absent else "played")
            for winner, loser, won, lost, absent in event["matches"]
        ]
        answer = replayed("round_robin", event["n"], results, ranking="startgg_rr", legs=legs_of(event))
        if event["matches_rule_W_GW%_H2H"]:
            followed += 1
            assert [row["place"] for row in sorted(answer["standings"], key=by_entrant)] == event["placements"]
    assert followed == 83


def legs_of(event: Document) -> int:
    met = Counter(frozenset(match[:2]) for match in event["matches"])
    return max(met.values())


def by_entrant(row: Row) -> int:
    entrant: int = row["entrant"]
    return entrant


def test_the_world_cup_groups_of_2018() -> None:
    """Yellow cards of the two of group H who are level on everything else: 4 and 6."""
    matches = json.loads(text("openfootball/2018_worldcup.json"))["matches"]
    for group in json.loads(text("openfootball/2018_worldcup.standings.json"))["groups"]:
        official = {row["team"]["name"]: row["pos"] for row in group["standings"]}
        seed_of = {name: seed for seed, name in enumerate(sorted(official), start=1)}
        told = [
            football_result(seed_of[match["team1"]], seed_of[match["team2"]], match["score"]["ft"])
            for match in matches
            if match.get("group") == group["name"]
        ]
        told += [
            {"adjust": seed_of[name], "penalty": cards, "reason": "yellow cards"}
            for name, cards in (("Japan", 4), ("Senegal", 6))
            if name in seed_of
        ]
        answer = replayed("round_robin", 4, told, ranking="fifa")
        check_end(answer)
        assert places(answer) == [official[name] for name in sorted(official)]
        points = {row["team"]["name"]: row["pts"] for row in group["standings"]}
        assert {row["entrant"]: row["values"]["POINTS"] for row in answer["standings"]} == {
            seed_of[name]: number for name, number in points.items()
        }


def football_result(a: int, b: int, score: list[int]) -> Row:
    if score[0] == score[1]:
        return result(a, b, None, score, "draw")
    return result(a, b, a if score[0] > score[1] else b, score)


def test_the_premier_league_of_2023() -> None:
    matches = json.loads(text("openfootball/2023-24_en.1.json"))["matches"]
    names = sorted({match["team1"] for match in matches})
    seed_of = {name: seed for seed, name in enumerate(names, start=1)}
    told = [
        football_result(seed_of[match["team1"]], seed_of[match["team2"]], match["score"]["ft"]) for match in matches
    ]
    told += [
        {"adjust": seed_of["Everton FC"], "points": -8, "reason": "profit and sustainability rules"},
        {"adjust": seed_of["Nottingham Forest FC"], "points": -4, "reason": "profit and sustainability rules"},
    ]
    answer = replayed("round_robin", 20, told, legs=2, ranking=["POINTS", "SCORE_DIFF", "SCORE_FOR"])
    check_end(answer)
    table = [(names[row["entrant"] - 1].removesuffix(" FC"), row["values"]["POINTS"]) for row in answer["standings"]]
    assert [row["place"] for row in answer["standings"]] == list(range(1, 21))
    assert table[:5] == [
        ("Manchester City", 91),
        ("Arsenal", 89),
        ("Liverpool", 82),
        ("Aston Villa", 68),
        ("Tottenham Hotspur", 66),
    ]
    assert table[14:] == [
        ("Everton", 40),
        ("Brentford", 39),
        ("Nottingham Forest", 32),
        ("Luton Town", 26),
        ("Burnley", 24),
        ("Sheffield United", 16),
    ]


def test_points_may_be_given_by_name() -> None:
    by_name = {"win": 2, "draw": 1, "loss": 0}
    played = [result(1, 2, None, kind="draw"), result(2, 3, 2), result(1, 3, 1)]
    answer = replayed("round_robin", 3, played, points=by_name)
    assert answer == replayed("round_robin", 3, played, points=[2, 1, 0])
    assert [row["values"]["POINTS"] for row in answer["standings"]] == [3, 3, 0]


def test_groups_by_the_specification() -> None:
    dealt = {
        (8, "effort_balanced"): [{1, 5}, {2, 6}, {3, 7}, {4, 8}],
        (8, "snake"): [{1, 8}, {2, 7}, {3, 6}, {4, 5}],
        (16, "seed_optimized"): [{1, 8, 9, 16}, {2, 7, 10, 15}, {3, 6, 11, 14}, {4, 5, 12, 13}],
        (16, "bracket_optimized"): [{1, 7, 12, 14}, {2, 8, 11, 13}, {3, 5, 10, 16}, {4, 6, 9, 15}],
    }
    for (entrants, seeding), expected in dealt.items():
        members: dict[str, set[int]] = {}
        for match in planned("groups", entrants, group_count=4, seeding=seeding):
            members.setdefault(match["bracket"], set()).update((match["a"]["seed"], match["b"]["seed"]))
        assert members == dict(zip(("A.R", "B.R", "C.R", "D.R"), expected, strict=True))
    answer = better_seed_wins("groups", 16, group_count=4)
    assert places(answer) == [1] * 4 + [5] * 4 + [9] * 4 + [13] * 4
    inner = better_seed_wins("groups", 8, group_count=2, inner_format="gsl")
    assert [match["id"] for match in inner["matches"]][:5] == ["A.O1", "A.O2", "A.WM", "A.EM", "A.DM"]


# Swiss


def test_real_majors() -> None:
    rules = {"greedy": "greedy", "table": "valve@2024-03"}
    stages = json.loads(text("cs_major_swiss/stages.json"))["stages"]
    for stage in stages:
        options = {"rules": rules[stage["rule"]], "first_round": stage["r1"]}
        told: list[Row] = []
        for matches in stage["rounds"]:
            before = replayed("swiss_limited", 16, told, **options)
            assert open_pairs(before) == {frozenset((match["a"], match["b"])) for match in matches}
            told += [result(match["a"], match["b"], match["winner"]) for match in matches]
        answer = replayed("swiss_limited", 16, told, **options)
        check_end(answer)
        found = [
            {"seed": row["entrant"], "w": row["values"]["wins"], "l": row["values"]["losses"]}
            | {"difficulty": row["values"]["difficulty"]}
            for row in answer["standings"]
        ]
        assert found == stage["final"]
    assert len(stages) == 10


def test_matches_of_a_limited_swiss() -> None:
    for wins, entrants, matches in ((3, 16, 33), (3, 32, 66), (2, 8, 10), (2, 16, 20)):
        answer = better_seed_wins("swiss_limited", entrants, wins=wins, losses=wins)
        assert sum(match["status"] == "completed" for match in answer["matches"]) == matches
    for first_round, opponent in (("1v9", 9), ("1v16", 16)):
        answer = replayed("swiss_limited", 16, [], first_round=first_round)
        assert frozenset({1, opponent}) in open_pairs(answer)


GAME = re.compile(r"(\d+) ([wb-]) (\S)")


def test_real_dutch_tournaments() -> None:
    """Each round is told by the games of the report, and each must have been paired just so, byes and sides too."""
    paths = sorted((DATA / "trf" / "generated").glob("*.trf"))
    if not paths:
        pytest.skip("the reports are not on this machine: ../shared/data/trf/generated")
    rounds = 0
    for path in paths:
        rows = [line for line in re.split(r"[\r\n]+", path.read_bytes().decode()) if line.startswith("001")]
        players = [GAME.findall(row[91:]) for row in rows]
        options = {
            "pairing": "dutch",
            "rounds": len(players[0]),
            "first_side": "a" if players[0][0][1] == "w" else "b",
            "ranking": ["POINTS"],
        }
        told: list[Row] = []
        for number in range(len(players[0])):
            now = [(player, games[number]) for player, games in enumerate(players, start=1)]
            white = [(player, int(game[0]), game[2]) for player, game in now if game[1] == "w"]
            answer = replayed("swiss", len(players), told, **options)
            assert set(pairs_of(answer["open"])) == {(player, opponent) for player, opponent, _ in white}
            for player, opponent, score in reversed(white):
                if score == "=":
                    told.append(result(player, opponent, None, kind="draw"))
                else:
                    winner = player if score in "1+" else opponent
                    told.append(result(player, opponent, winner, kind="forfeit" if score in "+-" else "played"))
            rounds += 1
        answer = replayed("swiss", len(players), told, **options)
        check_end(answer)
        found = {row["entrant"]: row["values"]["POINTS"] for row in answer["standings"]}
        assert found == {player: float(row[80:84]) for player, row in enumerate(rows, start=1)}
    assert (len(paths), rounds) == (20, 120)


def test_the_first_round_of_a_swiss() -> None:
    expected = {
        "fold": [(1, 8), (2, 7), (3, 6), (4, 5)],
        "slide": [(1, 5), (2, 6), (3, 7), (4, 8)],
        "adjacent": [(1, 2), (3, 4), (5, 6), (7, 8)],
    }
    for first_round, pairs in expected.items():
        assert pairs_of(replayed("swiss", 8, [], first_round=first_round)["open"]) == pairs
    drawn = pairs_of(replayed("swiss", 8, [], first_round="random")["open"])
    assert sorted(seed for pair in drawn for seed in pair) == list(range(1, 9))


def test_rounds_of_a_swiss_are_paired_as_soon_as_they_can_be() -> None:
    told: list[Row] = []
    met: set[frozenset[int]] = set()
    byes: list[int] = []
    for number in range(1, 5):
        answer = replayed("swiss", 9, told)
        now = open_pairs(answer)
        assert {match["round"] for match in answer["open"]} == {number}
        assert (len(now), now & met) == (4, set())
        met |= now
        (bye,) = set(range(1, 10)) - {seed for pair in now for seed in pair}
        byes.append(bye)
        told += [result(max(pair), min(pair), min(pair)) for pair in sorted(now, key=sorted, reverse=True)]
    answer = replayed("swiss", 9, told)
    check_end(answer)
    assert len(set(byes)) == 4
    assert sum(row["values"]["POINTS"] for row in answer["standings"]) == 4 * 5


def test_a_dutch_round_without_a_legal_pairing_does_not_stop_the_stage() -> None:
    """The three who are left have all won a match that was not played, so that none may have the bye."""
    thrown_out = [result(4, 8, 8, kind="dq"), result(2, 6, 6, kind="dq")]
    first = [result(3, 7, 7), *thrown_out, result(5, 1, 5)]
    second = [result(7, 6, 6, kind="dq"), result(8, 5, 8, kind="dq"), result(1, 3, 3, kind="dq")]
    answer = replayed("swiss", 8, [*first, *second], pairing="dutch")
    assert len(answer["open"]) == 1
    last = answer["rounds"][-1]
    assert (last["relaxed"], last["why"][0]) == (True, {"code": "no_legal_pairing"})


# Games of many entrants


def heat(*finish: int, kills: dict[int, int] | None = None, **extras: dict[int, int]) -> Row:
    rows = [
        {
            "entrant": entrant,
            "place": place,
            "kills": (kills or {}).get(entrant, 0),
            "extras": {name: numbers[entrant] for name, numbers in extras.items()},
        }
        for place, entrant in enumerate(finish, start=1)
    ]
    return {"rows": rows}


TABLES: dict[str, tuple[int, list[int]]] = {
    "super": (1, [10, 6, 5, 4, 3, 2, 1, 1, 0]),
    "pubg": (1, [10, 6, 5, 4, 3, 2, 1, 1, 0]),
    "pmgc": (1, [10, 6, 5, 4, 3, 2, 1, 1, 0]),
    "bgmi": (1, [10, 6, 5, 4, 3, 2, 1, 1, 0]),
    "free_fire": (1, [12, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0]),
    "algs": (1, [12, 9, 7, 5, 4, 3, 3, 2, 2, 2, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0]),
    "fncs": (2, [30, 25, 20, *range(14, -1, -1)]),
    "warzone": (16, [400, 330, 280, 240, 210, 180, 150, 120, 100, 80, 60, 40, 30, 20, 10, 0]),
}


@pytest.mark.parametrize("preset", TABLES)
def test_games_count_as_the_preset_says(preset: str) -> None:
    per_kill, table = TABLES[preset]
    finish = list(range(len(table), 0, -1))
    answer = replayed("free_for_all", len(table), [heat(*finish, kills={1: 3})], points=preset)
    check_end(answer)
    points = {row["entrant"]: row["values"]["points"] for row in answer["standings"]}
    expected = dict(zip(finish, table, strict=True))
    assert points == {**expected, 1: expected[1] + 3 * per_kill}


def test_time_alive_separates_who_is_level_on_all_else() -> None:
    games = [
        heat(1, 2, 3, time_alive={1: 900, 2: 800, 3: 10}),
        heat(2, 1, 3, time_alive={1: 890, 2: 900, 3: 10}),
        heat(3, 1, 2, time_alive={1: 700, 2: 600, 3: 900}),
        heat(3, 2, 1, time_alive={1: 500, 2: 650, 3: 900}),
    ]
    ranking = ["POINTS", "WINS", "KILLS", "PLACEMENT_POINTS", "BEST_GAME", "time_alive"]
    answer = replayed("free_for_all", 3, games, points=[10, 6, 5], ranking=ranking)
    values = {row["entrant"]: row["values"] for row in answer["standings"]}
    assert values[1]["points"] == values[2]["points"] == 27
    assert [row["entrant"] for row in answer["standings"]] == [3, 1, 2]


def test_who_has_no_row_was_absent() -> None:
    answer = replayed("free_for_all", 4, [heat(2, 1, 3), heat(4, 1, 2, 3)])
    check_end(answer)
    assert {row["entrant"]: row["values"]["points"] for row in answer["standings"]} == {1: 12, 2: 15, 3: 9, 4: 10}
    rows = {row["entrant"]: row for row in answer["heats"][0]["rows"]}
    assert (rows[4]["place"], rows[4]["absent"], rows[1]["absent"]) == (4, True, False)


def test_match_point_needs_a_win_after_the_threshold() -> None:
    games = [heat(1, 2, 3), heat(1, 2, 3), heat(2, 1, 3), heat(3, 1, 2), heat(1, 3, 2)]
    options = {"points": [10, 6, 5], "match_point": 20}
    assert replayed("free_for_all", 3, games[:4], **options)["complete"] is False
    answer = replayed("free_for_all", 3, games, **options)
    check_end(answer)
    assert answer["champion"] == 1
    status, late = ask(
        "replay", {"format": "free_for_all", "entrants": 3, "options": options, "results": [*games, games[0]]}
    )
    assert (status, [entry["index"] for entry in late["rejected"]]) == (1, [5])


# The document


def test_a_result_is_counted_once_and_the_rest_goes_on() -> None:
    told = [result(1, 4, 1), result(4, 1, 1), result(1, 2, 1), result(3, 7, 3), result(2, 3, 4), result(2, 3, 3)]
    status, answer = ask("replay", {"format": "single_elimination", "entrants": 4, "options": {}, "results": told})
    assert status == 1
    assert [(entry["index"], entry["code"]) for entry in answer["rejected"]] == [
        (1, "match_already_decided"),
        (2, "no_open_match"),
        (3, "unknown_entrant"),
        (4, "winner_not_in_match"),
    ]
    assert open_pairs(answer) == {frozenset({1, 3})}


def test_a_cycle_of_three_is_one_place_for_all() -> None:
    answer = replayed("round_robin", 3, [result(1, 2, 1), result(2, 3, 2), result(3, 1, 3)])
    check_end(answer)
    assert (places(answer), answer["champion"]) == ([1, 1, 1], None)


def test_a_forfeit_drops_and_plays_on_and_a_disqualification_does_not() -> None:
    first = [result(2, 3, 2), result(1, 4, 1, kind="forfeit"), result(1, 2, 1)]
    assert open_pairs(replayed("double_elimination", 4, first)) == {frozenset({3, 4})}
    first[1] = result(1, 4, 1, kind="dq")
    assert open_pairs(replayed("double_elimination", 4, first)) == {frozenset({2, 3})}


def test_the_examples_of_the_pages_work_as_printed() -> None:
    found = []
    for page in ("README.md", "docs/formats.md"):
        printed = re.findall(
            r"^echo '(.*?)' \|\s+python -m tournaments.engine (\w+)$",
            (ROOT / page).read_text(),
            re.DOTALL | re.MULTILINE,
        )
        for document, command in printed:
            status, answer = ask(command, json.loads(document))
            found.append((status, answer.get("placements"), [match["id"] for match in answer.get("open", [])]))
    plan: tuple[int, dict[str, int] | None, list[str]] = (0, None, [])
    assert found == [plan, (0, {"2": 1, "1": 2}, []), plan, (0, {"3": 4}, ["L2.1"])]


DETERMINED: list[Document] = [
    {"format": "swiss", "entrants": 9, "options": {"first_round": "random"}, "draw_seed": "00ff"},
    {"format": "groups", "entrants": 16, "options": {"inner_format": "double_elimination"}},
    {"format": "double_elimination", "entrants": 12, "options": {"skip_r1": True}},
]


def test_the_same_document_has_the_same_answer_byte_for_byte() -> None:
    for document in DETERMINED:
        results = [result(1, 2, 1), result(2, 3, 2), result(4, 5, 5), {"withdraw": 3}]
        question = json.dumps({**document, "results": results}).encode()
        answers = {
            subprocess.run(
                [sys.executable, "-m", "tournaments.engine", "replay"],
                cwd=ROOT,
                input=question,
                capture_output=True,
                check=False,
                env={**os.environ, "PYTHONHASHSEED": seed},
            ).stdout
            for seed in ("0", "0", "4711")
        }
        assert len(answers) == 1
        assert json.loads(answers.pop())["entrants"] == document["entrants"]


def test_large_documents_are_answered() -> None:
    results: list[Row] = []
    winner: dict[str, int] = {}
    loser: dict[str, int] = {}
    for match in planned("double_elimination", 4096)[:-1]:
        a, b = (
            slot["seed"]
            if "seed" in slot
            else winner[slot["winner_of"]]
            if "winner_of" in slot
            else loser[slot["loser_of"]]
            for slot in (match["a"], match["b"])
        )
        winner[match["id"]], loser[match["id"]] = min(a, b), max(a, b)
        results.append(result(a, b, min(a, b), in_order(a, min(a, b), 2, 0)))
    answer = replayed("double_elimination", 4096, results)
    check_end(answer)
    assert answer["champion"] == 1
