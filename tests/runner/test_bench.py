import json
import re
import sys
from pathlib import Path

import pytest

from benchmarks.engine.rows import PEERS
from runner import bench
from runner.console import Problem
from runner.processes import CommandFailed

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "benchmarks" / "peers"


@pytest.fixture
def checkout(layout, monkeypatch):
    """A checkout with the lock files of the peers, a venv with uv, and node and npm on the machine."""
    folder = layout.root / "benchmarks" / "peers"
    folder.mkdir(parents=True)
    for name in ("networkx.txt", "rustworkx.txt", "package.json", "package-lock.json"):
        (folder / name).write_text(f"{name}\n")
    monkeypatch.setattr(bench.venv, "ensure", lambda *_: None)
    monkeypatch.setattr(bench.venv, "ensure_tools", lambda *_: None)
    monkeypatch.setattr(bench.venv, "uv_environment", lambda _: {})
    monkeypatch.setattr(bench.shutil, "which", lambda name: f"/bin/{name}")
    return layout


@pytest.fixture
def commands(checkout, monkeypatch):
    """The commands that were run; those with a word of `commands.failing` in them fail."""
    commands = Commands()
    monkeypatch.setattr(bench, "run", commands.run)
    return commands


class Commands(list):
    failing: str | None = None

    def run(self, step, command, **_options):
        words = [str(word) for word in command]
        self.append(words)
        if self.failing and any(self.failing in word for word in words):
            raise CommandFailed(f"{step.title}: failed with status 1", "looking\nerror: no such version\nbye")
        if "venv" in words:
            (Path(words[-1]) / "bin").mkdir(parents=True)
            (Path(words[-1]) / "bin" / "python").symlink_to(sys.executable)


def test_bench_alone_lists_what_there_is(layout, capsys):
    assert bench.bench(layout, []) == 0
    text = capsys.readouterr().out
    assert [name for name in bench.BENCHMARKS if f"./run bench {name}" not in text] == []


def test_unknown_benchmark_is_told(layout):
    with pytest.raises(Problem, match="no benchmark 'engines'"):
        bench.bench(layout, ["engines"])


def test_peers_are_installed_outside_the_product(checkout, commands, console):
    peers = bench.install(checkout, console)
    assert peers.absent == {}
    assert peers.python == checkout.local / "bench" / "python" / "bin" / "python"
    assert peers.folder == checkout.local / "bench" / "node"
    installs = [words for words in commands if "install" in words]
    assert [words[words.index("--python") + 1] for words in installs] == [str(peers.python)] * 2
    assert all("--require-hashes" in words for words in installs)
    assert commands[-1][:3] == ["/bin/npm", "ci", "--ignore-scripts"]


def test_peers_are_installed_once_and_again_when_their_lock_changes(checkout, commands, console):
    bench.install(checkout, console)
    commands.clear()
    bench.install(checkout, console)
    assert commands == []
    (checkout.root / "benchmarks" / "peers" / "rustworkx.txt").write_text("rustworkx==9\n")
    bench.install(checkout, console)
    assert [words[-1].rpartition("/")[2] for words in commands] == ["rustworkx.txt"]


def test_peer_that_cannot_be_installed_is_named_and_the_others_are_measured(checkout, commands, console):
    commands.failing = "rustworkx.txt"
    peers = bench.install(checkout, console)
    assert peers.absent == {"rustworkx": "error: no such version"}
    assert peers.python is not None
    assert peers.folder is not None
    assert "rustworkx is not measured: error: no such version" in console.stream.getvalue()
    commands.failing = None
    assert bench.install(checkout, console).absent == {}


def test_python_peers_are_named_when_there_is_no_environment_for_them(checkout, commands, console):
    commands.failing = "venv"
    peers = bench.install(checkout, console)
    assert set(peers.absent) == set(bench.PYTHON_PEERS)
    assert peers.python is None


def test_node_peers_are_named_when_npm_fails(checkout, commands, console):
    commands.failing = "npm"
    peers = bench.install(checkout, console)
    assert peers.absent == dict.fromkeys(bench.NODE_PEERS, "error: no such version")
    assert "--node" not in peers.arguments()


@pytest.mark.parametrize(("there", "missing"), [((), "node"), (("node",), "npm"), (("npm",), "node")])
def test_node_peers_are_named_without_node_and_npm(there, missing, checkout, commands, console, monkeypatch):
    monkeypatch.setattr(bench.shutil, "which", lambda name: f"/bin/{name}" if name in there else None)
    peers = bench.install(checkout, console)
    assert peers.absent == dict.fromkeys(bench.NODE_PEERS, f"{missing} is not installed here")


def test_engine_hands_over_the_peers_the_words_and_the_status(checkout, commands, monkeypatch):
    started = []
    monkeypatch.setattr(bench, "foreground", lambda command, **_: started.append([str(word) for word in command]) or 1)
    monkeypatch.setattr(bench.shutil, "which", lambda name: None)
    assert bench.bench(checkout, ["engine", "--quick"]) == 1
    (words,) = started
    assert words[:3] == [str(checkout.python), "-m", "benchmarks.engine"]
    assert words[-1] == "--quick"
    assert f"--absent {bench.NODE_PEERS[0]}=node is not installed here" in " ".join(words)
    assert words[words.index("--peers-python") + 1].startswith(str(checkout.local))


def test_help_of_the_engine_installs_nothing(checkout, commands, monkeypatch):
    monkeypatch.setattr(bench, "foreground", lambda command, **_: 0)
    assert bench.bench(checkout, ["engine", "--help"]) == 0
    assert commands == []


def test_every_peer_that_is_measured_is_installed():
    assert sorted(PEERS) == sorted([*bench.PYTHON_PEERS, *bench.NODE_PEERS])


def test_python_peers_are_pinned_by_hash_and_not_in_the_requirements():
    for name, lock in zip(bench.PYTHON_PEERS, bench.LOCKS, strict=True):
        pin = (FOLDER / f"{name}.in").read_text().strip()
        assert re.fullmatch(rf"{name}==[\d.]+", pin)
        text = (ROOT / lock).read_text()
        assert f"\n{pin} \\\n    --hash=sha256:" in text
        assert "://" not in text
        for kind in ("requirements.txt", "requirements-dev.txt"):
            assert f"\n{name}==" not in (ROOT / kind).read_text()


def test_node_peers_are_pinned_exactly_and_name_no_registry():
    asked = json.loads((FOLDER / "package.json").read_text())["dependencies"]
    packages = json.loads((FOLDER / "package-lock.json").read_text())["packages"]
    assert set(bench.NODE_PEERS) <= set(asked)
    assert {name: packages[f"node_modules/{name}"]["version"] for name in asked} == asked
    assert all("integrity" in package and "resolved" not in package for path, package in packages.items() if path)
