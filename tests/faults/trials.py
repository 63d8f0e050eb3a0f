"""Runs tests against one mistake after the other, each in a fork of its own: ``python -m tests.faults.trials TESTS…``.

It is one session of pytest: everything is imported and collected, and the database made, once. One JSON line in, one
line out. ``{"module", "change", "tests"}`` is a trial. ``{"part", "of", "modules"}`` runs a part of the tests without
any mistake and tells which functions of these modules each of them calls, and how long it takes.
"""

import ast
import gc
import importlib
import inspect
import json
import os
import signal
import sys
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import accumulate
from multiprocessing import Pipe
from pathlib import Path
from types import CodeType
from typing import Any, TextIO

import pytest
from django.db import connections
from django.urls import get_resolver

from tests.faults import mutating

ROOT = Path(__file__).resolve().parents[2]
# A test that takes longer has failed; a fork that says nothing for even longer is ended.
TEST_SECONDS, SILENT_SECONDS = 30, 90
# What takes longer to be noticed counts as missed: some functions are called by nearly every test.
TRIAL_SECONDS = 6


def put_in(module: str, number: int) -> bool:
    """Make one mistake in this process. False if it changes nothing."""
    path = path_of(module)
    source = path.read_text(encoding="utf-8")
    code = compile(mutating.mutated(source, number), str(path), "exec")
    return replace(module, code, mutating.changes(ast.parse(source))[number].function)


def watch_calls(module: str, called: set[str]) -> None:
    """Have each function of the module add its name to ``called``. (A profiler would slow everything down.)"""
    path = path_of(module)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = list(mutating.functions(tree))
    for function, name in functions:
        function.body[:0] = ast.parse(f"__called__.add({f'{module}:{name}'!r})").body
    code = compile(tree, str(path), "exec")
    importlib.import_module(module).__dict__["__called__"] = called
    for _, name in functions:
        replace(module, code, name)


def replace(module: str, code: CodeType, name: str) -> bool:
    """Give the function of that name its code from that of a changed module. False if they are the same."""
    function: Any = importlib.import_module(module)
    for part in name.split("."):
        code = next(inner for inner in code.co_consts if isinstance(inner, CodeType) and inner.co_name == part)
        function = inspect.getattr_static(function, part)
    function = inspect.unwrap(function.fget if isinstance(function, property) else function)
    same = function.__code__ == code
    function.__code__ = code
    return not same


def path_of(module: str) -> Path:
    return ROOT / (module.replace(".", "/") + ".py")


class Server:
    """The plugin that runs, instead of all tests in turn, what it is asked for."""

    def __init__(self, requests: TextIO, answers: TextIO) -> None:
        self.requests, self.answers = requests, answers
        self.reliable: set[str] = set()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.session = session
        self.items = {item.nodeid: item for item in session.items}
        # makes the database, which stays until the session ends, and loads what the first test would load
        session.items[0].add_marker(pytest.mark.timeout(0))
        self.run(session.items[0], None)
        assert not session.testsfailed, self.why
        get_resolver().url_patterns  # noqa: B018
        connections.close_all()
        gc.freeze()
        for line in self.requests:
            request = json.loads(line)
            answer = self.calls(**request) if "part" in request else self.trial(**request)
            self.answers.write(json.dumps(answer) + "\n")
            self.answers.flush()
        return True

    def run(self, item: pytest.Item, following: pytest.Item | None) -> None:
        """What the session has set up stays also after the last."""
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following or self.session)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.why = f"{report.nodeid} {report.when}: {report.longreprtext}"

    def trial(self, module: str, change: int | None, tests: list[str]) -> str:
        """``noticed`` by a test that passes without it, ``hung``, ``missed``, ``no mistake``, or why none of these."""
        outcome, test, why = self.first_failure(module, change, tests)
        if not test:
            return outcome
        if change is None:
            return f"unreliable: {why or test}"
        if outcome == "hung":
            self.reliable.clear()  # who knows what it has left behind
        if test not in self.reliable:
            alone, _, why = self.first_failure(module, None, [test])
            if alone != "missed":
                return f"unreliable: {why or test}"
            self.reliable.add(test)
        return outcome

    def first_failure(self, module: str, change: int | None, tests: list[str]) -> tuple[str, str, str]:
        """The outcome, with the test that failed, and how."""

        def work(say: Callable[[Any], None]) -> None:
            if change is not None and not put_in(module, change):
                return say(("no mistake", "", ""))
            for test, following in zip(tests, [*tests[1:], None], strict=True):
                say("")
                self.run(self.items[test], self.items[following] if following else None)
                if self.session.testsfailed:
                    return say(("noticed", test, self.why))
            return say(("missed", "", ""))

        return fork(work) or ("hung", tests[0], "")

    def calls(self, part: int, of: int, modules: list[str]) -> dict[str, Any]:
        def work(say: Callable[[Any], None]) -> None:
            found = {}
            called: set[str] = set()
            for module in modules:
                watch_calls(module, called)
            items = self.session.items[part::of]
            for item, following in zip(items, [*items[1:], None], strict=True):
                say("")
                called.clear()
                began = time.monotonic()
                self.run(item, following)
                if self.session.testsfailed:  # on a busy machine once is not always
                    self.session.testsfailed = 0
                    self.run(item, following)
                assert not self.session.testsfailed, self.why
                found[item.nodeid] = {"seconds": time.monotonic() - began, "calls": sorted(called)}
            say(found)

        return fork(work)


def fork(work: Callable[[Callable[[Any], None]], None]) -> Any:
    """What ``work`` says last in a process of its own, or None if that was silent for too long or ended before."""
    ours, theirs = Pipe(duplex=False)
    pid = os.fork()
    if not pid:
        errors = os.dup(2)
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
        try:
            work(theirs.send)
        except BaseException:
            os.write(errors, traceback.format_exc().encode())
        os._exit(0)
    theirs.close()
    try:
        while ours.poll(SILENT_SECONDS):
            if told := ours.recv():
                return told
    except EOFError:  # it ended without a word
        pass
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        ours.close()
    return None


def serve(tests: list[str]) -> int:
    requests, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    options = ["-n", "0", "-q", "-s", "--create-db", f"--timeout={TEST_SECONDS}", "-p", "no:cacheprovider"]
    # nobody reads why a test fails
    options += ["--tb=native", "--assert=plain", f"--rootdir={ROOT}"]
    return pytest.main([*options, *tests], plugins=[Server(requests, answers)])


def tests_of(calls: dict[str, Any]) -> dict[str, list[str]]:
    """Function → the tests that call it: quick ones first, one case of each before the second of any, to a limit."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for test, seen in sorted(calls.items(), key=lambda item: item[1]["seconds"]):
        for function in seen["calls"]:
            found[function].append(test)
    return {function: _varied(tests, calls) for function, tests in found.items()}


def _varied(tests: list[str], calls: dict[str, Any]) -> list[str]:
    cases: Counter[str] = Counter()
    turns = []
    for test in tests:
        name = test.partition("[")[0]
        turns.append((cases[name], test))
        cases[name] += 1
    turns.sort(key=lambda turn: turn[0])
    seconds = accumulate(calls[test]["seconds"] for _, test in turns)
    return [test for (_, test), sum_ in zip(turns, seconds, strict=True) if sum_ < TRIAL_SECONDS]


if __name__ == "__main__":
    sys.exit(serve(sys.argv[1:]))
