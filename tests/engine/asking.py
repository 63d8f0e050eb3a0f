"""Questions to the engine by its command line alone, and what tests read from the answers."""

import io
import json
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
