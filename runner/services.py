"""The database and Redis that a command works with: those of the environment, else embedded ones for its time."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from runner import environment, locking, valkey
from runner.console import Console, Problem
from runner.layout import Layout
from runner.postgres import Postgres
from runner.processes import Supervisor

CLUSTER = "postgres"
THROW_AWAY = "test-"


# Run by the environment's Python, because the drivers are not in the standard library.
PROBES = {
    "DATABASE_URL": "import os, psycopg2; psycopg2.connect(os.environ['DATABASE_URL'], connect_timeout=3)",
    "REDIS_URL": "import os, redis; redis.from_url(os.environ['REDIS_URL'], socket_connect_timeout=3).ping()",
}
CURE = "Start that server, or correct {name}, or unset it: ./run then brings its own."


@dataclass(frozen=True)
class Services:
    """Where the services are, and who watches over those that are ours."""

    database_url: str
    redis_url: str
    supervisor: Supervisor
    owner_database_url: str = ""


def all_given() -> bool:
    """Whether the environment names both services, so that none has to be started."""
    return bool(environment.given("DATABASE_URL") and environment.given("REDIS_URL"))


def trouble(layout: Layout, name: str) -> str:
    """Why the server that the environment names cannot be used; nothing if it can. Needs the packages."""
    probe = subprocess.run([layout.python, "-c", PROBES[name]], capture_output=True, text=True, check=False)
    lines = [line for line in probe.stderr.splitlines() if line and not line[0].isspace()]
    return "" if probe.returncode == 0 else (lines or ["no answer"])[-1]


def shown(name: str) -> str:
    """The address of a server of the environment without its password."""
    return environment.given(name).rpartition("@")[2]


@contextmanager
def lasting(layout: Layout, console: Console) -> Iterator[Services]:
    """Services on this checkout's data. Only for the owner of the checkout."""
    with started(layout, console, CLUSTER) as services:
        yield services


@contextmanager
def throw_away(layout: Layout, console: Console) -> Iterator[Services]:
    """Fast services of one's own for tests, gone afterwards; also beside a running product and other tests."""
    name = f"{THROW_AWAY}{os.getpid()}"
    with locking.exclusive(layout.local / "tests.lock", console, "Waiting for another ./run test to begin"):
        sweep(layout)
        lock = locking.try_lock(layout.local / f"{name}.lock")
    try:
        with started(layout, console, name) as services:
            yield services
    finally:
        if lock is not None:
            lock.close()
        sweep(layout, name)


@contextmanager
def started(layout: Layout, console: Console, cluster: str) -> Iterator[Services]:
    """Start what the environment does not name, and end it with the block; only the lasting cluster is durable.

    :raises Problem: a server that the environment names cannot be used.
    """
    database_url, redis_url = environment.given("DATABASE_URL"), environment.given("REDIS_URL")
    owner_database_url = environment.given("OWNER_DATABASE_URL") if database_url else ""
    prefix = THROW_AWAY if cluster != CLUSTER else ""
    missing = [title for title, url in (("PostgreSQL", database_url), ("Valkey", redis_url)) if not url]
    for name in PROBES:
        reason = trouble(layout, name) if environment.given(name) else ""
        if reason:
            raise Problem(f"{name} ({shown(name)}) does not work: {reason}", CURE.format(name=name))
    with Supervisor(layout.logs) as supervisor:
        if missing:
            with console.step(f"Starting {' and '.join(missing)}") as step:
                if not redis_url:
                    redis_url = valkey.start(layout, f"{prefix}valkey", supervisor, step)
                if not database_url:
                    server = Postgres(layout, cluster, throw_away=bool(prefix))
                    server.prepare(step)
                    database_url = server.start(supervisor, step, log=f"{prefix}postgres")
                    if not prefix:  # tests make their own databases, which takes the owner
                        owner_database_url, database_url = database_url, server.app_url(database_url)
        yield Services(database_url, redis_url, supervisor, owner_database_url)


def sweep(layout: Layout, only: str = "") -> None:
    """Delete throw-away clusters whose command has ended, or the one that is named."""
    for path in layout.local.glob(f"{only or THROW_AWAY + '*'}.lock"):
        lock = locking.try_lock(path)
        if lock is not None:
            remove(layout, path.stem)
            path.unlink(missing_ok=True)
            lock.close()


def remove(layout: Layout, name: str = CLUSTER) -> None:
    """Delete a cluster with all its data."""
    for home in layout.homes(name):
        shutil.rmtree(home, ignore_errors=True)
    with contextlib.suppress(OSError):  # not there, or not empty
        layout.homes(name)[1].parent.rmdir()
