"""Starting, watching and ending other programs so that none is left behind, whatever happens to `./run`."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from runner.console import Problem, Step

Command = Sequence[str | Path]
TAIL = 20
PR_SET_PDEATHSIG = 1


class Interrupted(BaseException):
    """Ctrl-C, or another request to end."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum


class CommandFailed(Problem):
    """A command ended with another status than 0; `output` is what it printed."""

    def __init__(self, message: str, output: str) -> None:
        super().__init__(message, last_lines(output))
        self.output = output


def interrupt_on_signals() -> None:
    """From now on SIGINT, SIGTERM and SIGHUP raise Interrupted; one that is ignored (nohup) stays ignored."""

    def interrupt(signum: int, _frame: FrameType | None) -> None:
        raise Interrupted(signum)

    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(signum) is not signal.SIG_IGN:
            signal.signal(signum, interrupt)


def last_lines(text: str, count: int = TAIL) -> str:
    return "\n".join(text.rstrip().splitlines()[-count:])


def dies_with_parent(signum: int) -> Callable[[], None] | None:
    """What a child has to do before it executes, so that it gets `signum` when `./run` is killed (Linux).

    The signal must then work: a shell's background jobs, and so their children, ignore SIGINT and SIGQUIT.
    """
    if sys.platform != "linux":
        return None
    import ctypes

    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def prepare() -> None:
        signal.signal(signum, signal.SIG_DFL)
        libc.prctl(PR_SET_PDEATHSIG, signum)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def run(step: Step, command: Command, *, input: str | None = None, orphan: bool = False, **options: Any) -> str:
    """Run a command to its end while `step` shows the time, and return what it printed.

    `orphan` lets it finish when `./run` is stopped or killed (for what must not be cut off half-way, like apt).

    :raises CommandFailed: it ended with another status than 0, or could not be started.
    """
    command = [str(part) for part in command]
    with tempfile.TemporaryFile("w+", errors="replace") as output, tempfile.TemporaryFile("w+") as stdin:
        stdin.write(input or "")
        stdin.seek(0)
        try:
            process = subprocess.Popen(
                command,
                stdin=stdin,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=None if orphan else dies_with_parent(signal.SIGTERM),
                **options,
            )
        except OSError as error:
            raise CommandFailed(f"{step.title}: {Path(command[0]).name} cannot be started", str(error)) from error
        try:
            while process.poll() is None:
                step.tick()
                pause(process, 0.05)
        except Interrupted:
            if not orphan:
                process.terminate()
            process.wait()
            raise
        output.seek(0)
        text = output.read()
    if process.returncode:
        raise CommandFailed(f"{step.title}: failed with {describe(process.returncode)}", text)
    return text


def pause(process: "subprocess.Popen[bytes]", seconds: float) -> None:
    """Wait until the process ends, at most so long."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return


def foreground(command: Command, *, env: Mapping[str, str], cwd: Path) -> int:
    """Let a command have the terminal and return its exit status. It gets the signals that `./run` gets."""
    process = subprocess.Popen(
        [str(part) for part in command], env=env, cwd=cwd, preexec_fn=dies_with_parent(signal.SIGTERM)
    )
    while True:
        try:
            status = process.wait()
            return 128 - status if status < 0 else status
        except Interrupted as interrupted:
            typed = interrupted.signum == signal.SIGINT and sys.stdin.isatty()
            if not typed:  # what is typed reaches the command without us
                process.send_signal(interrupted.signum)


def describe(status: int) -> str:
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"


@dataclass
class Child:
    """A program that runs beside `./run`."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path
    stop_signal: signal.Signals

    def has_said(self, text: str) -> bool:
        return text in self.log.read_text(errors="replace")

    def tail(self) -> str:
        return last_lines(self.log.read_text(errors="replace"))


class Supervisor:
    """Programs that start one by one and end together, when the `with` block does."""

    def __init__(self, logs: Path, *, grace: float = 10.0) -> None:
        self.logs = logs
        self.grace = grace
        self.children: list[Child] = []

    def __enter__(self) -> "Supervisor":
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def start(
        self,
        name: str,
        command: Command,
        *,
        env: Mapping[str, str],
        cwd: Path,
        stop_signal: signal.Signals = signal.SIGTERM,
        death_signal: signal.Signals | None = None,
        input: str = "",
        **options: Any,
    ) -> Child:
        """Start a program with a log of its own, in a session of its own: a Ctrl-C is for `./run` alone."""
        log = self.logs / f"{name}.log"
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        with log.open("wb") as output, tempfile.TemporaryFile("w+") as stdin:
            stdin.write(input)
            stdin.seek(0)
            process = subprocess.Popen(
                [str(part) for part in command],
                env=env,
                cwd=cwd,
                stdin=stdin,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=dies_with_parent(death_signal or stop_signal),
                **options,
            )
        child = Child(name, process, log, stop_signal)
        self.children.append(child)
        return child

    def check(self) -> None:
        """Find out that all still run.

        :raises Problem: one has stopped; the message ends with the last lines of its log.
        """
        for child in self.children:
            status = child.process.poll()
            if status is not None:
                raise Problem(
                    f"{child.name} stopped with {describe(status)}. The end of its log ({child.log}):",
                    child.tail(),
                )

    def stop(self) -> None:
        """End all, politely first; a second Ctrl-C meanwhile ends them at once."""
        alive = [child for child in self.children if child.process.poll() is None]
        try:
            for child in alive:
                child.process.send_signal(child.stop_signal)
            deadline = time.monotonic() + self.grace
            for child in alive:
                pause(child.process, max(0.0, deadline - time.monotonic()))
        finally:
            for child in self.children:
                kill_group(child.process)


def kill_group(process: "subprocess.Popen[bytes]") -> None:
    """End what is left of a child's process group (pool workers outlive a parent that crashed)."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_until(
    ready: Callable[[], bool], *, step: Step, watched: Iterable[Supervisor], what: str, seconds: float = 60.0
) -> None:
    """Wait until `ready()`, while everything in `watched` runs.

    :raises Problem: it took too long, or a program stopped.
    """
    deadline = time.monotonic() + seconds
    while not ready():
        for supervisor in watched:
            supervisor.check()
        if time.monotonic() > deadline:
            raise Problem(f"{what} is not ready after {seconds:.0f} s.", "The logs are in .local/logs.")
        step.tick()
        time.sleep(0.05)
