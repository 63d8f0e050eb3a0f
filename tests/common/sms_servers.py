"""SMS.ir and Kavenegar as real HTTP servers on a socket, which misbehave on command."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs

# What the whole server may do instead of answering: (status, body), or a word for ``Door``.
MOODS: dict[str, tuple[int, bytes] | str] = {
    "hang": "hang",
    "drop": "drop",
    "truncated": "truncated",
    "500": (500, b""),
    "502 page": (502, b"<html>"),
    "503": (503, b'{"status": 1, "return": {"status": 200}}'),
    "429": (429, b"{}"),
    "redirect": (302, b""),
    "empty": (200, b""),
    "garbage": (200, b"\xff\xfe\xff"),
    "page": (200, b"<html>"),
    "null": (200, b"null"),
    "list": (200, b"[1]"),
    "nothing": (200, b"{}"),
}


class FakeSmsServer(ThreadingHTTPServer):
    """``taken`` are the messages that were accepted, as (number, text or code); ``seen`` every request."""

    daemon_threads = True
    name = ""
    # (HTTP status, their own status) by what they mean
    refusals: ClassVar[dict[str, tuple[int, int]]] = {}

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Door)
        self.seen: list[tuple[str, str, dict[str, str], Any]] = []
        self.taken: list[tuple[str, str]] = []
        self.mood = ""
        self.refusal: tuple[int, int] | None = None
        self.states: dict[str, int] = {}
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def answer(self, path: str, headers: dict[str, str], body: Any) -> tuple[int, Any]:
        raise NotImplementedError

    def take(self, to: str, what: str) -> str:
        self.taken.append((to, what))
        return str(1000 + len(self.taken))


class FakeSmsIr(FakeSmsServer):
    name = "smsir"
    refusals: ClassVar = {
        "wrong key": (401, 10),
        "no credit": (400, 102),
        "unknown template": (400, 113),
        "blocked": (400, 999),
        "bad number": (400, 104),
        "trouble": (200, 0),
        "too many": (400, 20),
    }

    def answer(self, path: str, headers: dict[str, str], body: Any) -> tuple[int, Any]:
        if headers["x-api-key"] != "key":
            return 401, {"status": 10, "message": "کلید نامعتبر است"}
        if self.refusal:
            return self.refusal[0], {"status": self.refusal[1], "message": "رد شد"}
        if path == "/v1/send/verify/":
            assert body["TemplateId"] == 77
            (parameter,) = body["Parameters"]
            return 200, {"status": 1, "data": {"messageId": int(self.take(body["Mobile"], parameter["value"]))}}
        if path == "/v1/send/bulk/":
            (number,) = body["Mobiles"]
            message = int(self.take(number, body["MessageText"]))
            return 200, {"status": 1, "data": {"packId": "pack", "messageIds": [message]}}
        number = path.removeprefix("/v1/send/").strip("/")
        return 200, {"status": 1, "data": {"messageId": int(number), "deliveryState": self.states.get(number)}}


class FakeKavenegar(FakeSmsServer):
    name = "kavenegar"
    refusals: ClassVar = {
        "wrong key": (403, 403),
        "no credit": (418, 418),
        "unknown template": (424, 424),
        "blocked": (402, 499),
        "bad number": (411, 411),
        "trouble": (409, 409),
        "too many": (451, 451),
    }

    def answer(self, path: str, headers: dict[str, str], body: Any) -> tuple[int, Any]:
        _, _, key, method = path.split("/", 3)
        if key != "key":
            return 403, {"return": {"status": 403, "message": "کد شناسائی API-Key معتبر نمی باشد"}, "entries": None}
        if self.refusal:
            return self.refusal[0], {"return": {"status": self.refusal[1], "message": "رد شد"}, "entries": None}
        if method == "verify/lookup.json":
            assert body["template"] == "sign-in"
            entry = {"messageid": int(self.take(body["receptor"], body["token"])), "status": 5}
        elif method == "sms/send.json":
            entry = {"messageid": int(self.take(body["receptor"], body["message"])), "status": 1}
        else:
            assert method == "sms/status.json"
            entry = {"messageid": int(body["messageid"]), "status": self.states.get(body["messageid"], 4)}
        return 200, {"return": {"status": 200, "message": "تایید شد"}, "entries": [entry]}


class Door(BaseHTTPRequestHandler):
    server: FakeSmsServer

    def handle_request(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        kind = self.headers.get("Content-Type", "")
        body: Any = json.loads(raw) if "json" in kind and raw else {}
        if "form" in kind:
            body = {name: values[0] for name, values in parse_qs(raw.decode()).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append((self.command, self.path, headers, body))
        mood = MOODS.get(self.server.mood)
        if mood == "hang":
            self.server.released.wait(10)
        if isinstance(mood, str) and mood != "truncated":
            self.close_connection = True
            self.connection.close()
            return
        if isinstance(mood, tuple):
            self.reply(*mood)
            return
        status, document = self.server.answer(self.path, headers, body)
        whole = json.dumps(document, ensure_ascii=False).encode()
        self.reply(status, whole[: len(whole) // 2] if mood else whole, length=len(whole))
        if mood:
            self.close_connection = True

    do_GET = do_POST = handle_request

    def reply(self, status: int, body: bytes, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        if status == 302:
            self.send_header("Location", f"{self.server.url}/elsewhere")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@contextmanager
def serving(make: Callable[[], FakeSmsServer], settings: Any) -> Iterator[FakeSmsServer]:
    """The server, with the settings pointing at it."""
    server = make()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    if isinstance(server, FakeSmsIr):
        settings.SMSIR_ENDPOINT, settings.SMSIR_API_KEY = server.url, "key"
        settings.SMSIR_LINE_NUMBER, settings.SMSIR_OTP_TEMPLATE_ID = "3000", 77
    else:
        settings.KAVENEGAR_ENDPOINT, settings.KAVENEGAR_API_KEY = server.url, "key"
        settings.KAVENEGAR_OTP_TEMPLATE = "sign-in"
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
