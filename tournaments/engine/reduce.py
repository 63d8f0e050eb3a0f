"""The state of a stage as a function of its events: all at once with ``fold``, or one at a time with ``apply``."""

from collections.abc import Iterable

from .draft import Draft
from .errors import EngineError, ErrorCode
from .events import Correction, Effect, Event
from .plan import StagePlan
from .rollback import Course, checked_events
from .view import StageView


def fold(plan: StagePlan, events: Iterable[Event] = ()) -> StageView:
    """The view after all events in this order; with none, the view of a stage that has just begun.

    Equal to applying them one by one. The order of results of matches that do not wait for each other does not
    matter. O(matches + events), once more for each correction.

    :raises EngineError: ``invalid_plan``, and as ``apply`` for the first event that is refused.
    """
    course = Course(plan)
    for event in checked_events(events):
        course.record(event)
    return course.view()


def apply(view: StageView, event: Event) -> tuple[StageView, tuple[Effect, ...]]:
    """The view after one more event, and what it changed in the order in which it changed: the match itself, each
    slot it fills, each match this opens, and each match that a dead slot decides at once. ``view`` stays as it was.
    A result takes constant time for each match it touches; leaving the stage, pairing a round and correcting a
    result take O(matches). A correction has no effects to tell: ``preview_change`` lists what it changes.

    :raises EngineError: ``invalid_view``, ``invalid_event``; for a result ``result_for_unknown_match``,
        ``match_already_decided``, ``match_not_ready``, ``invalid_outcome``, ``draw_not_allowed``, ``winner_required``,
        ``unexpected_winner``, ``winner_not_in_match``, ``invalid_score``, ``invalid_games``; for a game of many what
        ``heats.stage.check_heat`` raises; for a pairing ``round_not_open``, ``round_already_started``,
        ``invalid_pairing``; for leaving and adjusting ``unknown_entrant``, ``entrant_already_out``,
        ``invalid_adjustment``; for a correction also ``match_not_decided``, ``downstream_started``,
        ``sides_would_change``.
    """
    if not isinstance(view, StageView):
        raise EngineError(ErrorCode.INVALID_VIEW)
    if isinstance(event, Correction):
        return fold(view.plan, (*view.events, event)), ()
    draft = Draft(view)
    effects = draft.record(event)
    return draft.view(), tuple(effects)
