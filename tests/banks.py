"""Fake payment gateways over real HTTP. A ``conftest.py`` whose tests pay imports the fixtures."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from django.core.cache import cache

import demo.zarinpal.bank
import demo.zibal.bank
from demo.fakebank.bank import Bank
from demo.fakebank.server import Server

PAGES = {"zarinpal": "/pg/StartPay/", "zibal": "/start/"}


class BankDoor:
    """The payer's side of a fake bank, and its control door."""

    def __init__(self, server: Server, name: str) -> None:
        self.server = server
        self.name = name
        self.url = f"http://127.0.0.1:{server.server_port}"
        self.browser = httpx.Client(base_url=self.url, trust_env=False, timeout=60)

    def next(self, *orders: tuple[str, str]) -> None:
        body = {"next": [{"on": on, "do": do} for on, do in orders]}
        self.browser.post("/_control", json=body).raise_for_status()

    def pay(self, authority: str, decision: str = "pay") -> str:
        """Send the form of the bank's page; returns the link back."""
        answer = self.browser.post(f"{PAGES[self.name]}{authority}", data={"decision": decision})
        return answer.headers.get("Location", "")

    def calls(self, operation: str) -> int:
        return self.server.orders.calls[operation]


@contextmanager
def serving(bank: Bank) -> Iterator[Server]:
    server = Server(("127.0.0.1", 0), bank)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def bank_server() -> Iterator[Server]:
    with serving(demo.zarinpal.bank.Bank()) as server:
        yield server


@pytest.fixture(scope="session")
def zibal_server() -> Iterator[Server]:
    with serving(demo.zibal.bank.Bank()) as server:
        yield server


@contextmanager
def _door(server: Server, name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[BankDoor]:
    """With less patience than in production."""
    monkeypatch.setattr("wallet.gateways.calls.TIMEOUT", httpx.Timeout(0.5, connect=0.5))
    monkeypatch.setattr("wallet.services.payments.PATIENCE_SECONDS", 0)
    server.orders.clear()
    server.bank.sessions.clear()
    cache.clear()
    door = BankDoor(server, name)
    yield door
    door.browser.close()
    server.orders.clear()


@pytest.fixture
def bank(bank_server: Server, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[BankDoor]:
    """The fake Zarinpal, as the gateway of this test."""
    with _door(bank_server, "zarinpal", monkeypatch) as door:
        settings.ZARINPAL_URL = door.url
        yield door


@pytest.fixture
def zibal(zibal_server: Server, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[BankDoor]:
    """The fake Zibal, as the gateway of this test."""
    with _door(zibal_server, "zibal", monkeypatch) as door:
        settings.ZIBAL_URL = door.url
        settings.PAYMENT_GATEWAY = "zibal"
        yield door
