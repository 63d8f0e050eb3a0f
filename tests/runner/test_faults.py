from contextlib import contextmanager

import pytest

from runner import faults
from runner.cli import COMMANDS
from runner.console import Problem
from tests.runner.conftest import ROOT


@pytest.fixture
def checkout(layout, monkeypatch):
    """A checkout with two kinds of faults; `checkout.ran` are the words for pytest and its environment."""
    folder = layout.root / faults.FOLDER
    folder.mkdir(parents=True)
    (folder / "test_money.py").write_text('"""Nobody gets money twice."""\n')
    (folder / "test_auth.py").write_text('"""Nobody guesses a code.\n\nReally."""\n')
    (folder / "sizes.py").write_text('"""Not a kind."""\n')
    ran = []

    @contextmanager
    def services(*_):
        yield {"DATABASE_URL": "postgres://own"}

    monkeypatch.setattr(faults.quality, "test_environment", services)
    monkeypatch.setattr(faults.quality, "pytest", lambda layout, words, env: ran.append((words, env)) or 3)
    return layout, ran


@pytest.mark.parametrize("arguments", [[], ["--help"]])
def test_alone_it_lists_what_there_is(checkout, capsys, arguments):
    assert faults.faults(checkout[0], arguments) == 0
    assert capsys.readouterr().out == (
        "./run faults auth   Nobody guesses a code.\n./run faults money  Nobody gets money twice.\n"
    )


def test_it_runs_one_kind_in_full_in_one_process(checkout):
    layout, ran = checkout
    assert faults.faults(layout, ["auth", "-k", "guess"]) == 3
    assert ran == [
        (
            ["tests/faults/test_auth.py", "-n", "0", "--timeout=0", "-k", "guess"],
            {"DATABASE_URL": "postgres://own", "FAULTS": "full"},
        )
    ]


def test_unknown_kind_is_told(checkout):
    with pytest.raises(Problem, match="no faults 'luck'"):
        faults.faults(checkout[0], ["luck"])
    assert checkout[1] == []


def test_command_is_known_and_the_checkout_has_some():
    assert COMMANDS["faults"] is faults.faults
    assert (ROOT / faults.FOLDER / "test_auth.py").exists()
