"""Double elimination: two losses are out. Losers of the winners' bracket ``W`` drop into the losers' bracket ``L``; the
winners of both meet in the grand final ``GF``."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import cast

from . import elimination
from .bracket import Columns, FirstRound, add_winners_bracket, first_round, games
from .elimination import Levels
from .format import Format, Option, Options, boolean, odd_best_of, one_of
from .match_table import BYE_CODE, NOWHERE, MatchTable, Round, loser_code, seed_code, target_code, winner_code
from .seeding import ORDERS
from .types import EntrantId, MatchId, OptionValue, PlaceRange, Standing
from .view import StageView

GRAND_FINAL = MatchId("GF1")
RESET = MatchId("GF2")
CYCLE = ("reverse", "reverse_half_shift", "half_shift", "natural")
"""How the losers of W2, W3, W4, W5 are laid out against the losers' bracket, and again from the start; it keeps those
who have met apart the longest. Found in 95 % of 4,335 real start.gg events."""

RESET_MODE, SINGLE, ADVANTAGE, NONE = GRAND_FINALS = ("reset", "single", "wb_advantage", "none")
"""``reset``: whoever comes from the losers' bracket has to win twice; ``single``: one match decides; ``wb_advantage``:
one match, in which the other side starts with a game won unless it is a best of 1; ``none``: no match, the winners of
both brackets are first and second."""


def _drop_orders(value: object) -> OptionValue:
    """``cycle``, or the names of the orders for the losers of W2, W3 …, taken again from the start when they end; one
    name alone counts for all."""
    if value == "cycle":
        return "cycle"
    value = [value] if isinstance(value, str) else value
    if isinstance(value, list | tuple) and value and all(isinstance(name, str) and name in _DROPS for name in value):
        return tuple(value)
    raise ValueError("not a list of orders")


_DROPS = frozenset(ORDERS) - {"inner_outer"}


def plan(options: Options, entrants: int, draw_seed: bytes) -> MatchTable:
    """All matches: winners' bracket, losers' bracket, grand final; 2n - 2 without the second grand final.

    The losers' bracket has two rounds for each round of the winners' bracket but the first: the losers of W1 meet in
    L1; in L2, L4 … the losers of W2, W3 … come in, laid out by ``lb_order``; in L3, L5 … those who are left meet.
    Matches that a bye decides are left out in both brackets. With ``skip_r1`` W1 is not played: its worse seeds start
    in L1. ``best_of`` is given from the grand final backwards; the finals of both brackets are one step before it.
    Nothing is random: ``draw_seed`` is not used.
    """
    orders = CYCLE if options["lb_order"] == "cycle" else cast(tuple[str, ...], options["lb_order"])
    return _table(entrants, options["best_of"], cast(str, options["grand_final"]), orders, bool(options["skip_r1"]))


@lru_cache(maxsize=16)
def _table(
    entrants: int, best_of: OptionValue, grand_final: str, orders: tuple[str, ...], skip_first: bool
) -> MatchTable:
    first = first_round(entrants)
    rounds = first.size.bit_length() - 1
    columns = Columns()
    lengths = [games(best_of, rounds - number + 1) for number in range(1, rounds + 1)]
    if grand_final == NONE:
        lengths = [games(best_of, rounds - number) for number in range(1, rounds + 1)]
    add_winners_bracket(columns, first, lengths, skip_first=skip_first)
    _LosersBracket(columns, first, orders, skip_first).add(best_of, has_final=grand_final != NONE)
    if grand_final != NONE:
        _add_grand_final(columns, games(best_of, 0), grand_final)
    return MatchTable(columns.rounds, columns.a, columns.b, columns.winner_to, columns.loser_to)


class _LosersBracket:
    """The losers' bracket of a laid out winners' bracket, which gets its ``loser_to`` here."""

    def __init__(self, columns: Columns, first: FirstRound, orders: tuple[str, ...], skip_first: bool) -> None:
        self._columns = columns
        self._first = first
        self._orders = orders
        self._skip_first = skip_first

    def add(self, best_of: OptionValue, *, has_final: bool) -> None:
        size = self._first.size
        rounds = size.bit_length() - 1
        last = 2 * (rounds - 1)
        lengths = [games(best_of, last - number + has_final) for number in range(1, last + 1)]
        alive = self._first_losers_round(lengths[0])
        dropped_from = self._columns.rounds[0].count if not self._skip_first else 0
        for number in range(2, last + 1, 2):
            alive = self._drop_in_round(number, lengths[number - 1], alive, dropped_from)
            dropped_from += size >> (number // 2 + 1)
            if number < last:
                alive = self._plain_round(number + 1, lengths[number], alive)

    def _first_losers_round(self, best_of: int) -> Sequence[int]:
        """L1: neighbours of round 1 meet, if both lost one. Returns who comes out of each pair of neighbours."""
        dropped = [BYE_CODE] * len(self._first.worse)
        for position, index in enumerate(self._first.played):
            dropped[index] = seed_code(self._first.worse[index]) if self._skip_first else loser_code(position)
        pairs = list(zip(dropped[0::2], dropped[1::2], strict=True))
        met = [index for index, pair in enumerate(pairs) if BYE_CODE not in pair]
        start = len(self._columns.a)
        self._add(1, best_of, [pairs[index][0] for index in met], [pairs[index][1] for index in met])
        self._send([code for index in met for code in pairs[index]], range(2 * start, 2 * (start + len(met))))
        if len(met) == len(pairs):
            return _winners(start, len(met))
        alive = [a if b == BYE_CODE else b for a, b in pairs]
        for position, index in enumerate(met, start):
            alive[index] = winner_code(position)
        return alive

    def _drop_in_round(self, number: int, best_of: int, alive: Sequence[int], dropped_from: int) -> Sequence[int]:
        """L2, L4 …: the losers of a round of the winners' bracket (side a) meet those who are alive (side b).

        :param dropped_from: position of the first match of that round.
        """
        order = ORDERS[self._orders[(number // 2 - 1) % len(self._orders)]](len(alive))
        before_first = loser_code(dropped_from - 1)
        dropped = [before_first + 4 * index for index in order]
        start = len(self._columns.a)
        complete = BYE_CODE not in alive
        met = range(len(alive)) if complete else [index for index, code in enumerate(alive) if code != BYE_CODE]
        a = dropped if complete else [dropped[index] for index in met]
        b = alive if complete else [alive[index] for index in met]
        self._add(number, best_of, a, b)
        self._send(a, range(2 * start, 2 * (start + len(met)), 2))
        self._send(b, range(2 * start + 1, 2 * (start + len(met)), 2))
        if complete:
            return _winners(start, len(met))
        for position, index in enumerate(met, start):
            dropped[index] = winner_code(position)
        return dropped

    def _plain_round(self, number: int, best_of: int, alive: Sequence[int]) -> Sequence[int]:
        """L3, L5 …: neighbours meet."""
        start = len(self._columns.a)
        self._add(number, best_of, alive[0::2], alive[1::2])
        self._send(alive, range(2 * start, 2 * start + len(alive)))
        return _winners(start, len(alive) // 2)

    def _add(self, number: int, best_of: int, a: Sequence[int], b: Sequence[int]) -> None:
        nowhere = [NOWHERE] * len(a)
        self._columns.add(Round("L", number, len(a), f"L{number}.", best_of), a, b, nowhere, nowhere)

    def _send(self, codes: Sequence[int], targets: range) -> None:
        """Let whoever each slot code names go to its target."""
        winner_to, loser_to = self._columns.winner_to, self._columns.loser_to
        if isinstance(codes, range):
            start = codes[0] >> 2
            winner_to[start : start + len(codes)] = targets
            return
        for code, target in zip(codes, targets, strict=True):
            if code & 3 == 2:
                loser_to[code >> 2] = target
            elif code & 3 == 1:
                winner_to[code >> 2] = target


def _winners(start: int, matches: int) -> range:
    """The slot codes of the winners of consecutive matches."""
    return range(winner_code(start), winner_code(start + matches), 4)


def _add_grand_final(columns: Columns, best_of: int, mode: str) -> None:
    position = len(columns.a)
    winners_final = sum(round_.count for round_ in columns.rounds if round_.bracket == "W") - 1
    losers_final = position - 1
    columns.winner_to[winners_final] = target_code(position, "a")
    columns.winner_to[losers_final] = target_code(position, "b")
    reset = mode == RESET_MODE
    advantage = int(mode == ADVANTAGE and best_of > 1)
    columns.add(
        Round("GF", 1, 1, GRAND_FINAL, best_of, alone=True, advantage=advantage, moves_if="b" if reset else None),
        [winner_code(winners_final)],
        [winner_code(losers_final)],
        [target_code(position + 1, "b") if reset else NOWHERE],
        [target_code(position + 1, "a") if reset else NOWHERE],
    )
    if reset:
        columns.add(
            Round("GF", 2, 1, RESET, best_of, alone=True, conditional=GRAND_FINAL),
            [loser_code(position)],
            [winner_code(position)],
            [NOWHERE],
            [NOWHERE],
        )


def champion(view: StageView) -> EntrantId | None:
    """The winner of the last grand final; without one, of the winners' bracket."""
    table = view.plan.matches
    last = table.rounds[-1]
    if last.bracket == "L":
        return _winner(view, sum(round_.count for round_ in table.rounds if round_.bracket == "W") - 1)
    if last.conditional is None:
        return _winner(view, len(table) - 1)
    reset = view.states.at(len(table) - 1).outcome
    if reset is None or reset.winner is not None:
        return _winner(view, len(table) - 1)
    first = view.states.at(len(table) - 2)
    return first.outcome.winner if first.outcome is not None and first.outcome.winner == first.a else None


