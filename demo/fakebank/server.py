"""A fake bank's doors: the API, the payer's page, and ``/_control`` for tests."""

import contextlib
import json
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import sleep
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

from demo.fakebank import misbehaviour, page
from demo.fakebank.bank import Bank

MAX_BODY = 64 * 1024
BIG_ANSWER = 10 * 1024 * 1024


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], bank: Bank) -> None:
        super().__init__(address, Handler)
        self.bank = bank
        self.orders = misbehaviour.Orders(bank.operations)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up is no news."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "FakeBank"
    timeout = 60
    server: Server

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/healthz":
            return self._json({"status": "ok"})
        if path == "/_control":
            return self._json({"calls": dict(self.server.orders.calls), "sessions": len(self.server.bank.sessions)})
        session = self.server.bank.sessions.get(self.server.bank.payment_at(path) or "")
        if session is None:
            return self._html(page.unknown(), 404)
        return self._html(page.payment(session, self.server.bank.link_back(session)))

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        body = self._body()
        if body is None:
            return self._json({"error": "the body is too long"}, 413)
        if path == "/_control":
            return self._control(body)
        if operation := self.server.bank.operation_at(path):
            return self._api(operation, body)
        if authority := self.server.bank.payment_at(path):
            return self._decide(authority, body)
        return self._html(page.unknown(), 404)

    def _control(self, raw: bytes) -> None:
        try:
            wanted = json.loads(raw)
            if not isinstance(wanted, dict) or not wanted.keys() <= {"next", "reset"}:
                raise misbehaviour.BadOrder('send {"next": […]} or {"reset": true}')
            if wanted.get("reset"):
                self.server.orders.clear()
            self.server.orders.add(wanted.get("next", []))
        except (ValueError, RecursionError) as error:
            return self._json({"error": str(error)}, 400)
        return self._json({"status": "ok"})

    def _api(self, operation: str, raw: bytes) -> None:
        order = self.server.orders.take(operation)
        if order.startswith("code:"):
            return self._json(self.server.bank.with_code(int(order[5:])))
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError):
            body = None
        given = body if isinstance(body, dict) else None
        if order in misbehaviour.HAPPENINGS:
            self.server.bank.happen(order, given or {})
            order = ""
        answer = self.server.bank.call(operation, given)
        return self._spoil(order, answer) if order else self._json(answer)

    def _spoil(self, order: str, answer: dict[str, Any]) -> None:
        """Give the answer of a call that was carried out, but in the ordered way."""
        kind, _, value = order.partition(":")
        text = json.dumps(answer).encode()
        if kind == "http":
            self._send(int(value), text, "application/json")
        elif kind == "html":
            self._html("<h1>502 Bad Gateway</h1>")
        elif kind == "truncate":
            self._send(200, text[: len(text) // 2], "application/json")
        elif kind == "empty":
            self._send(200, b"", "application/json")
        elif kind == "garbage":
            self._send(200, bytes(range(256)), "application/json")
        elif kind == "json":
            self._send(200, value.encode("utf-8", "surrogatepass"), "application/json")
        elif kind == "redirect":
            self._redirect("/healthz")
        elif kind == "big":
            self._send(200, b'{"data": "' + b"x" * BIG_ANSWER + b'"}', "application/json")
        elif kind == "drop":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        else:
            sleep(float(value) if kind == "hang" else misbehaviour.HANG_SECONDS)
            self._json(answer)

    def _decide(self, authority: str, raw: bytes) -> None:
        decision = parse_qs(raw.decode("utf-8", "replace")).get("decision", [""])[0]
        if decision not in ("pay", "cancel"):
            return self._html(page.unknown(), 400)
        session = self.server.bank.decide(authority, pay=decision == "pay")
        if session is None:
            return self._html(page.unknown(), 404)
        order = self.server.orders.take(misbehaviour.PAY)
        if order == "drop_callback":
            return self._html(page.closed())
        link = self.server.bank.link_back(session)
        for _ in range(_visits(order) - 1):
            _visit(link)
        return self._redirect(link)

    def _body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > MAX_BODY:
            self.close_connection = True
            return None
        return self.rfile.read(int(length))

    def _json(self, answer: Any, status: int = 200) -> None:
        self._send(status, json.dumps(answer, ensure_ascii=False).encode(), "application/json")

    def _html(self, text: str, status: int = 200) -> None:
        self._send(status, text.encode(), "text/html; charset=utf-8")

    def _redirect(self, link: str) -> None:
        self._send(302, b"", "text/plain", Location=link)

    def _send(self, status: int, body: bytes, content_type: str, **headers: str) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # the other side did not wait

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: an authority in a log is as good as a payment's key."""


def _visits(order: str) -> int:
    """How often the browser comes back."""
    if order.startswith("callbacks:"):
        return int(order[10:])
    return 2 if order == "double_callback" else 1


def _visit(link: str) -> None:
    """A browser that comes back; it follows the redirect, as browsers do."""
    with contextlib.suppress(OSError):
        urlopen(link, timeout=10).close()
