"""What the import contracts cannot say: sizes, forbidden words, and that every folder is under a contract."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOT_PACKAGES_OF_THE_PRODUCT = {"runner", "tests", "benchmarks"}
MAX_LINES = 500
OWN_FOLDERS = [path.parent.name for path in ROOT.glob("*/__init__.py")] + ["docs", "deploy", "locale", ".ci"]
TEXT_SUFFIXES = {".py", ".md", ".toml", ".yml", ".txt", ".in", ".po", ".cfg", ".conf", ".sh", ".html", ".css"}

# word → the only places where it may stand
ONLY_HERE = {
    ".delay(": set(),
    "apply_async(": {"common/queue.py"},
    "import requests": {"common/sms/http.py", "common/sms/kavenegar.py", "common/sms/smsir.py"},
    "import httpx": {"wallet/gateways/calls.py", "demo/play/client.py", "demo/play/bank.py"},
    "@receiver": set(),
    "GenericForeignKey": set(),
    'fields = "__all__"': set(),
    "TODO": set(),
    "FIXME": set(),
}


def packages() -> set[str]:
    return {path.parent.name for path in ROOT.glob("*/__init__.py")} - NOT_PACKAGES_OF_THE_PRODUCT


def modules() -> Iterator[Path]:
    for package in sorted(packages() | {"runner"}):
        yield from sorted(path for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts)


def source() -> Iterator[tuple[str, str]]:
    for path in modules():
        yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def test_every_first_party_folder_is_under_the_import_contracts() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    assert set(contracts["root_packages"]) == packages()


def test_engine_imports_nothing_of_django() -> None:
    code = "import sys, tournaments.engine; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    tests = (path for path in (ROOT / "tests").rglob("*.py"))
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for path in [*modules(), *tests]
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MAX_LINES
    }
    assert long == {}


@pytest.mark.parametrize("word", ONLY_HERE)
def test_word_stands_only_where_it_belongs(word: str) -> None:
    assert {name for name, text in source() if word in text} - ONLY_HERE[word] == set()


def test_nothing_is_called_utils() -> None:
    assert [name for name, _ in source() if Path(name).stem in {"utils", "helpers", "misc"}] == []


def test_models_do_not_override_save() -> None:
    overriding = [
        f"{name}: {node.name}"
        for name, text in source()
        if name.endswith("models.py")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and node.name in {"save", "delete", "clean"}
    ]
    assert overriding == []


def test_public_services_take_keywords_only() -> None:
    positional = []
    for name, text in source():
        if "/services/" not in name:
            continue
        for node in ast.parse(text).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            decorators = {decorator.id for decorator in node.decorator_list if isinstance(decorator, ast.Name)}
            if decorators & {"use_case"} and node.args.args:
                positional.append(f"{name}: {node.name}")
    assert positional == []


def test_use_cases_are_told_the_time() -> None:
    """``now`` comes from the door, so that a test, a sweep and a replay can say when."""
    reading = [name for name, text in source() if "/services/" in name and "timezone.now()" in text]
    assert reading == []


def test_no_machine_path_and_no_registry_is_named() -> None:
    words = (
        "/" + "work/",
        "/" + "tmp/",
        "pypi" + ".org",
        "python" + "hosted",
        "registry" + ".npmjs",
        "deb." + "debian.org",
    )
    texts = [*ROOT.glob("*.*"), *(path for folder in OWN_FOLDERS for path in (ROOT / folder).rglob("*"))]
    named = [
        path.relative_to(ROOT).as_posix()
        for path in texts
        if path.suffix in TEXT_SUFFIXES and any(word in path.read_text(encoding="utf-8") for word in words)
    ]
    assert named == []
