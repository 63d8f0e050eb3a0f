from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.utils import timezone
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from chat.enums import ConversationKind
from chat.models import Conversation, ConversationMember, Message
from chat.services import rooms
from common.models import AuditEntry
from teams.models import TeamMember
from tests.factories.chat import ConversationFactory, match_room
from tests.factories.teams import MemberFactory, TeamFactory
from tests.factories.tournaments import join, make_tournament
from tests.factories.users import UserFactory
from tournaments.models import RosterMember
from users.models import User

CONVERSATIONS, MESSAGES = "/api/chat/conversations/", "/api/chat/messages/"


def room_url(conversation: Conversation, action: str = "") -> str:
    return f"{CONVERSATIONS}{conversation.pk}/{action}"


@pytest.fixture
def other(db: None) -> User:
    return UserFactory()


@pytest.fixture
def room(user: User, other: User) -> Conversation:
    return ConversationFactory(members=[user, other])


@pytest.fixture
def arena(user: User, other: User) -> Conversation:
    return match_room(user, other)


def say(client: Any, conversation: Conversation, content: str = "hi", **more: Any) -> Any:
    return client.post(room_url(conversation, "messages/"), {"content": content, **more})


def png() -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (4, 4)).save(out, "PNG")
    return SimpleUploadedFile("a.png", out.getvalue(), "image/png")


def test_direct_message_opens_one_conversation_for_both(
    client_for: Callable[..., Any], user: User, other: User
) -> None:
    first = client_for(user).post(MESSAGES, {"content": " سلام\u202e ", "recipient_id": other.pk})
    second = client_for(other).post(MESSAGES, {"content": "hello", "recipient_id": user.pk})
    assert (first.status_code, second.status_code) == (201, 201)
    conversation = Conversation.objects.get()
    assert conversation.direct_key == f"{user.pk}:{other.pk}"
    assert first.json() == {
        "id": first.json()["id"],
        "conversation": conversation.pk,
        "seq": 1,
        "client_id": "",
        "sender": {"id": user.pk, "username": user.username, "profile_picture": None},
        "content": "سلام",
        "reply_to": None,
        "attachment": None,
        "timestamp": first.json()["timestamp"],
        "edited_at": None,
        "deleted": False,
    }
    assert second.json()["seq"] == 2


@pytest.mark.parametrize("recipient", ["nobody", "oneself", "inactive", "text", None, 2**70, -1, True])
def test_direct_message_needs_another_active_user(client_for: Callable[..., Any], user: User, recipient: Any) -> None:
    closed = UserFactory(is_active=False)
    recipient = {"nobody": 10**9, "oneself": user.pk, "inactive": closed.pk}.get(recipient, recipient)
    answer = client_for(user).post(MESSAGES, {"content": "x", "recipient_id": recipient}, format="json")
    assert answer.status_code == 400
    assert Conversation.objects.count() == 0


def test_conversations_show_the_last_message_and_what_is_unread(
    client_for: Callable[..., Any], user: User, other: User, room: Conversation
) -> None:
    mine, theirs = client_for(user), client_for(other)
    for content in ("one", "two", "three"):
        say(mine, room, content)
    shown = theirs.get(CONVERSATIONS).json()["results"]
    assert [(row["id"], row["unread_count"], row["last_message"]["content"]) for row in shown] == [
        (room.pk, 3, "three")
    ]
    assert shown[0]["peer"] == {"id": user.pk, "username": user.username, "profile_picture": None}
    assert mine.get(CONVERSATIONS).json()["results"][0]["unread_count"] == 0

    assert theirs.post(room_url(room, "read/"), {"seq": 2}).json() == {"seq": 2}
    assert theirs.post(room_url(room, "read/"), {"seq": 1}).json() == {"seq": 2}
    assert theirs.get(CONVERSATIONS).json()["results"][0]["unread_count"] == 1
    assert theirs.post(room_url(room, "read/"), {"seq": 10**12}).json() == {"seq": 3}


def test_conversations_are_listed_by_the_newest_activity(
    client_for: Callable[..., Any], user: User, other: User
) -> None:
    older, newer = (ConversationFactory(members=[user, other]) for _ in range(2))
    client = client_for(user)
    assert [row["id"] for row in client.get(CONVERSATIONS).json()["results"]] == [newer.pk, older.pk]
    say(client, older)
    assert [row["id"] for row in client.get(CONVERSATIONS).json()["results"]] == [older.pk, newer.pk]


