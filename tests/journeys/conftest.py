"""The running product: every process of it, on a database, a Redis and folders of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
import redis

import runner.product
from runner import environment
from runner.console import Console
from runner.layout import Layout
from runner.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
# What the tests' own settings have put into the environment, or a developer's shell.
NOT_OURS = ("DJANGO_SETTINGS_MODULE", "CHANNEL_PREFIX", "ZARINPAL_URL", "SMS_PROVIDERS", "SMS_FILE", "PUBLIC_URL")
OWNER_KEY = "journey-owner"
OWNED_SECONDS = 900


@dataclass(frozen=True)
class JourneyLayout(Layout):
    """This checkout's code, but data elsewhere, and whichever Python runs the tests."""

    data: Path

    @property
    def local(self) -> Path:
        return self.data

    @property
    def python(self) -> Path:
        return Path(sys.executable)


@dataclass(frozen=True)
class Product:
    url: str
    sms_file: Path
    env: dict[str, str]

    def run(self, *command: str, seconds: int) -> subprocess.CompletedProcess[str]:
        """Run a Python command in the product's environment."""
        return subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=seconds
        )

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run("manage.py", *arguments, seconds=90)


@contextmanager
def fresh_database() -> Iterator[str]:
    """A new database on the server of the tests; yields its URL."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    name = f"meydan_journey_{os.getpid()}"
    server = psycopg2.connect(urlunsplit(parts._replace(scheme="postgresql", path="/postgres")))
    server.autocommit = True
    try:
        with server.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{name}"')
            yield urlunsplit(parts._replace(path=f"/{name}"))
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        server.close()


@contextmanager
def free_redis() -> Iterator[str]:
    """A database of the tests' Redis that nobody else uses, taken from the far end; yields its URL."""
    server = os.environ["REDIS_URL"].rsplit("/", 1)[0]
    with redis.Redis.from_url(f"{server}/0") as first:
        last = int(first.config_get("databases")["databases"]) - 1
    for number in range(last, 0, -1):
        with redis.Redis.from_url(f"{server}/{number}") as database:
            if database.dbsize() == 0 and database.set(OWNER_KEY, os.getpid(), nx=True, ex=OWNED_SECONDS):
                try:
                    yield f"{server}/{number}"
                finally:
                    database.flushdb()
                return
    pytest.fail("every database of this Redis is in use")


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    layout = JourneyLayout(ROOT, tmp_path_factory.mktemp("journey"))
    with fresh_database() as database_url, free_redis() as redis_url, ExitStack() as stack:
        with pytest.MonkeyPatch.context() as surroundings:
            for name in NOT_OURS:
                surroundings.delenv(name, raising=False)
            surroundings.setenv("DATABASE_URL", database_url)
            surroundings.setenv("REDIS_URL", redis_url)
            state, _ = stack.enter_context(runner.product.running(layout, Console(quiet=True), free_port()))
            addresses = {name: state[name] for name in ("database_url", "redis_url", "url", "zarinpal_url")}
            env = environment.product(layout, **addresses)
        yield Product(url=state["url"], sms_file=layout.sms, env={**env, "ADMIN_USERNAME": state["admin"]["username"]})
