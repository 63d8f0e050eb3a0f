import io

import pytest

from runner.console import Console


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_step_prints_plain_lines_where_there_is_no_terminal(console):
    with console.step("Fetching"):
        pass
    assert console.stream.getvalue() == "Fetching ...\nFetching: done in 0.0 s\n"


def test_quiet_step_says_nothing_when_all_is_well():
    console = Console(io.StringIO(), quiet=True)
    with console.step("Fetching"):
        pass
    assert console.stream.getvalue() == ""


@pytest.mark.parametrize(("error", "said"), [(ValueError, "failed after"), (KeyboardInterrupt, "stopped after")])
def test_step_that_does_not_end_well_says_so_even_when_quiet(error, said):
    console = Console(io.StringIO(), quiet=True)
    with pytest.raises(error), console.step("Fetching"):
        raise error
    assert console.stream.getvalue() == f"Fetching: {said} 0.0 s\n"


def test_long_step_gives_a_sign_of_life(console):
    with console.step("Fetching") as step:
        step.shown -= 60
        step.started -= 60
        step.tick()
        step.tick()
    assert console.stream.getvalue().count("so far") == 1


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_no_color_is_respected(no_color, coloured, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", no_color)
    console = Console(Terminal())
    with console.step("Fetching") as step:
        step.shown -= 1
        step.tick()
    assert ("\033[32m" in console.stream.getvalue()) is coloured


def test_dumb_terminal_gets_plain_lines(monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    console = Console(Terminal())
    with console.step("Fetching"):
        pass
    assert console.stream.getvalue() == "Fetching ...\nFetching: done in 0.0 s\n"
