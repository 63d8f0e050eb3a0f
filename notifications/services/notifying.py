"""Telling people: rows first, then sockets, then phones and mailboxes."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell some users, each at most once per ``dedupe_key``. Money in ``params`` is whole Rials."""

    kind: str
    to: Sequence[int]
    params: dict[str, Any]
    dedupe_key: str


@needs_transaction
def notify(*, kind: str, to: Iterable[int], params: dict[str, Any], dedupe_key: str, now: datetime) -> None:
    """Tell users something, each at most once per ``dedupe_key``; unknown ids are passed over.

    Call it late in a transaction, and once: it locks the receivers' feeds in id order. Whoever has several things to
    tell uses ``notify_many``. Closed accounts get the row, but no SMS and no e-mail.

    :raises LookupError: no such kind, or a param it needs is missing.
    """
    notify_many([Notice(kind, tuple(to), params, dedupe_key)], now=now)


@needs_transaction
def notify_many(notices: Iterable[Notice], *, now: datetime) -> None:
    """Tell several things at once, with the same few statements however many they are. See ``notify``."""
    notices = list(notices)
    for notice in notices:
        kinds.check(notice.kind, notice.params)
    receivers = {user_id for notice in notices for user_id in notice.to}
    users = {user.pk: user for user in User.objects.filter(pk__in=receivers).only("pk", "email", "is_active")}
    if not users:
        return
    Feed.objects.bulk_create([Feed(user_id=pk) for pk in sorted(users)], ignore_conflicts=True)
    feeds = {feed.pk: feed for feed in Feed.objects.filter(pk__in=users).locked()}
    keys = {notice.dedupe_key for notice in notices}
    told = set(Notification.objects.filter(user_id__in=users, dedupe_key__in=keys).values_list("user_id", "dedupe_key"))
    rows = []
    for notice in notices:
        for user_id in sorted(users.keys() & set(notice.to)):
            if (user_id, notice.dedupe_key) in told:
                continue
            told.add((user_id, notice.dedupe_key))
            feeds[user_id].head_seq += 1
            rows.append(
                Notification(
                    user_id=user_id,
                    seq=feeds[user_id].head_seq,
                    kind=notice.kind,
                    params=notice.params,
                    dedupe_key=notice.dedupe_key,
                    created_at=now,
                )
            )
    if not rows:
        return
    rows = Notification.objects.bulk_create(rows)
    _raise_heads(rows)
    _show(rows)
    _send(rows, users, now)


def _raise_heads(rows: list[Notification]) -> None:
    """Add to each locked feed what its user was told: one statement for all who were told equally much."""
    users_by_count = defaultdict(list)
    for user_id, count in Counter(row.user_id for row in rows).items():
        users_by_count[count].append(user_id)
    for count, user_ids in users_by_count.items():
        Feed.objects.filter(pk__in=user_ids).update(head_seq=F("head_seq") + count)


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


def _send(rows: list[Notification], users: dict[int, User], now: datetime) -> None:
    deliveries = Delivery.objects.bulk_create(
        Delivery(notification=row, channel=channel, next_attempt_at=now, created_at=now)
        for row in rows
        for channel in kinds.KINDS[row.kind].channels
        if users[row.user_id].is_active and (channel != Channel.EMAIL or users[row.user_id].email)
    )
    ids = [delivery.pk for delivery in deliveries]
    for start in range(0, len(ids), DELIVERIES_PER_TASK):
        enqueue_on_commit(tasks.deliver, *ids[start : start + DELIVERIES_PER_TASK])
