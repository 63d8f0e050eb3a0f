"""A single-elimination bracket as one self-contained SVG picture: plain data in, text out, nothing else.

The picture refers to nothing outside itself and carries no script and no style sheet, so that it can be inlined under
a strict content security policy. Equal input gives equal text.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Literal

Theme = Literal["light", "dark"]
Language = Literal["fa", "en"]
Status = Literal["locked", "ready", "live", "completed", "walkover", "void"]


@dataclass(frozen=True, slots=True)
class Competitor:
    """One side of a match. ``name`` None: not known yet; ``bye``: nobody, and nobody will come."""

    name: str | None = None
    seed: int | None = None
    score: str | None = None
    bye: bool = False


@dataclass(frozen=True, slots=True)
class BracketMatch:
    """``position`` counts from 0 through the *full* round, matches that a bye left out included: the match whose
    winner goes to side a of position p of the next round has position 2p, to side b 2p + 1."""

    id: str
    position: int
    a: Competitor
    b: Competitor
    winner: Literal["a", "b"] | None = None
    status: Status = "locked"


@dataclass(frozen=True, slots=True)
class Bracket:
    """``rounds`` from the first to the final; ``third_place`` stands apart from the tree."""

    title: str
    rounds: tuple[tuple[BracketMatch, ...], ...]
    third_place: BracketMatch | None = None


@dataclass(frozen=True, slots=True)
class _Palette:
    page: str
    card: str
    edge: str
    band: str
    text: str
    muted: str
    line: str
    accent: str
    tint: str
    gold: str
    live: str
    on_live: str


MAX_ROUNDS = 8

_PALETTES: dict[Theme, _Palette] = {
    "light": _Palette(
        page="#f4f6fb", card="#ffffff", edge="#d8deea", band="#e6ebf5", text="#172033", muted="#69748a", line="#b9c3d6",
        accent="#2f5fe0", tint="#edf2ff", gold="#b07a00", live="#d92d3f", on_live="#ffffff",
    ),
    "dark": _Palette(
        page="#0e131f", card="#182032", edge="#2b3750", band="#1a2438", text="#eaf0fb", muted="#8f9bb3", line="#3d4b69",
        accent="#7aa2ff", tint="#1f2d4d", gold="#f2be4b", live="#ff5c6c", on_live="#1b0508",
    ),
}  # fmt: skip

_WORDS: dict[Language, dict[str, str]] = {
    "fa": {"tbd": "نامشخص", "bye": "استراحت", "third": "رده‌بندی", "champion": "قهرمان", "live": "زنده"},
    "en": {"tbd": "TBD", "bye": "Bye", "third": "Third place", "champion": "Champion", "live": "LIVE"},
}
_ROUNDS: dict[Language, dict[int, str]] = {
    "fa": {
        1: "فینال",
        2: "نیمه‌نهایی",
        4: "یک‌چهارم نهایی",
        8: "یک‌هشتم نهایی",
        16: "یک‌شانزدهم نهایی",
        32: "یک‌سی‌ودوم نهایی",
        64: "یک‌شصت‌وچهارم نهایی",
        128: "یک‌صدوبیست‌وهشتم نهایی",
    },
    "en": {1: "Final", 2: "Semi-finals", 4: "Quarter-finals"}
    | {matches: f"Round of {2 * matches}" for matches in (8, 16, 32, 64, 128)},
}
_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

_CARD, _ROW = 256, 32
_HEIGHT = 2 * _ROW
_GAP = 56
_PITCH = _HEIGHT + 28
_MARGIN = 36
_TITLE_LINE, _BAND_TOP, _BAND = 54, 84, 34
_TREE_TOP = _BAND_TOP + _BAND + 26
_CHAMPION_ROOM = 96
_THIRD_BAND_GAP, _THIRD_GAP = 40, 16
_NAME, _SMALL = 14, 11
_SEED_ROOM, _SCORE_ROOM, _PAD = 34, 46, 12
_FONT = "Vazirmatn, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans Arabic', Tahoma, 'DejaVu Sans', sans-serif"


def render(bracket: Bracket, *, theme: Theme = "light", language: Language = "fa") -> str:
    """The picture of 2 to 256 entrants. In Persian the tree grows from right to left, with Persian digits.

    :raises ValueError: no rounds or more than eight, a round with no match, or a match whose position its round does
        not have or has twice.
    """
    return _Drawing(bracket, _PALETTES[theme], language).text()


class _Drawing:
    def __init__(self, bracket: Bracket, palette: _Palette, language: Language) -> None:
        self._bracket = bracket
        self._palette = palette
        self._language = language
        self._words = _WORDS[language]
        self._by_position = _indexed(bracket)
        self._rounds = len(bracket.rounds)
        self._centres, bottom = _centres(self._by_position)
        final = self._centres[-1][0]
        lift = max(0, _TREE_TOP + _CHAMPION_ROOM + _ROW - final)
        self._centres = [{position: y + lift for position, y in column.items()} for column in self._centres]
        self._third_centre = final + lift + _HEIGHT + _THIRD_BAND_GAP + _BAND + _THIRD_GAP
        if bracket.third_place is not None:
            bottom = max(bottom, self._third_centre - lift + _ROW)
        self._width = 2 * _MARGIN + self._rounds * _CARD + (self._rounds - 1) * _GAP
        self._height = bottom + lift + _MARGIN

    def text(self) -> str:
        return "\n".join(self._elements()) + "\n"

    def _elements(self) -> Iterator[str]:
        palette, title = self._palette, _clean(self._bracket.title)
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self._width} {self._height}" width="{self._width}" '
            f'height="{self._height}" role="img" aria-label="{escape(title)}" lang="{self._language}" direction="ltr" '
            f'font-family="{escape(_FONT)}" font-size="{_NAME}" fill="{palette.text}">'
        )
        yield f"<title>{escape(title)}</title>"
        yield f'<rect width="{self._width}" height="{self._height}" rx="16" fill="{palette.page}"/>'
        room = self._width - 2 * _MARGIN
        if title:
            yield self._words_at(0, self._width, _MARGIN, _TITLE_LINE, title, room, 'font-weight="700"', size=22)
        for index in range(self._rounds):
            matches = 1 << (self._rounds - 1 - index)
            yield from self._band(self._column(index), _BAND_TOP, _ROUNDS[self._language][matches])
        for index, column in enumerate(self._by_position[:-1]):
            for position in column:
                yield self._connector(index, position)
        for index, column in enumerate(self._by_position):
            for position, match in column.items():
                yield from self._card(match, self._column(index), self._centres[index][position])
        yield from self._champion()
        if self._bracket.third_place is not None:
            left = self._column(self._rounds - 1)
            yield from self._band(left, self._third_centre - _ROW - _THIRD_GAP - _BAND, self._words["third"])
            yield from self._card(self._bracket.third_place, left, self._third_centre)
        yield "</svg>"

    def _column(self, index: int) -> int:
        """Left edge of a round's cards."""
        return self._placed(_MARGIN + index * (_CARD + _GAP), _CARD)

    def _placed(self, x: int, width: int) -> int:
        """Left edge of something ``width`` wide that starts ``x`` from the side where the tree begins."""
        return self._width - x - width if self._language == "fa" else x

    def _words_at(
        self, left: int, width: int, inset: int, y: int, words: str, room: int, more: str, size: int = _NAME
    ) -> str:
        """One line of text that begins ``inset`` from the reading edge of the box at ``left``."""
        from_right = self._language == "fa"
        x = left + width - inset if from_right else left + inset
        anchor = "end" if from_right else "start"
        clipped = _clipped(words, room / size)
        return f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}" {more}>{_isolated(clipped)}</text>'

    def _centred(self, x: int, y: int, words: str, size: int, colour: str, room: int) -> str:
        clipped = _clipped(words, room / size)
        return (
            f'<text x="{x}" y="{y}" text-anchor="middle" font-size="{size}" font-weight="700" fill="{colour}">'
            f"{_isolated(clipped)}</text>"
        )

    def _band(self, left: int, top: int, words: str) -> Iterator[str]:
        yield f'<rect x="{left}" y="{top}" width="{_CARD}" height="{_BAND}" rx="10" fill="{self._palette.band}"/>'
        yield self._centred(left + _CARD // 2, top + 22, words, 13, self._palette.muted, _CARD)

    def _connector(self, index: int, position: int) -> str:
        """From the middle of a card to the row of the next card that its winner takes."""
        match = self._by_position[index][position]
        start = self._centres[index][position]
        end = self._centres[index + 1][position // 2] + (_ROW // 2 if position % 2 else -_ROW // 2)
        side = -1 if self._language == "fa" else 1
        x = self._column(index) + (_CARD if side > 0 else 0)
        bend, last = x + side * _GAP // 2, x + side * _GAP
        decided = match.winner is not None
        colour, width = (self._palette.accent, 2) if decided else (self._palette.line, 1.5)
        down = 1 if end > start else -1
        radius = min(10, abs(end - start) // 2)
        path = (
            f"M{x} {start}H{bend - side * radius}q{side * radius} 0 {side * radius} {down * radius}"
            f"V{end - down * radius}q0 {down * radius} {side * radius} {down * radius}H{last}"
        )
        return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>'

    def _card(self, match: BracketMatch, left: int, centre: int) -> Iterator[str]:
        palette, top = self._palette, centre - _ROW
        edge = palette.live if match.status == "live" else palette.edge
        yield f"<g><title>{escape(self._spoken(match))}</title>"
        yield f'<rect x="{left}" y="{top}" width="{_CARD}" height="{_HEIGHT}" rx="10" fill="{palette.card}"/>'
        for competitor, wins, row_top in (
            (match.a, match.winner == "a", top),
            (match.b, match.winner == "b", centre),
        ):
            yield from self._row(match, competitor, wins, left, row_top)
        yield f'<path d="M{left} {centre}h{_CARD}" stroke="{palette.edge}"/>'
        yield (
            f'<rect x="{left}" y="{top}" width="{_CARD}" height="{_HEIGHT}" rx="10" fill="none" stroke="{edge}" '
            f'stroke-width="{2 if match.status == "live" else 1}"/>'
        )
        if match.status == "live":
            yield from self._live_badge(left, top)
        yield "</g>"

    def _live_badge(self, left: int, top: int) -> Iterator[str]:
        width = 48
        x = left + 14 if self._language == "fa" else left + _CARD - 14 - width
        yield f'<rect x="{x}" y="{top - 10}" width="{width}" height="16" rx="8" fill="{self._palette.live}"/>'
        yield self._centred(x + width // 2, top + 2, self._words["live"], 10, self._palette.on_live, width)

    def _row(self, match: BracketMatch, competitor: Competitor, wins: bool, left: int, top: int) -> Iterator[str]:
        palette, rtl = self._palette, self._language == "fa"
        loses = match.status == "completed" and not wins
        baseline = top + _ROW // 2 + 5
        if wins:
            upper, lower = (10, 0) if match.winner == "a" else (0, 10)
            yield f'<path d="{_rounded_box(left, top, _CARD, _ROW, upper, lower)}" fill="{palette.tint}"/>'
            bar = left + _CARD - 8 if rtl else left + 5
            yield f'<rect x="{bar}" y="{top + 8}" width="3" height="{_ROW - 16}" rx="1.5" fill="{palette.accent}"/>'
        if competitor.seed is not None:
            x = left + _CARD - 23 if rtl else left + 23
            yield (
                f'<text x="{x}" y="{baseline}" text-anchor="middle" font-size="{_SMALL}" fill="{palette.muted}">'
                f"{escape(self._digits(str(competitor.seed)))}</text>"
            )
        known = competitor.name is not None and not competitor.bye
        colour = palette.text if known and not loses else palette.muted
        style = f'fill="{colour}"' + (' font-weight="700"' if wins else "") + ("" if known else ' font-style="italic"')
        room = _CARD - _SEED_ROOM - _SCORE_ROOM - _PAD
        words = self._name(competitor)
        yield self._words_at(left, _CARD, _SEED_ROOM + 6, baseline, words, room if not wins else room - 6, style)
        if competitor.score is not None and not competitor.bye:
            x = left + _SCORE_ROOM // 2 if rtl else left + _CARD - _SCORE_ROOM // 2
            score = _clipped(self._digits(_clean(competitor.score)), (_SCORE_ROOM - 4) / _NAME)
            yield (
                f'<text x="{x}" y="{baseline}" text-anchor="middle" fill="{palette.accent if wins else palette.muted}"'
                f' font-weight="{700 if wins else 500}">{_isolated(score)}</text>'
            )

    def _champion(self) -> Iterator[str]:
        final = self._by_position[-1][0]
        if final.winner is None:
            return
        palette = self._palette
        x = self._column(self._rounds - 1) + _CARD // 2
        top = self._centres[-1][0] - _ROW - _CHAMPION_ROOM + 4
        yield f'<g fill="none" stroke="{palette.gold}" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">'
        yield f'<path d="M{x - 9} {top}h18v8a9 9 0 0 1 -18 0zM{x} {top + 17}v6M{x - 7} {top + 24}h14"/>'
        yield f'<path d="M{x - 9} {top + 3}h-5v2a5 5 0 0 0 5 5M{x + 9} {top + 3}h5v2a5 5 0 0 1 -5 5"/></g>'
        yield self._centred(x, top + 44, self._words["champion"], 12, palette.gold, _CARD)
        name = self._name(final.a if final.winner == "a" else final.b)
        yield self._centred(x, top + 70, name, 19, palette.text, _CARD)

    def _name(self, competitor: Competitor) -> str:
        if competitor.bye:
            return self._words["bye"]
        return self._words["tbd"] if competitor.name is None else _clean(competitor.name)

    def _digits(self, words: str) -> str:
        return words.translate(_PERSIAN_DIGITS) if self._language == "fa" else words

    def _spoken(self, match: BracketMatch) -> str:
        """The whole match in words, with full names, for screen readers and tool tips."""
        sides = []
        for competitor in (match.a, match.b):
            score = "" if competitor.score is None else f" {self._digits(_clean(competitor.score))}"
            sides.append(f"{_ISOLATE}{self._name(competitor)}{_END_ISOLATE}{score}")
        return " – ".join(sides)


def _indexed(bracket: Bracket) -> list[dict[int, BracketMatch]]:
    """The matches of each round by position, in order."""
    if not 1 <= len(bracket.rounds) <= MAX_ROUNDS:
        raise ValueError(f"a bracket has 1 to {MAX_ROUNDS} rounds")
    columns = []
    for index, matches in enumerate(bracket.rounds):
        places = 1 << (len(bracket.rounds) - 1 - index)
        column = {match.position: match for match in matches}
        if not matches or len(column) != len(matches) or not all(0 <= position < places for position in column):
            raise ValueError(f"round {index + 1} has {places} different positions from 0 on")
        if index and len(matches) != places:
            raise ValueError(f"round {index + 1} must be full: only the first round has byes")
        columns.append(dict(sorted(column.items())))
    return columns


def _centres(columns: list[dict[int, BracketMatch]]) -> tuple[list[dict[int, int]], int]:
    """The y of each card's middle, and the bottom of the tree.

    A match stands midway between the two it follows, level with the one if there is only one, and takes a line of its
    own if there is none: the holes that byes leave cost no room.
    """
    centres: list[dict[int, int]] = [{} for _ in columns]
    leaves = sorted(
        (position << index, index, position)
        for index, column in enumerate(columns[:2])
        for position in column
        if index == 0 or not {2 * position, 2 * position + 1} & columns[0].keys()
    )
    for line, (_, index, position) in enumerate(leaves):
        centres[index][position] = _TREE_TOP + _ROW + line * _PITCH
    for index in range(1, len(columns)):
        for position in columns[index]:
            before = [centres[index - 1][f] for f in (2 * position, 2 * position + 1) if f in centres[index - 1]]
            if before:
                centres[index][position] = sum(before) // len(before)
    return centres, _TREE_TOP + _HEIGHT + (len(leaves) - 1) * _PITCH


def _rounded_box(x: int, y: int, width: int, height: int, upper: int, lower: int) -> str:
    """A box whose upper and lower corners have these radii."""
    return (
        f"M{x} {y + upper}q0 {-upper} {upper} {-upper}h{width - 2 * upper}q{upper} 0 {upper} {upper}"
        f"v{height - upper - lower}q0 {lower} {-lower} {lower}h{2 * lower - width}q{-lower} 0 {-lower} {-lower}z"
    )


def _clean(words: str) -> str:
    """One line without what XML forbids and without characters that turn the direction of the text around them."""
    kept = (" " if unicodedata.category(c) in ("Zs", "Zl", "Zp") or c in "\t\n\r" else c for c in words)
    allowed = (c for c in kept if unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn") and c not in _DIRECTIONS)
    return " ".join("".join(allowed).split(" ")).strip()


def _isolated(words: str) -> str:
    """Escaped, and laid out by its own first letter, whatever the direction of the page."""
    return f"{_ISOLATE}{escape(words)}{_END_ISOLATE}"


def _ems(character: str) -> float:
    """A careful guess of how wide a character is, as a part of the font size; no font file is at hand."""
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0.0
    if unicodedata.east_asian_width(character) in ("W", "F"):
        return 1.1
    if "\u0600" <= character <= "\u06ff":
        return 0.56
    if character in "fijlrtI1|!.,:;'()[] -":
        return 0.42
    if character in "mwMW@%":
        return 0.95
    return 0.72 if character.isupper() else 0.62


def _clipped(words: str, ems: float) -> str:
    """At most ``ems`` wide; what does not fit is cut off between whole characters and shown as an ellipsis."""
    if sum(map(_ems, words)) <= ems:
        return words
    room = ems - 1
    kept = 0
    for index, character in enumerate(words):
        room -= _ems(character)
        if room < 0:
            break
        kept = index + 1
    while kept and _ems(words[kept]) == 0:
        kept -= 1
    return words[:kept].rstrip() + "…"
