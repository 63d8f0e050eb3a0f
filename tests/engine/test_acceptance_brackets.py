"""Brackets, round robins and groups as somebody sees them who has only the command line. Real records are replayed
from outside the repository; without them those tests are skipped."""

import json
from collections import Counter

from tests.engine.asking import (
    Document,
    Row,
    better_seed_wins,
    check_end,
    in_order,
    lines,
    open_pairs,
    pairs_of,
    places,
    planned,
    played_pairs,
    replayed,
    result,
    text,
)


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
