"""Telling people: rows first, then sockets, then phones and mailboxes."""

import json
from collections.abc import Iterable, Mapping, Sequence, Set
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
_LOCK_FEEDS = """
SELECT person.id, person.email, person.is_active
FROM users_user person JOIN notifications_feed feed ON feed.user_id = person.id
WHERE person.id = ANY (%s) ORDER BY person.id FOR NO KEY UPDATE OF feed
"""
_MAKE_FEEDS = """
INSERT INTO notifications_feed (user_id, head_seq)
SELECT id, 0 FROM users_user WHERE id = ANY (%s) ORDER BY id ON CONFLICT DO NOTHING
"""
# Numbers what is new behind the head of each feed, which is locked, and moves the heads.
_WRITE = """
WITH fresh AS (
  SELECT told.*, feed.head_seq + row_number() OVER (PARTITION BY told.user_id ORDER BY told.n) AS seq
  FROM unnest(%(who)s, %(kinds)s, %(keys)s, %(params)s) WITH ORDINALITY told (user_id, kind, key, params, n)
  JOIN notifications_feed feed ON feed.user_id = told.user_id
  WHERE NOT EXISTS (SELECT 1 FROM notifications_notification before
                    WHERE before.user_id = told.user_id AND before.dedupe_key = told.key)
), heads AS (
  UPDATE notifications_feed feed SET head_seq = fresh.seq
  FROM (SELECT user_id, MAX(seq) AS seq FROM fresh GROUP BY user_id) fresh WHERE feed.user_id = fresh.user_id
)
INSERT INTO notifications_notification (user_id, seq, kind, params, dedupe_key, is_read, created_at)
SELECT user_id, seq, kind, params::jsonb, key, FALSE, %(now)s FROM fresh ORDER BY n
RETURNING id, user_id, seq, dedupe_key
"""


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
    users = _locked_feeds({user_id for notice in notices for user_id in notice.to})
    wanted: dict[tuple[int, str], Notice] = {}
    for notice in notices:
        for user_id in sorted(users.keys() & set(notice.to)):
            wanted.setdefault((user_id, notice.dedupe_key), notice)
    rows = _write(wanted, now)
    if rows:
        _show(rows)
        _send(rows, users, now)


def _locked_feeds(receivers: Set[int]) -> dict[int, User]:
    """The users there are among them, each with its feed locked, in id order; a feed is made for who has none."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_FEEDS, [list(receivers)])
        if cursor.rowcount < len(receivers):
            cursor.execute(_MAKE_FEEDS, [list(receivers)])
            cursor.execute(_LOCK_FEEDS, [list(receivers)])
        rows = cursor.fetchall()
    return {pk: User(pk=pk, email=email, is_active=is_active) for pk, email, is_active in rows}


def _write(wanted: Mapping[tuple[int, str], Notice], now: datetime) -> list[Notification]:
    """``wanted``: who is told what, under which key. What was told before is left out."""
    if not wanted:
        return []
    told = [(who, notice.kind, key, json.dumps(notice.params)) for (who, key), notice in wanted.items()]
    columns = map(list, zip(*told, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, dict(zip(("who", "kinds", "keys", "params"), columns, strict=True)) | {"now": now})
        written = sorted(cursor.fetchall())
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
