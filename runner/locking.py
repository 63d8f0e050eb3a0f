"""Who is at work in this checkout. The kernel frees a lock when its owner dies, so nothing here can be stale."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from runner.console import Console
from runner.layout import Layout

State = dict[str, Any]


def try_lock(path: Path) -> IO[str] | None:
    """Take the lock, until the returned file is closed; None when somebody else has it."""
    file = path.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


@contextmanager
def exclusive(path: Path, console: Console, waiting: str) -> Iterator[None]:
    """Hold the lock for the block; say `waiting` when that takes patience."""
    file = try_lock(path)
    if file is None:
        with console.step(waiting) as step:
            while (file := try_lock(path)) is None:
                step.tick()
                time.sleep(0.1)
    with file:
        yield


class Ownership:
    """The right to run the services on this checkout's data. One process has it; the others can read who."""

    def __init__(self, layout: Layout, command: str) -> None:
        self.layout = layout
        self.command = command
        self.file: IO[str] | None = None

    def take(self) -> bool:
        """Try to become the owner."""
        file = try_lock(self.layout.lock)
        if file is None:
            return False
        self.layout.state.unlink(missing_ok=True)
        file.seek(0)
        file.truncate()
        json.dump({"pid": os.getpid(), "command": self.command}, file)
        file.flush()
        self.file = file
        return True

    def announce(self, state: State) -> None:
        """Let others find the product that this process runs."""
        draft = self.layout.state.with_suffix(".tmp")
        draft.touch(0o600)
        draft.chmod(0o600)
        draft.write_text(json.dumps({**state, "pid": os.getpid()}, ensure_ascii=False, indent=2) + "\n")
        draft.replace(self.layout.state)

    def release(self) -> None:
        if self.file is not None:
            self.layout.state.unlink(missing_ok=True)
            self.file.close()
            self.file = None


def owner(layout: Layout) -> State | None:
    """Who owns this checkout's services: {"pid", "command"}, or None."""
    if not layout.lock.exists():
        return None
    file = try_lock(layout.lock)
    if file is not None:
        file.close()
        return None
    return read_json(layout.lock) or {"pid": 0, "command": "?"}


def describe_owner(layout: Layout) -> str:
    who = owner(layout) or {"pid": "?", "command": "?"}
    return f"./run {who['command']} (process {who['pid']})"


def running_product(layout: Layout) -> State | None:
    """The announced state of the product that runs in this checkout, with the "command" that runs it, or None."""
    who = owner(layout)
    state = read_json(layout.state)
    if who is None or state is None or state.get("pid") != who["pid"]:
        return None
    return {**state, "command": who["command"]}


def read_json(path: Path) -> State | None:
    try:
        value = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


@contextmanager
def owned_or_running(layout: Layout, console: Console, command: str) -> Iterator[tuple[Ownership | None, State]]:
    """Own this checkout for the block, or find the product that already runs in it.

    Yields (ownership, {}) or (None, state of the running product). Waits while another command owns the data without
    offering a product, and while a product is starting. A new `./run` also waits for the short-lived product of `play`.
    """
    mine = Ownership(layout, command)

    def found() -> State | None:
        state = running_product(layout)
        return None if state and command == "up" and state["command"] != "up" else state

    state: State | None = None
    if not mine.take() and not (state := found()):
        with console.step(f"Waiting for {describe_owner(layout)}") as step:
            while not mine.take() and not (state := found()):
                step.tick()
                time.sleep(0.1)
    try:
        yield (None, state) if state else (mine, {})
    finally:
        mine.release()
