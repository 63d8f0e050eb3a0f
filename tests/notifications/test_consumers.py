import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import orjson
import pytest
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.utils import timezone

from config.asgi import application
from notifications.consumers import NotificationConsumer
from notifications.models import Feed, Notification
from notifications.services import notifying
from tests.conftest import open_session
from tests.factories.notifications import tell
from tests.factories.users import UserFactory
from users.models import Session, User
from users.services import sessions, tickets

RESUME_LIMIT = NotificationConsumer.resume_limit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("close_connections")]
PATH = "/ws/notifications/"
Socket = WebsocketCommunicator
tell_async = database_sync_to_async(tell)


@pytest.fixture
async def player(transactional_db: None) -> User:
    return await database_sync_to_async(UserFactory)()


@pytest.fixture
async def connect() -> AsyncIterator[Callable[..., Awaitable[Socket]]]:
    """``connect(user)`` opens a socket with the JWT of a new session; all are closed after the test."""
    opened: list[Socket] = []

    async def make(user: User, language: str = "en", session: Session | None = None) -> Socket:
        session = session or await database_sync_to_async(open_session)(user)
        protocol = f"jwt.{sessions._tokens(session).access}"
        socket = Socket(application, PATH, [(b"accept-language", language.encode())], [protocol])
        assert await socket.connect() == (True, protocol)
        opened.append(socket)
        return socket

    yield make
    for socket in opened:
        await socket.disconnect()


async def receive(socket: Socket) -> dict[str, Any]:
    """The next frame that is not a heartbeat."""
    while True:
        frame = orjson.loads(await socket.receive_from(timeout=5))
        if frame["type"] != "head":
            return frame


async def send(socket: Socket, frame: Any) -> None:
    await socket.send_to(text_data=orjson.dumps(frame).decode())


async def resume(socket: Socket, after_seq: int) -> tuple[list[int], dict[str, Any]]:
    await send(socket, {"type": "resume", "after_seq": after_seq})
    seqs = []
    while (frame := await receive(socket))["type"] == "notification":
        seqs.append(frame["seq"])
    return seqs, frame


async def close_code(socket: Socket, timeout: float = 5) -> int:
    async with asyncio.timeout(timeout):
        while (output := await socket.receive_output(timeout))["type"] != "websocket.close":
            pass
    return output["code"]


async def test_socket_with_a_jwt_says_hello_and_shows_what_comes(connect: Any, player: User) -> None:
    await tell_async(player, 2)
    english, persian = await connect(player), await connect(player, "fa")
    assert await receive(english) == {"type": "hello", "head_seq": 2}
    assert await receive(persian) == {"type": "hello", "head_seq": 2}
    [row] = await tell_async(player)
    frame = await receive(english)
    assert frame.pop("message") == "Cup is over."
    assert frame == {
        "type": "notification",
        "seq": 3,
        "id": row.pk,
        "kind": "tournament_completed",
        "params": {"tournament": "Cup"},
        "created_at": row.created_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }
    assert (await receive(persian))["seq"] == 3


async def test_socket_opens_once_with_a_ticket(player: User) -> None:
    session = await database_sync_to_async(open_session)(player)
    ticket = await database_sync_to_async(tickets.issue)(session_id=session.pk)
    first = Socket(application, f"{PATH}?ticket={ticket}")
    assert await first.connect() == (True, None)
    assert (await receive(first))["type"] == "hello"
    await first.disconnect()
    second = Socket(application, f"{PATH}?ticket={ticket}")
    await second.connect()
    assert (await receive(second))["code"] == "not_authenticated"
    assert await close_code(second) == 4401


@pytest.mark.parametrize("protocols", [[], ["jwt.forged"], ["ticket.forged"], ["jwt."]])
async def test_socket_without_a_session_gets_an_error_and_4401(db: None, protocols: list[str]) -> None:
    socket = Socket(application, PATH, [], protocols)
    await socket.connect()
    error = await receive(socket)
    assert (error["type"], error["code"]) == ("error", "not_authenticated")
    assert await close_code(socket) == 4401


async def test_socket_shows_nobody_elses_notifications(connect: Any, player: User) -> None:
    rival = await database_sync_to_async(UserFactory)()
    socket = await connect(rival)
    await receive(socket)
    await tell_async(player, 2)
    assert await resume(socket, 0) == ([], {"type": "resumed", "head_seq": 0, "has_more": False})
    assert await socket.receive_nothing(0.2)


async def test_resume_sends_what_was_missed_in_order(connect: Any, player: User) -> None:
    await tell_async(player, 5)
    socket = await connect(player)
    await receive(socket)
    assert await resume(socket, 2) == ([3, 4, 5], {"type": "resumed", "head_seq": 5, "has_more": False})
    assert (await resume(socket, 5))[0] == []
    assert (await resume(socket, 2**63 - 1))[0] == []


