"""Runs tests against one mistake after the other, each in a fork of its own: ``python -m tests.faults.trials``.

One JSON line in, ``{"module", "change", "tests"}``, one line out: ``noticed``, ``missed`` or ``hung``. As a plugin of
pytest (``-p tests.faults.trials``) it writes which tests call which functions, and how long each of them takes.
"""

import importlib.abc
import importlib.util
import json
import os
import signal
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

from tests.faults import mutating

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120
# What every trial needs and no mistake is in: loaded once, before the forks. (Plugins of pytest are its own to load.)
LIBRARIES = (
    "channels.layers", "celery", "django.contrib.admin", "django.db.backends.postgresql.base", "django.test",
    "django_filters.rest_framework", "drf_spectacular.utils", "httpx", "jdatetime",
    "PIL.Image", "pyotp", "requests", "rest_framework.serializers", "segno", "websockets",
)  # fmt: skip


TOLD = {
    pytest.ExitCode.OK: "missed",
    pytest.ExitCode.USAGE_ERROR: "not tried",
    pytest.ExitCode.NO_TESTS_COLLECTED: "not tried",
}


class MistakeIn(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module with a mistake in it."""

    def __init__(self, module: str, change: int) -> None:
        self.module, self.change = module, change
        self.path = ROOT / (module.replace(".", "/") + ".py")

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        return importlib.util.spec_from_loader(name, self, origin=str(self.path)) if name == self.module else None

    def exec_module(self, module: Any) -> None:
        tree = mutating.mutated(self.path.read_text(encoding="utf-8"), self.change)
        exec(compile(tree, str(self.path), "exec"), module.__dict__)


def trial(module: str, change: int | None, tests: list[str]) -> str:
    """``change`` None tries the code as it is, which must be ``missed``: the tests pass."""
    pid = os.fork()
    if not pid:
        _run(module, change, tests)
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return TOLD.get(os.waitstatus_to_exitcode(status), "noticed")
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return "hung"


def _run(module: str, change: int | None, tests: list[str]) -> None:
    """In the fork: never returns."""
    with open(os.devnull, "w") as nowhere:
        for stream in (0, 1, 2):
            os.dup2(nowhere.fileno(), stream)
    if change is not None:
        sys.meta_path.insert(0, MistakeIn(module, change))
    options = ["-x", "-q", "-n", "0", "--reuse-db", "-p", "no:cacheprovider", f"--rootdir={ROOT}"]
    status = pytest.main([*options, *tests])
    os._exit(int(status))


def serve() -> None:
    for library in LIBRARIES:
        importlib.import_module(library)
    for line in sys.stdin:
        print(trial(**json.loads(line)), flush=True)  # noqa: T201


class Calls:
    """Which functions of wallet.services a test calls."""

    def __init__(self) -> None:
        self.tests: dict[str, dict[str, Any]] = {}
        self.code: dict[CodeType, str | None] = {}
        self.called: set[str] = set()

    def watch(self, frame: FrameType, event: str, argument: Any) -> None:
        if event != "call":
            return
        code = frame.f_code
        if code not in self.code:
            path = Path(code.co_filename)
            ours = path.parent.name == "services" and path.parent.parent.name == "wallet"
            self.code[code] = f"wallet.services.{path.stem}:{code.co_qualname}" if ours else None
        if name := self.code[code]:
            self.called.add(name.partition(".<locals>")[0])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: Any) -> Iterator[None]:
        self.called = set()
        began = time.monotonic()
        sys.setprofile(self.watch)
        threading.setprofile(self.watch)
        try:
            return (yield)
        finally:
            sys.setprofile(None)
            threading.setprofile(None)
            self.tests[item.nodeid] = {"seconds": time.monotonic() - began, "calls": sorted(self.called)}

    def pytest_sessionfinish(self) -> None:
        Path(os.environ["CALLS_FILE"]).write_text(json.dumps(self.tests), encoding="utf-8")


def pytest_configure(config: Any) -> None:
    if "CALLS_FILE" in os.environ:
        config.pluginmanager.register(Calls())


def tests_of(calls: dict[str, Any]) -> dict[str, list[str]]:
    """Function → the tests that call it, the quickest first."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for test, seen in sorted(calls.items(), key=lambda item: item[1]["seconds"]):
        for function in seen["calls"]:
            found[function].append(test)
    return found


if __name__ == "__main__":
    serve()
