"""The product itself: its processes, from nothing to ready, and what a person is told then."""

import contextlib
import http.client
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from signal import Signals
from typing import Any

from runner import environment, services
from runner.console import Console, Problem
from runner.layout import Layout
from runner.locking import State
from runner.ports import first_free, free_port
from runner.processes import Command, CommandFailed, Supervisor, run, wait_until

WEB = "config.asgi:application"
CELERY_APP = "config"
QUEUES = ("signin", "match", "bulk")
WEB_OPTIONS = ("--ws-max-size", "65536", "--no-server-header", "--lifespan", "off", "--timeout-graceful-shutdown", "2")
WORKER_OPTIONS = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO")
WORKER_READY = " ready."  # what Celery logs when it begins to consume
DEFAULT_PORT = 8000
SHOWN_PHONES = 3
# A killed runner cannot wait for tasks to end; they are acknowledged late, so what is cut off runs again.
WORKER_DEATH = Signals.SIGQUIT


def bank_command(layout: Layout, port: int) -> Command:
    return [layout.python, "-m", "demo.zarinpal", "--host", "127.0.0.1", "--port", str(port)]


def web_command(layout: Layout, port: int) -> Command:
    where = ("--host", "127.0.0.1", "--port", str(port))
    return [layout.python, "-m", "uvicorn", WEB, *where, "--no-proxy-headers", *WEB_OPTIONS]


def worker_command(layout: Layout) -> Command:
    celery = (layout.python, "-m", "celery", "-A", CELERY_APP, "worker")
    return [*celery, "-Q", ",".join(QUEUES), "--concurrency", "2", *WORKER_OPTIONS]


def beat_command(layout: Layout) -> Command:
    celery = (layout.python, "-m", "celery", "-A", CELERY_APP, "beat")
    return [*celery, "--schedule", layout.schedule, "--pidfile", "", "--loglevel", "INFO"]


@contextmanager
def running(layout: Layout, console: Console, port: int) -> Iterator[tuple[State, list[Supervisor]]]:
    """Have the whole product run during the block; yields its state and who watches over its processes.

    Only for the owner of the checkout, who announces the state.
    """
    layout.prepare()
    with services.lasting(layout, console) as backing, Supervisor(layout.logs, grace=6.0) as supervisor:
        url = f"http://127.0.0.1:{port}"
        bank_port = None if environment.given("ZARINPAL_URL") else free_port()
        zarinpal_url = f"http://127.0.0.1:{bank_port}" if bank_port else environment.given("ZARINPAL_URL")
        env = environment.product(
            layout,
            database_url=backing.database_url,
            redis_url=backing.redis_url,
            url=url,
            zarinpal_url=zarinpal_url,
        )
        compile_catalogues(layout, console)
        # They take seconds to load, and get nothing to do before the data is there: beat starts after it, and nobody is
        # told the web server's address.
        if bank_port:
            supervisor.start("bank", bank_command(layout, bank_port), env=env, cwd=layout.root)
        supervisor.start("web", web_command(layout, port), env=env, cwd=layout.root)
        worker = supervisor.start("worker", worker_command(layout), env=env, cwd=layout.root, death_signal=WORKER_DEATH)
        env.pop("OWNER_DATABASE_URL", None)
        owner = {"OWNER_DATABASE_URL": backing.owner_database_url} if backing.owner_database_url else {}
        demo = prepare_data(layout, console, env, owner)
        with console.step("Starting web, worker and beat") as step:
            supervisor.start("beat", beat_command(layout), env=env, cwd=layout.root)
            watched = [backing.supervisor, supervisor]
            wait_until(lambda: replies(port, "/readyz"), step=step, watched=watched, what="The web server")
            wait_until(lambda: worker.has_said(WORKER_READY), step=step, watched=watched, what="The worker")
            if bank_port:
                wait_until(lambda: replies(bank_port, "/healthz"), step=step, watched=watched, what="The fake bank")
        state = {
            "url": url,
            **demo,
            "database_url": backing.database_url,
            "owner_database_url": backing.owner_database_url,
            "redis_url": backing.redis_url,
            "zarinpal_url": zarinpal_url,
        }
        yield state, watched


