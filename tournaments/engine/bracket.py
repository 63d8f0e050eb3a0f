"""The winners' bracket, which single and double elimination have in common, as columns of numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from .match_table import NOWHERE, Round, seed_code, winner_code
from .seeding import inner_outer
from .types import OptionValue


@dataclass(slots=True)
class Columns:
    """The matches of a plan while it is being laid out; see :class:`~.match_table.MatchTable`."""

    rounds: list[Round] = field(default_factory=list)
    a: list[int] = field(default_factory=list)
    b: list[int] = field(default_factory=list)
    winner_to: list[int] = field(default_factory=list)
    loser_to: list[int] = field(default_factory=list)

    def add(
        self, round_: Round, a: Sequence[int], b: Sequence[int], winner_to: Sequence[int], loser_to: Sequence[int]
    ) -> None:
        self.rounds.append(round_)
        self.a += a
        self.b += b
        self.winner_to += winner_to
        self.loser_to += loser_to


@dataclass(frozen=True, slots=True)
class FirstRound:
    """The first round of a bracket of ``size`` places for fewer entrants: pair i of the bracket order is the better
    and the worse seed of places 2i and 2i + 1; the pairs in ``played`` have both."""

    size: int
    better: list[int]
    worse: list[int]
    played: list[int]


def first_round(entrants: int) -> FirstRound:
    """A seed above the number of entrants is a bye; the bracket order gives the byes to the best seeds."""
    size = 1 << (entrants - 1).bit_length()
    order = inner_outer(size)
    better, worse = list(order[0::2]), list(order[1::2])
    return FirstRound(size, better, worse, [index for index, seed in enumerate(worse) if seed <= entrants])


def games(best_of: OptionValue, rounds_to_go: int) -> int:
    """The best-of number of a match with so many rounds after it, from the ``best_of`` option."""
    if isinstance(best_of, tuple):
        return cast(int, best_of[min(rounds_to_go, len(best_of) - 1)])
    return cast(int, best_of)


def add_winners_bracket(columns: Columns, first: FirstRound, best_of: list[int], *, skip_first: bool = False) -> None:
    """Rounds 1..R of the bracket ``W``. The winner of match i goes to match i // 2 of the next round, to side a if i
    is even; a bye is no match, its entrant stands in round 2 from the start. Losers go nowhere yet.

    :param best_of: for each round.
    :param skip_first: the better seeds of round 1 go on without playing.
    """
    rounds = first.size.bit_length() - 1
    played = [] if skip_first else first.played
    after_first = [seed_code(seed) for seed in first.better]
    for position, index in enumerate(played):
        after_first[index] = winner_code(position)
    through: Sequence[int] = after_first
    start = len(played)
    columns.add(
        Round("W", 1, start, "W1.", best_of[0]),
        [seed_code(first.better[index]) for index in played],
        [seed_code(first.worse[index]) for index in played],
        [2 * start + index for index in played] if rounds > 1 else [NOWHERE],
        [NOWHERE] * start,
    )
    for number in range(2, rounds + 1):
        count = first.size >> number
        following = start + count
        columns.add(
            Round("W", number, count, f"W{number}.", best_of[number - 1]),
            through[0::2],
            through[1::2],
            range(2 * following, 2 * following + count) if number < rounds else [NOWHERE],
            [NOWHERE] * count,
        )
        through = range(winner_code(start), winner_code(following), 4)
        start = following
