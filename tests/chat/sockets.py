import asyncio
import json
from typing import Any

from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator
from django.db import connections

from config.asgi import application


class Socket(WebsocketCommunicator):
    """A client of the real ASGI application that looks for the frames it asks for and keeps the others."""

    def __init__(self, path: str) -> None:
        super().__init__(application, path)
        self.passed_by: list[dict[str, Any]] = []
        self.first: dict[str, Any] = {}

    async def open(self) -> "Socket":
        """Connect and wait for the first frame, by which the server has joined the room or refused."""
        assert (await self.connect(timeout=5))[0]
        self.first = await self._read(5)
        return self

    async def say(self, type_: str, **content: Any) -> None:
        await self.send_json_to({"type": type_, **content})

    async def next(self, *types: str, timeout: float = 5) -> dict[str, Any]:
        """The next frame of one of these types."""
        async with asyncio.timeout(timeout):
            while True:
                frame = await self._read(timeout)
                if frame["type"] in types:
                    return frame
                self.passed_by.append(frame)

    async def close_code(self, timeout: float = 5) -> int:
        """The code with which the server closes; what it says before is passed by."""
        async with asyncio.timeout(timeout):
            while True:
                output = await self.receive_output(timeout)
                if output["type"] == "websocket.close":
                    return output["code"]
                self.passed_by.append(json.loads(output["text"]))

    async def _read(self, timeout: float) -> dict[str, Any]:
        output = await self.receive_output(timeout)
        assert output["type"] == "websocket.send", output
        return json.loads(output["text"])


async def leave(*sockets: Socket) -> None:
    """Close them, and what they have left open behind them."""
    for socket in sockets:
        await socket.disconnect(timeout=5)
    await get_channel_layer().flush()
    await database_sync_to_async(connections.close_all)()
