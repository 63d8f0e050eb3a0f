"""Real threads on real PostgreSQL: jobs that start at one moment, and moments at which one job waits for another.

``STRESS=n`` in the environment multiplies the rounds of the tests that are played in rounds.
"""

import os
import time
from collections import Counter
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from common.errors import DomainError

WAIT = 20
Job = Callable[[], Any]


def rounds(count: int) -> range:
    return range(count * int(os.environ.get("STRESS", "1")))


def in_parallel(*jobs: Job) -> list[Any]:
    """Run the jobs at the same moment, each on a connection of its own; what each gave or raised, in their order."""
    barrier, outcomes = Barrier(len(jobs)), [None] * len(jobs)

    def run(index: int, job: Job) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(WAIT)
            outcomes[index] = job()
        except Exception as error:
            outcomes[index] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=item) for item in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def told(outcomes: list[Any]) -> Counter[str]:
    """How often each answer was given: ``"done"`` or the code of a refusal. A defect is raised as it came."""
    for outcome in outcomes:
        if isinstance(outcome, Exception) and not isinstance(outcome, DomainError):
            raise outcome
    return Counter(outcome.code if isinstance(outcome, DomainError) else "done" for outcome in outcomes)


def until_somebody_waits_for_a_lock() -> None:
    """Come back once another connection to this database waits for a lock."""
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.005)
    raise AssertionError("nobody waited for a lock")


def one_waits_for_the_other(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, first: Job, second: Job) -> Any:
    """Run ``first`` up to its call of ``where.name``; ``second`` begins there, and must wait for a lock of ``first``'s.

    Returns what both gave or raised.
    """
    reached, call = Barrier(2), getattr(where, name)

    def paused(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(where, name, call)
        reached.wait(WAIT)
        until_somebody_waits_for_a_lock()
        return call(*args, **kwargs)

    def begin_then() -> Any:
        reached.wait(WAIT)
        return second()

    monkeypatch.setattr(where, name, paused)
    return in_parallel(first, begin_then)
