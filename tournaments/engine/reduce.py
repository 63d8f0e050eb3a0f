"""The state of a stage as a function of its results: all at once with ``fold``, or one at a time with ``apply``."""

from collections import deque
from collections.abc import Iterable

from .advance import Settlement, advance, settle
from .errors import EngineError, ErrorCode
from .plan import StagePlan
from .registry import format_named
from .types import (
    BYE,
    TBD,
    Bye,
    Effect,
    Event,
    MatchDecided,
    MatchOpened,
    MatchState,
    Occupant,
    Outcome,
    Result,
    Seed,
    Slot,
    SlotState,
    Status,
    Target,
)
from .view import StageView, StateMap


class _Draft:
    """Changes on top of a view, not yet visible to anyone."""

    def __init__(self, plan: StagePlan, states: StateMap, undecided: int) -> None:
        self._plan = plan
        self._states = states
        self._undecided = undecided
        self._changes: dict[int, MatchState] = {}

    def view(self) -> StageView:
        states = self._states.replaced(self._changes)
        champion = format_named(self._plan.config.format).champion(self._plan, states)
        return StageView(self._plan, states, self._undecided, champion)

    def record(self, event: Event) -> list[Effect]:
        if not isinstance(event, Result):
            raise EngineError(ErrorCode.INVALID_EVENT)
        position = self._plan.position(event.match_id)
        status = self._state(position).status
        if status is Status.LOCKED:
            raise EngineError(ErrorCode.MATCH_NOT_READY, {"match": event.match_id})
        if status is not Status.READY:
            raise EngineError(ErrorCode.MATCH_ALREADY_DECIDED, {"match": event.match_id})
        return self.decide(position, Status.COMPLETED, event.outcome)

    def decide(self, position: int, status: Status, outcome: Outcome) -> list[Effect]:
        """Close one match, and all matches that this leaves with a dead slot."""
        effects: list[Effect] = []
        waiting = deque([(position, status, outcome)])
        while waiting:
            position, status, outcome = waiting.popleft()
            spec, state = self._plan.matches[position], self._state(position)
            moves = advance(spec, outcome, state.a, state.b)
            self._changes[position] = MatchState(state.a, state.b, status, outcome)
            self._undecided -= 1
            effects.append(MatchDecided(spec.id, status, outcome))
            for move in moves:
                effects.append(move)
                follower, settlement = self._fill(move.target, move.occupant)
                if settlement.outcome is not None:
                    waiting.append((follower, settlement.status, settlement.outcome))
                elif settlement.status is Status.READY:
                    effects.append(MatchOpened(move.target.match_id))
        return effects

    def _state(self, position: int) -> MatchState:
        changed = self._changes.get(position)
        return self._states.at(position) if changed is None else changed

    def _fill(self, target: Target, occupant: Occupant) -> tuple[int, Settlement]:
        position = self._plan.position(target.match_id)
        state = self._state(position)
        a, b = (occupant, state.b) if target.side == "a" else (state.a, occupant)
        settlement = settle(a, b)
        self._changes[position] = _undecided(a, b, settlement)
        return position, settlement


def _known(plan: StagePlan, slot: Slot) -> SlotState:
    if isinstance(slot, Seed):
        return plan.seeds[slot.number - 1]
    return BYE if isinstance(slot, Bye) else TBD


def _undecided(a: SlotState, b: SlotState, settlement: Settlement) -> MatchState:
    """A match that its slots decide is locked for the moment, until ``decide`` comes to it."""
    return MatchState(a, b, Status.READY if settlement.status is Status.READY else Status.LOCKED)


def _opened(plan: StagePlan) -> _Draft:
    states = []
    dead: list[tuple[int, Status, Outcome]] = []
    for position, spec in enumerate(plan.matches):
        a, b = _known(plan, spec.a), _known(plan, spec.b)
        settlement = settle(a, b)
        states.append(_undecided(a, b, settlement))
        if settlement.outcome is not None:
            dead.append((position, settlement.status, settlement.outcome))
    draft = _Draft(plan, StateMap.of(plan, states), len(states))
    for position, status, outcome in dead:
        draft.decide(position, status, outcome)
    return draft


def fold(plan: StagePlan, results: Iterable[Event] = ()) -> StageView:
    """The view after all results in this order; with none, the view of a stage that has just begun.

    Equal to applying them one by one. The order of results of matches that do not wait for each other does not
    matter. O(matches + results).

    :raises EngineError: as ``apply``, for the first result that is refused.
    """
    draft = _opened(plan)
    for result in results:
        draft.record(result)
    return draft.view()


def apply(view: StageView, event: Event) -> tuple[StageView, tuple[Effect, ...]]:
    """The view after one more result, and what it changed in the order in which it changed: the match itself, each
    slot it fills, each match this opens, and each match that a dead slot decides at once. ``view`` stays as it was.
    Constant time for each match it touches.

    :raises EngineError: ``invalid_event``, ``result_for_unknown_match``, ``match_already_decided``,
        ``match_not_ready``, ``invalid_outcome``, ``draw_not_allowed``, ``winner_required``, ``unexpected_winner``,
        ``winner_not_in_match``, ``invalid_score``, ``invalid_games``.
    """
    draft = _Draft(view.plan, view.states, view.undecided)
    effects = draft.record(event)
    return draft.view(), tuple(effects)
