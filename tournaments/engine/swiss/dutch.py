"""The FIDE Dutch system: the pairs, colours and bye of one round, exactly as the rules give them.

Source: FIDE Handbook C.04.3 (in force from 1 February 2026) with C.04.1 and C.04.2. Acceleration is not included.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tournaments.engine.errors import EngineError, ErrorCode
from tournaments.engine.types import Explanation

from .dutch_bracket import pairs_of
from .dutch_colour import Allocation, allocate
from .dutch_graph import Pair, PairingGraph
from .dutch_player import MAX_PLAYERS, Colour, Contestant, DutchPlayer, DutchRound, contestants

__all__ = ["MAX_PLAYERS", "DutchPairing", "DutchPlayer", "DutchRound", "pair_dutch"]


@dataclass(frozen=True, slots=True)
class DutchPairing:
    """One round. ``pairs`` are (white, black) pairing numbers in board order: the better score of the two, then the sum
    of both, then the rank of the better player. ``bye`` is the number of the player without an opponent.

    ``why`` tells, board by board and then for the bye, what is not as the player would expect it:
    ``dutch_downfloat`` (player, points, opponent, opponent_points): meets a lower score;
    ``dutch_colour_denied`` (player, preference, strength none|mild|strong|absolute, opponent, rule): does not get the
    preferred colour, because the rule (``ColourRule``) favours the opponent;
    ``dutch_bye`` (player, points, unplayed): has the lowest score with which the round can be paired.
    """

    pairs: tuple[tuple[int, int], ...]
    bye: int | None
    why: tuple[Explanation, ...]


def pair_dutch(
    players: Sequence[DutchPlayer],
    round_number: int,
    total_rounds: int,
    first_colour: Colour,
    win: int = 2,
    loss: int = 0,
) -> DutchPairing:
    """Pair round ``round_number`` of ``total_rounds``; the order of ``players`` does not matter.

    ``first_colour`` is what the first player got, or gets, in round 1 (drawn by lot). ``win`` and ``loss`` are the half
    points of a game won and lost. Topscorers (more than half of the greatest possible score) exist in the last round.

    :raises EngineError: ``no_legal_pairing`` (no complete pairing satisfies C1 to C3); ``invalid_option`` (the numbers
        of rounds, the colour, the points); ``invalid_entrant``, ``duplicate_entrant``, ``unknown_entrant``,
        ``too_few_entrants``, ``too_many_entrants``, ``invalid_history`` (the players).
    """
    _check_options(round_number, total_rounds, first_colour, win, loss)
    field = contestants(players, round_number, win, loss)
    topscore = (round_number - 1) * win // 2 if round_number == total_rounds else None
    graph = PairingGraph(field, topscore, first_colour)
    if not graph.settle_bye():
        raise EngineError(ErrorCode.NO_LEGAL_PAIRING, {"round": round_number})
    pairs = sorted(pairs_of(graph), key=lambda pair: _board_order(field, pair))
    allocations = [allocate(field[one], field[two], first_colour) for one, two in pairs]
    paired = {index for pair in pairs for index in pair}
    bye = next((player for index, player in enumerate(field) if index not in paired), None)
    return DutchPairing(
        tuple((allocation.white.number, allocation.black.number) for allocation in allocations),
        bye.number if bye else None,
        tuple(_explained(allocations, bye)),
    )


def _check_options(round_number: int, total_rounds: int, first_colour: Colour, win: int, loss: int) -> None:
    numbers = {"round_number": round_number, "total_rounds": total_rounds, "win": win, "loss": loss}
    for option, value in numbers.items():
        if not isinstance(value, int) or isinstance(value, bool):
            raise EngineError(ErrorCode.INVALID_OPTION, {"option": option})
    if not 1 <= round_number <= total_rounds:
        raise EngineError(ErrorCode.INVALID_OPTION, {"option": "round_number", "value": round_number})
    if loss >= win:
        raise EngineError(ErrorCode.INVALID_OPTION, {"option": "win", "value": win})
    if first_colour not in ("w", "b"):
        raise EngineError(ErrorCode.INVALID_OPTION, {"option": "first_colour"})


def _board_order(field: Sequence[Contestant], pair: Pair) -> tuple[int, int, int]:
    higher, lower = field[pair[0]].points, field[pair[1]].points
    return -higher, -higher - lower, pair[0]


def _explained(allocations: Sequence[Allocation], bye: Contestant | None) -> Iterator[Explanation]:
    for white, black, rule in allocations:
        sides: tuple[tuple[Contestant, Contestant, Colour], ...] = ((white, black, "w"), (black, white, "b"))
        for player, opponent, colour in sides:
            meeting = (("player", player.number), ("opponent", opponent.number))
            if player.points > opponent.points:
                points = (("points", player.points), ("opponent_points", opponent.points))
                yield Explanation("dutch_downfloat", (*meeting, *points))
            if player.preference not in (None, colour):
                strength = player.strength.name.lower()
                denied = (("preference", player.preference), ("strength", strength), ("rule", rule.value))
                yield Explanation("dutch_colour_denied", (*meeting, *denied))
    if bye:
        facts = (("player", bye.number), ("points", bye.points), ("unplayed", bye.unplayed))
        yield Explanation("dutch_bye", facts)
