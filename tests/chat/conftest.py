from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from channels.db import database_sync_to_async
from pytest_asyncio import fixture as async_fixture

from tests.chat.sockets import Socket, leave
from tests.conftest import open_session
from users.models import Session, User
from users.services import tickets

Connect = Callable[..., Awaitable[Socket]]


@async_fixture
async def connect(transactional_db: None) -> AsyncIterator[Connect]:
    """``await connect(user, conversation_id)`` opens a socket with a ticket of its own; all are closed in the end."""
    opened: list[Socket] = []

    async def make(user: User | None, conversation_id: int, session: Session | None = None) -> Socket:
        query = ""
        if user is not None:
            session = session or await database_sync_to_async(open_session)(user)
            query = f"?ticket={tickets.issue(session_id=session.pk)}"
        socket = Socket(f"/ws/chat/{conversation_id}/{query}")
        opened.append(socket)
        return await socket.open()

    yield make
    await leave(*opened)


@pytest.fixture
def in_database() -> Any:
    """``await in_database(function, …)`` from an asynchronous test."""
    return lambda function, *args, **kwargs: database_sync_to_async(function)(*args, **kwargs)
