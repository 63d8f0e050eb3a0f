import socket

import pytest

from runner import doctor

pytestmark = pytest.mark.usefixtures("no_services")


def test_fresh_machine_is_well(layout, monkeypatch, capsys):
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _path: doctor.shutil._ntuple_diskusage(0, 0, 2**40))
    assert doctor.doctor(layout, []) == 0
    assert "Everything is as it should be." in capsys.readouterr().out


def test_every_wrong_thing_has_a_cure(layout, monkeypatch, capsys):
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _path: doctor.shutil._ntuple_diskusage(0, 0, 5 * 2**20))
    monkeypatch.setenv("PORT", "many")
    assert doctor.doctor(layout, []) == 1
    out = capsys.readouterr().out
    assert "wrong  Disk space: 5 MB free\n       -> Have 1500 MB free" in out
    assert "wrong  Port: PORT=many is not a port number" in out
    assert "2 of 8 things to mend." in out


def test_what_works_and_could_be_better_is_no_failure(layout, monkeypatch, capsys):
    monkeypatch.setattr(doctor, "examine", lambda _layout: [doctor.Finding("Guard", "weak", "Use two.", warns=True)])
    assert doctor.doctor(layout, []) == 0
    assert capsys.readouterr().out == "warn   Guard: weak\n       -> Use two.\n\nEverything works.\n"


def test_port_in_use_is_no_problem(layout, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("PORT", str(taken.getsockname()[1]))
        finding = doctor.port(layout)
    assert "takes the next free one" in finding.found
    assert not finding.cure


def test_server_of_the_environment_is_asked_and_its_password_not_shown(layout, monkeypatch):
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        monkeypatch.setenv("REDIS_URL", f"redis://:hidden@{address}/0")
        assert doctor.server(layout, "REDIS_URL") == doctor.Finding("REDIS_URL", f"{address}/0 listens")
    finding = doctor.server(layout, "REDIS_URL")
    assert finding.found == f"{address}/0 does not listen"
    assert "unset it" in finding.cure
