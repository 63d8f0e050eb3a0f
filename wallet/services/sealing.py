"""Seals: transfers added up to one of them, so that reading a balance takes no longer the more of them there are."""

from datetime import datetime

from django.conf import settings
from django.db import connection

from common.db import use_case


@use_case
def seal(*, now: datetime, at_least: int | None = None) -> int:
    """Seal every account without a balance row that has ``at_least`` new transfers; how many were sealed.

    Waits at most 100 ms for those who are posting, and gives up then: the next sweep will do.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        wanted = settings.LEDGER_SEAL_AFTER if at_least is None else at_least
        cursor.execute("SELECT wallet_seal_accounts(%s, %s)", [wanted, now])
        return int(cursor.fetchone()[0])
