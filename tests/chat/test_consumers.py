import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.utils import timezone
from redis import Redis

from chat.consumers import ChatConsumer
from chat.models import Conversation, ConversationMember, Message
from chat.services import messages
from common.realtime import _send
from tests.chat.sockets import Socket
from tests.conftest import open_session
from tests.factories.chat import ConversationFactory, match_room
from tests.factories.users import StaffFactory, UserFactory
from users.models import User
from users.services import sessions

RESUME_LIMIT = ChatConsumer.resume_limit


@pytest.fixture
def ali(transactional_db: None) -> User:
    return UserFactory(username="ali")


@pytest.fixture
def sara(transactional_db: None) -> User:
    return UserFactory(username="sara")


@pytest.fixture
def room(ali: User, sara: User) -> Conversation:
    return ConversationFactory(members=[ali, sara])


def kill_subscriptions() -> None:
    """Cut the connections on which this test listens; those of other databases belong to other people's tests."""
    with Redis.from_url(settings.REDIS_URL) as redis:
        mine = str(redis.connection_pool.connection_kwargs["db"])
        listening = [client["id"] for client in redis.client_list(_type="pubsub") if client["db"] == mine]
        assert [redis.client_kill_filter(_id=client_id) for client_id in listening] == [1]


def write(room: Conversation, sender: User, count: int) -> None:
    """Messages that no socket is told about."""
    Message.objects.bulk_create(
        Message(
            conversation=room, seq=room.last_seq + number, sender=sender, content=str(number), created_at=timezone.now()
        )
        for number in range(1, count + 1)
    )
    Conversation.objects.filter(pk=room.pk).update(last_seq=room.last_seq + count)


async def seqs(socket: Socket, count: int, timeout: float = 5) -> list[int]:
    return [(await socket.next("new_message", timeout=timeout))["message"]["seq"] for _ in range(count)]


async def test_two_clients_see_each_others_messages_in_order(
    connect: Any, room: Conversation, ali: User, sara: User
) -> None:
    first, second = await connect(ali, room.pk), await connect(sara, room.pk)
    assert first.first == {"type": "hello", "head_seq": 0}
    for number in range(5):
        await first.say("chat_message", content=f"a{number}", client_id=f"a{number}")
        await second.say("chat_message", content=f"s{number}", client_id=f"s{number}")
    seen = [[(await socket.next("new_message"))["message"] for _ in range(10)] for socket in (first, second)]
    assert seen[0] == seen[1]
    assert [message["seq"] for message in seen[0]] == list(range(1, 11))
    assert set(seen[0][0]) == {
        *["id", "conversation", "seq", "client_id", "sender", "content", "reply_to", "attachment"],
        *["timestamp", "edited_at", "deleted"],
    }
    assert set(seen[0][0]["sender"]) == {"id", "username", "profile_picture"}
    of_ali = [message["content"] for message in seen[0] if message["sender"]["id"] == ali.pk]
    assert of_ali == [f"a{number}" for number in range(5)]


async def test_rest_and_socket_are_one_room(connect: Any, in_database: Any, room: Conversation, ali: User) -> None:
    socket = await connect(ali, room.pk)
    await in_database(
        messages.send, conversation_id=room.pk, actor=ali, content="by REST", client_id="r1", now=timezone.now()
    )
    message = (await socket.next("new_message"))["message"]
    assert (message["content"], message["client_id"]) == ("by REST", "r1")


async def test_resume_brings_the_gap(connect: Any, in_database: Any, room: Conversation, ali: User) -> None:
    await in_database(write, room, ali, RESUME_LIMIT + 5)
    socket = await connect(ali, room.pk)
    assert socket.first["head_seq"] == RESUME_LIMIT + 5
    await socket.say("resume", after_seq=2)
    assert await seqs(socket, RESUME_LIMIT) == list(range(3, RESUME_LIMIT + 3))
    assert await socket.next("resumed") == {"type": "resumed", "head_seq": RESUME_LIMIT + 5, "has_more": True}
    await socket.say("resume", after_seq=RESUME_LIMIT + 2)
    assert await seqs(socket, 3) == [RESUME_LIMIT + 3, RESUME_LIMIT + 4, RESUME_LIMIT + 5]
    assert (await socket.next("resumed"))["has_more"] is False
    await socket.say("chat_message", content="now")
    assert await seqs(socket, 1) == [RESUME_LIMIT + 6]


