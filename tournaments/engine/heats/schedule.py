"""Who plays in which lobby: snaked lobbies, groups that all meet each other, and who goes on to the next round.

A heat is one game of one lobby. Its id is ``H<lobby>.G<game>`` (``H3.G2``: the second game of the third lobby), with
``R<round>.`` in front where a stage has several rounds of lobbies (``R2.H3.G2``). All count from 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tournaments.engine.errors import EngineError, ErrorCode
from tournaments.engine.types import EntrantId, MatchId, Standing

from .ranking import rank_rows
from .rows import MAX_HEAT, check_entrants

MAX_GAMES = 1000
"""The most rounds, lobbies of one round, or games of one lobby."""
MAX_HEATS = 20_000
"""The most heats that one call plans."""


@dataclass(frozen=True, slots=True)
class Heat:
    """One planned game of one lobby. ``round`` is 0 in a stage with a single round of lobbies."""

    id: MatchId
    round: int
    lobby: int
    game: int
    entrants: tuple[EntrantId, ...]


@dataclass(frozen=True, slots=True)
class Qualified:
    """Who goes on: ``direct`` lobby by lobby, ``wildcards`` in the order of the overall standings.

    ``tied_at_cut`` lists everyone who holds the same place as someone on the other side of a cut, where only the seed
    decided.
    """

    direct: tuple[EntrantId, ...]
    wildcards: tuple[EntrantId, ...]
    tied_at_cut: tuple[EntrantId, ...]


def heat_id(lobby: int, game: int, round_: int = 0) -> MatchId:
    """:raises EngineError: ``invalid_size`` for a number below 1 or above 1000 (0 is no round)."""
    _check_count(lobby)
    _check_count(game)
    if round_ != 0:
        _check_count(round_)
    return MatchId(f"{f'R{round_}.' if round_ else ''}H{lobby}.G{game}")


def snake(order: Sequence[EntrantId], lobbies: int) -> tuple[tuple[EntrantId, ...], ...]:
    """Deal ``order`` (the best first) out forwards and backwards in turn: 9 into 3 gives 1 6 7, 2 5 8, 3 4 9.

    Sizes differ by at most 1. The order is the seeds in the first round and may be the standings in later ones.

    :raises EngineError: ``invalid_entrant``, ``duplicate_entrant``, ``invalid_size`` (unless 1 <= lobbies <= n).
    """
    check_entrants(order)
    _check_count(lobbies, len(order))
    dealt: list[list[EntrantId]] = [[] for _ in range(lobbies)]
    for index, entrant in enumerate(order):
        row, column = divmod(index, lobbies)
        dealt[lobbies - 1 - column if row % 2 else column].append(entrant)
    return tuple(tuple(lobby) for lobby in dealt)


def lobby_round(order: Sequence[EntrantId], lobby_size: int, games: int, round_: int = 0) -> tuple[Heat, ...]:
    """The heats of one round: as few lobbies of at most ``lobby_size`` as hold everyone, snaked; the first games of
    all lobbies come first.

    :raises EngineError: ``invalid_entrant``, ``duplicate_entrant``, ``too_few_entrants``, ``invalid_size``.
    """
    check_entrants(order)
    _check_count(lobby_size, MAX_HEAT)
    if not order:
        raise EngineError(ErrorCode.TOO_FEW_ENTRANTS, {"minimum": 1, "given": 0})
    return _heats(snake(order, -(-len(order) // lobby_size)), games, round_)


def group_round_robin(groups: Sequence[Sequence[EntrantId]], games: int, cycles: int = 1) -> tuple[Heat, ...]:
    """Every pair of groups shares a lobby once in each cycle (a day): AB, AC, BC; with four AB, AC, AD, BC, BD, CD.

    Lobbies are numbered in that order, and all games of a lobby follow each other. The cycle is the round of the
    heats; it is left out of their ids when there is only one.

    :raises EngineError: ``invalid_entrant``, ``duplicate_entrant`` (also across groups), ``too_few_entrants`` (fewer
        than two groups, or an empty one), ``too_many_entrants`` (a lobby above 128), ``invalid_size``.
    """
    if not isinstance(groups, list | tuple) or not all(isinstance(group, list | tuple) for group in groups):
        raise EngineError(ErrorCode.INVALID_ENTRANT)
    check_entrants([entrant for group in groups for entrant in group])
    if len(groups) < 2 or not all(groups):
        raise EngineError(ErrorCode.TOO_FEW_ENTRANTS, {"minimum": 2, "given": sum(1 for group in groups if group)})
    sizes = sorted(len(group) for group in groups)
    if sizes[-1] + sizes[-2] > MAX_HEAT:
        raise EngineError(ErrorCode.TOO_MANY_ENTRANTS, {"maximum": MAX_HEAT, "given": sizes[-1] + sizes[-2]})
    _check_count(games)
    _check_count(cycles)
    pairs = [(*one, *other) for index, one in enumerate(groups) for other in groups[index + 1 :]]
    _check_count(len(pairs) * games * cycles, MAX_HEATS)
    return tuple(
        Heat(heat_id(lobby, game, round_), round_, lobby, game, pair)
        for round_ in (range(1, cycles + 1) if cycles > 1 else (0,))
        for lobby, pair in enumerate(pairs, 1)
        for game in range(1, games + 1)
    )


def qualified(
    lobbies: Sequence[Sequence[Standing]], overall: Sequence[Standing], per_lobby: int, wildcards: int
) -> Qualified:
    """The first ``per_lobby`` of each lobby, and the ``wildcards`` best of all others.

    :param lobbies: the standings of each lobby.
    :param overall: the standings of everyone together.
    :raises EngineError: ``invalid_entrant``, ``duplicate_entrant``, ``missing_entrant`` (in ``overall``),
        ``unknown_entrant`` (in ``overall``), ``invalid_size`` (a negative number, or more places than entrants).
    """
    if not isinstance(lobbies, list | tuple):
        raise EngineError(ErrorCode.INVALID_ENTRANT)
    orders = [rank_rows(lobby) for lobby in lobbies]
    everyone = [entrant for order in orders for entrant in order]
    ranked = rank_rows(overall)
    check_entrants(everyone)
    check_entrants(ranked)
    _check_members(everyone, ranked)
    smallest = min((len(order) for order in orders), default=0)
    if type(per_lobby) is not int or not 0 <= per_lobby <= smallest:
        raise EngineError(ErrorCode.INVALID_SIZE, {"size": per_lobby})
    direct = [entrant for order in orders for entrant in order[:per_lobby]]
    taken = set(direct)
    waiting = [row for row in overall if row.entrant not in taken]
    if type(wildcards) is not int or not 0 <= wildcards <= len(waiting):
        raise EngineError(ErrorCode.INVALID_SIZE, {"size": wildcards})
    tied = [entrant for lobby in lobbies for entrant in _tied_at(lobby, per_lobby)]
    tied += [entrant for entrant in _tied_at(waiting, wildcards) if entrant not in tied]
    return Qualified(tuple(direct), tuple(row.entrant for row in waiting[:wildcards]), tuple(tied))


def _heats(lobbies: Sequence[tuple[EntrantId, ...]], games: int, round_: int) -> tuple[Heat, ...]:
    _check_count(games)
    _check_count(len(lobbies) * games, MAX_HEATS)
    return tuple(
        Heat(heat_id(number, game, round_), round_, number, game, lobby)
        for game in range(1, games + 1)
        for number, lobby in enumerate(lobbies, 1)
    )


def _tied_at(rows: Sequence[Standing], cut: int) -> list[EntrantId]:
    if not 0 < cut < len(rows) or rows[cut - 1].place != rows[cut].place:
        return []
    return [row.entrant for row in rows if row.place == rows[cut].place]


def _check_members(everyone: Sequence[EntrantId], ranked: Sequence[EntrantId]) -> None:
    for members, found, code in (
        (set(ranked), everyone, ErrorCode.MISSING_ENTRANT),
        (set(everyone), ranked, ErrorCode.UNKNOWN_ENTRANT),
    ):
        for entrant in found:
            if entrant not in members:
                raise EngineError(code, {"entrant": entrant})


def _check_count(value: object, most: int = MAX_GAMES) -> None:
    if type(value) is not int or not 1 <= value <= most:
        raise EngineError(ErrorCode.INVALID_SIZE, {"size": value})
