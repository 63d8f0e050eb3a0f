"""The text message providers against a real HTTP server: every failure is temporary or permanent, none is swallowed."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from common.sms import PermanentSmsError, Sms, TemporarySmsError, http
from common.sms.file import FileProvider
from common.sms.smsir import SmsIrProvider

OTP = Sms(to="09123456789", text="Code: 123456", template="otp", params={"code": "123456"})
PLAIN = Sms(to="09123456789", text="سلام")


class FakeSmsIr(ThreadingHTTPServer):
    daemon_threads = True
    status, body, pause = 200, b"{}", 0.0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Door)
        self.seen: list[tuple[str, dict[str, str], Any]] = []
        self.stop = threading.Event()


class Door(BaseHTTPRequestHandler):
    server: FakeSmsIr

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        self.server.seen.append((self.path, dict(self.headers), json.loads(self.rfile.read(length))))
        if self.server.pause:
            self.server.stop.wait(self.server.pause)
        if self.server.status == 0:
            self.connection.close()
            return
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.send_header("Location", "http://127.0.0.1:9/")
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def sms_ir(settings: Any) -> Iterator[FakeSmsIr]:
    server = FakeSmsIr()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    settings.SMSIR_ENDPOINT = f"http://127.0.0.1:{server.server_port}"
    settings.SMSIR_API_KEY, settings.SMSIR_LINE_NUMBER, settings.SMSIR_OTP_TEMPLATE_ID = "key", "3000", 77
    yield server
    server.stop.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def provider(sms_ir: FakeSmsIr) -> Iterator[SmsIrProvider]:
    made = SmsIrProvider()
    yield made
    made._client._session.close()


def test_code_goes_out_by_the_template(sms_ir: FakeSmsIr, provider: SmsIrProvider) -> None:
    sms_ir.body = b'{"status": 1, "data": {"messageId": 42}}'

    assert provider.send(OTP) == "42"
    ((path, headers, body),) = sms_ir.seen
    assert (path, body["Mobile"], body["TemplateId"]) == ("/v1/send/verify/", "09123456789", 77)
    assert body["Parameters"] == [{"name": "CODE", "value": "123456"}]
    assert {name.lower(): value for name, value in headers.items()}["x-api-key"] == "key"


def test_other_text_goes_out_as_it_is(sms_ir: FakeSmsIr, provider: SmsIrProvider) -> None:
    sms_ir.body = b'{"status": 1, "data": {"packId": "p7"}}'

    assert provider.send(PLAIN) == "p7"
    assert sms_ir.seen[0][2]["MessageText"] == "سلام"


@pytest.mark.parametrize("data", [b"null", b"[]", b"[1]", b'"x"', b"7", b"{}"])
def test_sent_message_with_an_odd_reference_is_sent(sms_ir: FakeSmsIr, provider: SmsIrProvider, data: bytes) -> None:
    sms_ir.body = b'{"status": 1, "data": ' + data + b"}"

    assert provider.send(OTP) == ""


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (429, b'{"status": 20}', TemporarySmsError),
        (500, b"", TemporarySmsError),
        (502, b"<html>", TemporarySmsError),
        (503, b'{"status": 1}', TemporarySmsError),
        (0, b"", TemporarySmsError),
        (200, b"", TemporarySmsError),
        (200, b"<html>", TemporarySmsError),
        (200, b"\xff\xfe\xff", TemporarySmsError),
        (302, b"", TemporarySmsError),
        (200, b"null", PermanentSmsError),
        (200, b"[]", PermanentSmsError),
        (200, b"{}", PermanentSmsError),
        (200, b'{"status": 0}', TemporarySmsError),
        (200, b'{"status": "1"}', PermanentSmsError),
        (400, b'{"status": 105}', PermanentSmsError),
        (401, b'{"status": 10}', PermanentSmsError),
        (404, b'{"status": 1}', PermanentSmsError),
    ],
)
@pytest.mark.parametrize("message", [OTP, PLAIN], ids=["otp", "plain"])
def test_failure_says_whether_to_try_again(
    sms_ir: FakeSmsIr, provider: SmsIrProvider, message: Sms, status: int, body: bytes, error: type[Exception]
) -> None:
    sms_ir.status, sms_ir.body = status, body

    with pytest.raises(error):
        provider.send(message)
    assert len(sms_ir.seen) == 1


def test_silence_is_temporary(sms_ir: FakeSmsIr, provider: SmsIrProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TIMEOUT_SECONDS", (0.2, 0.2))
    sms_ir.pause = 5

    with pytest.raises(TemporarySmsError):
        provider.send(OTP)


def test_nobody_at_home_is_temporary(settings: Any) -> None:
    settings.SMSIR_ENDPOINT = "http://127.0.0.1:9"
    provider = SmsIrProvider()
    with pytest.raises(TemporarySmsError):
        provider.send(OTP)
    provider._client._session.close()


def test_file_holds_one_line_per_message(settings: Any, tmp_path: Path) -> None:
    settings.SMS_FILE = str(tmp_path / "new" / "sms.jsonl")
    threads = [threading.Thread(target=FileProvider().send, args=(PLAIN,)) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    lines = [json.loads(line) for line in Path(settings.SMS_FILE).read_text("utf-8").splitlines()]
    assert len(lines) == 10
    assert {(line["to"], line["text"]) for line in lines} == {("09123456789", "سلام")}
    assert Path(settings.SMS_FILE).stat().st_mode & 0o777 == 0o600


def test_full_disk_is_temporary(settings: Any) -> None:
    settings.SMS_FILE = "/dev/full"
    with pytest.raises(TemporarySmsError):
        FileProvider().send(PLAIN)