async def test_repeated_client_id_is_one_message_and_one_broadcast(
    connect: Any, in_database: Any, room: Conversation, ali: User, sara: User
) -> None:
    first, second = await connect(ali, room.pk), await connect(sara, room.pk)
    for _ in range(3):
        await first.say("chat_message", content="hi", client_id="same")
    await first.say("chat_message", content="bye", client_id="other")
    for socket in (first, second):
        got = [(await socket.next("new_message"))["message"]["content"] for _ in range(2)]
        assert got == ["hi", "bye"]
    assert await in_database(Message.objects.count) == 2


async def test_edit_delete_and_read_reach_everybody(connect: Any, room: Conversation, ali: User, sara: User) -> None:
    first, second = await connect(ali, room.pk), await connect(sara, room.pk)
    await first.say("chat_message", content="old")
    message = (await second.next("new_message"))["message"]
    await first.say("edit_message", message_id=message["id"], content="new")
    edited = (await second.next("message_edited"))["message"]
    assert (edited["id"], edited["content"], edited["edited_at"] is not None) == (message["id"], "new", True)
    await second.say("read", seq=1)
    assert await first.next("read") == {"type": "read", "user_id": sara.pk, "seq": 1}
    await first.say("delete_message", message_id=message["id"])
    gone = await second.next("message_deleted")
    assert gone == {"type": "message_deleted", "message_id": message["id"], "seq": 1}


async def test_typing_is_shown_to_the_others_only(connect: Any, room: Conversation, ali: User, sara: User) -> None:
    first, second = await connect(ali, room.pk), await connect(sara, room.pk)
    await first.say("typing", is_typing=True)
    typing = await second.next("user_typing")
    assert typing == {"type": "user_typing", "user_id": ali.pk, "username": "ali", "is_typing": True}
    await first.say("chat_message", content="done")
    await first.next("new_message")
    assert [frame for frame in first.passed_by if frame["type"] == "user_typing"] == []


async def online(socket: Socket, user: User, *, until: bool) -> None:
    """Wait for the news that the user is there, or is not; news may come twice."""
    while (news := await socket.next("presence"))["online"] is not until:
        assert news["user_id"] == user.pk
    assert news == {"type": "presence", "user_id": user.pk, "online": until}


async def test_presence_tells_who_comes_who_is_there_and_who_goes(
    connect: Any, room: Conversation, ali: User, sara: User
) -> None:
    first, second = await connect(ali, room.pk), await connect(sara, room.pk)
    await online(first, sara, until=True)
    await online(second, ali, until=True)
    await second.disconnect()
    await online(first, sara, until=False)


async def test_presence_of_a_second_device_outlives_the_first(
    connect: Any, room: Conversation, ali: User, sara: User
) -> None:
    watcher, phone = await connect(sara, room.pk), await connect(ali, room.pk)
    await connect(ali, room.pk)
    await online(watcher, ali, until=True)
    await phone.disconnect()
    await online(watcher, ali, until=False)
    await online(watcher, ali, until=True)


@pytest.mark.parametrize(("who", "code"), [("anonymous", 4401), ("stranger", 4404), ("left", 4404), ("nowhere", 4404)])
async def test_only_members_get_in(
    connect: Any, in_database: Any, room: Conversation, ali: User, who: str, code: int
) -> None:
    if who == "left":
        await in_database(ConversationMember.objects.filter(user=ali).update, left_at=timezone.now())
    caller = {"anonymous": None, "left": ali, "nowhere": ali}.get(who, await in_database(UserFactory))
    socket = await connect(caller, 10**25 if who == "nowhere" else room.pk)
    assert socket.first["code"] == {4401: "not_authenticated", 4404: "not_found"}[code]
    assert await socket.close_code() == code


async def test_staff_write_in_match_rooms_until_they_are_staff_no_more(
    connect: Any, in_database: Any, ali: User, sara: User
) -> None:
    room = await in_database(match_room, ali, sara)
    judge = await in_database(StaffFactory)
    socket = await connect(judge, room.pk)
    await socket.say("chat_message", content="fair play")
    assert await seqs(socket, 1) == [1]
    await in_database(User.objects.filter(pk=judge.pk).update, is_staff=False, is_superuser=False)
    await socket.say("chat_message", content="still here?")
    assert (await socket.next("error"))["code"] == "not_found"
    assert await in_database(Message.objects.count) == 1
    assert await socket.close_code(timeout=6) == 4401


async def test_removed_member_is_refused_at_once_and_closed_within_five_seconds(
    connect: Any, in_database: Any, room: Conversation, ali: User
) -> None:
    socket = await connect(ali, room.pk)
    await in_database(ConversationMember.objects.filter(user=ali).update, left_at=timezone.now())
    for command, content in {
        "chat_message": {"content": "x"},
        "typing": {"is_typing": True},
        "read": {"seq": 0},
        "resume": {"after_seq": 0},
    }.items():
        await socket.say(command, **content)
        assert (await socket.next("error"))["code"] == "not_found"
    assert await socket.close_code(timeout=5) == 4401
    assert await in_database(Message.objects.count) == 0