@pytest.mark.parametrize("count", [1, 3])
def test_conversations_list_takes_the_same_queries_however_long(
    client_for: Callable[..., Any],
    user: User,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    client = client_for(user)
    for _ in range(count):
        peer = UserFactory()
        say(client_for(peer), ConversationFactory(members=[user, peer]))
    with django_assert_num_queries(5):
        assert len(client.get(CONVERSATIONS).json()["results"]) == count


@pytest.mark.parametrize("count", [1, 3])
def test_messages_list_takes_the_same_queries_however_long(
    client_for: Callable[..., Any],
    user: User,
    room: Conversation,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    client = client_for(user)
    for number in range(count):
        say(client, room, str(number))
    with django_assert_num_queries(3):
        assert len(client.get(room_url(room, "messages/")).json()["results"]) == count


def test_conversations_are_filtered_by_kind_match_and_tournament(
    client_for: Callable[..., Any], user: User, room: Conversation, arena: Conversation
) -> None:
    client = client_for(user)

    def found(**query: Any) -> list[int]:
        return [row["id"] for row in client.get(CONVERSATIONS, query).json()["results"]]

    assert found(kind="direct") == [room.pk]
    assert found(match=arena.match_id) == [arena.pk]
    assert found(tournament=arena.match.tournament_id) == [arena.pk]
    assert found(match=10**30) == []
    assert client.get(CONVERSATIONS, {"kind": "secret"}).status_code == 400
    assert client.get(CONVERSATIONS, {"match": "x"}).status_code == 400


def test_messages_are_paged_by_seq(client_for: Callable[..., Any], user: User, room: Conversation) -> None:
    client = client_for(user)
    for number in range(5):
        say(client, room, str(number))

    def page(**query: Any) -> tuple[list[int], bool]:
        body = client.get(room_url(room, "messages/"), query).json()
        return [row["seq"] for row in body["results"]], body["has_more"]

    assert page(page_size=2) == ([5, 4], True)
    assert page(before_seq=4, page_size=2) == ([3, 2], True)
    assert page(after_seq=2) == ([3, 4, 5], False)
    assert client.get(room_url(room, "messages/"), {"after_seq": "x"}).status_code == 400


def test_repeated_client_id_is_one_message(client_for: Callable[..., Any], user: User, room: Conversation) -> None:
    client = client_for(user)
    first, second = (say(client, room, "hi", client_id="a1") for _ in range(2))
    assert first.json() == second.json()
    assert Message.objects.count() == 1
    room.refresh_from_db()
    assert room.last_seq == 1


def test_client_id_of_another_sender_is_another_message(
    client_for: Callable[..., Any], user: User, other: User, room: Conversation
) -> None:
    say(client_for(user), room, client_id="1")
    assert say(client_for(other), room, client_id="1").json()["seq"] == 2


def test_reply_names_a_message_of_the_same_room(
    client_for: Callable[..., Any], user: User, other: User, room: Conversation
) -> None:
    client = client_for(user)
    first = say(client, room).json()["id"]
    assert say(client, room, reply_to=first).json()["reply_to"] == first
    elsewhere = ConversationFactory(members=[user, other])
    assert list(say(client, elsewhere, reply_to=first).json()["errors"]) == ["reply_to"]
    assert elsewhere.messages.count() == 0


def test_picture_is_enough_for_a_message(client_for: Callable[..., Any], user: User, room: Conversation) -> None:
    answer = client_for(user).post(room_url(room, "messages/"), {"attachment": png()}, format="multipart")
    assert answer.status_code == 201
    assert answer.json()["content"] == ""
    assert "/files/" in answer.json()["attachment"]
    refused = client_for(user).post(
        room_url(room, "messages/"), {"attachment": SimpleUploadedFile("a.png", b"<svg/>")}, format="multipart"
    )
    assert (refused.status_code, refused.json()["code"]) == (400, "file_rejected")
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"content": ""}, "message_empty"),
        ({"content": " \u202e\n"}, "message_empty"),
        ({}, "message_empty"),
        ({"content": "x" * 2001}, "message_too_long"),
        ({"content": None}, "invalid"),
        ({"content": 5}, "invalid"),
        ({"content": ["x"]}, "invalid"),
        ({"content": "x\0"}, "malformed_body"),
        ({"content": "x", "client_id": "c" * 65}, "invalid"),
        ({"content": "x", "client_id": 7}, "invalid"),
        ({"content": "x", "reply_to": 2**63}, "invalid"),
        ({"content": "x", "reply_to": {}}, "invalid"),
        ({"content": "x", "attachment": "a.png"}, "invalid"),
    ],
)
def test_odd_message_is_refused(
    client_for: Callable[..., Any], user: User, room: Conversation, body: dict[str, Any], code: str
) -> None:
    answer = client_for(user).post(room_url(room, "messages/"), body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert Message.objects.count() == 0


def test_messages_per_minute_are_limited(
    client_for: Callable[..., Any], user: User, room: Conversation, settings: Any
) -> None:
    settings.CHAT_MESSAGES_PER_MINUTE = 2
    client = client_for(user)
    assert [say(client, room).status_code for _ in range(3)] == [201, 201, 429]
    assert Message.objects.count() == 2


def test_edit_and_delete_are_for_the_sender(
    client_for: Callable[..., Any], user: User, other: User, room: Conversation
) -> None:
    client = client_for(user)
    url = f"{MESSAGES}{say(client, room, 'old').json()['id']}/"
    assert client_for(other).patch(url, {"content": "hacked"}).status_code == 403
    assert client_for(other).delete(url).status_code == 403
    edited = client.patch(url, {"content": "new"}).json()
    assert (edited["content"], edited["edited_at"] is not None) == ("new", True)
    assert client.patch(url, {"content": " "}).json()["code"] == "message_empty"

    assert [client.delete(url).status_code for _ in range(2)] == [204, 204]
    shown = client_for(other).get(room_url(room, "messages/")).json()["results"][0]
    assert (shown["content"], shown["deleted"], shown["seq"]) == ("", True, 1)
    assert client.get(CONVERSATIONS).json()["results"][0]["last_message"]["content"] == ""
    assert client.patch(url, {"content": "again"}).json()["code"] == "message_already_deleted"
    assert Message.objects.get().content == "new"


def test_staff_take_back_a_message_in_a_match_room_on_record(
    client_for: Callable[..., Any], user: User, staff: User, arena: Conversation
) -> None:
    message = say(client_for(user), arena, "rude").json()["id"]
    assert client_for(staff).patch(f"{MESSAGES}{message}/", {"content": "kind"}).status_code == 403
    assert client_for(staff).delete(f"{MESSAGES}{message}/").status_code == 204
    entry = AuditEntry.objects.get(action="message.delete")
    assert (entry.actor, entry.target_id) == (staff, message)


STATUSES = {
    # who: (direct, match, team, support)
    "anonymous": (401, 401, 401, 401),
    "stranger": (404, 404, 404, 404),
    "member": (200, 200, 200, 200),
    "left": (404, 404, 404, 404),
    "staff": (404, 200, 404, 200),
}


@pytest.mark.parametrize("who", STATUSES)
@pytest.mark.parametrize(("kind", "index"), [("direct", 0), ("match", 1), ("team", 2), ("support", 3)])
def test_room_is_open_to_its_members_and_where_it_is_said_to_staff(
    client_for: Callable[..., Any], user: User, other: User, staff: User, who: str, kind: str, index: int
) -> None:
    now = timezone.now()
    if kind == "direct":
        room = ConversationFactory(members=[user, other])
    elif kind == "match":
        room = match_room(user, other)
    elif kind == "support":
        room = rooms.open_support_room(actor=user, now=now)
    else:
        team = TeamFactory(captain=user)
        room = rooms.open_team_room(team_id=team.pk, actor=user, now=now)
    message = Message.objects.create(conversation=room, seq=1, sender=user, content="x", created_at=now)
    Conversation.objects.filter(pk=room.pk).update(last_seq=1)
    if who == "left":
        ConversationMember.objects.filter(user=user).update(left_at=now)
    caller = {"anonymous": None, "stranger": UserFactory(), "member": user, "left": user, "staff": staff}[who]
    client = client_for(caller)
    expected = STATUSES[who][index]
    allowed = expected == 200

    assert client.get(room_url(room)).status_code == expected
    assert client.get(room_url(room, "messages/")).status_code == expected
    assert client.post(room_url(room, "read/"), {"seq": 1}).status_code == expected
    assert say(client, room).status_code == (201 if allowed else expected)
    assert Message.objects.count() == (2 if allowed else 1)
    if not allowed:
        assert client.patch(f"{MESSAGES}{message.pk}/", {"content": "y"}).status_code == expected
        assert client.delete(f"{MESSAGES}{message.pk}/").status_code == expected
        message.refresh_from_db()
        assert (message.content, message.deleted_at) == ("x", None)


def test_staff_list_all_rooms_only_when_they_ask(
    client_for: Callable[..., Any], staff: User, user: User, room: Conversation, arena: Conversation
) -> None:
    client = client_for(staff)
    assert client.get(CONVERSATIONS).json()["count"] == 0
    assert [row["id"] for row in client.get(CONVERSATIONS, {"all": "true"}).json()["results"]] == [arena.pk]
    assert client_for(UserFactory()).get(CONVERSATIONS, {"all": "true"}).json()["count"] == 0


def test_staff_who_are_no_members_have_nothing_unread(
    client_for: Callable[..., Any], staff: User, user: User, arena: Conversation
) -> None:
    say(client_for(user), arena)
    assert client_for(staff).get(room_url(arena)).json()["unread_count"] == 0
    assert client_for(staff).post(room_url(arena, "read/"), {"seq": 5}).json() == {"seq": 1}


def test_team_room_is_opened_by_whoever_comes_first_and_closes_behind_who_leaves(
    client_for: Callable[..., Any], user: User, other: User
) -> None:
    team = TeamFactory(captain=user, name="Owls")
    MemberFactory(team=team, user=other)
    body = {"kind": "team", "team": team.pk}
    first = client_for(user).post(CONVERSATIONS, body)
    assert (first.status_code, first.json()["title"]) == (200, "Owls")
    say(client_for(user), Conversation.objects.get())
    second = client_for(other).post(CONVERSATIONS, body).json()
    assert (second["id"], second["unread_count"]) == (first.json()["id"], 0)
    assert [member["id"] for member in second["members"]] == [user.pk, other.pk]

    TeamMember.objects.filter(user=other).delete()
    assert client_for(other).get(f"{CONVERSATIONS}{second['id']}/").status_code == 404
    assert client_for(other).get(CONVERSATIONS).json()["count"] == 0
    assert client_for(other).post(CONVERSATIONS, body).status_code == 404


def test_tournament_room_is_for_players_and_the_creator(client_for: Callable[..., Any], user: User) -> None:
    tournament = make_tournament()
    join(tournament, user)
    body = {"kind": "tournament", "tournament": tournament.pk}
    assert client_for(user).post(CONVERSATIONS, body).status_code == 200
    assert client_for(tournament.creator).post(CONVERSATIONS, body).status_code == 200
    assert client_for(UserFactory()).post(CONVERSATIONS, body).status_code == 404
    assert Conversation.objects.get().members.count() == 2
    RosterMember.objects.update(is_active=False)
    assert client_for(user).get(CONVERSATIONS).json()["count"] == 0


def test_support_room_is_one_per_user(client_for: Callable[..., Any], user: User) -> None:
    client = client_for(user)
    first, second = (client.post(CONVERSATIONS, {"kind": "support"}).json()["id"] for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "direct"},
        {"kind": "match"},
        {"kind": "team"},
        {"kind": "tournament", "tournament": "x"},
        {"kind": 1},
    ],
)
def test_room_is_not_opened_without_its_subject(
    client_for: Callable[..., Any], user: User, body: dict[str, Any]
) -> None:
    assert client_for(user).post(CONVERSATIONS, body).status_code == 400
    assert Conversation.objects.count() == 0


@pytest.mark.parametrize("seq", ["x", None, -1, 2**63, 1.5, True])
def test_odd_read_mark_is_refused(client_for: Callable[..., Any], user: User, room: Conversation, seq: Any) -> None:
    answer = client_for(user).post(room_url(room, "read/"), {"seq": seq}, format="json")
    assert answer.status_code == 400
    assert ConversationMember.objects.get(user=user).last_read_seq == 0


@pytest.mark.parametrize("kind", [ConversationKind.TEAM, ConversationKind.TOURNAMENT, ConversationKind.MATCH])
def test_database_refuses_a_room_whose_subject_does_not_fit(db: None, kind: str) -> None:
    with pytest.raises(IntegrityError, match="conversation_subject_fits_kind"):
        ConversationFactory(kind=kind)
