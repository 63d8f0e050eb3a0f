"""Events go up the layers where a call may not: delivered at once, in the publisher's transaction.

An exception in a handler propagates and rolls everything back. What must happen after the commit belongs to a task.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

from common.db import needs_transaction

E = TypeVar("E")
_handlers: dict[type, list[Callable[[Any], None]]] = defaultdict(list)


def handles(event_type: type[E]) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Register a function for one event class; call it from ``handlers.py``, loaded by the app's ``ready()``."""

    def register(handler: Callable[[E], None]) -> Callable[[E], None]:
        if handler not in _handlers[event_type]:
            _handlers[event_type].append(handler)
        return handler

    return register


@needs_transaction
def publish(event: object) -> None:
    for handler in _handlers[type(event)]:
        handler(event)
