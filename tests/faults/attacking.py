"""Many callers at once, each with a connection of its own, on the real PostgreSQL."""

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

from common.errors import DomainError

CALLERS = 16


def attack(work: Callable[[Any], Any], items: Iterable[Any], callers: int = CALLERS) -> Counter[Any]:
    """Do ``work`` for every item by callers that begin together; how often each answer or refusal code was given."""
    waiting = list(items)
    barrier = Barrier(callers)

    def call(share: list[Any]) -> Counter[Any]:
        answers: Counter[Any] = Counter()
        try:
            connection.ensure_connection()
            barrier.wait(30)
            for item in share:
                try:
                    answers[work(item)] += 1
                except DomainError as error:
                    answers[error.code] += 1
        finally:
            connection.close()
        return answers

    with ThreadPoolExecutor(callers) as pool:
        shares = [waiting[number::callers] for number in range(callers)]
        return sum(pool.map(call, shares), Counter())
