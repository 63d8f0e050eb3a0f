from collections.abc import Collection, Mapping
from typing import Any

from common.errors import IllegalTransition

Table = Mapping[Any, Collection[Any]]


def transition(obj: Any, to: str, table: Table, *, error: type[IllegalTransition] = IllegalTransition) -> None:
    """Move ``obj.status`` along the table and bump ``obj.version``; the caller holds the row's lock and saves.

    :raises IllegalTransition: (or the subclass given) the table does not lead from the current status to ``to``.
    """
    if to not in table.get(obj.status, ()):
        raise error(status=str(obj.status))
    obj.status = to
    obj.version += 1
