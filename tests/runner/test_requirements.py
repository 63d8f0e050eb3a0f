"""`./run` and the image install requirements.txt alone, while whoever develops has the tools for tests too."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_THE_PRODUCT = {"tests", "runner", "benchmarks", "docs"}


def product_files() -> Iterator[Path]:
    yield ROOT / "manage.py"
    for folder in ROOT.iterdir():
        if folder.is_dir() and not folder.name.startswith(".") and folder.name not in NOT_THE_PRODUCT:
            yield from folder.rglob("*.py")


def imported(node: ast.AST) -> Iterator[str]:
    """The top-level modules that running this code imports; what only a type checker reads is left out."""
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        return
    if isinstance(node, ast.Import):
        yield from (alias.name.partition(".")[0] for alias in node.names)
    if isinstance(node, ast.ImportFrom) and not node.level:
        yield (node.module or "").partition(".")[0]
    for child in ast.iter_child_nodes(node):
        yield from imported(child)


def locked(name: str) -> set[str]:
    """The distributions that a requirements file pins."""
    return {normal(pin) for pin in re.findall(r"^([\w.-]+)(?:\[.*\])?==", (ROOT / name).read_text(), re.MULTILINE)}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_product_imports_nothing_that_only_tests_install():
    ours = {path.name for path in ROOT.iterdir() if path.is_dir()}
    distributions, runtime = packages_distributions(), locked("requirements.txt")
    missing = {
        f"{path.relative_to(ROOT)}: {module}"
        for path in product_files()
        for module in imported(ast.parse(path.read_text()))
        if module not in sys.stdlib_module_names | ours
        and not runtime & {normal(name) for name in distributions.get(module, [])}
    }
    assert missing == set()


def test_packages_for_tests_include_those_of_the_product():
    assert locked("requirements.txt") - locked("requirements-dev.txt") == set()


def test_lock_files_name_no_index():
    for name in ("requirements.txt", "requirements-dev.txt"):
        assert "://" not in (ROOT / name).read_text()
