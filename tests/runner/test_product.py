import json
import os
import socket

import pytest

from runner import product
from runner.console import Problem
from runner.processes import CommandFailed

DEMO = {"admin": {"username": "admin", "password": "pw"}, "demo_phones": ["09120000001"]}


def test_demo_data_is_found_among_warnings():
    output = f"RuntimeWarning: something\n{json.dumps(DEMO)}\n123\n"
    assert product.parse_demo_data(output) == DEMO


def test_missing_demo_data_is_a_failure():
    with pytest.raises(CommandFailed, match="printed no JSON"):
        product.parse_demo_data("all done\n")


def test_port_is_the_wanted_one_or_the_next_that_is_free(console, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        wanted = taken.getsockname()[1]
        monkeypatch.setenv("PORT", str(wanted))
        port = product.wanted_port(console)
        assert port > wanted
        assert console.stream.getvalue() == f"Port {wanted} is in use: taking {port}.\n"
    assert product.wanted_port(console) == wanted


def test_port_0_is_any(console, monkeypatch):
    monkeypatch.setenv("PORT", "0")
    assert product.wanted_port(console) > 0
    assert console.stream.getvalue() == ""


@pytest.mark.parametrize("text", ["http", "-1", "65536"])
def test_nonsense_is_no_port(text, console, monkeypatch):
    monkeypatch.setenv("PORT", text)
    with pytest.raises(Problem, match="is not a port number"):
        product.wanted_port(console)


def test_catalogues_are_compiled_when_a_source_is_newer(layout, console, monkeypatch):
    commands = []
    monkeypatch.setattr(product, "run", lambda _step, command, **_options: commands.append(command))
    product.compile_catalogues(layout, console)
    source = layout.root / "locale" / "fa" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.touch()
    assert commands == []
    product.compile_catalogues(layout, console)
    assert len(commands) == 1
    source.with_suffix(".mo").touch()
    os.utime(source, (1, 1))
    product.compile_catalogues(layout, console)
    assert len(commands) == 1
    os.utime(source.with_suffix(".mo"), (0, 0))
    product.compile_catalogues(layout, console)
    assert len(commands) == 2


def test_codes_are_shown_and_other_messages_are_not(console):
    product.show_code(console, json.dumps({"to": "0912", "text": "کد", "params": {"code": "123456"}}))
    product.show_code(console, json.dumps({"to": "0912", "text": "Your match begins", "params": {}}))
    product.show_code(console, '{"to": "09')
    assert console.stream.getvalue() == "SMS to 0912: code 123456\n"


def test_welcome_says_what_a_newcomer_needs(layout, console):
    text = product.welcome(layout, console, {"url": "http://127.0.0.1:8000", **DEMO}, 3.21)
    for part in ("ready (3.2 s)", "8000/api/docs/", "admin / pw", "09120000001", ".local/sms.jsonl", "./run play"):
        assert part in text
