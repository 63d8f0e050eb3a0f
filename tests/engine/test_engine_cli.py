import io
import json
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

import tournaments.engine
from tests.engine.playing import single
from tournaments.engine.__main__ import main

ROOT = Path(tournaments.engine.__file__).parent.parent.parent
Answer = tuple[int, str, str]


def ask(text: str | bytes, *arguments: str) -> Answer:
    """What the command line answers: exit status, standard output, standard error."""
    data = text if isinstance(text, bytes) else text.encode()
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
        status = main(list(arguments))
    return status, out.getvalue(), err.getvalue()


def ask_in_a_process(text: str, *arguments: str) -> Answer:
    done = subprocess.run(
        [sys.executable, "-m", "tournaments.engine", *arguments],
        cwd=ROOT,
        input=text.encode(),
        capture_output=True,
        check=False,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def replay(entrants: int, results: list[dict[str, object]], **options: object) -> tuple[int, dict[str, object]]:
    document = {"format": "single_elimination", "entrants": entrants, "options": options, "results": results}
    status, out, err = ask(json.dumps(document), "replay")
    assert err == ""
    return status, json.loads(out)


def won(a: int, b: int, winner: int | None, **more: object) -> dict[str, object]:
    return {"a": a, "b": b, "winner": winner, **more}


def test_plan_lists_the_matches() -> None:
    status, out, err = ask('{"format": "single_elimination", "entrants": 5, "options": {"third_place": true}}', "plan")
    document = json.loads(out)
    assert (status, err) == (0, "")
    assert [(match["id"], match["bracket"], match["a"], match["b"]) for match in document["matches"]] == [
        ("W1.1", "W", {"seed": 4}, {"seed": 5}),
        ("W2.1", "W", {"seed": 1}, {"winner_of": "W1.1"}),
        ("W2.2", "W", {"seed": 2}, {"seed": 3}),
        ("W3.1", "W", {"winner_of": "W2.1"}, {"winner_of": "W2.2"}),
        ("P3", "P", {"loser_of": "W2.1"}, {"loser_of": "W2.2"}),
    ]
    assert document["matches"][0] == {
        "id": "W1.1",
        "bracket": "W",
        "round": 1,
        "number": 1,
        "a": {"seed": 4},
        "b": {"seed": 5},
        "best_of": 1,
        "draws": False,
        "winner_to": {"match": "W2.1", "side": "b"},
        "loser_to": None,
    }
    assert document["plan_hash"] == single(5, third_place=True).plan_hash


def test_plan_without_options() -> None:
    status, out, _ = ask('{"format": "single_elimination", "entrants": 2}', "plan")
    assert (status, [match["id"] for match in json.loads(out)["matches"]]) == (0, ["W1.1"])


def test_replay_of_a_complete_stage() -> None:
    results = [
        won(5, 4, 5, score=[2, 0], kind="played"),
        won(3, 2, 2, score=[1, 2]),
        won(1, 5, 1, kind="forfeit"),
        won(3, 5, 3, kind="no_show", score=[0, -1]),
        won(1, 2, 2, score=[0, 3]),
    ]
    status, answer = replay(5, results, third_place=True)
    assert status == 0
    assert (answer["complete"], answer["champion"], answer["rejected"], answer["open"]) == (True, 2, [], [])
    assert answer["placements"] == {"2": 1, "1": 2, "3": 3, "5": 4, "4": 5}
    matches = {match["id"]: match for match in answer["matches"]}  # type: ignore[attr-defined]
    first, third = matches["W1.1"], matches["P3"]
    assert (first["a"], first["b"], first["winner"], first["score"]) == ({"seed": 4}, {"seed": 5}, 5, [0, 2])
    assert (third["a"], third["b"], third["score"], third["kind"]) == ({"seed": 5}, {"seed": 3}, [-1, 0], "no_show")
    assert answer["standings"][0] == {  # type: ignore[index]
        "entrant": 2,
        "place": 1,
        "tied": False,
        "final": True,
        "values": {"wins": 2, "losses": 0},
        "explain": {"code": "won", "match": "W3.1", "bracket": "W", "round": 3, "kind": "played"},
    }
    assert answer["plan_hash"] == single(5, third_place=True).plan_hash


def test_replay_of_a_running_stage_lists_the_open_matches() -> None:
    status, answer = replay(4, [won(1, 4, 1)])
    assert (status, answer["complete"], answer["champion"], answer["placements"]) == (0, False, None, {})
    assert [(match["id"], match["a"], match["b"]) for match in answer["open"]] == [("W1.2", {"seed": 2}, {"seed": 3})]  # type: ignore[attr-defined]
    final = answer["matches"][2]  # type: ignore[index]
    assert (final["a"], final["b"], final["status"]) == ({"seed": 1}, {"winner_of": "W1.2"}, "locked")


def test_replay_mirrors_score_and_games_of_a_swapped_pair() -> None:
    games = [{"winner": "a", "score": [13, 5]}, {"winner": "b"}, {"winner": "a"}]
    status, answer = replay(2, [won(2, 1, 2, score=[2, 1], games=games)], best_of=3)
    final = answer["matches"][0]  # type: ignore[index]
    assert (status, final["score"]) == (0, [1, 2])
    assert final["games"] == [
        {"winner": "b", "score": [5, 13]},
        {"winner": "a", "score": None},
        {"winner": "b", "score": None},
    ]


def test_replay_of_a_double_forfeit_and_a_disqualification() -> None:
    results = [won(1, 4, None, kind="double_forfeit"), won(2, 3, 3, kind="dq")]
    status, answer = replay(4, results, third_place=True)
    assert (status, answer["complete"], answer["champion"]) == (0, True, 3)
    assert answer["placements"] == {"3": 1, "1": 2, "2": 2, "4": 2}
    matches = {match["id"]: match for match in answer["matches"]}  # type: ignore[attr-defined]
    assert (matches["W2.1"]["a"], matches["W2.1"]["status"]) == ({"bye": True}, "walkover")
    assert matches["P3"]["status"] == "void"


def test_replay_rejects_results_and_goes_on() -> None:
    results = [
        won(1, 2, 1),
        won(1, 4, 3),
        won(1, 4, 1, score=[0, 1]),
        won(1, 4, None),
        won(1, 4, None, kind="draw", score=[1, 1]),
        won(1, 9, 1),
        won(1, 1, 1),
        won(1, 4, 1),
        won(4, 1, 1),
        won(2, 3, 3),
    ]
    status, answer = replay(4, results)
    assert status == 1
    assert [(entry["index"], entry["code"]) for entry in answer["rejected"]] == [  # type: ignore[attr-defined]
        (0, "no_open_match"),
        (1, "winner_not_in_match"),
        (2, "invalid_score"),
        (3, "winner_required"),
        (4, "draw_not_allowed"),
        (5, "unknown_entrant"),
        (6, "no_open_match"),
        (8, "match_already_decided"),
    ]
    assert answer["rejected"][5]["params"] == {"entrant": 9}  # type: ignore[index]
    assert [match["id"] for match in answer["open"]] == ["W2.1"]  # type: ignore[attr-defined]


GOOD = {"format": "single_elimination", "entrants": 4, "results": []}


@pytest.mark.parametrize("command", ["plan", "replay"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "{",
        "null",
        "[]",
        "7",
        '"plan"',
        "{}",
        '{"format": "single_elimination"}',
        '{"entrants": 4, "results": []}',
        '{"format": "single_elimination", "entrants": NaN, "results": []}',
        b"\xff\xfe{}",
        "[" * 100_000,
        '{"format": "single_elimination", "results": [], "entrants": ' + "9" * 5000 + "}",
        *[
            json.dumps({**GOOD, **change})
            for change in (
                {"format": "royal\nrumble"},
                {"format": 1},
                {"format": None},
                {"entrants": 0},
                {"entrants": 1},
                {"entrants": -4},
                {"entrants": 10**12},
                {"entrants": 4.0},
                {"entrants": True},
                {"entrants": "4"},
                {"entrants": None},
                {"entrants": [1, 2, 3, 4]},
                {"options": []},
                {"options": None},
                {"options": {"third": True}},
                {"options": {"third_place": "yes"}},
                {"options": {"best_of": 2}},
                {"options": {"best_of": {"final": 3}}},
                {"options": {"reseed": "yes"}},
                {"options": {"\ud800\n": 1}},
            )
        ],
    ],
)
def test_documents_that_cannot_be_understood(text: str | bytes, command: str) -> None:
    status, out, err = ask(text, command)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "results",
    [
        None,
        {},
        "1-0",
        [1],
        [None],
        [{}],
        [{"a": 1, "winner": 1}],
        [{"a": "1", "b": 4, "winner": 1}],
        [{"a": 1, "b": 4, "winner": "1"}],
        [{"a": 1, "b": 4, "winner": True}],
        [{"a": 1, "b": 4, "winner": 1, "kind": "won"}],
        [{"a": 1, "b": 4, "winner": 1, "kind": None}],
        [{"a": 1, "b": 4, "winner": 1, "score": "2-0"}],
        [{"a": 1, "b": 4, "winner": 1, "score": [2]}],
        [{"a": 1, "b": 4, "winner": 1, "score": [2, 0.5]}],
        [{"a": 1, "b": 4, "winner": 1, "games": [{"winner": 1}]}],
        [{"rows": {"entrant": 1, "place": 1}}],
    ],
)
def test_results_that_cannot_be_understood(results: object) -> None:
    status, out, err = ask(json.dumps({**GOOD, "results": results}), "replay")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("invalid_document: ")


