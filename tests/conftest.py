import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from channels.db import database_sync_to_async
from django.conf import settings
from django.core.cache import cache
from django.db import connections
from django.db.backends.postgresql.operations import DatabaseOperations
from django.utils import timezone
from rest_framework.test import APIClient

from common.sms import memory
from tests.factories.users import StaffFactory, UserFactory
from users.models import Session, User
from users.services import sessions


class ApiClient(APIClient):
    """A client whose requests run their on-commit work, as a committed request does."""

    def __init__(self, capture: Any, **headers: Any) -> None:
        super().__init__(**headers)
        self._capture = capture

    def request(self, **kwargs: Any) -> Any:
        with self._capture(execute=True):
            return super().request(**kwargs)


def open_session(user: User) -> Session:
    now = timezone.now()
    return Session.objects.create(
        user=user,
        refresh_jti=uuid4().hex,
        created_at=now,
        rotated_at=now,
        expires_at=now + settings.SIMPLE_JWT["REFRESH_TOKEN_LIFETIME"],
    )


def access_token(user: User, *, proved_at: datetime | None = None) -> str:
    return sessions.access_token(open_session(user), proved_at=proved_at)


@pytest.fixture
def client_for(db: None, django_capture_on_commit_callbacks: Any) -> Callable[..., ApiClient]:
    """``client_for(user)`` is signed in with a real token of a real session; ``client_for(None)`` is anonymous.

    ``client_for(user, proved_at=now)`` proved a second factor at that moment.
    """

    def make(user: User | None = None, language: str = "en", proved_at: datetime | None = None) -> ApiClient:
        client = ApiClient(django_capture_on_commit_callbacks, HTTP_ACCEPT_LANGUAGE=language)
        if user is not None:
            client.credentials(
                HTTP_AUTHORIZATION=f"Bearer {access_token(user, proved_at=proved_at)}", HTTP_ACCEPT_LANGUAGE=language
            )
        return client

    return make


@pytest.fixture
def anonymous(client_for: Callable[..., ApiClient]) -> ApiClient:
    return client_for(None)


@pytest.fixture
def user(db: None) -> User:
    return UserFactory()


@pytest.fixture
def staff(db: None) -> User:
    return StaffFactory()


@pytest.fixture
def now() -> datetime:
    return timezone.now()


APPEND_ONLY = {"tournaments_stageevent", "wallet_ledgeraccount", "wallet_journal", "wallet_transfer", "wallet_seal"}


@pytest.fixture(scope="session", autouse=True)
def append_only_tables_can_be_emptied() -> Iterator[None]:
    """Transactional tests end with TRUNCATE, which the triggers of these tables refuse; their owner may pause them."""
    flush = DatabaseOperations.sql_flush

    def with_triggers_paused(self: Any, style: Any, tables: Any, **options: Any) -> list[str]:
        guarded = sorted(APPEND_ONLY.intersection(tables))
        return [
            *(f'ALTER TABLE "{table}" DISABLE TRIGGER USER' for table in guarded),
            *flush(self, style, tables, **options),
            *(f'ALTER TABLE "{table}" ENABLE TRIGGER USER' for table in guarded),
        ]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", with_triggers_paused)
        yield


@pytest.fixture(autouse=True)
def clean_surroundings() -> Iterator[None]:
    """No test sees another's text messages, tickets or files."""
    memory.outbox.clear()
    cache.clear()
    yield
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)


@pytest.fixture
async def close_connections(transactional_db: None) -> AsyncIterator[None]:
    """The thread in which sockets ask the database would keep its connection, and with it the test database."""
    yield
    await database_sync_to_async(connections.close_all)()


@pytest.fixture
def sms_outbox() -> list[Any]:
    return memory.outbox


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the figures that each test has left by pytest's own ``record_property``."""
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    measured = [report for report in reports if getattr(report, "when", "") == "call" and report.user_properties]
    if measured:
        terminalreporter.section("figures")
    for report in measured:
        terminalreporter.write_line(report.nodeid.rpartition("::")[2].removeprefix("test_").replace("_", " "))
        for name, figure in report.user_properties:
            terminalreporter.write_line(f"    {name}: {figure}")
