"""Open sockets: one that listens in the background, and one that talks in a room."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any, Self

from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect

from demo.play.client import Person
from demo.play.errors import PlayError

Frame = dict[str, Any]
WAIT_SECONDS = 15.0


class Socket:
    """One WebSocket in a person's name; reads in a thread of its own and keeps every frame."""

    def __init__(self, person: Person, path: str) -> None:
        self.frames: list[Frame] = []
        self._news = threading.Condition()
        self._person, self._path = person, path
        ticket = person.post("/api/auth/ws-ticket/")["ticket"]
        address = f"ws{person.api.url.removeprefix('http')}{path}?ticket={ticket}"
        try:
            self._connection: ClientConnection = connect(address, proxy=None, open_timeout=WAIT_SECONDS)
        except (OSError, InvalidHandshake, TimeoutError) as error:
            raise PlayError(f"{person.name} cannot open {path}: {error}") from error
        person.api.tally.add("sockets")
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.wait_for(lambda frame: frame["type"] == "hello", what="hello")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()
        self._reader.join(WAIT_SECONDS)

    def send(self, **frame: Any) -> None:
        self._connection.send(json.dumps(frame))

    def wait_for(self, matches: Callable[[Frame], bool], *, what: str) -> Frame:
        """The first frame of that kind, now or later.

        :raises PlayError: an error came, or nothing of the kind in time.
        """
        until = time.monotonic() + WAIT_SECONDS
        with self._news:
            while True:
                for frame in self.frames:
                    if matches(frame):
                        return frame
                    if frame["type"] == "error":
                        raise PlayError(f"{self._person.name} at {self._path}: {frame['code']} {frame['detail']}")
                if not self._news.wait(until - time.monotonic()):
                    raise PlayError(f"{self._person.name} waited in vain for {what} at {self._path}")

    def of_type(self, name: str) -> list[Frame]:
        with self._news:
            return [frame for frame in self.frames if frame["type"] == name]

    def _read(self) -> None:
        try:
            for text in self._connection:
                with self._news:
                    self.frames.append(json.loads(text))
                    self._news.notify_all()
                self._person.api.tally.add("frames")
        except ConnectionClosed:
            return


def check_no_gap(frames: list[Frame], *, after: int, what: str) -> None:
    """Each frame's ``seq`` is one more than the one before it, from ``after`` on.

    :raises PlayError: one is missing, twice there or out of order.
    """
    numbers = [frame["seq"] for frame in frames]
    wanted = list(range(after + 1, after + 1 + len(numbers)))
    if numbers != wanted:
        raise PlayError(f"{what} came with the numbers {numbers}, not {wanted}")
