"""The figures as text for people and as JSON for programs."""

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .figures import GROWTH_FROM, Figure, Figures, Goal, agreement
from .rows import Contender, Row
from .running import ROOT, Programs

NAME, NUMBER = 28, 11


def cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def versions(peers: Sequence[str]) -> dict[str, str]:
    """The pinned versions of the peers."""
    folder = ROOT / "benchmarks" / "peers"
    pins: dict[str, str] = json.loads((folder / "package.json").read_text())["dependencies"]
    for path in folder.glob("*.in"):
        name, _, version = path.read_text().strip().partition("==")
        pins[name] = version
    return {peer: pins[peer] for peer in peers}


def surroundings(programs: Programs, peers: Sequence[str]) -> dict[str, Any]:
    """When and on what this was measured."""
    found: dict[str, Any] = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cpu": cpu_name(),
        "cores": os.cpu_count(),
        "load before": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
    }
    if "node" in programs.commands:
        asked = subprocess.run([programs.commands["node"][0], "--version"], capture_output=True, text=True, check=False)  # noqa: S603
        found["node"] = asked.stdout.strip().removeprefix("v")
    here = [peer for peer in peers if peer not in programs.absent]
    return {**found, "peers": versions(here), "absent": dict(programs.absent)}


def heading(around: Mapping[str, Any]) -> str:
    peers = ", ".join(f"{name} {version}" for name, version in around["peers"].items())
    node = f", node {around['node']}" if "node" in around else ""
    lines = [
        f"{around['date']}; {around['cpu']}, {around['cores']} cores, load {around['load before']} before the start",
        f"Python {around['python']}{node}; peers: {peers or 'none'}",
        *(f"absent: {name}: {reason}" for name, reason in around["absent"].items()),
        "CPU is that of the whole process. Peak MB is how far resident memory rose in a fresh process after the input",
        f"was loaded. The growth exponent is the least-squares slope of log(CPU) over log(n) for n >= {GROWTH_FROM}.",
    ]
    return "\n".join(lines) + "\n"


def table(row: Row, figures: Figures) -> str:
    """One row with all its contenders and sizes."""
    titles = ("CPU best", "median", *(["worst round"] if row.rounds else []), "x ours", "peak MB")
    lines = [row.title]
    for size in row.sizes:
        lines.append(f"  {f'n = {size:,}':<{NAME}}" + "".join(f"{title:>{NUMBER + 1}}" for title in titles))
        ours = figures.of(row.key, row.contenders[0].name, size)
        for contender in row.contenders:
            lines.append("    " + _line(row, contender, figures.of(row.key, contender.name, size), ours))
    growths = [(each.name, figures.growth(row.key, each.name)) for each in row.contenders]
    shown = [f"{name} {growth:.2f}" for name, growth in growths if growth is not None]
    if shown:
        lines.append("  growth exponent: " + " · ".join(shown))
    return "\n".join(lines) + "\n"


def _line(row: Row, contender: Contender, figure: Figure, ours: Figure) -> str:
    name = f"{contender.name:<{NAME - 2}}"
    if not figure.times:
        return f"{name}  {figure.trouble or 'not measured'}"
    seconds = [figure.best, figure.median, *([figure.worst] if row.rounds else [])]
    cells = [duration(each) for each in seconds]
    ratio = None if ours is figure else figure.ratio_to(ours)
    cells.append("" if ratio is None else f"{ratio:.1f}")
    cells.append(f"{figure.peak / 2**20:.1f}")
    notes = [f"{figure.trouble} after round {len(figure.times)}" if row.rounds and figure.trouble else figure.trouble]
    counts = None if ours is figure else agreement(ours, figure)
    if counts is not None:
        same, smaller, larger = counts
        notes.append(f"gaps as ours in {same} of {same + smaller + larger} rounds")
        notes += [f"smaller in {smaller}"] * bool(smaller) + [f"larger in {larger}"] * bool(larger)
    return (name + "".join(f"{cell:>{NUMBER + 1}}" for cell in cells) + "  " + ", ".join(filter(None, notes))).rstrip()


def duration(seconds: float) -> str:
    """Three digits and a unit."""
    unit, factor = ("s", 1.0) if seconds >= 1 else ("ms", 1e3) if seconds >= 1e-3 else ("µs", 1e6)
    value = seconds * factor
    return f"{value:.{0 if value >= 100 else 1 if value >= 10 else 2}f} {unit}"


def verdict(goals: Sequence[Goal]) -> str:
    lines = [f"{'Goal':<44}{'at most':>12}{'measured':>12}"]
    for goal in goals:
        most, unit = f"{goal.most:g} {goal.unit}".strip(), f" {goal.unit}" if goal.unit else ""
        measured = "-" if goal.measured is None else f"{goal.measured:.3g}{unit}"
        word = "not measured" if goal.measured is None else "MISSED" if goal.missed else "met"
        lines.append(f"{goal.title:<44}{most:>12}{measured:>12}   {word}")
    return "\n".join(lines)


def document(around: Mapping[str, Any], rows: Sequence[Row], figures: Figures, goals: Sequence[Goal]) -> dict[str, Any]:
    """Everything, all CPU seconds of all repetitions included."""
    return {
        **around,
        "rows": [
            {
                "key": row.key,
                "title": row.title,
                "contenders": [
                    {
                        "name": contender.name,
                        "growth": figures.growth(row.key, contender.name),
                        "sizes": {str(size): _data(figures.of(row.key, contender.name, size)) for size in row.sizes},
                    }
                    for contender in row.contenders
                ],
            }
            for row in rows
        ],
        "goals": [
            {
                "title": goal.title,
                "most": goal.most,
                "unit": goal.unit,
                "measured": goal.measured,
                "missed": goal.missed,
            }
            for goal in goals
        ],
    }


def _data(figure: Figure) -> dict[str, Any]:
    measured: dict[str, Any] = {}
    if figure.times:
        measured = {"best": figure.best, "median": figure.median, "worst": figure.worst, "peak": figure.peak}
    return {**measured, "trouble": figure.trouble, "times": figure.times, "facts": figure.facts}