@pytest.mark.parametrize("how", ["by the service", "in the database"])
async def test_revoked_session_is_closed_within_five_seconds(
    connect: Any, in_database: Any, room: Conversation, ali: User, how: str
) -> None:
    session = await in_database(open_session, ali)
    socket = await connect(ali, room.pk, session=session)
    if how == "by the service":
        await in_database(sessions.revoke, session_id=session.pk, actor=ali, now=timezone.now())
    else:
        session.revoked_at = timezone.now()
        await in_database(session.save)
    assert await socket.close_code(timeout=5) == 4401


async def test_idle_socket_stays_and_hears_the_head(connect: Any, room: Conversation, ali: User) -> None:
    socket = await connect(ali, room.pk)
    await asyncio.sleep(8)
    assert await socket.next("head") == {"type": "head", "head_seq": 0}
    await socket.say("chat_message", content="still here")
    assert await seqs(socket, 1) == [1]


async def test_killed_redis_connections_lose_no_message(
    connect: Any, room: Conversation, ali: User, sara: User
) -> None:
    first, second = await connect(ali, room.pk), await connect(sara, room.pk)
    await first.say("chat_message", content="before")
    assert await seqs(second, 1) == [1]
    await sync_to_async(kill_subscriptions)()
    for content in ("during", "after"):
        await first.say("chat_message", content=content)
    assert await seqs(second, 2, timeout=10) == [2, 3]
    await second.say("chat_message", content="and back")
    assert await seqs(first, 4, timeout=10) == [1, 2, 3, 4]


async def test_message_whose_broadcast_is_lost_or_late_comes_in_order_and_once(
    connect: Any, in_database: Any, room: Conversation, ali: User
) -> None:
    socket = await connect(ali, room.pk)
    await in_database(write, room, ali, 2)
    await socket.say("chat_message", content="third")
    assert await seqs(socket, 3) == [1, 2, 3]
    late = {"type": "frame", "frame": {"type": "new_message", "message": {"seq": 2}}}
    await in_database(_send, f"conversation.{room.pk}", late)
    await socket.say("chat_message", content="fourth")
    assert await seqs(socket, 1) == [4]
    await in_database(room.refresh_from_db)
    await in_database(write, room, ali, 1)
    assert await seqs(socket, 1, timeout=6) == [5]


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "[]",
        "nonsense",
        '{"type": "chat_message", "content": NaN}',
        '{"type": "chat_message", "content": "\\u0000"}',
        '{"type": "chat_message", "content": "\\ud800"}',
        '{"type": "chat_message"}',
        '{"type": "chat_message", "content": null}',
        '{"type": "chat_message", "content": 5}',
        '{"type": "chat_message", "content": {}}',
        '{"type": "chat_message", "content": "x", "client_id": []}',
        '{"type": "chat_message", "content": "x", "reply_to": 999999999999999999999}',
        '{"type": "edit_message", "message_id": "x", "content": "x"}',
        '{"type": "edit_message", "message_id": 99, "content": "x"}',
        '{"type": "edit_message", "content": "x"}',
        '{"type": "delete_message", "message_id": {}}',
        '{"type": "delete_message", "message_id": 9223372036854775808}',
        '{"type": "typing", "is_typing": "perhaps"}',
        '{"type": "typing"}',
        '{"type": "read", "seq": -1}',
        '{"type": "read", "seq": [1]}',
        '{"type": "resume", "after_seq": 1.5}',
        '{"type": "resume"}',
        '{"type": 5}',
        '{"type": "frame"}',
        '{"type": "disconnect"}',
    ],
)
async def test_odd_frame_is_answered_and_the_socket_stays(
    connect: Any, in_database: Any, room: Conversation, ali: User, frame: str
) -> None:
    socket = await connect(ali, room.pk)
    await socket.send_input({"type": "websocket.receive", "text": frame})
    error = await socket.next("error")
    assert set(error) == {"type", "code", "detail", "errors", "params", "request_id"}
    assert await in_database(Message.objects.count) == 0
    await socket.say("chat_message", content="fine")
    assert await seqs(socket, 1) == [1]


async def test_binary_frame_is_answered(connect: Any, room: Conversation, ali: User) -> None:
    socket = await connect(ali, room.pk)
    await socket.send_to(bytes_data=b"\xff\x00")
    assert (await socket.next("error"))["code"] == "malformed_body"
