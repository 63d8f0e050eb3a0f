"""Swiss stages and free-for-all as somebody sees them who has only the command line. Real records are replayed
from outside the repository; without them those tests are skipped."""

import json
import re

import pytest

from tests.engine.asking import (
    DATA,
    Row,
    ask,
    better_seed_wins,
    check_end,
    open_pairs,
    pairs_of,
    replayed,
    result,
    text,
)


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
