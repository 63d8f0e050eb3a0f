from datetime import datetime

from common.db import use_case
from common.errors import NotFound
from notifications import selectors
from notifications.models import Notification
from users.models import User


@use_case
def mark(*, notification_id: int, actor: User, is_read: bool) -> Notification:
    """Mark one of the actor's notifications read or unread. :raises NotFound: it is not the actor's."""
    if not selectors.feed(actor.pk).filter(pk=notification_id).update(is_read=is_read):
        raise NotFound
    return Notification.objects.get(pk=notification_id)


@use_case
def mark_all(*, actor: User, now: datetime) -> int:
    """Mark what the actor has been told up to now as read; returns how many were unread."""
    return selectors.feed(actor.pk).filter(is_read=False, created_at__lte=now).update(is_read=True)
