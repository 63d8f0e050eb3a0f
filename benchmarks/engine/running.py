"""Running one job in a fresh process, watched from outside: it is ended when what it measures takes too long."""

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
POLL = 0.1
TICKS = os.sysconf("SC_CLK_TCK")
MOST_MEMORY = 4 << 30
"""Bytes of address space for a Python peer: a dense graph must not take the machine with it."""


@dataclass(frozen=True, slots=True)
class Programs:
    """The commands that do jobs, by ``rows.Program``; who is absent, and why."""

    commands: Mapping[str, Sequence[str]]
    absent: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Ran:
    """The lines that a job printed; ``trouble`` says why they are not all, "" when they are."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    trouble: str = ""


def python_command(interpreter: str) -> tuple[str, ...]:
    return (interpreter, "-m", "benchmarks.engine.worker")


def run(command: Sequence[str], job: Mapping[str, object], limit: float) -> Ran:
    """Do the job; what it measures may take ``limit`` CPU seconds together, the best repetition of each thing counted.

    A job that does not end in ten times as many seconds by the wall clock, and a minute, is ended too.
    """
    options: dict[str, Any] = {"preexec_fn": _cap_memory} if job.get("capped") else {}
    with subprocess.Popen(  # noqa: S603
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options
    ) as process:
        try:
            return _Watch(process, limit).run(json.dumps(job).encode() + b"\n")
        finally:
            process.kill()


class _Watch:
    def __init__(self, process: "subprocess.Popen[bytes]", limit: float) -> None:
        self._process = process
        self._limit = limit
        self._spent = 0.0
        self._begun: float | None = None
        self._ran = Ran()
        self._errors = b""

    def run(self, job: bytes) -> Ran:
        process = self._process
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise RuntimeError("the process was started with three pipes")
        with suppress(BrokenPipeError):
            process.stdin.write(job)
            process.stdin.close()
        patience = 10 * self._limit + 60
        deadline = time.monotonic() + patience
        unread = {process.stdout.fileno(): b"", process.stderr.fileno(): b""}
        with selectors.DefaultSelector() as selector:
            for descriptor in unread:
                selector.register(descriptor, selectors.EVENT_READ)
            while selector.get_map():
                for key, _ in selector.select(POLL):
                    data = os.read(key.fd, 1 << 16)
                    if not data:
                        selector.unregister(key.fd)
                    elif key.fd == process.stderr.fileno():
                        self._errors = (self._errors + data)[-4096:]
                    else:
                        *lines, unread[key.fd] = (unread[key.fd] + data).split(b"\n")
                        for line in lines:
                            self._take(json.loads(line))
                if self._too_long():
                    self._ran.trouble = f"> {self._limit:g} s"
                    return self._ran
                if time.monotonic() > deadline:
                    self._ran.trouble = f"not done after {patience:.0f} s by the wall clock"
                    return self._ran
        if process.wait():
            self._ran.trouble = f"failed: {self._reason()}"
        return self._ran

    def _take(self, line: dict[str, Any]) -> None:
        if "begin" in line:
            self._begun = cpu_seconds(self._process.pid)
            return
        self._begun = None
        self._spent += min(line["times"])
        self._ran.lines.append(line)

    def _too_long(self) -> bool:
        if self._begun is None:
            return self._spent > self._limit
        return self._spent + cpu_seconds(self._process.pid) - self._begun > self._limit

    def _reason(self) -> str:
        lines = self._errors.decode(errors="replace").strip().splitlines()
        named = [line.strip() for line in lines if "Error" in line]
        return (named or lines or [f"status {self._process.returncode}"])[-1][:100]


def _cap_memory() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


def cpu_seconds(pid: int) -> float:
    """The CPU time of a running process in ticks of 10 ms, or the wall clock where /proc does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return time.monotonic()
    return (int(fields[11]) + int(fields[12])) / TICKS


def our_programs(node: str, node_folder: str, peers_python: str, absent: Mapping[str, str]) -> Programs:
    """The commands for the engine, and for the peers whose interpreter is given."""
    commands: dict[str, Sequence[str]] = {"engine": python_command(sys.executable)}
    if peers_python:
        commands["python"] = python_command(peers_python)
    if node:
        commands["node"] = (node, str(ROOT / "benchmarks" / "peers" / "driver.mjs"), node_folder)
    return Programs(commands, absent)
