"""A stage at one moment, and the immutable map of match states behind it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from .plan import StagePlan
from .types import EntrantId, MatchId, MatchState, Result, SlotState, Status

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
class StageView:
    """A stage after some results. ``undecided`` counts the locked and ready matches; ``champion`` is known as soon as
    the result that makes him so, and stays None when nobody wins the stage."""

    plan: StagePlan
    states: StateMap
    undecided: int
    champion: EntrantId | None

    @property
    def complete(self) -> bool:
        return self.undecided == 0

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
        """The recorded results in plan order: folding them gives this view again. O(matches)."""
        return tuple(
            Result(match_id, state.outcome)
            for match_id, state in self.states.items()
            if state.status is Status.COMPLETED and state.outcome is not None
        )
