"""Draws the pictures of formats.md from the plans of the engine: ``python docs/pictures.py`` writes docs/formats/*.svg.

A box is a match with its two sides: seeds, points, or where a loser comes from; a line leads where a winner goes.
"""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT.parent))

from tournaments.engine import (  # noqa: E402
    EntrantId,
    LoserOf,
    MatchSpec,
    OptionValue,
    Outcome,
    Result,
    Seed,
    Slot,
    StageConfig,
    StagePlan,
    WinnerOf,
    apply,
    fold,
    next_round,
    plan_stage,
)
from tournaments.engine.swiss.limited import limited_rounds  # noqa: E402

WIDTH, HEIGHT, ACROSS, DOWN, MARGIN = 92, 34, 124, 52, 24
FONT = "font-family='system-ui, sans-serif'"


@dataclass
class Picture:
    """Boxes on a grid: ``across`` columns and ``down`` rows, which may be fractions."""

    shapes: list[str] = field(default_factory=list)
    right: float = 0
    bottom: float = 0

    def place(self, across: float, down: float) -> tuple[float, float]:
        x, y = MARGIN + across * ACROSS, MARGIN + down * DOWN
        self.right, self.bottom = max(self.right, x + WIDTH), max(self.bottom, y + HEIGHT)
        return x, y

    def box(self, across: float, down: float, label: str, lines: Iterable[str]) -> None:
        x, y = self.place(across, down)
        self.shapes.append(
            f"<rect x='{x:g}' y='{y:g}' width='{WIDTH}' height='{HEIGHT}' rx='4' fill='#fff' stroke='#8592ad'/>"
        )
        self.text(x + 1, y - 4, label, 10, "#69748a")
        for row, line in enumerate(lines):
            self.text(x + 8, y + 14 + 15 * row, line, 12, "#172033")

    def text(self, x: float, y: float, words: str, size: int, colour: str) -> None:
        self.shapes.append(
            f"<text x='{x:g}' y='{y:g}' {FONT} font-size='{size}' fill='{colour}'>{escape(words)}</text>"
        )

    def line(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        x1, y1 = MARGIN + start[0] * ACROSS + WIDTH, MARGIN + start[1] * DOWN + HEIGHT / 2
        x2, y2 = MARGIN + end[0] * ACROSS, MARGIN + end[1] * DOWN + HEIGHT / 2
        middle = x2 - 16
        self.shapes.append(
            f"<path d='M{x1:g} {y1:g}H{middle:g}V{y2:g}H{x2:g}' fill='none' stroke='#b9c3d6' stroke-width='1.5'/>"
        )

    def svg(self, title: str) -> str:
        width, height = self.right + MARGIN, self.bottom + MARGIN
        size = f"viewBox='0 0 {width:g} {height:g}' width='{width:g}'"
        head = f"<svg xmlns='http://www.w3.org/2000/svg' {size} role='img'>"
        background = f"<rect width='{width:g}' height='{height:g}' fill='#f4f6fb'/>"
        return "\n".join([head, f"<title>{escape(title)}</title>", background, *self.shapes, "</svg>", ""])


def planned(format_: str, entrants: int, options: Mapping[str, OptionValue]) -> StagePlan:
    seeds = [EntrantId(str(number)) for number in range(1, entrants + 1)]
    return plan_stage(StageConfig(format_, options), seeds)


def side(slot: Slot) -> str:
    match slot:
        case Seed(number):
            return str(number)
        case LoserOf(match_id):
            return f"loser {match_id}"
        case _:
            return "·"


def linked(format_: str, entrants: int, **options: OptionValue) -> str:
    """Brackets: a match stands between the two it waits for."""
    plan = planned(format_, entrants, options)
    picture = Picture()
    at: dict[str, tuple[float, float]] = {}
    top = 0.0
    for _, specs in groupby(plan.matches, key=lambda spec: "F" if spec.bracket in ("GF", "P") else spec.bracket):
        row = top
        for spec in specs:
            feeders = [at[slot.match_id] for slot in (spec.a, spec.b) if isinstance(slot, WinnerOf)]
            down = sum(place[1] for place in feeders) / len(feeders) if feeders else row
            row += 0 if feeders else 1
            at[spec.id] = (column(spec, feeders), down)
            top = max(top, down + 1.3)
    for spec in plan.matches:
        for slot in (spec.a, spec.b):
            if isinstance(slot, WinnerOf):
                picture.line(at[slot.match_id], at[spec.id])
    for spec in plan.matches:
        label = f"{spec.id} (if needed)" if spec.conditional else spec.id
        picture.box(*at[spec.id], label, (side(spec.a), side(spec.b)))
    return picture.svg(f"{format_}, {entrants} entrants")


def column(spec: MatchSpec, feeders: list[tuple[float, float]]) -> float:
    """Losers' rounds stand in their own columns, so that the winners' rounds that feed them are to the left."""
    if spec.bracket == "L":
        return spec.round
    return max((place[0] for place in feeders), default=spec.round - 2) + 1


def rounds_of(format_: str, entrants: int, **options: OptionValue) -> str:
    """Matches that wait for nobody: a column for each round, a block for each group."""
    picture = Picture()
    top = 0.0
    for _, specs in groupby(planned(format_, entrants, options).matches, key=lambda spec: spec.bracket):
        block = list(specs)
        for spec in block:
            picture.box(spec.round - 1, top + spec.number - 1, spec.id, (side(spec.a), side(spec.b)))
        top += max(spec.number for spec in block) + 0.4
    return picture.svg(f"{format_}, {entrants} entrants")


def swiss(entrants: int) -> str:
    """Every better seed wins; next to each entrant stand its points before the round."""
    view = fold(planned("swiss", entrants, {}))
    picture = Picture()
    points = dict.fromkeys(view.plan.seeds, 0)
    for round_ in view.plan.matches.rounds:
        for index, match_id in enumerate(view.ready):
            a, b = (EntrantId(str(entrant)) for entrant in view.slots[match_id])
            picture.box(round_.round - 1, index, match_id, (f"{one}   ({points[one]})" for one in (a, b)))
        for match_id in view.ready:
            winner = EntrantId(min(map(str, view.slots[match_id]), key=int))
            points[winner] += 1
            view, _ = apply(view, Result(match_id, Outcome(winner)))
        if view.round_to_pair is not None:
            view, _ = apply(view, next_round(view).event)
    return picture.svg(f"Swiss, {entrants} entrants, the better seed always wins")


def pools(entrants: int, wins: int, losses: int) -> str:
    """The pools of equal records, with the number of entrants in each."""
    picture = Picture()
    rounds = limited_rounds(entrants, wins=wins, losses=losses)
    at = {record: (won_round(record), record[1] - record[0] / 2 + wins / 2) for record in records(wins, losses)}
    for won, lost in at:
        for following in ((won + 1, lost), (won, lost + 1)):
            if following in at and won < wins and lost < losses:
                picture.line(at[won, lost], at[following])
    sizes = {record: size for round_ in rounds for record, size in round_.pools}
    for record, place in at.items():
        won, lost = record
        state = f"{sizes[record]} play" if record in sizes else "through" if won == wins else "out"
        picture.box(*place, f"{won}-{lost}", (state,))
    return picture.svg(f"Swiss of {entrants} with {wins} wins or {losses} losses")


def records(wins: int, losses: int) -> list[tuple[int, int]]:
    return [(won, lost) for won in range(wins + 1) for lost in range(losses + 1) if won < wins or lost < losses]


def won_round(record: tuple[int, int]) -> int:
    return record[0] + record[1]


def lobbies(entrants: int, lobby_size: int, games: int) -> str:
    """A column for each game, a row for each lobby."""
    picture = Picture()
    for heat in planned("free_for_all", entrants, {"lobby_size": lobby_size, "games": games}).heats:
        half = (len(heat.seeds) + 1) // 2
        lines = (" ".join(map(str, heat.seeds[:half])), " ".join(map(str, heat.seeds[half:])))
        picture.box(heat.game - 1, heat.lobby - 1, heat.id, lines)
    return picture.svg(f"Free-for-all, {entrants} entrants in lobbies of {lobby_size}")


def pictures() -> dict[str, str]:
    """File name → picture."""
    return {
        "single_elimination.svg": linked("single_elimination", 6, third_place=True),
        "double_elimination.svg": linked("double_elimination", 8),
        "gsl.svg": linked("gsl", 4),
        "stepladder.svg": linked("stepladder", 5),
        "round_robin.svg": rounds_of("round_robin", 6),
        "groups.svg": rounds_of("groups", 8, group_count=2),
        "swiss.svg": swiss(8),
        "swiss_limited.svg": pools(16, 3, 3),
        "free_for_all.svg": lobbies(16, 8, 3),
    }


if __name__ == "__main__":
    folder = ROOT / "formats"
    folder.mkdir(exist_ok=True)
    for name, picture in pictures().items():
        (folder / name).write_text(picture, encoding="utf-8")
