import pytest

from runner import commands, locking
from runner.console import Problem

pytestmark = pytest.mark.usefixtures("no_services")


@pytest.fixture
def data(layout):
    """A checkout with a bit of everything that a product leaves."""
    (layout.local / "postgres" / "data").mkdir(parents=True)
    (layout.media / "proof.png").touch()
    (layout.local / "beat-schedule.dat").touch()
    layout.env.write_text("SECRET_KEY=kept\n")
    return layout


def test_reset_deletes_the_data_and_keeps_the_secrets(data, capsys):
    assert commands.reset(data, ["--yes"]) == 0
    assert sorted(path.name for path in data.local.iterdir()) == ["env", "run.lock"]
    assert data.env.read_text() == "SECRET_KEY=kept\n"
    assert "the secrets in .local/env are kept" in capsys.readouterr().out


def test_reset_refuses_while_the_data_is_in_use(data):
    mine = locking.Ownership(data, "up")
    mine.take()
    with pytest.raises(Problem, match="uses the data"):
        commands.reset(data, ["--yes"])
    mine.release()
    assert (data.media / "proof.png").exists()


def test_reset_without_a_terminal_needs_yes(data, monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(Problem, match="Nobody is there to confirm"):
        commands.reset(data, [])
    assert (data.media / "proof.png").exists()
    assert locking.owner(data) is None


@pytest.mark.parametrize(("answer", "deleted"), [("y", True), ("Yes ", True), ("", False), ("no", False)])
def test_reset_asks_on_a_terminal(answer, deleted, data, monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _question: answer)
    if deleted:
        commands.reset(data, [])
    else:
        with pytest.raises(Problem, match="Nothing was deleted"):
            commands.reset(data, [])
    assert (data.media / "proof.png").exists() is not deleted


def test_reset_knows_one_option(data):
    with pytest.raises(Problem, match="one option: --yes"):
        commands.reset(data, ["--force"])


def test_up_takes_no_arguments(layout):
    with pytest.raises(Problem, match="takes no arguments"):
        commands.up(layout, ["--port", "9000"])


def test_manage_needs_no_services_of_ours_when_the_environment_names_them(layout, console, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://mine/x")
    monkeypatch.setenv("REDIS_URL", "redis://mine/0")
    with commands.product_environment(layout, console) as env:
        assert env["DATABASE_URL"] == "postgres://mine/x"
        assert locking.owner(layout) is None


def test_manage_uses_the_services_of_the_running_product(layout, console):
    mine = locking.Ownership(layout, "up")
    mine.take()
    mine.announce(
        {"url": "http://here", "database_url": "postgres://run/x", "redis_url": "redis://run", "zarinpal_url": "b"}
    )
    with commands.product_environment(layout, console) as env:
        assert env["DATABASE_URL"] == "postgres://run/x"
        assert env["REDIS_URL"] == "redis://run"
        assert env["PUBLIC_URL"] == "http://here"
    mine.release()
