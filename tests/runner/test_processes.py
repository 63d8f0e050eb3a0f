import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from runner import processes
from runner.console import Problem
from runner.processes import CommandFailed, Interrupted, Supervisor, foreground, run, wait_until

PYTHON = sys.executable
linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux tells a child of its parent's death")


def code(text):
    return [PYTHON, "-c", textwrap.dedent(text)]


def gone(pid, seconds=5.0):
    """Whether the process ends within that time (a zombie has ended)."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with open(f"/proc/{pid}/stat") as stat:
                if stat.read().rpartition(")")[2].split()[0] == "Z":
                    return True
        except FileNotFoundError:
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def step(console):
    with console.step("Working") as step:
        yield step


def test_run_returns_what_was_printed(step):
    assert run(step, code("import sys; print(sys.stdin.read().upper())"), input="hello") == "HELLO\n"


def test_run_reports_a_failure_with_its_last_lines(step):
    with pytest.raises(CommandFailed, match="Working: failed with status 3") as failure:
        run(step, code("print(*range(100), sep='\\n'); raise SystemExit(3)"))
    assert failure.value.hint.splitlines()[-1] == "99"
    assert len(failure.value.hint.splitlines()) == processes.TAIL
    assert failure.value.output.startswith("0\n1\n")


def test_run_reports_a_program_that_is_not_there(step, tmp_path):
    with pytest.raises(CommandFailed, match="nothing cannot be started"):
        run(step, [tmp_path / "nothing"])


def test_run_ends_its_command_when_interrupted(step, tmp_path, monkeypatch):
    def interrupt():
        raise Interrupted(signal.SIGINT)

    monkeypatch.setattr(step, "tick", interrupt)
    began = time.monotonic()
    with pytest.raises(Interrupted):
        run(step, code("import time; time.sleep(60)"))
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("script", "status"), [("raise SystemExit(7)", 7), ("import os; os.kill(os.getpid(), 15)", 143)]
)
def test_foreground_passes_the_exit_status_on(script, status, tmp_path):
    assert foreground(code(script), env=dict(os.environ), cwd=tmp_path) == status


def test_supervisor_ends_what_it_started_and_keeps_the_logs(layout):
    with Supervisor(layout.logs) as supervisor:
        child = supervisor.start("one", code("print('hi', flush=True); input()"), env=dict(os.environ), cwd=layout.root)
        child.process.wait(10)
    assert layout.logs.joinpath("one.log").read_text().startswith("hi\n")
    with Supervisor(layout.logs) as supervisor:
        sleeper = supervisor.start("one", ["sleep", "60"], env=dict(os.environ), cwd=layout.root)
        supervisor.check()
    assert sleeper.process.returncode == -signal.SIGTERM
    assert layout.logs.joinpath("one.log.1").read_text().startswith("hi\n")


def test_supervisor_kills_what_does_not_end(layout):
    stubborn = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    with Supervisor(layout.logs, grace=0.2) as supervisor:
        child = supervisor.start("stubborn", code(stubborn), env=dict(os.environ), cwd=layout.root)
        while not child.has_said("up"):
            time.sleep(0.01)
    assert child.process.returncode == -signal.SIGKILL


def test_dead_child_is_reported_with_the_end_of_its_log(layout, step):
    with Supervisor(layout.logs) as supervisor:
        supervisor.start("web", code("raise SystemExit('port taken')"), env=dict(os.environ), cwd=layout.root)
        with pytest.raises(Problem, match="web stopped with status 1") as problem:
            wait_until(lambda: False, step=step, watched=[supervisor], what="Web")
    assert problem.value.hint == "port taken"


def test_waiting_ends_after_its_time(step):
    with pytest.raises(Problem, match="Web is not ready after 0 s"):
        wait_until(lambda: False, step=step, watched=[], what="Web", seconds=0)


@linux
@pytest.mark.parametrize("by", ["supervisor", "foreground", "run"])
def test_killed_runner_leaves_no_orphan(by, layout):
    """Also under a shell that makes its background jobs ignore SIGINT and SIGQUIT."""
    child = f"[{PYTHON!r}, '-c', 'import os, time; print(os.getpid(), flush=True); time.sleep(60)']"
    how = {
        "supervisor": f"""
            supervisor = Supervisor(layout.logs)
            print(supervisor.start("it", {child}, env=os.environ, cwd=".", death_signal=signal.SIGQUIT).process.pid,
                  flush=True)
            time.sleep(60)""",
        "foreground": f"""
            foreground({child}, env=os.environ, cwd=".")""",
        "run": """
            with Console(quiet=True).step("it") as step:
                run(step, ["sh", "-c", "echo $$ >&3; exec sleep 60"], pass_fds=[3])""",
    }[by]
    script = f"""
        import os, signal, time
        from pathlib import Path
        from runner.console import Console
        from runner.layout import Layout
        from runner.processes import Supervisor, foreground, run
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGQUIT, signal.SIG_IGN)
        os.dup2(1, 3)
        layout = Layout(Path({str(layout.root)!r}))
{textwrap.indent(textwrap.dedent(how), "        ")}
    """
    with subprocess.Popen(code(script), stdout=subprocess.PIPE, text=True) as runner:
        pid = int(runner.stdout.readline())
        runner.kill()
        assert gone(pid)
