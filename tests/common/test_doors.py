"""The edges around the API: health, error pages, the origin of sockets, events."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.test import RequestFactory
from redis.exceptions import ConnectionError as RedisConnectionError

from common import events
from common.api import exceptions, health
from common.realtime import OriginCheck
from tests.conftest import ApiClient
from users.models import User


@pytest.mark.django_db
def test_ready_when_everything_is_there(client: Any) -> None:
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "database": True, "redis": True})


@pytest.mark.django_db
def test_not_ready_without_redis(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(key: str) -> None:
        raise RedisConnectionError

    monkeypatch.setattr(cache, "get", away)
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (503, {"status": "not ready", "database": True, "redis": False})


@pytest.mark.django_db
@pytest.mark.parametrize("migrated", [True, False])
@pytest.mark.parametrize("error", [OperationalError, DatabaseError, InterfaceError])
def test_not_ready_without_a_database(
    client: Any, monkeypatch: pytest.MonkeyPatch, error: type[Exception], migrated: bool
) -> None:
    def away(*args: Any) -> None:
        raise error

    monkeypatch.setattr(health, "_migrated", migrated)
    monkeypatch.setattr(connection, "cursor", away)
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["database"]) == (503, False)


def test_process_answers_without_anything_else(client: Any) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (SuspiciousOperation("secret"), 400, "malformed_body"),
        (PermissionDenied("secret"), 403, "permission_denied"),
        (RuntimeError("secret"), 500, "server_error"),
    ],
)
def test_page_that_fails_answers_in_the_one_shape(
    client: Any, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, code: str
) -> None:
    def fail(*args: Any) -> None:
        raise error

    monkeypatch.setattr("common.uploads.open_signed", fail)
    client.raise_request_exception = False
    answer = client.get("/files/x/", HTTP_X_REQUEST_ID="r-7", HTTP_ACCEPT_LANGUAGE="en")

    assert (answer.status_code, answer["Content-Type"], answer.json()["code"]) == (
        status, "application/problem+json", code,
    )  # fmt: skip
    assert answer.json()["request_id"] == answer["X-Request-ID"] == "r-7"
    assert b"secret" not in answer.content


@pytest.mark.django_db
def test_defect_in_a_view_shows_nothing_but_the_request_id(
    client_for: Callable[..., ApiClient], user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("wallet.selectors.balances", fail)
    client = client_for(user)
    client.raise_request_exception = False
    body = client.get("/api/wallet/", HTTP_X_REQUEST_ID="r-7").json()

    assert (body["code"], body["params"], body["errors"], body["request_id"]) == ("server_error", {}, {}, "r-7")
    assert "secret" not in str(body)


@pytest.mark.django_db
@pytest.mark.parametrize("error", [OperationalError, InterfaceError, RedisConnectionError])
def test_database_or_redis_that_is_away_means_try_again(
    client_for: Callable[..., ApiClient], user: User, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def away(*args: Any) -> None:
        raise error

    monkeypatch.setattr("wallet.selectors.balances", away)
    answer = client_for(user).get("/api/wallet/")

    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "busy", "2")


def test_handlers_speak_persian_by_default() -> None:
    request = RequestFactory().get("/")
    codes = [handler(request).status_code for handler in (
        exceptions.bad_request, exceptions.forbidden, exceptions.not_found, exceptions.server_error,
    )]  # fmt: skip

    assert codes == [400, 403, 404, 500]


@pytest.mark.parametrize(
    ("origin", "welcome"),
    [
        (None, True),
        ("http://testserver", True),
        ("https://testserver:8443", True),
        ("https://front.example", True),
        ("https://front.example:444", False),
        ("https://front.example.evil", False),
        ("https://evil.example", False),
        ("https://testserver.evil", False),
        ("https://eviltestserver", False),
        ("https://testserver@evil.example", False),
        ("null", False),
        ("file://", False),
        ("testserver", False),
        ("http://[::1", False),
        ("\xff", False),
        ("http://" + "x" * 5000, False),
    ],
)
def test_socket_opens_from_our_hosts_only(settings: Any, origin: str | None, welcome: bool) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://front.example"]
    reached, sent = [], []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        reached.append(scope)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [] if origin is None else [(b"origin", origin.encode("latin-1"))]
    asyncio.run(OriginCheck(inner)({"type": "websocket", "headers": headers}, None, send))

    assert (len(reached), sent) == ((1, []) if welcome else (0, [{"type": "websocket.close", "code": 4403}]))


@dataclass(frozen=True)
class Rang:
    times: int


@pytest.fixture
def bell(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    heard: list[int] = []

    def listen(event: Rang) -> None:
        heard.append(event.times)
        if event.times > 8:
            raise ValueError("too loud")

    monkeypatch.setattr(events, "_handlers", {**events._handlers})
    events._handlers[Rang] = []
    events.handles(Rang)(listen)
    events.handles(Rang)(listen)
    return heard


@pytest.mark.django_db
def test_event_reaches_each_handler_once_and_a_failure_goes_to_the_publisher(bell: list[int]) -> None:
    with transaction.atomic():
        events.publish(Rang(3))
    assert bell == [3]
    with pytest.raises(ValueError, match="too loud"), transaction.atomic():
        events.publish(Rang(9))


@pytest.mark.django_db(transaction=True)
def test_event_outside_a_transaction_is_refused(bell: list[int]) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        events.publish(Rang(3))
    assert bell == []
