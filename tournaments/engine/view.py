"""A stage at one moment, and the immutable map of match states behind it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from types import MappingProxyType
from typing import Generic, TypeVar

from .events import Adjustment, DqMode, Event, Result, RoundPaired
from .heats.rows import HeatResult
from .plan import StagePlan
from .types import EntrantId, MatchId, MatchState, SlotState, Status

V = TypeVar("V")
_CHUNK_BITS = 6
_CHUNK = 1 << _CHUNK_BITS


class StateMap(Mapping[MatchId, MatchState]):
    """Match states in plan order. A changed copy shares everything but the touched chunks of 64 states, so that it
    costs 64 + matches / 64 pointers and no Python work per match."""

    __slots__ = ("_chunks", "_plan")

    def __init__(self, plan: StagePlan, chunks: tuple[tuple[MatchState, ...], ...]) -> None:
        self._plan = plan
        self._chunks = chunks

    @classmethod
    def of(cls, plan: StagePlan, states: list[MatchState]) -> "StateMap":
        """:param states: one for each match of the plan, in plan order."""
        return cls(plan, tuple(tuple(states[start : start + _CHUNK]) for start in range(0, len(states), _CHUNK)))

    def at(self, position: int) -> MatchState:
        return self._chunks[position >> _CHUNK_BITS][position & (_CHUNK - 1)]

    def in_order(self) -> Iterator[MatchState]:
        """The states in plan order, without their ids."""
        return chain.from_iterable(self._chunks)

    def replaced(self, changes: Mapping[int, MatchState]) -> "StateMap":
        """:param changes: plan position → new state."""
        touched: dict[int, list[MatchState]] = {}
        for position, state in changes.items():
            number = position >> _CHUNK_BITS
            chunk = touched.get(number)
            if chunk is None:
                chunk = touched[number] = list(self._chunks[number])
            chunk[position & (_CHUNK - 1)] = state
        chunks = list(self._chunks)
        for number, chunk in touched.items():
            chunks[number] = tuple(chunk)
        return StateMap(self._plan, tuple(chunks))

    def __getitem__(self, match_id: MatchId) -> MatchState:
        return self.at(self._plan.positions[match_id])

    def __iter__(self) -> Iterator[MatchId]:
        return iter(self._plan.positions)

    def __len__(self) -> int:
        return len(self._plan.matches)


class _Projection(Mapping[MatchId, V], Generic[V]):
    __slots__ = ("_part", "_states")

    def __init__(self, states: StateMap, part: Callable[[MatchState], V]) -> None:
        self._states = states
        self._part = part

    def __getitem__(self, match_id: MatchId) -> V:
        return self._part(self._states[match_id])

    def __iter__(self) -> Iterator[MatchId]:
        return iter(self._states)

    def __len__(self) -> int:
        return len(self._states)


@dataclass(frozen=True, slots=True)
class Log:
    """Events as a chain from the latest back, so that adding one shares all the earlier ones."""

    earlier: "Log | None"
    event: Event


_NOBODY: Mapping[EntrantId, DqMode] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class StageView:
    """A stage after some events.

    ``undecided`` counts the locked and ready matches, or the games of many entrants that are left; ``heats`` are those
    that were played. ``champion`` is known as soon as the result that makes him so, and stays None when nobody wins
    the stage. ``gone`` tells who has left and in what mode; ``pairings`` are the rounds that were paired by an event,
    ``stale_rounds`` those paired from results that were corrected afterwards. Views are equal when the stage stands
    the same, in whatever order independent results came.
    """

    plan: StagePlan
    states: StateMap
    undecided: int
    champion: EntrantId | None = None
    gone: Mapping[EntrantId, DqMode] = field(default_factory=lambda: _NOBODY)
    pairings: tuple[RoundPaired, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    stale_rounds: tuple[int, ...] = ()
    heats: tuple[HeatResult, ...] = ()
    log: Log | None = field(default=None, repr=False, compare=False)

    @property
    def complete(self) -> bool:
        return self.undecided == 0

    @property
    def round_to_pair(self) -> int | None:
        """The round that can be paired now: everything before it is decided. None while something is still open, when
        all rounds are paired, or when the format does not pair round by round."""
        table = self.plan.matches
        paired = self.pairings[-1].round if self.pairings else 0
        for round_, start in zip(table.rounds, table.starts, strict=False):
            if round_.drawn and round_.round > paired:
                return round_.round if self.undecided == len(table) - start else None
        return None

    @property
    def slots(self) -> Mapping[MatchId, tuple[SlotState, SlotState]]:
        """Who stands on side a and b of each match."""
        return _Projection(self.states, lambda state: (state.a, state.b))

    @property
    def status(self) -> Mapping[MatchId, Status]:
        return _Projection(self.states, lambda state: state.status)

    @property
    def ready(self) -> tuple[MatchId, ...]:
        """The matches that can be played now, in plan order. Computed at each use, O(matches)."""
        return tuple(match_id for match_id, state in self.states.items() if state.status is Status.READY)

    @property
    def results(self) -> tuple[Result, ...]:
        """The recorded results in plan order. O(matches)."""
        return tuple(
            Result(match_id, state.outcome)
            for match_id, state in self.states.items()
            if state.status is Status.COMPLETED and state.outcome is not None
        )

    @property
    def events(self) -> tuple[Event, ...]:
        """Everything that happened, in order: folding it gives this view again. O(events)."""
        events: list[Event] = []
        entry = self.log
        while entry is not None:
            events.append(entry.event)
            entry = entry.earlier
        return tuple(reversed(events))
