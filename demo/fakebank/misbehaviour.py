"""What the bank can be told to do wrong, once per order."""

import re
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

HANG_SECONDS = 30.0
PAY = "pay"
HAPPENINGS = ("wrong_amount", "verified_before", "reversed")
_ON_CALL = re.compile(
    r"wrong_amount|verified_before|reversed|code:-?\d{1,6}|http:[2-5]\d\d|html|truncate|empty|garbage|redirect|big|drop|timeout|hang:\d+(\.\d+)?|json:.*",
    re.ASCII | re.DOTALL,
)
_ON_PAY = re.compile(r"drop_callback|double_callback|callbacks:\d{1,4}", re.ASCII)


class BadOrder(ValueError):
    pass


@dataclass(slots=True)
class Orders:
    """A queue of misbehaviours per operation, and a count of the calls of each."""

    operations: tuple[str, ...]
    calls: Counter[str] = field(default_factory=Counter)
    _queues: dict[str, deque[str]] = field(default_factory=lambda: defaultdict(deque))
    _lock: Lock = field(default_factory=Lock)

    def add(self, wanted: Any) -> None:
        """:raises BadOrder: not a list of ``{"on": operation, "do": what}``."""
        if not isinstance(wanted, list):
            raise BadOrder('"next" is a list')
        orders = []
        for item in wanted:
            on, do = (item.get("on"), item.get("do")) if isinstance(item, dict) else (None, None)
            shape = _ON_PAY if on == PAY else _ON_CALL
            if on not in (*self.operations, PAY) or not isinstance(do, str) or not shape.fullmatch(do):
                raise BadOrder(f"unknown order {item!r}")
            orders.append((on, do))
        with self._lock:
            for on, do in orders:
                self._queues[on].append(do)

    def take(self, operation: str) -> str:
        """Count one call and take its order; "" when it is to behave."""
        with self._lock:
            self.calls[operation] += 1
            queue = self._queues[operation]
            return queue.popleft() if queue else ""

    def clear(self) -> None:
        with self._lock:
            self.calls.clear()
            self._queues.clear()
