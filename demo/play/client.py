"""What a person's phone does: calls the API, and receives text messages."""

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx

from demo.play.errors import PlayError

T = TypeVar("T")
TIMEOUT_SECONDS = 30.0
LONGEST_RETRY_SECONDS = 90
PROBLEM_TEXT_LENGTH = 400
_CODE = re.compile(r"\b\d{6}\b")


class Tally:
    """Counts what happened; many threads count at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def add(self, name: str, number: int = 1) -> None:
        with self._lock:
            self._counts[name] += number

    def __getitem__(self, name: str) -> int:
        return self._counts[name]


def wait_until(find: Callable[[], T | None], *, what: str, seconds: float = 30.0, pause: float = 0.1) -> T:
    """What ``find`` returns, as soon as it is something.

    :raises PlayError: it was nothing for ``seconds``.
    """
    until = time.monotonic() + seconds
    while True:
        found = find()
        if found:
            return found
        if time.monotonic() > until:
            raise PlayError(f"{what}: nothing came within {seconds:g} seconds")
        time.sleep(pause)


class Phones:
    """The phone network of a local run: the file to which the product appends every text message."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._messages: dict[str, list[str]] = {}
        self._offset = path.stat().st_size if path.exists() else 0

    def received(self, number: str) -> list[str]:
        """The texts that this number got since the play began."""
        with self._lock:
            self._read()
            return list(self._messages.get(number, ()))

    @property
    def count(self) -> int:
        with self._lock:
            self._read()
            return sum(map(len, self._messages.values()))

    def wait_for_code(self, number: str) -> str:
        """The newest sign-in code. :raises PlayError: none came."""
        return wait_until(
            lambda: "".join(_CODE.findall("".join(self.received(number)[-1:]))),
            what=f"the sign-in code of {number} in {self._path.name}",
        )

    def _read(self) -> None:
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._offset)
            for line in file:
                if not line.endswith(b"\n"):
                    break  # the rest of it is still being written
                self._offset += len(line)
                message = json.loads(line)
                self._messages.setdefault(message["to"], []).append(message["text"])


class Api:
    """The product's HTTP door. Safe to use from many threads."""

    def __init__(self, url: str, tally: Tally, waiting: Callable[[str], None]) -> None:
        self.url = url.rstrip("/")
        self.tally = tally
        self._waiting = waiting
        limits = httpx.Limits(max_connections=20, max_keepalive_connections=20)
        self.browser = httpx.Client(base_url=self.url, timeout=TIMEOUT_SECONDS, limits=limits, trust_env=False)

    def close(self) -> None:
        self.browser.close()

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request; a limit or a busy server (429, 503) is waited for as its Retry-After says.

        :raises PlayError: nobody answers, or the server asks for too much patience.
        """
        while True:
            self.tally.add("requests")
            try:
                response = self.browser.request(method, path, **options)
            except httpx.HTTPError as error:
                raise PlayError(f"{method} {self.url}{path}: {type(error).__name__} {error}") from error
            if response.status_code not in (429, 503):
                return response
            seconds = int(response.headers.get("Retry-After", LONGEST_RETRY_SECONDS + 1))
            if seconds > LONGEST_RETRY_SECONDS:
                raise PlayError(describe(response))
            self._waiting(f"Waiting {seconds} s, as {path} asks")
            time.sleep(seconds)


def describe(response: httpx.Response) -> str:
    """A request and its answer in one line, for people."""
    asked = response.request
    try:
        body = response.json()
        said = " ".join(str(body[name]) for name in ("code", "detail", "errors") if body.get(name))
    except (ValueError, AttributeError):
        said = response.text
    return f"{asked.method} {asked.url.path} answered {response.status_code}: {said[:PROBLEM_TEXT_LENGTH]}"


@dataclass
class Person:
    """One signed-in player."""

    api: Api
    name: str
    number: str
    id: int = 0
    username: str = ""
    token: str = field(default="", repr=False)

    def sign_in(self, phones: Phones) -> None:
        """Ask for a code, read it from the phone, exchange it for a token."""
        self._public("/api/auth/otp/request/", {"phone_number": self.number})
        signed_in = self._public(
            "/api/auth/otp/verify/", {"phone_number": self.number, "code": phones.wait_for_code(self.number)}
        )
        self.token, self.id = signed_in["access"], signed_in["user"]["id"]
        self.username = signed_in["user"]["username"]

    def _public(self, path: str, body: dict[str, Any]) -> Any:
        response = self.api.request("POST", path, json=body)
        if response.status_code != 200:
            raise PlayError(describe(response))
        return response.json()

    def send(self, method: str, path: str, *, headers: dict[str, str] | None = None, **options: Any) -> httpx.Response:
        """One request in the person's name, whatever its answer."""
        authorised = {"Authorization": f"Bearer {self.token}", "Accept-Language": "en", **(headers or {})}
        return self.api.request(method, path, headers=authorised, **options)

    def get(self, path: str, **params: Any) -> Any:
        return self._done(self.send("GET", path, params=params or None))

    def post(self, path: str, body: dict[str, Any] | None = None, **options: Any) -> Any:
        return self._done(self.send("POST", path, **({"json": body} if body is not None else {}), **options))

    def put(self, path: str, body: dict[str, Any]) -> Any:
        return self._done(self.send("PUT", path, json=body))

    def patch(self, path: str, body: dict[str, Any]) -> Any:
        return self._done(self.send("PATCH", path, json=body))

    def is_refused(self, path: str, *, status: int, body: dict[str, Any] | None = None) -> str:
        """POST what must not be possible; returns the code of the refusal.

        :raises PlayError: it was possible, or refused in another way.
        """
        response = self.send("POST", path, json=body or {})
        if response.status_code != status:
            raise PlayError(f"{self.name} should have been refused with {status}, but {describe(response)}")
        self.api.tally.add("refusals")
        return str(response.json()["code"])

    def _done(self, response: httpx.Response) -> Any:
        if not response.is_success:
            raise PlayError(f"{self.name}: {describe(response)}")
        return response.json() if response.content else None


def results(page: Any) -> list[Any]:
    """The items of a list, whether it comes in pages or whole."""
    return list(page["results"]) if isinstance(page, dict) else list(page)
