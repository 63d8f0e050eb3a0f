"""Telling people: rows first, then sockets, then phones and mailboxes."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from common.db import needs_transaction
from common.queue import enqueue_on_commit
from common.realtime import broadcast_on_commit, user_group
from notifications import kinds, tasks
from notifications.enums import Channel
from notifications.frames import as_frame
from notifications.models import Delivery, Notification
from users.models import User

LIVE_IN_REQUEST = 20
DELIVERIES_PER_TASK = 20
_TELL = "SELECT * FROM notifications_tell(%s, %s, %s, %s, %s)"


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
    wanted: dict[tuple[int, str], Notice] = {}
    for notice in notices:
        for user_id in sorted(set(notice.to)):
            wanted.setdefault((user_id, notice.dedupe_key), notice)
    rows = _write(wanted, now)
    _show(rows)
    _send(rows, now)


def _write(wanted: Mapping[tuple[int, str], Notice], now: datetime) -> list[Notification]:
    """``wanted``: who is told what, under which key. What was told before is left out."""
    if not wanted:
        return []
    told = [(who, notice.kind, key, json.dumps(notice.params)) for (who, key), notice in wanted.items()]
    with connection.cursor() as cursor:
        cursor.execute(_TELL, [*map(list, zip(*told, strict=True)), now])
        written = cursor.fetchall()
    rows = []
    for pk, user_id, seq, key in written:
        notice = wanted[user_id, key]
        rows.append(
            Notification(
                pk=pk,
                user_id=user_id,
                seq=seq,
                kind=notice.kind,
                params=notice.params,
                dedupe_key=key,
                created_at=now,
            )
        )
    return rows


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


def _send(rows: list[Notification], now: datetime) -> None:
    sent = [(row, channel) for row in rows for channel in kinds.KINDS[row.kind].channels]
    if not sent:
        return
    users = User.objects.only("email", "is_active").in_bulk({row.user_id for row, _ in sent})
    deliveries = Delivery.objects.bulk_create(
        Delivery(notification=row, channel=channel, next_attempt_at=now, created_at=now)
        for row, channel in sent
        if users[row.user_id].is_active and (channel != Channel.EMAIL or users[row.user_id].email)
    )
    ids = [delivery.pk for delivery in deliveries]
    for start in range(0, len(ids), DELIVERIES_PER_TASK):
        enqueue_on_commit(tasks.deliver, *ids[start : start + DELIVERIES_PER_TASK])
