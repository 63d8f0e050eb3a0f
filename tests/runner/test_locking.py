import json
import os

import pytest

from runner import locking
from runner.locking import Ownership, owned_or_running, running_product
from runner.processes import Interrupted

STATE = {"url": "http://127.0.0.1:8000"}


def test_one_owner_at_a_time(layout):
    mine, other = Ownership(layout, "up"), Ownership(layout, "manage")
    assert mine.take()
    assert not other.take()
    assert locking.owner(layout) == {"pid": os.getpid(), "command": "up"}
    assert locking.describe_owner(layout) == f"./run up (process {os.getpid()})"
    mine.release()
    assert locking.owner(layout) is None
    assert other.take()
    other.release()


def test_state_is_announced_privately_and_removed_at_the_end(layout):
    mine = Ownership(layout, "up")
    mine.take()
    mine.announce(STATE)
    assert layout.state.stat().st_mode & 0o777 == 0o600
    assert running_product(layout) == {**STATE, "pid": os.getpid(), "command": "up"}
    mine.release()
    assert not layout.state.exists()


def test_state_that_a_killed_run_left_behind_counts_for_nothing(layout):
    layout.state.write_text(json.dumps({**STATE, "pid": 1}))
    assert running_product(layout) is None
    mine = Ownership(layout, "up")
    mine.take()
    assert not layout.state.exists()
    layout.state.write_text(json.dumps({**STATE, "pid": 1}))
    assert running_product(layout) is None
    mine.release()


def test_second_run_finds_the_first(layout, console):
    with owned_or_running(layout, console, "up") as (mine, state):
        assert state == {}
        mine.announce(STATE)
        with owned_or_running(layout, console, "up") as (second, found):
            assert second is None
            assert found["url"] == STATE["url"]
        assert running_product(layout) is not None
    assert locking.owner(layout) is None


@pytest.mark.parametrize("command", ["up", "manage", "play"])
def test_command_waits_for_a_product_that_is_starting(command, layout, console, monkeypatch):
    first = Ownership(layout, "up")
    first.take()
    monkeypatch.setattr(locking.time, "sleep", lambda _seconds: first.announce(STATE))
    with owned_or_running(layout, console, command) as (mine, state):
        assert mine is None
        assert state["url"] == STATE["url"]
    assert f"Waiting for ./run up (process {os.getpid()}) ..." in console.stream.getvalue()
    first.release()


def test_new_run_does_not_settle_for_the_product_of_play(layout, console, monkeypatch):
    first = Ownership(layout, "play")
    first.take()
    first.announce(STATE)
    monkeypatch.setattr(locking.time, "sleep", lambda _seconds: first.release())
    with owned_or_running(layout, console, "up") as (mine, state):
        assert mine is not None
        assert state == {}


def test_waiting_can_be_interrupted(layout, console, monkeypatch):
    def interrupt(_seconds):
        raise Interrupted(2)

    first = Ownership(layout, "manage")
    first.take()
    monkeypatch.setattr(locking.time, "sleep", interrupt)
    with pytest.raises(Interrupted), owned_or_running(layout, console, "up"):
        pass
    first.release()
