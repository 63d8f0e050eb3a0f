"""Taking a person's words out of rows that stay: texts in JSON columns, whole strings only."""

import json
from typing import Any

from django.db import connection, models

from common.db import needs_transaction


@needs_transaction
def allow_long_statements(seconds: int) -> None:
    """For the rest of this transaction: erasing reads whole tables that no index could serve."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{seconds}s"])


@needs_transaction
def replace_in_json(model: type[models.Model], field: str, *, old: str, new: str) -> int:
    """Put ``new`` in the place of every string in the JSON column that is ``old``; returns how many rows changed."""
    table = connection.ops.quote_name(model._meta.db_table)
    column = connection.ops.quote_name(field)
    before, after = (json.dumps(text, ensure_ascii=False) for text in (old, new))
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {column} = replace({column}::text, %s, %s)::jsonb "  # noqa: S608  (names, not input)
            f"WHERE position(%s in {column}::text) > 0",
            [before, after, before],
        )
        return cursor.rowcount


def forget_values(changes: dict[str, Any]) -> dict[str, None]:
    """What changed, and no more from what to what."""
    return dict.fromkeys(changes)
