"""FIDE tournament report files: the players of a Swiss or round-robin tournament and their rounds, as columns of text.

Read and written are the player lines (001), the name (012), the number of rounds (142 of TRF26, XXR before it) and the
colour of the first player in round 1 (152 of TRF26, XXC before it). Every other line is kept as it is.

Source: FIDE Handbook C.04 Annex 2 (TRF16) and its revision of 2026 (TRF26). A player line holds, in columns counted
from 1: number 5-8, sex 10, title 11-13, name 15-47, rating 49-52, federation 54-56, FIDE number 58-68, birth 70-79,
points 81-84, rank 86-89, and ten columns per round from 92 on: opponent (4), blank, colour, blank, result, 2 blanks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal, NoReturn

from .errors import EngineError, ErrorCode

Colour = Literal["w", "b"]

MAX_ROUNDS = 99

_COLOURS: Mapping[str, Colour | None] = MappingProxyType({"w": "w", "b": "b", "-": None, " ": None})
_FIRST_COLOURS: Mapping[str, Colour] = MappingProxyType({"W": "w", "B": "b"})
_FIRST_COLOUR_WORDS: Mapping[str, Colour] = MappingProxyType({"white1": "w", "black1": "b"})

ANSWERS: Mapping[str, str] = MappingProxyType(
    {"1": "0", "0": "01=", "=": "=0", "+": "-", "-": "+-", "W": "L", "L": "LW", "D": "D", "": ""}
)
"""Result of a game with an opponent → the results that the opponent may have: 1 0 = rated games, W L D games of less
than one move, + - forfeits, blank not played yet."""

UNPAIRED = frozenset("HFUZ+-=") | {""}
"""Results without an opponent: H half-point bye, F full-point bye, U pairing-allocated bye, Z or blank absent; and the
older + (full point), = (half point) and - (absent)."""


@dataclass(frozen=True, slots=True)
class TrfRound:
    """One round of one player. ``result`` is a key of ``ANSWERS``; without an opponent a member of ``UNPAIRED``."""

    opponent: int | None
    colour: Colour | None
    result: str


NOT_PAIRED = TrfRound(None, None, "")


@dataclass(frozen=True, slots=True)
class TrfPlayer:
    """One player line. ``points`` are half points (3.5 is 7); ``rating`` is 0 and ``rank`` None when not stated."""

    number: int
    name: str
    rating: int
    points: int
    rank: int | None
    rounds: tuple[TrfRound, ...]
    sex: str = ""
    title: str = ""
    federation: str = ""
    fide_id: str = ""
    birth: str = ""


@dataclass(frozen=True, slots=True)
class TrfTournament:
    """One report. Players stand in the order of the file, each with exactly ``rounds`` rounds.

    ``planned_rounds`` and ``first_colour`` (what the first player gets in round 1) are None when the file does not say
    them. ``extra`` holds all other lines, in order and unchanged.
    """

    name: str
    rounds: int
    players: tuple[TrfPlayer, ...]
    planned_rounds: int | None = None
    first_colour: Colour | None = None
    extra: tuple[str, ...] = ()


def _refuse(line: int, field: str) -> NoReturn:
    raise EngineError(ErrorCode.INVALID_TRF, {"line": line, "field": field})


def _integer(text: str, line: int, field: str, largest: int = 9999) -> int:
    digits = text.strip(" ")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 4 and int(digits) <= largest):
        _refuse(line, field)
    return int(digits)


def _points(text: str, line: int) -> int:
    """Half points of "3.5", "12" or blank."""
    whole, _, half = text.strip(" ").partition(".")
    if half not in ("", "0", "5"):
        _refuse(line, "points")
    return 2 * _integer(whole or "0", line, "points") + (half == "5")


def _round(cell: str, line: int) -> TrfRound:
    """One round from its ten columns."""
    if (cell[4] + cell[6] + cell[8:]).strip(" "):
        _refuse(line, "columns")
    if cell[5] not in _COLOURS:
        _refuse(line, "colour")
    opponent, colour = _integer(cell[:4].strip(" ") or "0", line, "opponent"), _COLOURS[cell[5]]
    result = cell[7].strip(" ").upper()
    if result not in (ANSWERS if opponent else UNPAIRED):
        _refuse(line, "result")
    played = opponent and result not in ("+", "-", "")
    if (played and not colour) or (colour and not opponent):
        _refuse(line, "colour")
    return TrfRound(opponent or None, colour, result)


def _rounds(text: str, line: int) -> tuple[TrfRound, ...]:
    text = text.rstrip(" ")
    if len(text) > 10 * MAX_ROUNDS:
        _refuse(line, "rounds")
    return tuple(_round(f"{text[start : start + 10]:<10}", line) for start in range(0, len(text), 10))


def _player(text: str, line: int) -> TrfPlayer:
    rank = text[85:89].strip(" ")
    if text[89:91].strip(" "):
        _refuse(line, "columns")
    player = TrfPlayer(
        number=_integer(text[4:8], line, "number"),
        name=text[14:47].strip(" "),
        rating=_integer(text[48:52].strip(" ") or "0", line, "rating"),
        points=_points(text[80:84], line),
        rank=_integer(rank, line, "rank") if rank else None,
        rounds=_rounds(text[91:], line),
        sex=text[9:10].strip(" "),
        title=text[10:13].strip(" "),
        federation=text[53:56].strip(" "),
        fide_id=text[57:68].strip(" "),
        birth=text[69:79].strip(" "),
    )
    if player.number == 0:
        _refuse(line, "number")
    return player


def _check_games(lines: Mapping[int, tuple[int, TrfPlayer]]) -> None:
    """Each game must stand in both players' lines: opposite colours, results that fit together."""
    for line, player in lines.values():
        for index, game in enumerate(player.rounds):
            if game.opponent is None:
                continue
            if game.opponent == player.number or game.opponent not in lines:
                _refuse(line, "opponent")
            other = lines[game.opponent][1].rounds[index]
            if other.opponent != player.number:
                _refuse(line, "opponent")
            if (game.colour is None) is not (other.colour is None) or game.colour == other.colour is not None:
                _refuse(line, "colour")
            if other.result not in ANSWERS[game.result] or bool(other.result) is not bool(game.result):
                _refuse(line, "result")


