from datetime import UTC
from typing import Any

from notifications.models import Notification


def as_frame(notification: Notification) -> dict[str, Any]:
    """A notification for sockets; each socket adds ``message`` in its own language."""
    return {
        "type": "notification",
        "seq": notification.seq,
        "id": notification.pk,
        "kind": notification.kind,
        "params": notification.params,
        "created_at": notification.created_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
    }
