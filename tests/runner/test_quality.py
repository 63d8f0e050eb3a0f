import pytest

from runner import quality


@pytest.mark.parametrize(
    "arguments",
    [["-n", "4"], ["-n4"], ["-nauto"], ["--numprocesses=2"], ["-p", "no:xdist"], ["-pno:xdist"], ["--pdb"], ["--co"]],
)
def test_caller_decides_about_workers(arguments):
    assert quality.workers(["tests/engine", *arguments]) == []


@pytest.mark.parametrize("arguments", [[], ["-k", "name"], ["--no-header"], ["--color=yes"], ["-p", "no:randomly"]])
def test_one_worker_per_core_otherwise(arguments):
    option, count = quality.workers(arguments)
    assert option == "-n"
    assert int(count) >= 1


def test_summary_tells_what_failed_and_what_was_not_run(console):
    assert quality.summary(console, ["style"], "types", ["style", "types", "tests"]) == 1
    assert console.stream.getvalue().split("\n") == [
        "",
        "ok       style",
        "failed   types",
        "not run  tests",
        "",
        "The check failed.",
        "",
    ]


def test_summary_of_success(console):
    assert quality.summary(console, ["style"], "", ["style", "tests"]) == 0
    assert "ok       tests" in console.stream.getvalue()
