"""Mistakes put into the services of the wallet one at a time: at least 85 of 100 are noticed by its tests.

In short it is two that nobody could miss, and none at all. In full it takes hours; ``MUTANTS=n`` tries n of them.
"""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from random import Random
from typing import Any

import pytest

from tests.faults import mutating, trials
from tests.faults.sizes import FULL, full

SERVICES = trials.ROOT / "wallet" / "services"
TESTS = ("tests/wallet", "tests/tournaments/test_payouts.py") if FULL else ("tests/wallet/test_escrow.py",)
MODULES = "*.py" if FULL else "escrow.py"
SERVERS = len(os.sched_getaffinity(0)) if FULL else 1


def module_of(path: Path) -> str:
    return f"wallet.services.{path.stem}"


def mistakes() -> list[tuple[str, int, mutating.Change]]:
    return [
        (module_of(path), number, change)
        for path in sorted(SERVICES.glob(MODULES))
        for number, change in enumerate(mutating.changes(ast.parse(path.read_text(encoding="utf-8"))))
    ]


def environment(number: int, **extra: str) -> dict[str, str]:
    """A database and a Redis of its own for each server."""
    url, _, name = os.environ["DATABASE_URL"].rpartition("/")
    redis, _, _ = os.environ["REDIS_URL"].rpartition("/")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "FAULTS"))}
    return clean | {
        "DATABASE_URL": f"{url}/{name}_mutants{number}",
        "REDIS_URL": f"{redis}/{8 + number}",
        "PYTHONPATH": str(trials.ROOT),
        **extra,
    }


def calls(tmp_path: Path, number: int, *only: str) -> dict[str, Any]:
    """What the tests call, without any mistake; this also makes the database."""
    file = tmp_path / f"calls{number}.json"
    command = [sys.executable, "-m", "pytest", "-n", "0", "-q", "--create-db", "-p", "tests.faults.trials", *only]
    done = subprocess.run(
        command,
        cwd=trials.ROOT,
        env=environment(number, CALLS_FILE=str(file)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return json.loads(file.read_text(encoding="utf-8"))


@contextmanager
def servers() -> Iterator[Callable[..., str]]:
    """Asks whichever server is free."""
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.faults.trials"],
            cwd=trials.ROOT,
            env=environment(number),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(SERVERS)
    ]
    free: Queue[Any] = Queue()
    for server in running:
        free.put(server)

    def ask(**request: Any) -> str:
        server = free.get()
        try:
            server.stdin.write(json.dumps(request) + "\n")
            server.stdin.flush()
            return server.stdout.readline().strip()
        finally:
            free.put(server)

    try:
        yield ask
    finally:
        for server in running:
            server.stdin.close()
            server.wait(timeout=30)
            server.stdout.close()


@pytest.mark.timeout(full(10 * 3600, short=600))
def test_mistakes_in_the_services_of_the_wallet_are_noticed(tmp_path: Path, record_property: Any) -> None:
    with ThreadPoolExecutor(SERVERS) as pool:
        jobs = [pool.submit(calls, tmp_path, 0, *TESTS)]
        jobs += [pool.submit(calls, tmp_path, n, "tests/wallet/test_escrow.py") for n in range(1, SERVERS)]
        tests = trials.tests_of(jobs[0].result())
    tried = mistakes()
    record_property("mistakes that can be made", len(tried))
    if not FULL:
        tried = [item for item in tried if item[2].what == "condition turned"][:2]
    elif wanted := int(os.environ.get("MUTANTS", "0")):
        tried = Random(1).sample(tried, min(wanted, len(tried)))
    with servers() as ask, ThreadPoolExecutor(SERVERS) as pool:

        def outcome(item: tuple[str, int, mutating.Change]) -> str:
            module, number, change = item
            known = tests.get(f"{module}:{change.function}", [])
            return ask(module=module, change=number, tests=known) if known else "never called"

        # without a mistake, the same tests pass
        some = next(iter(tests.values()))
        assert [ask(module="wallet.services.escrow", change=None, tests=some) for _ in range(SERVERS)] == [
            "missed"
        ] * SERVERS
        outcomes = list(pool.map(outcome, tried))
    noticed = sum(told in {"noticed", "hung"} for told in outcomes)
    record_property("tried", len(tried))
    record_property("noticed", f"{noticed} = {100 * noticed / len(tried):.1f} %")
    for (module, _, change), told in zip(tried, outcomes, strict=True):
        if told not in {"noticed", "hung"}:
            record_property(f"{module}:{change.line} {change.function}", f"{told}: {change.what}")
    assert noticed >= 0.85 * len(tried)
