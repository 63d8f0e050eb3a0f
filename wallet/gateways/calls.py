"""One HTTP call to a gateway, and reading what came back. Nothing of it is trusted."""

import json
import re
from functools import cache
from ssl import SSLContext
from time import monotonic
from typing import Any

import httpx

TIMEOUT = httpx.Timeout(10.0, connect=3.0)
TOTAL_SECONDS = 15.0
MAX_ANSWER_BYTES = 256 * 1024
# A packed answer could unpack to more than MAX_ANSWER_BYTES.
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity"}
_INTEGER = re.compile(r"-?\d{1,18}", re.ASCII)
MASKED_CARD = re.compile(r"[0-9Xx*-]{4,32}", re.ASCII)
HASH = re.compile(r"[A-Za-z0-9]{1,128}", re.ASCII)


class Unreadable(Exception):
    """Nothing, or nothing of the agreed shape, came back."""


@cache
def _tls() -> SSLContext:
    """Reading the certificates takes longer than a call does, so it is done once."""
    return httpx.create_ssl_context()


def post(url: str, body: dict[str, Any]) -> dict[str, Any]:
    """The JSON object that the gateway answers. :raises Unreadable: there is none that can be relied on."""
    try:
        with (
            httpx.Client(
                verify=_tls(), timeout=TIMEOUT, headers=_HEADERS, follow_redirects=False, trust_env=False
            ) as client,
            client.stream("POST", url, json=body) as response,
        ):
            if response.status_code >= 500 or response.is_redirect:
                raise Unreadable(f"HTTP {response.status_code}")
            if response.headers.get("Content-Encoding", "identity") != "identity":
                raise Unreadable("the answer is packed")
            raw = _read(response)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unreadable(type(error).__name__) from error
    try:
        answer = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Unreadable("not JSON") from error
    if not isinstance(answer, dict):
        raise Unreadable("not an object")
    return answer


def _read(response: httpx.Response) -> bytes:
    raw = bytearray()
    until = monotonic() + TOTAL_SECONDS
    for chunk in response.iter_bytes():
        raw += chunk
        if len(raw) > MAX_ANSWER_BYTES or monotonic() > until:
            raise Unreadable("the answer is too long")
    return bytes(raw)


def integer(value: Any, *, least: int = -(2**31), most: int = 2**31 - 1) -> int:
    """:raises Unreadable: no whole number in the range."""
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise Unreadable("a number is missing or wrong")
    return value


def text(value: Any, shape: re.Pattern[str]) -> str:
    """:raises Unreadable: no text of this shape."""
    if not isinstance(value, str) or not shape.fullmatch(value):
        raise Unreadable("a text is missing or wrong")
    return value


# What follows is nice to know: a wrong shape costs the detail, not the payment.


def optional_integer(value: Any) -> int | None:
    try:
        return integer(value, least=0, most=2**63 - 1)
    except Unreadable:
        return None


def optional_text(value: Any, shape: re.Pattern[str]) -> str:
    return value if isinstance(value, str) and shape.fullmatch(value) else ""
