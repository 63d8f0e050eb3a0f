"""Telling people: rows first, then sockets, then phones and mailboxes."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F

from common.db import needs_transaction
from common.queue import enqueue_on_commit
from common.realtime import broadcast_on_commit, user_group
from notifications import kinds, tasks
from notifications.enums import Channel
from notifications.frames import as_frame
from notifications.models import Delivery, Feed, Notification
from users.models import User

LIVE_IN_REQUEST = 20
DELIVERIES_PER_TASK = 20


@needs_transaction
def notify(*, kind: str, to: Iterable[int], params: dict[str, Any], dedupe_key: str, now: datetime) -> None:
    """Tell users something, each at most once per ``dedupe_key``; unknown ids are passed over.

    Locks the receivers' feeds in id order, so call it late in a transaction and once for all who hear the same thing.
    Money in ``params`` is a whole number of Rials. Closed accounts get the row, but no SMS and no e-mail.

    :raises LookupError: no such kind, or a param it needs is missing.
    """
    known = kinds.check(kind, params)
    users = {user.pk: user for user in User.objects.filter(pk__in=set(to)).only("pk", "email", "is_active")}
    if not users:
        return
    Feed.objects.bulk_create([Feed(user_id=pk) for pk in sorted(users)], ignore_conflicts=True)
    feeds = list(Feed.objects.filter(pk__in=users).locked())
    told = set(Notification.objects.filter(user_id__in=users, dedupe_key=dedupe_key).values_list("user_id", flat=True))
    fresh = [feed for feed in feeds if feed.pk not in told]
    if not fresh:
        return
    rows = Notification.objects.bulk_create(
        Notification(
            user_id=feed.pk, seq=feed.head_seq + 1, kind=kind, params=params, dedupe_key=dedupe_key, created_at=now
        )
        for feed in fresh
    )
    Feed.objects.filter(pk__in=[feed.pk for feed in fresh]).update(head_seq=F("head_seq") + 1)
    _show(rows)
    _send(rows, known.channels, users, now)


def broadcast(*, notification_ids: list[int]) -> None:
    """Show committed notifications to the sockets of their users."""
    for row in Notification.objects.filter(pk__in=notification_ids).order_by("pk"):
        broadcast_on_commit(user_group(row.user_id), as_frame(row))


def _show(rows: list[Notification]) -> None:
    if len(rows) > LIVE_IN_REQUEST:
        enqueue_on_commit(tasks.broadcast, [row.pk for row in rows])
        return
    for row in rows:
        broadcast_on_commit(user_group(row.user_id), as_frame(row))


def _send(rows: list[Notification], channels: tuple[Channel, ...], users: dict[int, User], now: datetime) -> None:
    deliveries = Delivery.objects.bulk_create(
        Delivery(notification=row, channel=channel, next_attempt_at=now, created_at=now)
        for row in rows
        for channel in channels
        if users[row.user_id].is_active and (channel != Channel.EMAIL or users[row.user_id].email)
    )
    ids = [delivery.pk for delivery in deliveries]
    for start in range(0, len(ids), DELIVERIES_PER_TASK):
        enqueue_on_commit(tasks.deliver, *ids[start : start + DELIVERIES_PER_TASK])
