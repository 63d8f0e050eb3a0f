"""What is left on the screen at the end: the bracket, the ranking, the money, the numbers, links to look at."""

import os
import sys
from collections import defaultdict

from demo.play.journey import Journey
from demo.play.worldcup import Fixture, WorldCup

NAME_WIDTH, SCORE_WIDTH = 11, 5
ENTRY_WIDTH = NAME_WIDTH + 1 + SCORE_WIDTH
COLUMN_WIDTH = ENTRY_WIDTH + 4
BOLD, GREEN, GOLD, FAINT, PLAIN = "\033[1m", "\033[32m", "\033[33m", "\033[2m", "\033[0m"
PLACES = ("Champion", "Runner-up", "Third", "Fourth")


class Canvas:
    """Text written at places, from left to right in each line; styles do not shift what follows."""

    def __init__(self, *, styled: bool) -> None:
        self._styled = styled
        self._lines: dict[int, str] = defaultdict(str)
        self._widths: dict[int, int] = defaultdict(int)

    def write(self, line: int, column: int, text: str, style: str = "") -> None:
        self._lines[line] += " " * (column - self._widths[line])
        self._lines[line] += f"{style}{text}{PLAIN}" if style and self._styled else text
        self._widths[line] = column + len(text)

    def __str__(self) -> str:
        return "\n".join(self._lines[line].rstrip() for line in range(max(self._lines) + 1))


def bracket(cup: WorldCup, *, styled: bool) -> str:
    """The bracket from left to right; whoever won stands out."""
    canvas = Canvas(styled=styled)
    entered, distance, column = cup.slots, 1, 0
    while len(entered) > 1:
        winners = []
        for index in range(0, len(entered), 2):
            fixture = cup.fixture_between(entered[index], entered[index + 1])
            if fixture is None:
                raise LookupError(f"{entered[index]} and {entered[index + 1]} did not meet")
            top = (2 * index + 1) * distance - 1
            _draw(canvas, fixture, top, top + 2 * distance, column)
            winners.append(fixture.winner)
        entered, distance, column = winners, 2 * distance, column + COLUMN_WIDTH
    canvas.write(distance - 1, column, entered[0], GOLD + BOLD)
    return str(canvas)


def _draw(canvas: Canvas, fixture: Fixture, top: int, bottom: int, column: int) -> None:
    for line, team, corner in ((top, fixture.team1, "┐"), (bottom, fixture.team2, "┘")):
        text = f"{team:<{NAME_WIDTH}} {fixture.score_of(team):<{SCORE_WIDTH}}"
        canvas.write(line, column, text, BOLD if team == fixture.winner else FAINT)
        canvas.write(line, column + ENTRY_WIDTH + 1, corner)
    for line in range(top + 1, bottom):
        canvas.write(line, column + ENTRY_WIDTH + 1, "├" if line == (top + bottom) // 2 else "│")


def summary(journey: Journey, seconds: float) -> str:
    styled = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    cup, tally, url = journey.cup, journey.api.tally, journey.api.url
    third = cup.third_place
    tournament = f"{url}{journey.url}"
    links = {
        "Bracket": f"{tournament}bracket.svg",
        "The same as JSON": f"{tournament}bracket/",
        "Start page": f"{url}/",
        "API": f"{url}/api/docs/",
        "Admin": f"{url}/admin/",
    }
    return "\n".join(
        [
            "",
            bracket(cup, styled=styled),
            "",
            f"Third place: {third.team1} {third.score_of(third.team1)} – {third.score_of(third.team2)} {third.team2}",
            "",
            *_ranking(journey),
            "",
            *(f"  · {line}" for line in journey.stories),
            "",
            f"{tally['requests']} requests, {tally['sockets']} sockets with {tally['frames']} frames, "
            f"{journey.phones.count} text messages, {tally['payments']} payments at the bank, "
            f"{tally['refusals']} attempts refused, {seconds:.1f} s.",
            "",
            *(f"  {title:<17} {link}" for title, link in links.items()),
        ]
    )


def _ranking(journey: Journey) -> list[str]:
    lines = []
    for place, country in enumerate(journey.cup.ranking):
        side = journey.cast.side(country)
        paid = [f"{name} {journey.prizes[name]:,}" for name in side.squad.players if name in journey.prizes]
        prize = f"  {' · '.join(paid)} Rials" if paid else ""
        lines.append(f"  {place + 1}. {side.team_name:<{NAME_WIDTH}} {PLACES[place]:<9}{prize}")
    return lines
