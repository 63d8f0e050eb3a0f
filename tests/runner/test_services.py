import os

import pytest

from runner import postgres, services
from runner.console import Problem
from runner.locking import try_lock


def test_data_of_another_version_is_not_touched(layout, console, monkeypatch):
    monkeypatch.setattr(postgres, "account", dict)
    monkeypatch.setattr(postgres, "binaries", lambda _layout, _account: layout.root)
    cluster = postgres.Postgres(layout, "postgres")
    cluster.data.mkdir()
    (cluster.data / "PG_VERSION").write_text("15\n")
    with console.step("Starting") as step, pytest.raises(Problem, match=r"PostgreSQL 15; this one is 18") as problem:
        cluster.prepare(step)
    assert "./run reset" in problem.value.hint


@pytest.mark.parametrize(
    ("lines", "alive"), [([], False), (["x"], False), (["999999999"], False), ([str(os.getpid())], True)]
)
def test_predecessor_is_known_by_its_process(lines, alive):
    assert postgres.is_alive(lines) is alive


def test_what_is_copied_for_another_account_can_be_read_by_it(tmp_path):
    program, text, folder = tmp_path / "program", tmp_path / "text", tmp_path / "folder"
    program.touch(0o700)
    text.touch(0o600)
    folder.mkdir(0o700)
    for path in (program, text, folder):
        postgres.open_to_all(path)
    assert [path.stat().st_mode & 0o777 for path in (program, text, folder)] == [0o755, 0o644, 0o755]


def test_only_clusters_that_tests_left_behind_are_swept(layout):
    for name in ("postgres", "test-1", "test-2"):
        (layout.local / name / "data").mkdir(parents=True)
    (layout.local / "test-1.lock").touch()
    with try_lock(layout.local / "test-2.lock"):
        services.sweep(layout)
    assert not (layout.local / "test-1").exists()
    assert (layout.local / "test-2").exists()
    assert (layout.local / "postgres").exists()


@pytest.mark.parametrize(
    ("probe", "reason"),
    [
        ("pass", ""),
        ("raise OSError('connection refused\\n\\tIs the server running?\\n')", "OSError: connection refused"),
        ("raise SystemExit(1)", "no answer"),
    ],
)
def test_trouble_with_a_given_server_is_told_in_one_line(probe, reason, fake_venv, monkeypatch):
    monkeypatch.setitem(services.PROBES, "REDIS_URL", probe)
    assert services.trouble(fake_venv, "REDIS_URL") == reason


def test_given_server_that_does_not_work_is_refused_without_its_password(fake_venv, console, monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://:hidden@server:6379/0")
    monkeypatch.setitem(services.PROBES, "REDIS_URL", "raise OSError('refused')")
    monkeypatch.setitem(services.PROBES, "DATABASE_URL", "pass")
    with pytest.raises(Problem) as problem, services.lasting(fake_venv, console):
        pass
    assert str(problem.value) == "REDIS_URL (server:6379/0) does not work: OSError: refused"


class FakePostgres:
    """Has a folder, and no server."""

    def __init__(self, layout, name, *, throw_away):
        self.home = layout.local / name
        self.durable = not throw_away

    def prepare(self, step):
        self.home.mkdir()

    def app_url(self, owner_url):
        return f"{owner_url}/app"

    def start(self, supervisor, step, *, log):
        return f"postgres://{self.home.name}/{log}/{'durable' if self.durable else 'fast'}"


@pytest.fixture
def fake_servers(no_services, monkeypatch):
    monkeypatch.setattr(services, "Postgres", FakePostgres)
    monkeypatch.setattr(services.valkey, "start", lambda _layout, name, _supervisor, _step: f"redis://{name}")


@pytest.mark.usefixtures("fake_servers")
def test_lasting_data_stays_and_is_durable(layout, console):
    with services.lasting(layout, console) as running:
        assert running.owner_database_url == "postgres://postgres/postgres/durable"
        assert running.database_url == "postgres://postgres/postgres/durable/app"
        assert running.redis_url == "redis://valkey"
    assert (layout.local / "postgres").exists()


@pytest.mark.usefixtures("fake_servers")
def test_throw_away_data_is_fast_and_goes(layout, console):
    (layout.local / "postgres").mkdir()
    before = sorted(layout.local.iterdir())
    name = f"test-{os.getpid()}"
    with services.throw_away(layout, console) as running:
        assert running.database_url == f"postgres://{name}/test-postgres/fast"
        assert running.owner_database_url == ""
        assert running.redis_url == "redis://test-valkey"
        assert (layout.local / name).exists()
    assert sorted(layout.local.iterdir()) == sorted([*before, layout.local / "tests.lock"])


@pytest.mark.usefixtures("fake_servers")
def test_only_what_the_environment_lacks_is_started(fake_venv, console, monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://mine")
    monkeypatch.setitem(services.PROBES, "REDIS_URL", "pass")
    with services.lasting(fake_venv, console) as running:
        assert running.redis_url == "redis://mine"
        assert running.database_url.startswith("postgres://postgres/")
    assert console.stream.getvalue().startswith("Starting PostgreSQL ...\n")
