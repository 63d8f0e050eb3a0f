"""What `./run bench auth` makes of its measurements. Nothing here depends on how long anything takes."""

import os
import subprocess
import sys

import pytest

from benchmarks.auth import processes, report
from benchmarks.auth.report import BASE, Cost
from runner import bench


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_cpu_of_a_process_and_its_children_is_counted():
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) as parent:
        for _ in range(1_000):
            if len(found := processes.tree(parent.pid)) == 2:
                break
        assert found[0] == parent.pid
        parent.communicate(b"\n")
    assert processes.cpu_seconds([parent.pid]) == 0
    before = processes.cpu_seconds([os.getpid()])
    while processes.cpu_seconds([os.getpid()]) == before:
        sum(range(100_000))


def test_table_compares_within_each_round():
    measured = {
        BASE: [Cost(1.0, 0.0), Cost(3.0, 0.0), Cost(2.0, 0.0)],
        "ours": [Cost(2.0, 1.0), Cost(6.0, 1.0), Cost(3.0, 1.0)],
    }
    head, first, second = report.table(measured).splitlines()
    assert BASE in head
    assert first.split()[-5:] == ["2.000", "0.000", "2.000", "0.000", "1.00"]
    assert second.split() == ["ours", "3.000", "1.000", "4.000", "2.000", "2.33"]
    assert report.figures(measured)["ours"][1] == {"server_ms": 6.0, "postgresql_ms": 1.0}


def test_command_runs_on_services_of_its_own(layout, monkeypatch):
    ran = []
    monkeypatch.setattr(bench.venv, "ensure", lambda *_: None)
    monkeypatch.setattr(bench.product, "compile_catalogues", lambda *_: None)
    monkeypatch.setattr(bench, "foreground", lambda command, env, cwd: ran.append((command, env)) or 0)
    monkeypatch.setattr(bench.services, "throw_away", Backing)

    assert bench.bench(layout, ["auth", "--quick"]) == 0
    ((command, env),) = ran
    assert command[1:] == ["-m", "benchmarks.auth", "--quick"]
    assert (env["DATABASE_URL"], env["REDIS_URL"]) == ("postgres://own", "redis://own")


class Backing:
    database_url, redis_url = "postgres://own", "redis://own"

    def __init__(self, *_):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass
