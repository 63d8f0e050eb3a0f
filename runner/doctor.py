"""`./run doctor`: what this machine lacks, with a cure for each."""

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass

from runner import environment, locking, postgres, product, services, valkey, venv
from runner.console import Console, Problem
from runner.layout import Layout
from runner.ports import answers, is_free

NEEDED_MB = 1500
BOOKS_CHECK = ("check", "--tag", "database", "--database", "default", "--fail-level", "WARNING")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; a `cure` means that it is wrong, or that it works and could be better (`warns`)."""

    what: str
    found: str
    cure: str = ""
    warns: bool = False


def doctor(layout: Layout, arguments: list[str]) -> int:
    """Look at everything that ./run needs; 1 if something is wrong."""
    console = Console(sys.stdout)
    findings = list(examine(layout))
    for finding in findings:
        word, colour = (
            ("warn ", "yellow") if finding.warns else ("wrong", "red") if finding.cure else ("ok   ", "green")
        )
        mark = console.paint(word, colour)
        console.say(f"{mark}  {finding.what}: {finding.found}")
        if finding.cure:
            console.say(f"       -> {finding.cure}")
    wrong = sum(bool(finding.cure) and not finding.warns for finding in findings)
    console.say()
    fine = "Everything works." if any(finding.warns for finding in findings) else "Everything is as it should be."
    console.say(f"{wrong} of {len(findings)} things to mend." if wrong else fine)
    return 1 if wrong else 0


def examine(layout: Layout) -> Iterator[Finding]:
    yield Finding("Python", platform.python_version())
    yield packages(layout)
    yield disk(layout)
    yield writable(layout)
    yield port(layout)
    yield shared_memory()
    for name in services.PROBES:
        given = bool(environment.given(name))
        finding = server(layout, name) if given else embedded(layout, name)
        yield finding
        if name == "DATABASE_URL" and given and not finding.cure and venv.satisfied(layout, "runtime"):
            yield books(layout)


def packages(layout: Layout) -> Finding:
    what = "Packages (.venv)"
    if venv.satisfied(layout, "dev"):
        return Finding(what, "installed, with those for tests")
    if venv.satisfied(layout, "runtime"):
        return Finding(what, "installed; ./run test adds those for tests")
    if venv.usable(layout) or importlib.util.find_spec("ensurepip"):
        return Finding(what, "not installed or not up to date; ./run installs them")
    package = venv.venv_package()
    if package is None:
        return Finding(what, "this Python has no ensurepip", "Use a Python that can make virtual environments.")
    if os.geteuid() == 0:
        return Finding(what, f"not installed; ./run installs them and {package}")
    return Finding(what, f"{package} is missing", f"sudo apt-get install -y {package}")


def disk(layout: Layout) -> Finding:
    free = shutil.disk_usage(layout.root).free // 2**20
    enough = free >= NEEDED_MB
    return Finding(
        "Disk space", f"{free} MB free", "" if enough else f"Have {NEEDED_MB} MB free for packages and data."
    )


def writable(layout: Layout) -> Finding:
    ok = os.access(layout.local if layout.local.exists() else layout.root, os.W_OK)
    cure = "" if ok else f"Let this user write into {layout.root} (owner now: uid {layout.root.stat().st_uid})."
    return Finding("This folder", "writable" if ok else "not writable", cure)


def port(layout: Layout) -> Finding:
    what, text = "Port", environment.given("PORT") or str(product.DEFAULT_PORT)
    state = locking.running_product(layout)
    if state:
        return Finding(what, f"Meydan runs at {state['url']}/")
    if not text.isdecimal() or int(text) > 65535:
        return Finding(what, f"PORT={text} is not a port number", "Set PORT to a number below 65536.")
    return Finding(
        what, f"{text} is free" if is_free(int(text)) else f"{text} is in use; ./run takes the next free one"
    )


def shared_memory() -> Finding:
    what = "/dev/shm"
    if sys.platform != "linux":
        return Finding(what, "not needed here")
    try:
        with tempfile.TemporaryFile(dir="/dev/shm"):
            return Finding(what, "writable")
    except OSError as error:
        return Finding(
            what, str(error), "The Celery worker needs it: mount -t tmpfs tmpfs /dev/shm (a container: --shm-size)"
        )


def server(layout: Layout, name: str) -> Finding:
    """Whether a server of the environment can be used; only whether it listens, before the packages are installed."""
    address, cure = services.shown(name), services.CURE.format(name=name)
    if not venv.satisfied(layout, "runtime"):
        listens = reachable(environment.given(name))
        return Finding(name, f"{address} {'listens' if listens else 'does not listen'}", "" if listens else cure)
    reason = services.trouble(layout, name)
    return Finding(name, f"{address}: {reason}", cure) if reason else Finding(name, f"{address} answers")


def books(layout: Layout) -> Finding:
    """What the product's own check says of the role of DATABASE_URL (common/checks.py)."""
    what = "Guard of the books"
    settings = environment.given("DJANGO_SETTINGS_MODULE") or "config.settings.dev"
    env = {**environment.base(layout), "DJANGO_SETTINGS_MODULE": settings}
    command = (layout.python, "manage.py", *BOOKS_CHECK)
    check = subprocess.run(command, cwd=layout.root, env=env, capture_output=True, text=True, check=False)
    _, warning, told = check.stderr.partition("(common.W001) ")
    if warning:
        found, _, hint = told.partition("HINT: ")
        return Finding(what, found.strip(), hint.strip().splitlines()[0], warns=True)
    if check.returncode:
        return Finding(what, "the check of the role fails", "Look at: ./run manage check --database default")
    return Finding(what, "the role of DATABASE_URL can write into none of their tables")


def reachable(url: str) -> bool:
    """Whether something listens at the host and port of a service's URL."""
    parts = urllib.parse.urlsplit(url)
    default = 5432 if parts.scheme.startswith("postgres") else 6379
    return answers(parts.hostname or "127.0.0.1", parts.port or default, seconds=3.0)


def embedded(layout: Layout, name: str) -> Finding:
    what = "Embedded PostgreSQL" if name == "DATABASE_URL" else "Embedded Valkey"
    if not venv.satisfied(layout, "runtime"):
        return Finding(what, "comes with the packages")
    try:
        if name == "DATABASE_URL":
            identity = postgres.account()
            binary = postgres.binaries(layout, identity) / "postgres"
        else:
            identity, binary = {}, valkey.binary(layout)
        probe = subprocess.run([binary, "--version"], cwd="/", capture_output=True, text=True, check=True, **identity)
    except Problem as problem:
        return Finding(what, str(problem), problem.hint)
    except (OSError, subprocess.SubprocessError) as error:
        return Finding(what, f"does not run: {error}", f"Set {name} to a server of your own.")
    return Finding(what, probe.stdout.strip())
