"""What has happened in a stage: its log of events, and the engine's view of the stage that follows from them."""

from datetime import datetime

from common.db import needs_transaction
from tournaments.engine import Event, StageView, fold
from tournaments.engine.decoding import event_from_data
from tournaments.engine.encoding import event_to_data
from tournaments.models import Stage, StageEvent
from tournaments.services import planning


@needs_transaction
def record(*, stage_id: int, event: Event, now: datetime) -> None:
    """Add to the log. The caller has the tournament locked, so that ids grow in the order of what happened."""
    StageEvent.objects.create(stage_id=stage_id, data=event_to_data(event), created_at=now)


def events_of(stage: Stage) -> list[Event]:
    """Everything so far, the oldest first."""
    log = StageEvent.objects.filter(stage=stage).order_by("pk").values_list("data", flat=True)
    return [event_from_data(data) for data in log]


def view_of(stage: Stage) -> StageView:
    """The engine's view of a started stage, as of now."""
    return fold(planning.plan_of(stage), events_of(stage))
