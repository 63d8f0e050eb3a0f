from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import DEFAULT_DB_ALIAS

from common import roles


@register(Tags.database)
def application_owns_nothing(databases: Sequence[str] | None = None, **options: Any) -> list[CheckMessage]:
    """`manage.py check --database default` says when the application could tamper with the books."""
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    tables = roles.writable()
    found: list[CheckMessage] = [
        Warning(
            f"The role of DATABASE_URL could write into {', '.join(tables)}: only triggers protect the books.",
            hint="Migrate with OWNER_DATABASE_URL, and have DATABASE_URL name a role that owns nothing.",
            id="common.W001",
        )
    ]
    return found if tables else []
