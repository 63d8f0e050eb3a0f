"""Attacks and accidents in full size, on throw-away services. The tests run the same in short form every day."""

from collections.abc import Mapping

from runner import quality
from runner.console import Console, Problem
from runner.layout import Layout

FOLDER = "tests/faults"


def faults(layout: Layout, arguments: list[str]) -> int:
    """List what there is, or run one of them; words that follow its name go to pytest."""
    known = names(layout)
    if not arguments or arguments[0] in ("-h", "--help"):
        print(listing(known), end="")
        return 0
    name, *rest = arguments
    if name not in known:
        raise Problem(f"There are no faults {name!r}.", f"./run faults lists them: {', '.join(known)}.")
    with quality.test_environment(layout, Console()) as env:
        # in one process, so that the attack has the machine for itself, and with as much time as it needs
        words = [*(["-n", "0"] if quality.workers(rest) else []), "--timeout=0", *rest]
        return quality.pytest(layout, [f"{FOLDER}/test_{name}.py", *words], full_size(env))


def names(layout: Layout) -> dict[str, str]:
    """What can be run, with the first line of its docstring."""
    found = {}
    for path in sorted((layout.root / FOLDER).glob("test_*.py")):
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        found[path.stem.removeprefix("test_")] = first.strip('"')
    return found


def listing(known: Mapping[str, str]) -> str:
    width = max(map(len, known), default=0)
    return "".join(f"./run faults {name:{width}}  {what}\n" for name, what in known.items())


def full_size(env: Mapping[str, str]) -> dict[str, str]:
    return {**env, "FAULTS": "full"}
