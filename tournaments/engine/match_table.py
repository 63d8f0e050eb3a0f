"""All matches of a plan as columns of numbers, so that a bracket of thousands is laid out in a few milliseconds; each
:class:`MatchSpec` is made when somebody looks at it."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import overload

from .types import BYE, TBD, LoserOf, MatchId, MatchSpec, Seed, Side, Slot, Target, WinnerOf

TBD_CODE = 3
BYE_CODE = 7
NOWHERE = -1
"""The target code of a side that is out after the match."""


def seed_code(seed: int) -> int:
    """A slot as a number: ``4 * seed``, ``4 * position + 1`` for a winner, ``4 * position + 2`` for a loser, 3 for not
    known, 7 for a bye."""
    return 4 * seed


def winner_code(position: int) -> int:
    return 4 * position + 1


def loser_code(position: int) -> int:
    return 4 * position + 2


def target_code(position: int, side: Side) -> int:
    """A target as a number: ``2 * position`` for side a, one more for side b, -1 for nowhere."""
    return 2 * position + (side == "b")


@dataclass(frozen=True, slots=True)
class Round:
    """What the ``count`` matches of one round of one bracket have in common.

    Their ids are ``label`` and the number of the match, which counts on from ``first``, or the label alone if
    ``alone``. The slots of a ``drawn`` round are filled by the event that pairs it.
    """

    bracket: str
    round: int
    count: int
    label: str
    best_of: int = 1
    alone: bool = False
    draws: bool = False
    drawn: bool = False
    advantage: int = 0
    moves_if: Side | None = None
    conditional: MatchId | None = None
    first: int = 0

    def match_id(self, index: int) -> MatchId:
        """:param index: of the match in the round, from 0."""
        return MatchId(self.label if self.alone else f"{self.label}{self.first + index + 1}")


class MatchTable(Sequence[MatchSpec]):
    """The matches of a plan, in an order in which no match is before one that it waits for.

    ``a`` and ``b`` hold the slots and ``winner_to`` and ``loser_to`` the targets, as numbers, one for each match.
    """

    __slots__ = ("_positions", "_specs", "a", "b", "loser_to", "rounds", "starts", "winner_to")

    def __init__(
        self,
        rounds: Sequence[Round],
        a: list[int],
        b: list[int],
        winner_to: list[int],
        loser_to: list[int],
    ) -> None:
        self.rounds = tuple(round_ for round_ in rounds if round_.count)
        starts = [0]
        for round_ in self.rounds:
            starts.append(starts[-1] + round_.count)
        self.starts = tuple(starts)
        self.a, self.b, self.winner_to, self.loser_to = a, b, winner_to, loser_to
        self._specs: list[MatchSpec | None] = []
        self._positions: Mapping[MatchId, int] | None = None

    @property
    def positions(self) -> Mapping[MatchId, int]:
        """Match id → index in the table."""
        if self._positions is None:
            ids = (round_.match_id(index) for round_ in self.rounds for index in range(round_.count))
            self._positions = MappingProxyType({match_id: position for position, match_id in enumerate(ids)})
        return self._positions

    def id_at(self, position: int) -> MatchId:
        index = bisect_right(self.starts, position) - 1
        return self.rounds[index].match_id(position - self.starts[index])

    def __len__(self) -> int:
        return len(self.a)

    @overload
    def __getitem__(self, position: int) -> MatchSpec: ...

    @overload
    def __getitem__(self, position: slice) -> tuple[MatchSpec, ...]: ...

    def __getitem__(self, position: int | slice) -> MatchSpec | tuple[MatchSpec, ...]:
        if isinstance(position, slice):
            return tuple(self[index] for index in range(*position.indices(len(self))))
        if position < 0:
            position += len(self)
        if not 0 <= position < len(self):
            raise IndexError(position)
        if not self._specs:
            self._specs = [None] * len(self)
        spec = self._specs[position]
        if spec is None:
            spec = self._specs[position] = self._spec(position)
        return spec

    def __iter__(self) -> Iterator[MatchSpec]:
        return (self[position] for position in range(len(self)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MatchTable):
            return NotImplemented
        return (self.rounds, self.a, self.b, self.winner_to, self.loser_to) == (
            other.rounds,
            other.a,
            other.b,
            other.winner_to,
            other.loser_to,
        )

    def __hash__(self) -> int:
        return hash(self.rounds)

    def __repr__(self) -> str:
        return f"MatchTable({len(self)} matches)"

    def _spec(self, position: int) -> MatchSpec:
        index = bisect_right(self.starts, position) - 1
        round_ = self.rounds[index]
        number = position - self.starts[index]
        return MatchSpec(
            id=round_.match_id(number),
            bracket=round_.bracket,
            round=round_.round,
            number=round_.first + number + 1,
            a=self._slot(self.a[position]),
            b=self._slot(self.b[position]),
            best_of=round_.best_of,
            winner_to=self._target(self.winner_to[position]),
            loser_to=self._target(self.loser_to[position]),
            draws=round_.draws,
            advantage=round_.advantage,
            moves_if=round_.moves_if,
            conditional=round_.conditional,
        )

    def _slot(self, code: int) -> Slot:
        number, kind = divmod(code, 4)
        if kind == 0:
            return Seed(number)
        if kind == 1:
            return WinnerOf(self.id_at(number))
        if kind == 2:
            return LoserOf(self.id_at(number))
        return BYE if code == BYE_CODE else TBD

    def _target(self, code: int) -> Target | None:
        if code == NOWHERE:
            return None
        return Target(self.id_at(code >> 1), "b" if code & 1 else "a")
