import sys

import pytest

from runner import venv


def installed(layout, kind):
    venv.stamp(layout, kind).write_text(venv.fingerprint(layout, kind))


def test_nothing_is_satisfied_without_an_environment(layout):
    (layout.root / "requirements.txt").write_text("one==1\n")
    assert not venv.satisfied(layout, "runtime")
    assert not venv.usable(layout)


def test_environment_without_a_stamp_is_used_but_looked_over(fake_venv):
    (fake_venv.venv / "bin" / "uv").touch()
    assert venv.usable(fake_venv)
    assert not venv.satisfied(fake_venv, "runtime")


def test_runtime_packages_satisfy_run_only(fake_venv):
    installed(fake_venv, "runtime")
    assert venv.satisfied(fake_venv, "runtime")
    assert not venv.satisfied(fake_venv, "dev")


def test_dev_packages_satisfy_both(fake_venv):
    installed(fake_venv, "dev")
    assert venv.satisfied(fake_venv, "runtime")
    assert venv.satisfied(fake_venv, "dev")


def test_changed_requirements_are_noticed(fake_venv):
    installed(fake_venv, "runtime")
    (fake_venv.root / "requirements.txt").write_text("one==2\n")
    assert not venv.satisfied(fake_venv, "runtime")


def test_environment_with_dev_packages_stays_one(fake_venv, console, monkeypatch):
    commands = []
    installed(fake_venv, "dev")
    (fake_venv.root / "requirements-dev.txt").write_text("one==2\ntwo==2\n")
    (fake_venv.venv / "bin" / "uv").touch()
    monkeypatch.setattr(venv, "run", lambda _step, command, **_options: commands.append(command))
    venv.ensure(fake_venv, console, "runtime")
    assert [command[-1] for command in commands] == ["requirements-dev.txt"]
    assert venv.satisfied(fake_venv, "dev")


def test_environment_whose_python_is_gone_is_not_satisfied(fake_venv):
    installed(fake_venv, "runtime")
    fake_venv.python.unlink()
    fake_venv.python.symlink_to(fake_venv.root / "gone")
    assert not venv.satisfied(fake_venv, "runtime")
    assert not venv.usable(fake_venv)


def test_pip_settings_prefer_the_environment():
    listing = (
        ":env:.index-url='https://env.example/simple'\n"
        "global.index-url='https://file.example/simple'\n"
        "global.trusted-host='file.example'\n"
        "nonsense\n"
    )
    assert venv.parse_pip_settings(listing) == {
        "index-url": "https://env.example/simple",
        "trusted-host": "file.example",
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "https://pip.example/simple"),
        ({"UV_INDEX_URL": "https://uv.example"}, None),
        ({"UV_DEFAULT_INDEX": "https://uv.example"}, "https://uv.example"),
    ],
)
def test_uv_gets_the_mirror_of_pip_unless_it_has_its_own(given, expected, layout, monkeypatch):
    for name in ("UV_INDEX_URL", "UV_DEFAULT_INDEX"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(venv, "pip_settings", lambda _layout: {"index-url": "https://pip.example/simple"})
    assert venv.uv_environment(layout).get("UV_DEFAULT_INDEX") == expected


def test_pip_gets_the_mirror_of_uv(monkeypatch):
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    monkeypatch.setenv("UV_INDEX_URL", "https://uv.example")
    assert venv.pip_environment()["PIP_INDEX_URL"] == "https://uv.example"


def test_debian_package_is_named_only_for_debians_python(monkeypatch):
    monkeypatch.setattr(venv, "base_python", lambda: venv.Path(sys.executable))
    assert venv.venv_package() is None
