"""Correcting history: a recorded result is replaced, and what was played because of it stands or falls."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from .draft import Draft, opened, states_changed
from .encoding import canonical, event_to_data
from .errors import EngineError, ErrorCode
from .events import Correction, Disqualification, DqMode, Event, Policy, Result, RoundPaired, Withdrawal
from .plan import StagePlan
from .registry import format_named
from .types import MatchId, MatchState, Outcome, Status
from .view import Log, StageView


@dataclass(frozen=True, slots=True)
class Change:
    """One match before and after a correction."""

    match_id: MatchId
    before: MatchState
    after: MatchState


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """What a correction would do. ``voided`` are the matches whose results it drops, ``stale_rounds`` the rounds that
    were paired from what is no longer true. ``plan_hash`` stands for the whole: whoever confirms a correction by it
    confirms exactly this."""

    affected: tuple[Change, ...]
    voided: tuple[MatchId, ...]
    stale_rounds: tuple[int, ...]
    plan_hash: str


class Course:
    """The events of a stage as they count today, after all corrections."""

    def __init__(self, plan: StagePlan) -> None:
        """:raises EngineError: ``invalid_plan`` for anything that is not a plan."""
        if not isinstance(plan, StagePlan):
            raise EngineError(ErrorCode.INVALID_PLAN)
        self._plan = plan
        self._standing: list[Event] = []
        self._draft = opened(plan)
        self._log: Log | None = None
        self.voided: tuple[MatchId, ...] = ()

    def record(self, event: Event) -> None:
        """:raises EngineError: as ``apply``."""
        if isinstance(event, Correction):
            self._correct(event)
        else:
            self._draft.record(event)
            self._standing.append(event)
        self._log = Log(self._log, event)

    def view(self) -> StageView:
        return replace(self._draft.view(), log=self._log)

    def _correct(self, correction: Correction) -> None:
        if not isinstance(correction.policy, Policy):
            raise EngineError(ErrorCode.INVALID_EVENT)
        before = self._draft.view()
        if before.states.at(self._plan.position(correction.match_id)).status is not Status.COMPLETED:
            raise EngineError(ErrorCode.MATCH_NOT_DECIDED, {"match": correction.match_id})
        draft = opened(self._plan)
        kept: list[Event] = []
        voided: list[MatchId] = []
        for event in self._standing:
            if isinstance(event, Result):
                if event.match_id == correction.match_id:
                    event = Result(event.match_id, correction.outcome)
                elif not _still_stands(draft, before, event):
                    voided.append(event.match_id)
                    continue
            elif isinstance(event, RoundPaired) and not _can_be_paired(draft, event):
                continue
            if not _has_left_before(draft, event):
                draft.record(event)
            kept.append(event)
        self._check_policy(correction, before, draft, voided)
        draft.mark_stale((*before.stale_rounds, *_paired_from(correction, before)))
        self._draft, self._standing, self.voided = draft, kept, tuple(voided)

    def _check_policy(self, correction: Correction, before: StageView, draft: Draft, voided: list[MatchId]) -> None:
        if correction.policy is Policy.SAFE and voided:
            raise EngineError(ErrorCode.DOWNSTREAM_STARTED, {"matches": tuple(voided)})
        if correction.policy is Policy.KEEP:
            changed = states_changed(before, draft.view())
            moved = [position for position, (old, new) in changed.items() if (old.a, old.b) != (new.a, new.b)]
            ids = [self._plan.matches.id_at(position) for position in moved]
            if ids or voided:
                raise EngineError(ErrorCode.SIDES_WOULD_CHANGE, {"matches": tuple(dict.fromkeys([*ids, *voided]))})


def _still_stands(draft: Draft, before: StageView, result: Result) -> bool:
    """Whether the match is to be played by the same two as when the result was given."""
    position = before.plan.position(result.match_id)
    now, then = draft.state(position), before.states.at(position)
    return now.status is Status.READY and (now.a, now.b) == (then.a, then.b)


def _has_left_before(draft: Draft, event: Event) -> bool:
    """Whether the correction has thrown out an entrant who left later on without it."""
    if isinstance(event, Withdrawal) or (isinstance(event, Disqualification) and event.mode is DqMode.FORWARD):
        return draft.has_left(event.entrant)
    return False


def _paired_from(correction: Correction, before: StageView) -> tuple[int, ...]:
    """The rounds whose pairing counted on the winner of the match. In a bracket there are none: a pairing there is
    kept only while the same entrants are left."""
    plan = before.plan
    old = before.states[correction.match_id].outcome
    if not format_named(plan.config.format).table or (old is not None and old.winner == correction.outcome.winner):
        return ()
    played = plan.match(correction.match_id).round
    return tuple(pairing.round for pairing in before.pairings if pairing.round > played)


def _can_be_paired(draft: Draft, pairing: RoundPaired) -> bool:
    try:
        Draft(draft.view()).record(pairing)
    except EngineError:
        return False
    return True


def checked_events(events: Iterable[Event]) -> tuple[Event, ...]:
    """:raises EngineError: ``invalid_event`` for anything that cannot be gone through."""
    if not isinstance(events, Iterable):
        raise EngineError(ErrorCode.INVALID_EVENT)
    return tuple(events)


def preview_change(
    plan: StagePlan, events: Iterable[Event], match_id: MatchId, outcome: Outcome, policy: Policy = Policy.SAFE
) -> ChangePlan:
    """What correcting the result of one match would change; nothing is changed.

    A later match keeps its result as long as the same two stand on the same sides. In formats that pair round by
    round no round is paired again by itself: it is told as stale. ``affected`` is the difference between the stage
    before and after, the corrected match included. O(matches + events).

    :raises EngineError: ``match_not_decided`` (there is no recorded result to correct), ``downstream_started`` with
        the matches whose results stand in the way (``safe``), ``sides_would_change`` (``keep``), and what ``fold``
        raises for the events and the new outcome.
    """
    course = Course(plan)
    history = checked_events(events)
    for event in history:
        course.record(event)
    before = course.view()
    correction = Correction(match_id, outcome, policy)
    course.record(correction)
    after = course.view()
    affected = tuple(
        Change(plan.matches.id_at(position), old, new) for position, (old, new) in states_changed(before, after).items()
    )
    text = canonical([plan.plan_hash, [event_to_data(event) for event in (*history, correction)]])
    digest = hashlib.sha256(text.encode()).hexdigest()
    return ChangePlan(affected, course.voided, after.stale_rounds, digest)
