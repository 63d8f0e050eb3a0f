"""Tests and checks."""

import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from runner import environment, product, services, venv
from runner.console import Console
from runner.layout import Layout
from runner.processes import Command, CommandFailed, foreground, run

# Their presence means that the caller has decided about parallel workers, or wants none.
OWN_PARALLELISM = re.compile(r"-n.*|--numprocesses(=.*)?|--pdb|--trace|--co|--collect-only|(-p)?no:xdist")


def test(layout: Layout, arguments: list[str]) -> int:
    """Run pytest on services of its own."""
    console = Console()
    with test_environment(layout, console) as env:
        return pytest(layout, arguments, env)


def check(layout: Layout, arguments: list[str]) -> int:
    """Everything that has to hold before a change is handed in: style, types, layers, migrations, schema, tests."""
    console = Console()
    done: list[str] = []
    with test_environment(layout, console) as env, tempfile.TemporaryDirectory() as scratch:
        steps = checks(layout, Path(scratch))
        for title, command in steps.items():
            try:
                with console.step(title) as step:
                    run(step, command, env=env, cwd=layout.root)
            except CommandFailed as error:
                console.say(error.output)
                return summary(console, done, title, [*steps, "tests"])
            done.append(title)
        status = pytest(layout, arguments, env)
    return summary(console, done, "tests" if status else "", [*steps, "tests"]) and (status or 1)


def checks(layout: Layout, scratch: Path) -> dict[str, Command]:
    """The checks before the tests, by name."""
    python, manage = (layout.python, "-m"), (layout.python, "manage.py")
    schema = ("spectacular", "--validate", "--fail-on-warn", "--file", scratch / "schema.yml")
    return {
        "style (ruff check)": [*python, "ruff", "check", "."],
        "format (ruff format)": [*python, "ruff", "format", "--check", "."],
        "types (mypy)": [*python, "mypy", "."],
        "layers (import-linter)": [layout.python, "-c", LINT_IMPORTS],
        "migrations are complete": [*manage, "makemigrations", "--check", "--dry-run"],
        "API schema": [*manage, *schema],
    }


LINT_IMPORTS = "import sys; sys.path.insert(0, ''); from importlinter.cli import lint_imports_command as main; main()"


def format(layout: Layout, arguments: list[str]) -> int:
    """Mend what ruff can mend, and format."""
    venv.ensure(layout, Console(), "dev")
    ruff, where = (layout.python, "-m", "ruff"), arguments or ["."]
    env = environment.base(layout)
    fixed = foreground([*ruff, "check", "--fix", *where], env=env, cwd=layout.root)
    return foreground([*ruff, "format", *where], env=env, cwd=layout.root) or fixed


@contextmanager
def test_environment(layout: Layout, console: Console) -> Iterator[Mapping[str, str]]:
    """The packages for tests, compiled translations and throw-away services."""
    venv.ensure(layout, console, "dev")
    layout.prepare()
    with services.throw_away(layout, console) as backing:
        product.compile_catalogues(layout, console)
        yield environment.tests(layout, database_url=backing.database_url, redis_url=backing.redis_url)


def pytest(layout: Layout, arguments: list[str], env: Mapping[str, str]) -> int:
    return foreground([layout.python, "-m", "pytest", *workers(arguments), *arguments], env=env, cwd=layout.root)


def workers(arguments: list[str]) -> list[str]:
    """One worker per core, unless the caller has decided."""
    if any(OWN_PARALLELISM.fullmatch(argument) for argument in arguments):
        return []
    return ["-n", str(len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1)]


def summary(console: Console, done: list[str], failed: str, wanted: list[str]) -> int:
    """Say what passed, failed and was not run; 1 if something failed."""
    console.say()
    for title in wanted:
        if title == failed:
            console.say(console.paint(f"failed   {title}", "red"))
        elif title in done or not failed:
            console.say(console.paint(f"ok       {title}", "green"))
        else:
            console.say(console.paint(f"not run  {title}", "dim"))
    console.say()
    console.say("The check failed." if failed else "Everything holds.")
    return 1 if failed else 0
