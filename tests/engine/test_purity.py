"""The engine stands alone: no framework, no clock, no hidden state between runs."""

import ast
import subprocess
import sys
from pathlib import Path

import tournaments.engine

ENGINE = Path(tournaments.engine.__file__).parent
ROOT = ENGINE.parent.parent
ALLOWED = {
    "bisect", "collections", "dataclasses", "enum", "fractions", "functools", "hashlib", "heapq", "hmac", "itertools",
    "json", "math", "operator", "os", "re", "sys", "types", "typing",
}  # fmt: skip


def run(code: str, hash_seed: str = "random") -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_importing_the_engine_loads_no_framework() -> None:
    code = (
        "import sys, tournaments.engine; print([m for m in ('django', 'rest_framework', 'celery') if m in sys.modules])"
    )
    assert run(code) == "[]"


def test_engine_imports_only_a_few_modules_of_the_standard_library() -> None:
    found = set()
    for source in sorted(ENGINE.rglob("*.py")):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and "tournaments.engine" not in str(node.module):
                found.add(str(node.module).split(".")[0])
    assert found <= ALLOWED


def test_engine_modules_stay_small() -> None:
    lengths = {
        str(source.relative_to(ENGINE)): len(source.read_text(encoding="utf-8").splitlines())
        for source in ENGINE.rglob("*.py")
    }
    assert {name: length for name, length in lengths.items() if length >= 400} == {}


def test_everything_exported_exists_once() -> None:
    assert len(tournaments.engine.__all__) == len(set(tournaments.engine.__all__))
    assert [name for name in tournaments.engine.__all__ if not hasattr(tournaments.engine, name)] == []


def test_output_does_not_depend_on_the_hash_seed() -> None:
    code = (
        "from tests.engine.playing import *\n"
        "from tournaments.engine import placements, shuffle, standings, to_json\n"
        "plan = single(23, third_place=True)\n"
        "view = fold(plan, played_at_random(plan, Random(5), EVERY_KIND, 20))\n"
        "print(to_json(view), list(placements(view).items()), standings(view), shuffle(range(9), b'x', 'y'))"
    )
    outputs = {run(code, hash_seed) for hash_seed in ("0", "1", "2")}
    assert len(outputs) == 1
    assert len(outputs.pop()) > 1000