async def test_resume_goes_on_in_pages(connect: Any, player: User) -> None:
    count = RESUME_LIMIT + 3

    def many() -> None:
        Feed.objects.create(user=player, head_seq=count)
        Notification.objects.bulk_create(
            Notification(
                user=player,
                seq=seq,
                kind="deposit_settled",
                params={"amount": seq},
                dedupe_key=str(seq),
                created_at=timezone.now(),
            )
            for seq in range(1, count + 1)
        )

    await database_sync_to_async(many)()
    socket = await connect(player)
    await receive(socket)
    first, answer = await resume(socket, 0)
    assert first == list(range(1, RESUME_LIMIT + 1))
    assert answer == {"type": "resumed", "head_seq": count, "has_more": True}
    second, answer = await resume(socket, RESUME_LIMIT)
    assert (second, answer["has_more"]) == ([count - 2, count - 1, count], False)


async def test_a_lost_frame_is_filled_in_by_the_next(
    connect: Any, player: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = await connect(player)
    await receive(socket)
    with monkeypatch.context() as patch:
        patch.setattr("common.realtime._send", lambda group, message: None)
        await tell_async(player, 2)
    await tell_async(player)
    assert [(await receive(socket))["seq"] for _ in range(3)] == [1, 2, 3]
    assert await socket.receive_nothing(0.2)


async def test_a_lost_frame_is_filled_in_by_the_heartbeat(
    connect: Any, player: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEBSOCKET_RECHECK_SECONDS = 0.2
    socket = await connect(player)
    await receive(socket)
    monkeypatch.setattr("common.realtime._send", lambda group, message: None)
    await tell_async(player, 2)
    shown = []
    while (frame := orjson.loads(await socket.receive_from(5))) != {"type": "head", "head_seq": 2}:
        shown += [frame["seq"]] if frame["type"] == "notification" else []
    assert shown == [1, 2]


async def test_a_frame_that_comes_twice_is_shown_once(connect: Any, player: User) -> None:
    socket = await connect(player)
    await receive(socket)
    [row] = await tell_async(player)
    await database_sync_to_async(notifying.broadcast)(notification_ids=[row.pk])
    assert (await receive(socket))["seq"] == 1
    assert await socket.receive_nothing(0.3)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("", "malformed_body"), ("{", "malformed_body"), ("[]", "malformed_body"), ("null", "malformed_body"),
        ('{"type":"resume","after_seq":NaN}', "malformed_body"), ('"' + "x" * 20_000 + '"', "malformed_body"),
        ('{"type":"resume","after_seq":1,"after_seq":2}', "malformed_body"), ("{}", "invalid"),
        ('{"type":"close"}', "invalid"), ('{"type":["resume"]}', "invalid"), ('{"type":"resume"}', "invalid"),
        ('{"type":"resume","after_seq":-1}', "invalid"), ('{"type":"resume","after_seq":"1"}', "invalid"),
        ('{"type":"resume","after_seq":true}', "invalid"), ('{"type":"resume","after_seq":1.5}', "invalid"),
        ('{"type":"resume","after_seq":9223372036854775808}', "invalid"), ('{"type":"\\u0000"}', "malformed_body"),
    ],
)  # fmt: skip
async def test_a_frame_nobody_should_send_gets_an_error_and_the_socket_stays(
    connect: Any, player: User, frame: str, code: str
) -> None:
    socket = await connect(player)
    await receive(socket)
    await socket.send_input({"type": "websocket.receive", "text": frame})
    error = await receive(socket)
    assert (error["type"], error["code"]) == ("error", code)
    assert set(error) == {"type", "code", "detail", "errors", "params", "request_id"}
    assert (await resume(socket, 0))[1]["type"] == "resumed"


async def test_a_binary_frame_gets_an_error(connect: Any, player: User) -> None:
    socket = await connect(player)
    await receive(socket)
    await socket.send_to(bytes_data=b"\xff")
    assert (await receive(socket))["code"] == "malformed_body"


async def test_a_revoked_session_closes_its_socket_at_once_and_no_other(connect: Any, player: User) -> None:
    lost, kept = [await database_sync_to_async(open_session)(player) for _ in range(2)]
    closing, staying = await connect(player, session=lost), await connect(player, session=kept)
    await receive(closing)
    await database_sync_to_async(sessions.revoke)(session_id=lost.pk, actor=player, now=timezone.now())
    assert await close_code(closing, timeout=2) == 4401
    await receive(staying)
    await tell_async(player)
    assert (await receive(staying))["seq"] == 1


async def test_a_revoked_session_is_gone_within_five_seconds_without_redis(
    connect: Any, player: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await database_sync_to_async(open_session)(player)
    socket = await connect(player, session=session)
    monkeypatch.setattr("common.realtime._send", lambda group, message: None)
    await database_sync_to_async(sessions.revoke)(session_id=session.pk, actor=player, now=timezone.now())
    assert await close_code(socket, timeout=5) == 4401