def test_replay_needs_results() -> None:
    document = {name: GOOD[name] for name in ("format", "entrants")}
    status, _, err = ask(json.dumps(document), "replay")
    assert (status, err) == (2, 'invalid_document: {"at": "results"}\n')


@pytest.mark.parametrize("arguments", [(), ("draw",), ("plan", "replay"), ("--verbose",)])
def test_unknown_commands_show_the_usage(arguments: tuple[str, ...]) -> None:
    status, out, err = ask(json.dumps(GOOD), *arguments)
    assert (status, out) == (2, "")
    assert err == "usage: python -m tournaments.engine plan|replay < document.json\n"


def test_help_is_no_error() -> None:
    assert ask("", "--help") == (0, "usage: python -m tournaments.engine plan|replay < document.json\n", "")


def test_a_byte_order_mark_is_no_reason_to_refuse() -> None:
    assert ask(b"\xef\xbb\xbf" + json.dumps(GOOD).encode(), "plan")[0] == 0


def test_the_process_answers_as_the_function_does() -> None:
    rejecting = {**GOOD, "results": [won(1, 2, 1)]}
    strange = {**GOOD, "options": {"\ud800\n": 1}}
    for document, command in ((GOOD, "plan"), (GOOD, "replay"), (rejecting, "replay"), (strange, "plan")):
        text = json.dumps(document)
        assert ask_in_a_process(text, command) == ask(text, command)
    assert ask_in_a_process("", "plan") == (2, "", 'invalid_document: {"at": "json"}\n')
    assert ask_in_a_process(json.dumps(rejecting), "replay")[0] == 1


def test_a_reader_who_leaves_early_is_no_error() -> None:
    """The answer is longer than a pipe holds, and nobody reads it."""
    text = json.dumps({"format": "single_elimination", "entrants": 2000})
    with subprocess.Popen(
        [sys.executable, "-m", "tournaments.engine", "plan"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stdin.write(text.encode())
        process.stdin.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 0
