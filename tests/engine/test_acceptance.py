"""The document of the command line: what it may say, and that equal questions have equal answers."""

import json
import os
import re
import subprocess
import sys

from tests.engine.asking import (
    ROOT,
    Document,
    Row,
    ask,
    check_end,
    in_order,
    open_pairs,
    places,
    planned,
    replayed,
    result,
)


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


def test_a_disqualified_entrant_of_whom_more_is_told_plays_on() -> None:
    """Some records call every forfeit a disqualification, and tell what the loser did afterwards."""
    chalk = [result(1, 4, 1), result(2, 3, 2, kind="dq")]
    answer = replayed("double_elimination", 4, [*chalk, result(1, 2, 1), result(3, 4, 3), result(2, 3, 3)])
    assert [match["id"] for match in answer["open"]] == ["GF1"]
    assert answer["placements"] == {"2": 3, "4": 4}
    gone = replayed("double_elimination", 4, chalk)
    assert [match["status"] for match in gone["matches"] if match["id"] == "L1.1"] == ["walkover"]


def test_level_scores_are_a_draw_or_were_decided_beyond_the_score() -> None:
    league = replayed("round_robin", 2, [{"a": 1, "b": 2, "winner": None, "score": [1, 1]}])
    assert league["matches"][0]["kind"] == "draw"
    final = replayed("single_elimination", 2, [result(1, 2, 2, [1, 1])])
    assert final["champion"] == 2


def test_an_impossible_row_is_rejected_and_the_rest_goes_on() -> None:
    rows = [{"entrant": 1, "place": 1}, {"entrant": 2, "place": 2}]
    wrong = [{"entrant": 1, "place": 0}, {"entrant": 2, "place": 2}]
    document = {"format": "free_for_all", "entrants": 2, "results": [{"rows": wrong}, {"rows": rows}]}
    status, answer = ask("replay", document)
    assert (status, [entry["code"] for entry in answer["rejected"]]) == (1, ["invalid_heat"])
    assert answer["placements"] == {"1": 1, "2": 2}


def test_the_bye_of_the_first_round_is_told() -> None:
    answer = replayed("swiss", 5, [result(1, 4, 1), result(2, 3, 2)])
    assert [(told["round"], told["bye"]) for told in answer["rounds"]] == [(1, 5), (2, 3)]
