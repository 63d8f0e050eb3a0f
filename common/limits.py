"""Limits that hold under parallel requests: one SQL statement counts and tells."""

import math
from datetime import datetime, timedelta

from django.db import connection

from common.errors import RateLimited

_HIT = """
INSERT INTO common_ratecounter AS c (key, count, expires_at) VALUES (%(key)s, 1, %(until)s)
ON CONFLICT (key) DO UPDATE SET
  count = CASE WHEN c.expires_at <= %(now)s THEN 1 ELSE c.count + 1 END,
  expires_at = CASE WHEN c.expires_at <= %(now)s THEN %(until)s ELSE c.expires_at END
RETURNING count, expires_at
"""


def hit(*, key: str, limit: int, window_seconds: int, now: datetime) -> None:
    """Count one use of ``key`` in its window, which begins with the first use.

    Runs in the caller's transaction, if there is one: a rolled-back use is not counted.

    :raises RateLimited: this use is over the limit; ``retry_after`` is the rest of the window.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HIT, {"key": key, "until": now + timedelta(seconds=window_seconds), "now": now})
        count, expires_at = cursor.fetchone()
    if count > limit:
        raise RateLimited(retry_after=max(1, math.ceil((expires_at - now).total_seconds())))
