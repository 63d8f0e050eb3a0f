from datetime import datetime
from typing import Any

from django.db import models

from common.db import insert, needs_transaction
from common.middleware import current_request_id
from common.models import AuditEntry


@needs_transaction
def record(
    *, action: str, actor: Any | None, target: models.Model, now: datetime, reason: str = "", **changes: Any
) -> None:
    """Write one audit line in the transaction of the change itself; ``changes`` is name → value or [before, after]."""
    line = AuditEntry(
        action=action,
        actor=actor,
        target_type=target._meta.label_lower,
        target_id=target.pk,
        changes=changes,
        reason=reason,
        request_id=current_request_id(),
        created_at=now,
    )
    insert([line])
