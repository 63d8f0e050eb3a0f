"""Measure, print the figures and the goals; the exit status is 1 if a goal was missed."""

import argparse
import json
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import report
from .figures import Figures, goals
from .rows import PEERS, ROWS, Contender, Row
from .running import Programs, our_programs, run


@dataclass(frozen=True, slots=True)
class Effort:
    """``passes`` over the contenders of a size, one after the other. Each does everything at most ``repeats`` times,
    and not again after ``budget`` CPU seconds. A peer has ``limit`` CPU seconds for each size, the engine 60."""

    passes: int
    repeats: int
    budget: float
    limit: float


FULL = Effort(passes=3, repeats=7, budget=0.5, limit=20)
QUICK = Effort(passes=1, repeats=3, budget=0.2, limit=2)
OUR_LIMIT = 60.0
ONCE = 5.0
"""What takes more CPU seconds than this is measured in one pass only."""


def measure(rows: Sequence[Row], programs: Programs, effort: Effort, scratch: Path) -> Figures:
    """All rows; each is printed when it is done."""
    figures = Figures()
    for row in rows:
        for size in row.sizes:
            positions = _positions(size, scratch, programs) if row.paired else ""
            for number in range(effort.passes):
                print(f"{row.title}: n = {size:,}, pass {number + 1} of {effort.passes}", file=sys.stderr)  # noqa: T201
                for contender in row.contenders:
                    _one(row, contender, size, figures, programs, effort, positions)
        print(report.table(row, figures), flush=True)  # noqa: T201
    return figures


def _positions(size: int, scratch: Path, programs: Programs) -> str:
    path = scratch / f"positions-{size}.jsonl"
    ran = run(programs.commands["engine"], {"work": "positions", **_job(size, str(path), QUICK)}, OUR_LIMIT)
    if ran.trouble:
        raise SystemExit(f"The rounds to be paired could not be made: {ran.trouble}")
    return str(path)


def _job(size: int, positions: str, effort: Effort) -> dict[str, object]:
    return {"size": size, "positions": positions, "repeats": effort.repeats, "budget": effort.budget}


def _one(
    row: Row,
    contender: Contender,
    size: int,
    figures: Figures,
    programs: Programs,
    effort: Effort,
    positions: str,
) -> None:
    figure = figures.of(row.key, contender.name, size)
    if figure.trouble or sum(map(min, figure.times)) > ONCE:
        return
    figure.trouble = _hindrance(row, contender, size, figures, programs)
    if figure.trouble:
        return
    ours = contender.program == "engine"
    job = {"work": contender.work, "capped": contender.program == "python", **_job(size, positions, effort)}
    ran = run(programs.commands[contender.program], job, OUR_LIMIT if ours else effort.limit)
    figure.add(ran.lines, ran.trouble)


def _hindrance(row: Row, contender: Contender, size: int, figures: Figures, programs: Programs) -> str:
    if contender.peer in programs.absent:
        return "absent"
    if contender.largest is not None and size > contender.largest:
        return f"not tried above {contender.largest:,}"
    smaller = [(each, figures.of(row.key, contender.name, each)) for each in row.sizes if each < size]
    troubles = [(each, figure.trouble) for each, figure in smaller if figure.trouble]
    return f"not tried: {troubles[0][1]} at {troubles[0][0]:,}" if troubles else ""


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="./run bench engine", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one pass, few repetitions, 2 s for each peer and size")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    parser.add_argument("--only", action="append", choices=[row.key for row in ROWS], help="measure this row only")
    parser.add_argument("--peers-python", default="", help=argparse.SUPPRESS)
    parser.add_argument("--node", default="", help=argparse.SUPPRESS)
    parser.add_argument("--node-folder", default="", help=argparse.SUPPRESS)
    parser.add_argument("--absent", action="append", default=[], metavar="NAME=REASON", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    absent = dict(pair.split("=", 1) for pair in chosen.absent)
    programs = our_programs(chosen.node, chosen.node_folder, chosen.peers_python, absent)
    rows = tuple(row for row in ROWS if not chosen.only or row.key in chosen.only)
    around = report.surroundings(programs, PEERS)
    print(report.heading(around), flush=True)  # noqa: T201
    with tempfile.TemporaryDirectory() as scratch:
        figures = measure(rows, programs, QUICK if chosen.quick else FULL, Path(scratch))
    reached = goals(figures, rows)
    print(report.verdict(reached))  # noqa: T201
    if chosen.json:
        chosen.json.write_text(json.dumps(report.document(around, rows, figures, reached), indent=1) + "\n")
    return int(any(goal.missed for goal in reached))


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main(sys.argv[1:]))
