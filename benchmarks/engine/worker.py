"""One job in a fresh process: a line of JSON on standard input, and a line on standard output for each thing measured.

It runs on the interpreter of the engine or on that of the Python peers; each imports only what its job needs.
"""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from . import matching, positions
from .matching import Pairs
from .measuring import Stopwatch
from .positions import Position

Line = dict[str, object]


def matched(library: str, *, sparse: bool, path: Path, watch: Stopwatch) -> Iterator[Line]:
    """Each round as a matching. Only the matching counts, not the making of the graph; that is in the peer's favour."""
    for position in positions.read(path):
        yield _matched_round(library, position, watch, sparse=sparse)


def _matched_round(library: str, position: Position, watch: Stopwatch, *, sparse: bool) -> Line:
    size = len(position.points)
    spent, highest = 0.0, 0
    for reach in matching.reaches(sparse):
        edges = matching.edges_of(position, reach)

        def prepare(edges: list[matching.Edge] = edges) -> Callable[[], Pairs]:
            return matching.solver(library, size, edges)

        times, peak, pairs = watch.measure(prepare, lambda solve: solve())
        highest = max(highest, peak)
        if reach is None or matching.solvable(position, pairs):
            break
        spent += min(times)
    gaps = sum((position.points[one] - position.points[two]) ** 2 for one, two in pairs)
    rematches = sum(two in position.met[one] for one, two in pairs)
    found: Line = {"gaps": gaps, "rematches": rematches, "pairs": len(pairs)}
    return {"times": [spent + seconds for seconds in times], "peak": highest, **found}


def lines(job: dict[str, Any]) -> Iterator[Line]:
    """What is measured for a job: ``work``, ``size``, ``positions`` (a file), ``repeats``, ``budget``."""
    watch = Stopwatch(job["repeats"], job["budget"], lambda: say({"begin": True}))
    library, _, reach = job["work"].partition(" ")
    if job["work"] == "positions":
        positions.write(job["size"], Path(job["positions"]))
    elif library in ("networkx", "rustworkx"):
        yield from matched(library, sparse=reach == "sparse", path=Path(job["positions"]), watch=watch)
    else:
        from . import ours

        yield from ours.WORKS[job["work"]](ours.Job(job["size"], job["positions"]), watch)


def say(line: Line) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    for line in lines(json.load(sys.stdin)):
        say(line)
