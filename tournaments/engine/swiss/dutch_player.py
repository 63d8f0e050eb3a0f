"""What the Dutch system knows of a player before a round: score, colours, floats, byes.

Source: FIDE Handbook C.04.3 (in force from 1 February 2026), articles 1.4 to 1.8, and C.04.1 articles 2 to 7.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import accumulate
from typing import Literal, NoReturn

from tournaments.engine.errors import EngineError, ErrorCode

Colour = Literal["w", "b"]

MAX_PLAYERS = 64
"""Most players that are paired in one round: beyond it an exact answer in pure Python takes too long."""


@dataclass(frozen=True, slots=True)
class DutchRound:
    """One past round of one player.

    ``opponent`` and ``colour`` are those of a game that was played; both are None for every other round (bye, forfeit,
    absence). ``points`` are the half points gained, ``bye`` marks a pairing-allocated bye.
    """

    opponent: int | None = None
    colour: Colour | None = None
    points: int = 0
    bye: bool = False


@dataclass(frozen=True, slots=True)
class DutchPlayer:
    """``number`` is the pairing number, 1 or more; ``rounds`` are all past rounds; only an ``active`` player is paired.

    Players who have left stay in the field as inactive: the floats of their opponents depend on their scores. Numbers
    are those of the round to be paired: who has never been paired and is not paired now should not hold one, because
    an odd number decides a colour (article 5.2.5, C.04.2).
    """

    number: int
    rounds: tuple[DutchRound, ...] = ()
    active: bool = True

    @property
    def points(self) -> int:
        """Half points gained so far."""
        return sum(past.points for past in self.rounds)


class Strength(IntEnum):
    """Of a colour preference (article 1.7)."""

    NONE = 0
    MILD = 1
    STRONG = 2
    ABSOLUTE = 3


class Float(IntEnum):
    """What a round did to a player (article 1.4): met a lower score or gained points unplayed, or met a higher one."""

    NONE = 0
    DOWN = 1
    UP = 2


@dataclass(frozen=True, slots=True)
class Contestant:
    """A player as the criteria see it. ``difference`` is games with white minus games with black.

    ``floats`` are those of the last round and of the round before it. ``unplayed`` counts rounds without a game.
    """

    number: int
    points: int
    opponents: frozenset[int]
    colours: tuple[Colour, ...]
    difference: int
    preference: Colour | None
    strength: Strength
    floats: tuple[Float, Float]
    unplayed: int
    may_take_bye: bool


def _refuse(number: int, round_number: int) -> NoReturn:
    raise EngineError(ErrorCode.INVALID_HISTORY, {"player": number, "round": round_number})


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def opposite(colour: Colour) -> Colour:
    return "b" if colour == "w" else "w"


def _check_player(player: object, rounds: int) -> None:
    if not isinstance(player, DutchPlayer) or not _is_integer(player.number) or not isinstance(player.active, bool):
        raise EngineError(ErrorCode.INVALID_ENTRANT)
    if player.number < 1:
        raise EngineError(ErrorCode.INVALID_ENTRANT, {"player": player.number})
    if not isinstance(player.rounds, tuple) or len(player.rounds) != rounds:
        _refuse(player.number, rounds)
    for index, past in enumerate(player.rounds, start=1):
        if (
            not isinstance(past, DutchRound)
            or past.colour not in ("w", "b", None)
            or (past.opponent is None) is not (past.colour is None)
            or not _is_integer(past.points)
            or not isinstance(past.bye, bool)
            or (past.bye and past.opponent is not None)
        ):
            _refuse(player.number, index)


def _check_games(field: Mapping[int, DutchPlayer]) -> None:
    for player in field.values():
        for index, past in enumerate(player.rounds):
            if past.opponent is None or past.colour is None:
                continue
            opponent = field.get(past.opponent) if _is_integer(past.opponent) else None
            if opponent is None:
                raise EngineError(ErrorCode.UNKNOWN_ENTRANT, {"player": past.opponent})
            answer = opponent.rounds[index]
            if answer.opponent != player.number or answer.colour != opposite(past.colour):
                _refuse(player.number, index + 1)


def _preference(colours: Sequence[Colour], difference: int) -> tuple[Colour | None, Strength]:
    """Article 1.7: away from a difference beyond 1, from two equal colours, from a difference of 1, from the last."""
    if not colours:
        return None, Strength.NONE
    fewer: Colour = "b" if difference > 0 else "w"
    if abs(difference) > 1:
        return fewer, Strength.ABSOLUTE
    if len(colours) > 1 and colours[-1] == colours[-2]:
        return opposite(colours[-1]), Strength.ABSOLUTE
    if difference:
        return fewer, Strength.STRONG
    return opposite(colours[-1]), Strength.MILD


def contestants(players: Sequence[DutchPlayer], round_number: int, win: int, loss: int) -> tuple[Contestant, ...]:
    """The active players in ranking order: score, then pairing number.

    :raises EngineError: ``invalid_entrant``, ``duplicate_entrant``; ``too_few_entrants``, ``too_many_entrants`` (active
        players: 1 to ``MAX_PLAYERS``); ``unknown_entrant`` (an opponent who is not in the field); ``invalid_history``
        (not ``round_number - 1`` rounds, or a game that its two players tell differently).
    """
    if not isinstance(players, Sequence) or isinstance(players, str | bytes):
        raise EngineError(ErrorCode.INVALID_ENTRANT)
    field: dict[int, DutchPlayer] = {}
    for player in players:
        _check_player(player, round_number - 1)
        if player.number in field:
            raise EngineError(ErrorCode.DUPLICATE_ENTRANT, {"player": player.number})
        field[player.number] = player
    active = sum(player.active for player in players)
    if active < 1:
        raise EngineError(ErrorCode.TOO_FEW_ENTRANTS, {"entrants": active, "minimum": 1})
    if active > MAX_PLAYERS:
        raise EngineError(ErrorCode.TOO_MANY_ENTRANTS, {"entrants": active, "maximum": MAX_PLAYERS})
    _check_games(field)
    scores = {
        number: tuple(accumulate((past.points for past in player.rounds), initial=0))
        for number, player in field.items()
    }

    def floated(player: DutchPlayer, back: int) -> Float:
        index = len(player.rounds) - back
        if index < 0:
            return Float.NONE
        past = player.rounds[index]
        if past.opponent is None:
            return Float.DOWN if past.bye or past.points > loss else Float.NONE
        own, other = scores[player.number][index], scores[past.opponent][index]
        return Float.DOWN if own > other else Float.UP if own < other else Float.NONE

    def contestant(player: DutchPlayer) -> Contestant:
        colours = tuple(past.colour for past in player.rounds if past.colour is not None)
        difference = 2 * colours.count("w") - len(colours)
        preference, strength = _preference(colours, difference)
        return Contestant(
            number=player.number,
            points=scores[player.number][-1],
            opponents=frozenset(past.opponent for past in player.rounds if past.opponent is not None),
            colours=colours,
            difference=difference,
            preference=preference,
            strength=strength,
            floats=(floated(player, 1), floated(player, 2)),
            unplayed=len(player.rounds) - len(colours),
            may_take_bye=not any(past.bye or (past.opponent is None and past.points >= win) for past in player.rounds),
        )

    ranked = (contestant(player) for player in field.values() if player.active)
    return tuple(sorted(ranked, key=lambda player: (-player.points, player.number)))