def _winner(view: StageView, position: int) -> EntrantId | None:
    outcome = view.states.at(position).outcome
    return None if outcome is None else outcome.winner


def _levels(view: StageView) -> Levels:
    """A loser of losers' round r is at 2r; the final of a bracket and the grand final add what they decide.

    A loser of the winners' bracket who cannot play on (thrown out, or both sides forfeited) is where the match is that
    was waiting.
    """
    table = view.plan.matches
    last = max(round_.round for round_ in table.rounds if round_.bracket == "L")
    runner_up = 2 * last + 2
    loser: list[int] = []
    winner: list[int | None] = []
    for round_ in table.rounds:
        if round_.bracket == "GF":
            level, best = runner_up, runner_up + 1
        elif round_.bracket == "L":
            level, best = 2 * round_.round, runner_up
        else:
            level, best = 0, runner_up + 1
        loser += [level] * round_.count
        winner += [best] * round_.count
    for position, target in enumerate(table.loser_to):
        if loser[position] == 0:
            loser[position] = loser[target >> 1]
    return Levels(loser, winner, runner_up + 1)


def placements(view: StageView) -> Mapping[EntrantId, PlaceRange]:
    """First and second from the grand final, then by the round of the losers' bracket in which one lost: 3, 4, 5-6,
    7-8, 9-12 … for a full bracket, with byes as many as really lost there."""
    return elimination.placements(view, _levels(view))


def standings(view: StageView) -> tuple[Standing, ...]:
    """Everyone, the best first."""
    return elimination.standings(view, _levels(view))


DOUBLE_ELIMINATION = Format(
    name="double_elimination",
    min_entrants=3,
    max_entrants=16384,
    options=(
        Option("grand_final", RESET_MODE, one_of(*GRAND_FINALS)),
        Option("lb_order", "cycle", _drop_orders),
        Option("skip_r1", False, boolean),
        Option("best_of", 1, odd_best_of),
    ),
    plan=plan,
    champion=champion,
    placements=placements,
    standings=standings,
)
