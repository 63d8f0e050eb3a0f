"""The fake bank by itself: what the real one says, and what it does wrong on command."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest

from demo.fakebank.server import Server
from demo.zarinpal.bank import Bank
from demo.zarinpal.server import make_server

MERCHANT = "00000000-0000-0000-0000-000000000000"
GOOD = {
    "merchant_id": MERCHANT,
    "amount": 50_000,
    "currency": "IRR",
    "description": "واریز <b>به</b> کیف پول",
    "callback_url": "http://127.0.0.1:9/back/?a=1",
    "metadata": {"mobile": "09121234567", "order_id": "7"},
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = make_server("127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def web(server: Server) -> Iterator[httpx.Client]:
    server.orders.clear()
    server.bank.sessions.clear()
    with httpx.Client(base_url=f"http://127.0.0.1:{server.server_port}", trust_env=False, timeout=5) as client:
        yield client


def call(web: httpx.Client, operation: str, **body: Any) -> Any:
    return web.post(f"/pg/v4/payment/{operation}.json", json={"merchant_id": MERCHANT} | body).json()


def begin(web: httpx.Client, **changes: Any) -> str:
    return call(web, "request", **(GOOD | changes))["data"]["authority"]


def order(web: httpx.Client, on: str, do: str) -> None:
    web.post("/_control", json={"next": [{"on": on, "do": do}]}).raise_for_status()


def decide(web: httpx.Client, authority: str, decision: str = "pay") -> httpx.Response:
    return web.post(f"/pg/StartPay/{authority}", data={"decision": decision})


def test_request_gives_an_authority_of_36_characters(web: httpx.Client) -> None:
    data = call(web, "request", **GOOD)["data"]
    assert re.fullmatch(r"A[0-9a-f]{35}", data.pop("authority"))
    assert data == {"code": 100, "message": "Success", "fee": 500, "fee_type": "Merchant"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"merchant_id": "x" * 36}, "merchant_id"), ({"merchant_id": MERCHANT[:-1]}, "merchant_id"),
        ({"merchant_id": 5}, "merchant_id"), ({"amount": 999}, "amount"), ({"amount": "50000"}, "amount"),
        ({"amount": True}, "amount"), ({"amount": 5e4}, "amount"), ({"amount": None}, "amount"),
        ({"currency": "USD"}, "currency"), ({"description": ""}, "description"),
        ({"description": "x" * 501}, "description"), ({"callback_url": "ftp://x/"}, "callback_url"),
        ({"callback_url": "javascript:alert(1)"}, "callback_url"), ({"metadata": "x"}, "metadata"),
        ({"callback_url": "http://x/\r\nA: b"}, "callback_url"),
    ],
)  # fmt: skip
def test_request_checks_its_input(web: httpx.Client, changes: dict[str, Any], field: str) -> None:
    answer = call(web, "request", **(GOOD | changes))
    assert answer["data"] == []
    assert answer["errors"]["code"] == -9
    assert [list(row) for row in answer["errors"]["validations"]] == [[field]]


def test_request_refuses_more_than_the_maximum(web: httpx.Client) -> None:
    assert call(web, "request", **(GOOD | {"amount": 1_000_000_001}))["errors"]["code"] == -41


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"[" * 5000, b"\xff"])
def test_a_body_that_is_no_object_is_minus_9(web: httpx.Client, body: bytes) -> None:
    assert web.post("/pg/v4/payment/verify.json", content=body).json()["errors"]["code"] == -9


def test_a_payment_from_request_to_reverse(web: httpx.Client) -> None:
    authority = begin(web)
    same = {"authority": authority}
    assert call(web, "inquiry", **same)["data"]["status"] == "IN_BANK"
    assert call(web, "verify", **same, amount=50_000)["errors"]["code"] == -51
    assert call(web, "unVerified")["data"]["authorities"] == []

    back = decide(web, authority)
    assert (back.status_code, back.headers["Location"]) == (
        302, f"http://127.0.0.1:9/back/?a=1&Authority={authority}&Status=OK",
    )  # fmt: skip
    assert [row["authority"] for row in call(web, "unVerified")["data"]["authorities"]] == [authority]
    assert call(web, "verify", **same, amount=50_001)["errors"]["code"] == -50
    first = call(web, "verify", **same, amount=50_000)["data"]
    again = call(web, "verify", **same, amount=50_000)["data"]
    assert (first["code"], again["code"], first["ref_id"]) == (100, 101, again["ref_id"])
    assert (first["card_pan"], first["fee"], first["order_id"]) == ("502229******5995", 500, "7")
    assert call(web, "inquiry", **same)["data"]["status"] == "VERIFIED"
    assert call(web, "unVerified")["data"]["authorities"] == []

    assert call(web, "reverse", **same)["data"]["code"] == 100
    assert call(web, "inquiry", **same)["data"]["status"] == "REVERSED"
    assert call(web, "reverse", **same)["errors"]["code"] == -61


def test_reverse_is_possible_for_thirty_minutes() -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    bank = Bank(clock=lambda: moment)
    authority = bank.call("request", GOOD)["data"]["authority"]
    bank.decide(authority, pay=True)
    moment += timedelta(minutes=30, seconds=1)
    assert bank.call("reverse", {"merchant_id": MERCHANT, "authority": authority})["errors"]["code"] == -63


def test_unverified_lists_the_newest_hundred() -> None:
    bank = Bank()
    authorities = [bank.call("request", GOOD)["data"]["authority"] for _ in range(105)]
    for authority in authorities:
        bank.decide(authority, pay=True)
    listed = bank.call("unVerified", {"merchant_id": MERCHANT})["data"]["authorities"]
    assert [row["authority"] for row in listed] == authorities[:4:-1]


def test_an_authority_of_nobody_or_of_another_merchant_is_refused(web: httpx.Client) -> None:
    authority = begin(web)
    other = {"merchant_id": "11111111-0000-0000-0000-000000000000"}
    for operation in ("verify", "inquiry", "reverse"):
        assert call(web, operation, authority="A" * 36, amount=50_000)["errors"]["code"] == -54
        assert call(web, operation, authority=authority, amount=50_000, **other)["errors"]["code"] == -53
        assert call(web, operation, authority="", amount=50_000)["errors"]["code"] == -9
    assert call(web, "inquiry", authority=authority)["data"]["status"] == "IN_BANK"


def test_the_payer_may_cancel_and_then_not_pay(web: httpx.Client) -> None:
    authority = begin(web)
    for decision in ("cancel", "pay"):
        assert decide(web, authority, decision).headers["Location"].endswith(f"Authority={authority}&Status=NOK")
    assert call(web, "inquiry", authority=authority)["data"]["status"] == "FAILED"


def test_the_page_is_persian_and_asks_with_a_form(web: httpx.Client) -> None:
    authority = begin(web)
    page = web.get(f"/pg/StartPay/{authority}")
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert '<html lang="fa" dir="rtl">' in page.text
    assert "۵۰٬۰۰۰ ریال" in page.text
    assert "واریز &lt;b&gt;به&lt;/b&gt; کیف پول" in page.text
    assert re.findall(r'name="decision" value="(\w+)"', page.text) == ["pay", "cancel"]
    decide(web, authority)
    assert "<form" not in web.get(f"/pg/StartPay/{authority}").text


@pytest.mark.parametrize("path", ["/pg/StartPay/" + "A" * 36, "/pg/StartPay/", "/pg/StartPay/../x", "/x", "/"])
def test_a_page_of_nothing_is_404(web: httpx.Client, path: str) -> None:
    assert web.get(path).status_code == 404
    assert web.post(path, data={"decision": "pay"}).status_code == 404


def test_a_decision_that_is_none_changes_nothing(web: httpx.Client) -> None:
    authority = begin(web)
    assert decide(web, authority, "steal").status_code == 400
    assert call(web, "inquiry", authority=authority)["data"]["status"] == "IN_BANK"


def test_healthz(web: httpx.Client) -> None:
    assert web.get("/healthz").json() == {"status": "ok"}


@pytest.mark.parametrize("code", [-9, -12, -50, -51, -52, -54, -1234])
def test_control_answers_a_code_once_and_does_nothing_else(web: httpx.Client, code: int) -> None:
    authority = begin(web)
    decide(web, authority)
    order(web, "verify", f"code:{code}")
    assert call(web, "verify", authority=authority, amount=50_000)["errors"]["code"] == code
    assert call(web, "verify", authority=authority, amount=50_000)["data"]["code"] == 100


@pytest.mark.parametrize(
    ("do", "status", "body"),
    [
        ("http:500", 500, r'\{"data".*'), ("http:403", 403, r'\{"data".*'), ("html", 200, "<h1>.*"),
        ("truncate", 200, r'\{"data": \{[^}]*'), ("empty", 200, ""), ("garbage", 200, ".*"), ("redirect", 302, ""),
        ("big", 200, r'\{"data": "x{10485760}"\}'), ("json:[]", 200, r"\[\]"), ("hang:0.1", 200, r'\{"data".*'),
    ],
)  # fmt: skip
def test_control_spoils_the_answer_of_a_call_that_was_carried_out(
    web: httpx.Client, do: str, status: int, body: str
) -> None:
    authority = begin(web)
    decide(web, authority)
    order(web, "verify", do)
    bad = web.post(
        "/pg/v4/payment/verify.json", json={"merchant_id": MERCHANT, "authority": authority, "amount": 50_000}
    )
    assert bad.status_code == status
    assert re.fullmatch(body, bad.text, re.DOTALL)
    assert call(web, "verify", authority=authority, amount=50_000)["data"]["code"] == 101


@pytest.mark.parametrize(("do", "error"), [("drop", httpx.RemoteProtocolError), ("timeout", httpx.ReadTimeout)])
def test_control_can_give_no_answer_at_all(web: httpx.Client, do: str, error: type[Exception]) -> None:
    order(web, "inquiry", do)
    with pytest.raises(error):
        web.post("/pg/v4/payment/inquiry.json", json={}, timeout=0.3)


def test_control_loses_a_callback_or_doubles_it(web: httpx.Client) -> None:
    visits = []

    class Shop(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            visits.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Shop) as shop:
        thread = threading.Thread(target=shop.handle_request)
        thread.start()
        authority = begin(web, callback_url=f"http://127.0.0.1:{shop.server_port}/back/")
        order(web, "pay", "double_callback")
        back = decide(web, authority)
        thread.join()
    assert back.headers["Location"].endswith(visits[0])

    lost = begin(web)
    order(web, "pay", "drop_callback")
    assert decide(web, lost).status_code == 200
    assert call(web, "inquiry", authority=lost)["data"]["status"] == "PAID"


@pytest.mark.parametrize(
    "wanted",
    [
        {"next": [{"on": "verify", "do": "explode"}]}, {"next": [{"on": "x", "do": "html"}]}, {"next": "html"},
        {"next": [5]}, {"next": [{"on": "pay", "do": "html"}]}, {"later": []}, [], {"next": [{"on": [], "do": "html"}]},
    ],
)  # fmt: skip
def test_control_refuses_an_order_it_does_not_know(web: httpx.Client, wanted: Any) -> None:
    assert web.post("/_control", json=wanted).status_code == 400
    assert call(web, "verify")["errors"]["code"] == -9


def test_control_counts_and_resets(web: httpx.Client) -> None:
    order(web, "verify", "html")
    call(web, "inquiry")
    assert web.get("/_control").json() == {"calls": {"inquiry": 1}, "sessions": 0}
    web.post("/_control", json={"reset": True})
    assert web.get("/_control").json() == {"calls": {}, "sessions": 0}
    assert call(web, "verify")["errors"]["code"] == -9


def test_it_runs_as_a_program_without_django() -> None:
    code = (
        "import sys; import demo.zarinpal.__main__; "
        "print([name for name in ('django', 'wallet', 'common', 'httpx') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
    with subprocess.Popen(
        [sys.executable, "-m", "demo.zarinpal", "--host", "127.0.0.1", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        try:
            url = program.stdout.readline().split()[-1]
            assert httpx.get(f"{url}healthz").json() == {"status": "ok"}
        finally:
            program.terminate()