def prepare_data(layout: Layout, console: Console, env: Mapping[str, str], owner: Mapping[str, str]) -> dict[str, Any]:
    """Bring the database up to date and have the demo data in it; returns the admin's login and the demo phones.

    `owner` is what only the migrations get.
    """
    manage = (layout.python, "manage.py")
    with console.step("Bringing the database up to date") as step:
        run(step, [*manage, "migrate", "--noinput", "-v", "0"], env={**env, **owner}, cwd=layout.root)
    with console.step("Adding demo data") as step:
        output = run(step, [*manage, "demo_data", "--json"], env=env, cwd=layout.root)
    return parse_demo_data(output)


def parse_demo_data(output: str) -> dict[str, Any]:
    """`demo_data --json` prints one line of JSON, perhaps after warnings.

    :raises CommandFailed: it has not.
    """
    for line in reversed(output.splitlines()):
        with contextlib.suppress(ValueError):
            value = json.loads(line)
            if isinstance(value, dict):
                return value
    raise CommandFailed("manage.py demo_data --json printed no JSON", output)


def compile_catalogues(layout: Layout, console: Console) -> None:
    """Compile the translations, when a source is newer than what was made of it."""
    sources = (layout.root / "locale").glob("*/LC_MESSAGES/django.po")
    if any(is_older(source.with_suffix(".mo"), source) for source in sources):
        compiler = (layout.python, "-m", "babel.messages.frontend", "compile")
        with console.step("Compiling the translations") as step:
            run(step, [*compiler, "-d", "locale", "-D", "django"], cwd=layout.root)


def is_older(made: Path, source: Path) -> bool:
    return not made.exists() or made.stat().st_mtime < source.stat().st_mtime


def replies(port: int, path: str) -> bool:
    """Whether the server there answers the path with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def wanted_port(console: Console) -> int:
    """PORT (8000 if not set), or the next free one, said so.

    :raises Problem: PORT is no port number.
    """
    text = environment.given("PORT") or str(DEFAULT_PORT)
    if not text.isdecimal() or int(text) > 65535:
        raise Problem(f"PORT={text} is not a port number.")
    port = first_free(int(text))
    if int(text) not in (0, port):
        console.say(f"Port {text} is in use: taking {port}.")
    return port


def watch(layout: Layout, console: Console, watched: list[Supervisor]) -> None:
    """Stay until a process stops or a signal comes; meanwhile show the sign-in codes that phones get.

    :raises Problem: a process stopped.
    """
    with layout.sms.open(errors="replace") as messages:
        messages.seek(0, 2)
        while True:
            for supervisor in watched:
                supervisor.check()
            line = messages.readline()
            if line:
                show_code(console, line)
            else:
                time.sleep(0.3)


def show_code(console: Console, line: str) -> None:
    """Show one line of the SMS file, if it is a message with a code."""
    with contextlib.suppress(ValueError, KeyError, TypeError):
        message = json.loads(line)
        console.say(f"SMS to {message['to']}: code {console.paint(message['params']['code'], 'bold')}")


def welcome(layout: Layout, console: Console, state: State, seconds: float) -> str:
    """The screen of a product that is ready."""
    admin: dict[str, Any] = state.get("admin") or {}
    login = " / ".join(str(value) for value in admin.values())
    phones = [str(phone) for phone in state.get("demo_phones") or ["-"]]
    more = f" and {len(phones) - SHOWN_PHONES} more" if len(phones) > SHOWN_PHONES else ""
    rows = {
        "Open": console.paint(state["url"] + "/", "bold"),
        "API documents": f"{state['url']}/api/docs/",
        "Admin": f"{state['url']}/admin/   {login}",
        "Demo phones": f"{', '.join(phones[:SHOWN_PHONES])}{more}   (the SMS brings the code)",
        "SMS codes": f"{layout.sms.relative_to(layout.root)}, and below",
        "Logs": f"{layout.logs.relative_to(layout.root)}/",
        "A whole match": "./run play   (in another terminal)",
    }
    ready = console.paint(f"Meydan is ready ({seconds:.1f} s).", "green")
    lines = [f"  {title:<14} {value}" for title, value in rows.items()]
    return "\n".join(["", ready, *lines, "  Stop           Ctrl-C", ""])
