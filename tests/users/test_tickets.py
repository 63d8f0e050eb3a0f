from threading import Barrier, Thread
from typing import Any

import orjson
import pytest
from channels.testing import WebsocketCommunicator
from redis.exceptions import ConnectionError as RedisAway

from config.asgi import application
from users.services import tickets


def test_ticket_opens_one_connection_however_many_try() -> None:
    ticket = tickets.issue(session_id=7)
    barrier, opened = Barrier(50), []

    def redeem() -> None:
        barrier.wait()
        opened.append(tickets.redeem(ticket))

    threads = [Thread(target=redeem) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(opened, key=str) == [7] + [None] * 49
    assert tickets.redeem("unknown") is None


async def test_ticket_that_cannot_be_looked_up_means_try_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(ticket: str) -> Any:
        raise RedisAway

    monkeypatch.setattr(tickets, "redeem", away)
    socket = WebsocketCommunicator(application, "/ws/notifications/?ticket=x")
    assert await socket.connect() == (True, None)
    assert orjson.loads(await socket.receive_from())["code"] == "busy"
    assert await socket.receive_output() == {"type": "websocket.close", "code": 1013}
    await socket.wait()