def read_trf(text: str) -> TrfTournament:
    """The tournament in the report; lines end in CR, LF or CRLF.

    :raises EngineError: ``invalid_trf`` with ``line`` (from 1; 0 means the whole text) and ``field``: ``type``,
        ``players`` (there is none), ``name``, ``number``, ``rating``, ``points``, ``rank``, ``rounds``, ``columns``,
        ``opponent``, ``colour``, ``result``, ``first_colour``. A game that its two players' lines tell differently is
        refused too.
    """
    if not isinstance(text, str):
        _refuse(0, "type")
    name: str | None = None
    planned: int | None = None
    first_colour: Colour | None = None
    players: dict[int, tuple[int, TrfPlayer]] = {}
    extra: list[str] = []
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for line, content in enumerate(lines, start=1):
        code, value = content[:3], content[3:].strip(" ")
        if code == "001":
            player = _player(content, line)
            if player.number in players:
                _refuse(line, "number")
            players[player.number] = (line, player)
        elif code == "012":
            if name is not None:
                _refuse(line, "name")
            name = value
        elif code in ("142", "XXR"):
            planned = _integer(value, line, "rounds", MAX_ROUNDS)
        elif code == "152":
            if value not in _FIRST_COLOURS:
                _refuse(line, "first_colour")
            first_colour = _FIRST_COLOURS[value]
        elif code == "XXC":
            words = value.split(" ")
            first_colour = next(
                (_FIRST_COLOUR_WORDS[word] for word in words if word in _FIRST_COLOUR_WORDS), first_colour
            )
            if value not in _FIRST_COLOUR_WORDS:
                extra.append(content)
        elif content:
            extra.append(content)
    if not players:
        _refuse(0, "players")
    rounds = max(len(player.rounds) for _, player in players.values())
    padded = {
        number: (line, replace(player, rounds=player.rounds + (NOT_PAIRED,) * (rounds - len(player.rounds))))
        for number, (line, player) in players.items()
    }
    _check_games(padded)
    return TrfTournament(
        name or "", rounds, tuple(player for _, player in padded.values()), planned, first_colour, tuple(extra)
    )


def _cell(game: TrfRound) -> str:
    if game == NOT_PAIRED:
        return " " * 10
    opponent = f"{game.opponent:>4}" if game.opponent else "0000"
    return f"{opponent} {game.colour or '-'} {game.result or ' '}  "


def _player_line(player: TrfPlayer) -> str:
    whole, half = divmod(player.points, 2)
    points = f"{whole}.{5 * half}" if whole < 100 else f"{whole}"
    rank = "" if player.rank is None else player.rank
    return (
        f"001 {player.number:>4} {player.sex:<1}{player.title:>3} {player.name:<33} {player.rating:>4} "
        f"{player.federation:>3} {player.fide_id:>11} {player.birth:<10} {points:>4} {rank:>4}  "
        + "".join(_cell(game) for game in player.rounds)
    ).rstrip(" ")


def write_trf(tournament: TrfTournament, newline: str = "\n") -> str:
    """The report of a tournament that ``read_trf`` gave: reading it again gives an equal tournament.

    The lines are the name, the players, ``extra``, the number of rounds, the colour of the first player.
    """
    lines = [f"012 {tournament.name}".rstrip(" "), *map(_player_line, tournament.players), *tournament.extra]
    if tournament.planned_rounds is not None:
        lines.append(f"142 {tournament.planned_rounds}")
    if tournament.first_colour is not None:
        lines.append(f"152 {tournament.first_colour.upper()}")
    return "".join(f"{line}{newline}" for line in lines)
