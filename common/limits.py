"""Limits that hold under parallel requests: one SQL statement counts and tells."""

import math
import random
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

from django.db import connection
from django.db.models import F

from common.errors import RateLimited
from common.models import RateCounter

# A use over the limit is not counted, and writes nothing.
_HIT = """
INSERT INTO common_ratecounter AS c (key, count, expires_at) VALUES (%(key)s, 1, %(until)s)
ON CONFLICT (key) DO UPDATE SET
  count = CASE WHEN c.expires_at <= %(now)s THEN 1 ELSE c.count + 1 END,
  expires_at = CASE WHEN c.expires_at <= %(now)s THEN %(until)s ELSE c.expires_at END
WHERE c.expires_at <= %(now)s OR c.count < %(limit)s
RETURNING count
"""
SHARDS = 16


class BudgetSpent(Exception):
    """A budget that everybody shares is used up until ``ends_at``."""

    def __init__(self, ends_at: datetime, now: datetime) -> None:
        super().__init__()
        self.ends_at = ends_at
        self.retry_after = _seconds(ends_at - now)


def hit(*, key: str, limit: int, window_seconds: int, now: datetime) -> None:
    """Count one use of ``key`` in its window, which begins with the first use.

    Runs in the caller's transaction, if there is one: a rolled-back use is not counted, and the counter is locked
    until the end.

    :raises RateLimited: this use is over the limit; ``retry_after`` is the rest of the window.
    """
    if not _count(key, limit, now + timedelta(seconds=window_seconds), now):
        ends = RateCounter.objects.filter(pk=key).values_list("expires_at", flat=True).first()
        raise RateLimited(retry_after=_seconds(ends - now) if ends else window_seconds)


def give_back(*, key: str, now: datetime) -> None:
    """Take back one counted use, because it was none of those that the limit is against."""
    RateCounter.objects.filter(pk=key, count__gt=0, expires_at__gt=now).update(count=F("count") - 1)


def full_until(*, key: str, limit: int, now: datetime) -> datetime | None:
    """When the window ends, if no use is left in it."""
    full = RateCounter.objects.filter(pk=key, count__gte=limit, expires_at__gt=now)
    return full.values_list("expires_at", flat=True).first()


def require_room(*, key: str, limit: int, window_seconds: int, now: datetime) -> None:
    """Only look whether a budget (see ``spend``) has something left: one read, no lock, nothing counted.

    :raises BudgetSpent: nothing is left.
    """
    if not _shards_with_room(key, limit, now):
        raise BudgetSpent(_window_end(window_seconds, now), now)


def spend(*, key: str, limit: int, window_seconds: int, now: datetime) -> None:
    """Count one use of a budget that everybody shares, in windows of the clock (an hour's ends at the full hour).

    The counter is cut into SHARDS rows of which each use takes one at random, so that nobody queues behind one row.
    Call it outside a transaction: no shard is then locked for longer than its own statement.

    :raises BudgetSpent: nothing is left.
    """
    until = _window_end(window_seconds, now)
    with_room = _shards_with_room(key, limit, now)
    random.shuffle(with_room)
    if not any(_count(f"{key}:{shard}", share, until, now) for shard, share in with_room):
        raise BudgetSpent(until, now)


def address_keys(ip: str) -> tuple[str, str]:
    """(host, network) of a caller's address, however it is spelled.

    Whoever has one IPv6 address has its whole /64, so that is the host; the network is the /48. For IPv4 they are the
    address and its /24.
    """
    try:
        address = ip_address(ip)
    except ValueError:
        return "unknown", "unknown"
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            host, network = (IPv6Network((int(address), length), strict=False) for length in (64, 48))
            return str(host), str(network)
        address = address.ipv4_mapped
    return str(address), str(IPv4Network((int(address), 24), strict=False))


def _count(key: str, limit: int, until: datetime, now: datetime) -> bool:
    if limit < 1:
        return False
    with connection.cursor() as cursor:
        cursor.execute(_HIT, {"key": key, "limit": limit, "until": until, "now": now})
        return cursor.fetchone() is not None


def _shards_with_room(key: str, limit: int, now: datetime) -> list[tuple[int, int]]:
    """(number, share of the limit) of the shards that are not used up; the shares add up to the limit."""
    shards = min(SHARDS, limit)
    shares = {f"{key}:{number}": limit // shards + (number < limit % shards) for number in range(shards)}
    counts = dict(RateCounter.objects.filter(pk__in=shares, expires_at__gt=now).values_list("pk", "count"))
    return [(number, share) for number, (name, share) in enumerate(shares.items()) if counts.get(name, 0) < share]


def _window_end(window_seconds: int, now: datetime) -> datetime:
    windows = int(now.timestamp()) // window_seconds + 1
    return datetime.fromtimestamp(windows * window_seconds, UTC)


def _seconds(time: timedelta) -> int:
    return max(1, math.ceil(time.total_seconds()))
