import ast
import sys
from pathlib import Path

import pytest

from runner import cli

ROOT = Path(__file__).resolve().parents[2]


def test_help_names_every_command(capsys):
    assert cli.main(["help"]) == 0
    text = capsys.readouterr().out
    assert [name for name in cli.COMMANDS if f"./run {name}" not in text] == []


@pytest.mark.parametrize("word", ["-h", "--help"])
def test_help_has_the_usual_options(word, capsys):
    assert cli.main([word]) == 0
    assert capsys.readouterr().out == cli.HELP


def test_unknown_command_shows_help_and_ends_with_2(capsys):
    assert cli.main(["stat"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "'stat'" in err
    assert cli.HELP in err


def test_run_parses_on_old_pythons():
    ast.parse((ROOT / "run").read_text(), feature_version=(3, 7))


def test_runner_needs_the_standard_library_only():
    foreign = {
        f"{path.name}: {name}"
        for path in [ROOT / "run", *(ROOT / "runner").glob("*.py")]
        for node in ast.walk(ast.parse(path.read_text()))
        for name in imported(node)
        if name not in sys.stdlib_module_names | {"runner"}
    }
    assert foreign == set()


def imported(node):
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [(node.module or ".").partition(".")[0]]
    return []
