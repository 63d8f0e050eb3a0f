"""How sure a request may be of who is calling."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from users.errors import StepUpRequired


@dataclass(frozen=True, slots=True)
class Assurance:
    """Level 1 is a signed-in session; level 2 a second factor that was proved at ``proved_at``."""

    level: int = 1
    proved_at: datetime | None = None


def require_step_up(assurance: Assurance, *, now: datetime) -> None:
    """:raises StepUpRequired: no second factor was proved within STEP_UP_SECONDS."""
    fresh = timedelta(seconds=settings.STEP_UP_SECONDS)
    if assurance.level < 2 or assurance.proved_at is None or not now - fresh <= assurance.proved_at <= now:
        raise StepUpRequired
