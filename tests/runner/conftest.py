import io
import sys
from pathlib import Path

import pytest

from runner.console import Console
from runner.layout import Layout

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def layout(tmp_path):
    """An empty checkout."""
    layout = Layout(tmp_path)
    layout.prepare()
    return layout


@pytest.fixture
def console():
    """Not a terminal; what was said is in `console.stream`."""
    return Console(io.StringIO())


@pytest.fixture
def fake_venv(layout):
    """A virtual environment with this test's Python and nothing installed by ./run yet."""
    (layout.venv / "bin").mkdir(parents=True)
    layout.python.symlink_to(sys.executable)
    (layout.root / "requirements.txt").write_text("one==1\n")
    (layout.root / "requirements-dev.txt").write_text("one==1\ntwo==2\n")
    return layout


@pytest.fixture
def no_services(monkeypatch):
    """The environment names no services."""
    for name in ("DATABASE_URL", "REDIS_URL", "PORT", "SECRET_KEY", "ADMIN_PASSWORD", "DJANGO_SETTINGS_MODULE"):
        monkeypatch.delenv(name, raising=False)
