"""From the words on the command line to what is done."""

import sys
from collections.abc import Callable
from pathlib import Path

from runner import bench, commands, doctor, faults, quality
from runner.console import Console, Problem
from runner.layout import Layout
from runner.processes import Interrupted, interrupt_on_signals

COMMANDS: dict[str, Callable[[Layout, list[str]], int]] = {
    "up": commands.up,
    "play": commands.play,
    "manage": commands.manage,
    "test": quality.test,
    "check": quality.check,
    "format": quality.format,
    "bench": bench.bench,
    "faults": faults.faults,
    "reset": commands.reset,
    "doctor": doctor.doctor,
    "lock": commands.lock,
}

HELP = """\
./run                    start everything and stay: PostgreSQL, Valkey, a fake bank, web, worker, beat (also: ./run up)
./run play [...]         play a whole tournament through the API
./run manage COMMAND     manage.py with the right database (./run manage shell)
./run test [...]         the tests; words that follow go to pytest (./run test tests/runner -k lock)
./run check              all that has to hold: style, types, layers, migrations, API schema, tests
./run format             mend style and format
./run bench [...]        measure; alone it lists what there is (./run bench engine)
./run faults [...]       attack it in full size; alone it lists what there is (./run faults auth)
./run reset [--yes]      delete the local data: database, uploads, mails, SMS
./run doctor             find out what is wrong with this machine
./run lock [...]         pin requirements*.in; words that follow go to uv (--upgrade)
./run help               this text

Environment: PORT (8000, or the next free one), DATABASE_URL and REDIS_URL (instead of the embedded servers),
PIP_INDEX_URL (a mirror for the packages), NO_COLOR.
"""


def main(arguments: list[str]) -> int:
    """Do what the words ask for; the result is the exit status."""
    name, *rest = arguments or ["up"]
    if name in ("help", "-h", "--help"):
        print(HELP, end="")
        return 0
    if name not in COMMANDS:
        print(f"./run does not know {name!r}.\n\n{HELP}", end="", file=sys.stderr)
        return 2
    interrupt_on_signals()
    console = Console()
    try:
        return COMMANDS[name](Layout(Path(__file__).resolve().parent.parent), rest)
    except Problem as problem:
        console.problem(problem)
    except PermissionError as error:
        console.problem(Problem(f"No permission: {error}", "./run doctor looks for the cause."))
    except Interrupted as interrupted:
        return 128 + interrupted.signum
    return 1
