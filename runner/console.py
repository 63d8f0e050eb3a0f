"""What a person sees while something takes its time: a live line on a terminal, plain lines elsewhere."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
COLOURS = {"bold": "1", "red": "31", "green": "32", "yellow": "33", "cyan": "36", "dim": "2"}
REMINDER = 10.0


class Problem(Exception):
    """Something the person at the keyboard can mend: the message says what is wrong, `hint` what to do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class Console:
    """Progress and messages on stderr, so that stdout stays for results."""

    def __init__(self, stream: TextIO | None = None, *, quiet: bool = False) -> None:
        self.stream = stream or sys.stderr
        self.quiet = quiet
        self.live = self.stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self.colours = self.live and not os.environ.get("NO_COLOR")

    def paint(self, text: str, colour: str) -> str:
        return f"\033[{COLOURS[colour]}m{text}\033[0m" if self.colours else text

    def say(self, text: str = "") -> None:
        """Print a line, quiet or not."""
        self.stream.write(text + "\n")
        self.stream.flush()

    def problem(self, problem: Problem) -> None:
        self.say(self.paint(str(problem), "red"))
        if problem.hint:
            self.say(problem.hint)

    @contextmanager
    def step(self, title: str) -> Iterator["Step"]:
        """Show `title` and the time that it takes, until the block ends."""
        step = Step(self, title)
        step.begin()
        try:
            yield step
        except Exception:
            step.end("failed after")
            raise
        except BaseException:
            step.end("stopped after")
            raise
        step.end("done in")


class Step:
    """One thing that takes time. Whoever does it calls `tick()` often."""

    def __init__(self, console: Console, title: str) -> None:
        self.console = console
        self.title = title
        self.started = time.monotonic()
        self.shown = self.started

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    def begin(self) -> None:
        if not self.console.live and not self.console.quiet:
            self.console.say(f"{self.title} ...")

    def tick(self) -> None:
        now = time.monotonic()
        if self.console.live and now - self.shown >= 0.08:
            self.shown = now
            frame = self.console.paint(FRAMES[int(self.seconds * 10) % len(FRAMES)], "cyan")
            self._write(f"{frame} {self.title} {self.console.paint(f'{self.seconds:.0f} s', 'dim')}")
        elif not self.console.live and now - self.shown >= REMINDER:
            self.shown = now
            self.console.say(f"{self.title}: {self.seconds:.0f} s so far")

    def end(self, outcome: str) -> None:
        well, took = outcome == "done in", f"{self.seconds:.1f} s"
        if self.console.live:
            self._write("")
        if well and self.console.quiet:
            return
        if self.console.live:
            mark = self.console.paint("✓", "green") if well else self.console.paint("✗", "red")
            self.console.say(f"{mark} {self.title} {self.console.paint(took, 'dim')}")
        else:
            self.console.say(f"{self.title}: {outcome} {took}")

    def _write(self, line: str) -> None:
        self.console.stream.write(f"\r\033[K{line}")
        self.console.stream.flush()
