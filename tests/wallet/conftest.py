import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.core.cache import cache

from demo.zarinpal.server import Server, make_server
from tests.factories.wallet import assert_ledger_holds


@pytest.fixture
def ledger_ok(db: None) -> Iterator[None]:
    """The test ends with the books in order."""
    yield
    assert_ledger_holds()


class BankDoor:
    """The payer's side of the fake bank, and its control door."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.url = f"http://127.0.0.1:{server.server_port}"
        self.browser = httpx.Client(base_url=self.url, trust_env=False)

    def next(self, *orders: tuple[str, str]) -> None:
        body = {"next": [{"on": on, "do": do} for on, do in orders]}
        self.browser.post("/_control", json=body).raise_for_status()

    def pay(self, authority: str, decision: str = "pay") -> str:
        """Send the form of the bank's page; returns the link back."""
        answer = self.browser.post(f"/pg/StartPay/{authority}", data={"decision": decision})
        return answer.headers.get("Location", "")

    def calls(self, operation: str) -> int:
        return self.server.orders.calls[operation]


@pytest.fixture(scope="session")
def bank_server() -> Iterator[Server]:
    server = make_server("127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def bank(bank_server: Server, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[BankDoor]:
    """The fake bank over real HTTP, as the gateway of this test; with less patience than in production."""
    settings.ZARINPAL_URL = f"http://127.0.0.1:{bank_server.server_port}"
    monkeypatch.setattr("wallet.gateways.calls.TIMEOUT", httpx.Timeout(0.5, connect=0.5))
    monkeypatch.setattr("wallet.services.payments.PATIENCE_SECONDS", 0)
    bank_server.orders.clear()
    bank_server.bank.sessions.clear()
    cache.clear()
    door = BankDoor(bank_server)
    yield door
    door.browser.close()
    bank_server.orders.clear()
