"""What signing in costs, and what an authenticated request costs beside one that asks for no token.

    python -m benchmarks.auth [--quick] [--json FILE]

Serves the product by granian as in production on a fresh database of the server that DATABASE_URL names, and counts the
CPU of the server's processes and of its PostgreSQL backends, never the clock. Contenders take turns within each round.
"""

import argparse
import hashlib
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2

from benchmarks.auth.processes import cpu_seconds, tree
from benchmarks.auth.report import Cost, figures, table
from runner.ports import free_port

DATABASE = "bench_auth"
ITERATIONS = 100_000


@dataclass
class Server:
    """The running product and one signed-in player."""

    port: int
    process: subprocess.Popen[bytes]
    sms: Path
    database_url: str
    tokens: dict[str, str] = field(default_factory=dict)
    phones: Iterator[int] = field(default_factory=lambda: iter(range(10_000_000)))

    def __post_init__(self) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def ask(self, method: str, path: str, body: Any = None, token: str = "") -> Any:
        headers = {"Accept-Language": "en", "Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._http.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = self._http.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{method} {path} answered {answer.status}: {content[:500]!r}")
        return json.loads(content)

    def sign_in(self) -> dict[str, Any]:
        """Ask for a code with a phone that nobody has used, read it where a local run keeps its messages, use it."""
        phone = f"091{next(self.phones):08d}"
        self.ask("POST", "/api/auth/otp/request/", {"phone_number": phone})
        with self.sms.open("rb") as messages:
            messages.seek(-min(2_000, self.sms.stat().st_size), os.SEEK_END)
            code = json.loads(messages.read().splitlines()[-1])["params"]["code"]
        answer: dict[str, Any] = self.ask("POST", "/api/auth/otp/verify/", {"phone_number": phone, "code": code})
        return answer

    def backends(self) -> list[int]:
        with psycopg2.connect(self.database_url) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            return [pid for (pid,) in cursor.fetchall()]

    def spent(self) -> tuple[float, float]:
        """CPU seconds so far: (server, its PostgreSQL backends)."""
        return cpu_seconds(tree(self.process.pid)), cpu_seconds(self.backends())


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./run bench auth", description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="3 rounds of 300 requests instead of 9 of 1,000")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures of every round there")
    wanted = parser.parse_args(arguments)
    rounds, requests = (3, 300) if wanted.quick else (9, 1_000)
    with running() as server:
        contenders = prepare(server)
        sign_ins = requests // 20
        measured: dict[str, list[Cost]] = {name: [] for name in [*contenders, SIGN_IN]}
        for number in range(rounds):
            for name, ask in contenders.items():
                measured[name].append(cost(server, ask, requests))
            measured[SIGN_IN].append(cost(server, server.sign_in, sign_ins))
            print(f"round {number + 1} of {rounds}", file=sys.stderr, flush=True)
    hashing = hash_ms()
    print(table(measured))
    print(f"\nOf a sign-in, hashing the code twice takes {2 * hashing:.1f} ms ({ITERATIONS:,} iterations each).")
    if wanted.json:
        wanted.json.write_text(json.dumps({"hash_ms": hashing, "rounds": figures(measured)}, indent=2) + "\n")
    return 0


SIGN_IN = "sign-in (request and verify)"


def prepare(server: Server) -> dict[str, Callable[[], Any]]:
    """What is measured, after each has been asked often enough to be warm on every thread of the server."""
    signed_in = server.sign_in()
    ours, stock = signed_in["access"], stock_token(signed_in["user"]["id"])
    asked = {
        "no authentication": ("/bench/open/", ""),
        "simplejwt, stateless": ("/bench/stateless/", stock),
        "simplejwt, stock": ("/bench/stock/", stock),
        "ours: session and user": ("/bench/ours/", ours),
        "GET /api/auth/me/": ("/api/auth/me/", ours),
        "GET /api/auth/sessions/": ("/api/auth/sessions/", ours),
    }
    contenders = {name: _get(server, path, token) for name, (path, token) in asked.items()}
    for ask in contenders.values():
        for _ in range(50):
            ask()
    for _ in range(5):
        server.sign_in()
    return contenders


def _get(server: Server, path: str, token: str) -> Callable[[], Any]:
    return lambda: server.ask("GET", path, token=token)


def cost(server: Server, work: Callable[[], Any], times: int) -> Cost:
    before = server.spent()
    for _ in range(times):
        work()
    after = server.spent()
    return Cost(*((now - then) * 1000 / times for now, then in zip(after, before, strict=True)))


def hash_ms() -> float:
    began = time.process_time()
    for _ in range(5):
        hashlib.pbkdf2_hmac("sha256", b"x" * 32, b"y" * 16, ITERATIONS)
    return (time.process_time() - began) * 1000 / 5


def stock_token(user_id: int) -> str:
    """A token as simplejwt makes it, from a process of its own that has the server's settings."""
    code = (
        "import django; django.setup();"
        "from rest_framework_simplejwt.tokens import AccessToken; token = AccessToken();"
        f"token['user_id'] = '{user_id}'; print(token)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_env())
    return done.stdout.strip()


def _env(**more: str) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "benchmarks.auth.settings",
        "ACCESS_TOKEN_MINUTES": "600",
        "OWNER_DATABASE_URL": "",
        **more,
    }


@contextmanager
def running() -> Iterator[Server]:
    """The product on a database of its own, which is dropped at the end."""
    given = urlsplit(os.environ["DATABASE_URL"])
    own = urlunsplit(given._replace(path=f"/{DATABASE}"))
    admin = psycopg2.connect(urlunsplit(given._replace(path="/postgres")))
    admin.autocommit = True
    with tempfile.TemporaryDirectory() as scratch, admin.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {DATABASE}")
        sms = Path(scratch) / "sms.jsonl"
        env = _env(DATABASE_URL=own, SMS_FILE=str(sms))
        os.environ.update(DATABASE_URL=own)
        subprocess.run([sys.executable, "manage.py", "migrate", "--noinput", "-v", "0"], check=True, env=env)
        port = free_port()
        command = [sys.executable, "-m", "granian", "--interface=wsgi", "benchmarks.auth.wsgi:application"]
        shape = ["--host=127.0.0.1", f"--port={port}", "--workers=1", "--blocking-threads=4", "--no-ws"]
        process = subprocess.Popen([*command, *shape, "--log-level=warning"], env=env)
        try:
            wait(port, process)
            yield Server(port, process, sms, own)
        finally:
            process.terminate()
            process.wait(30)
            cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
            admin.close()


def wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit("the server did not start")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server did not answer within a minute")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
