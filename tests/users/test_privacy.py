from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import override_settings

from chat.models import Message
from chat.services import messages
from teams.models import Invitation
from tests.factories.games import GameFactory
from tests.factories.teams import MemberFactory, TeamFactory
from tests.factories.users import StaffFactory, UserFactory
from users import rules
from users.errors import CannotBlockSelf, CannotBlockStaff, ContactRefused
from users.models import Block, InGameID, Privacy, User
from users.services import blocks

USERS, PRIVACY, BLOCKS = "/api/users/users/", "/api/users/users/me/privacy/", "/api/users/blocks/"
OPEN = {
    "profile": "everyone", "history": "everyone", "in_game_ids": "members", "messages": "everyone",
    "invitations": "everyone", "findable_by_phone": True,
}  # fmt: skip


def test_settings_are_defaults_until_they_are_changed(client_for: Callable[..., Any], user: User) -> None:
    client = client_for(user)
    assert client.get(PRIVACY).json() == OPEN
    assert Privacy.objects.count() == 0
    assert client.patch(PRIVACY, {"history": "nobody"}).json() == OPEN | {"history": "nobody"}
    assert client.patch(PRIVACY, {"findable_by_phone": False}).json()["history"] == "nobody"
    answer = client.patch(PRIVACY, {"profile": "friends"})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["profile"])


@pytest.mark.parametrize("part", ["profile", "history", "in_game_ids"])
@pytest.mark.parametrize(
    ("audience", "seen_by"),
    [
        ("everyone", {"anonymous", "stranger", "owner", "staff"}),
        ("members", {"stranger", "owner", "staff"}),
        ("nobody", {"owner", "staff"}),
    ],
)
def test_each_part_is_shown_to_its_audience(db: None, part: str, audience: str, seen_by: set[str]) -> None:
    owner = UserFactory()
    Privacy.objects.create(user=owner, **{part: audience})
    viewers: dict[str, Any] = {
        "anonymous": AnonymousUser(),
        "stranger": UserFactory(),
        "blocked": Block.objects.create(user=owner, blocked=UserFactory(), created_at=owner.date_joined).blocked,
        "owner": owner,
        "staff": StaffFactory(),
    }
    assert {who for who, viewer in viewers.items() if part in rules.visible_parts(viewer, owner)} == seen_by
    assert {who for who, viewer in viewers.items() if rules.may_see_history(viewer, owner)} == (
        seen_by if part == "history" else {"anonymous", "stranger", "owner", "staff"}
    )


def test_hidden_profile_shows_name_and_picture_only(client_for: Callable[..., Any], user: User) -> None:
    owner = UserFactory(full_name="Sara Karimi", bio="I play", email="s@example.com")
    InGameID.objects.create(user=owner, game=GameFactory(), player_id="Sara#1")
    client = client_for(user)
    shown = client.get(f"{USERS}{owner.pk}/").json()
    assert (shown["full_name"], shown["is_hidden"], shown["in_game_ids"][0]["player_id"]) == (
        "Sara Karimi", False, "Sara#1",
    )  # fmt: skip
    Privacy.objects.create(user=owner, profile="nobody")
    assert client.get(f"{USERS}{owner.pk}/").json() == {
        "id": owner.pk, "username": owner.username, "profile_picture": None, "full_name": None, "bio": None,
        "country": None, "date_joined": None, "in_game_ids": None, "is_hidden": True,
    }  # fmt: skip
    Privacy.objects.filter(user=owner).update(profile="everyone", in_game_ids="nobody")
    shown = client.get(f"{USERS}{owner.pk}/").json()
    assert (shown["full_name"], shown["in_game_ids"]) == ("Sara Karimi", None)


def found(client: Any, term: str) -> list[str]:
    return [row["username"] for row in client.get(USERS, {"search": term}).json()["results"]]


def test_search_respects_settings_and_blocks(client_for: Callable[..., Any], user: User) -> None:
    owner = UserFactory(username="Falcon")
    client, phone = client_for(user), owner.phone_number
    assert found(client, "falc") == found(client, phone) == ["Falcon"]
    settings = Privacy.objects.create(user=owner, findable_by_phone=False)
    assert (found(client, "falc"), found(client, phone)) == (["Falcon"], [])
    settings.profile = "nobody"
    settings.save()
    assert (found(client, "falc"), found(client, "fa1con")) == ([], ["Falcon"])
    settings.delete()
    Block.objects.create(user=owner, blocked=user, created_at=owner.date_joined)
    assert found(client, "falcon") == found(client, phone) == []
    assert found(client_for(UserFactory()), "falcon") == ["Falcon"]


@override_settings(PHONE_SEARCHES_PER_DAY=2, USER_SEARCHES_PER_MINUTE=4)
def test_who_tries_numbers_in_a_row_is_stopped(client_for: Callable[..., Any], user: User) -> None:
    client = client_for(user)
    statuses = [client.get(USERS, {"search": f"0912555000{n}"}).status_code for n in range(3)]
    assert statuses == [200, 200, 429]
    assert [client.get(USERS, {"search": "falcon"}).status_code for _ in range(2)] == [200, 429]
    answer = client.get(USERS, {"search": "falcon"})
    assert (answer.json()["code"], int(answer["Retry-After"]) > 0) == ("rate_limited", True)
    assert client_for(UserFactory()).get(USERS, {"search": "09125550001"}).status_code == 200


@pytest.mark.parametrize("setting", ["messages", "invitations"])
@pytest.mark.parametrize(
    ("audience", "welcome"),
    [
        ("everyone", {"stranger", "teammate", "staff"}),
        ("teammates", {"teammate", "staff"}),
        ("nobody", {"staff"}),
    ],
)
def test_who_may_come_is_said_by_the_settings(
    client_for: Callable[..., Any], setting: str, audience: str, welcome: set[str]
) -> None:
    owner, team = UserFactory(), TeamFactory()
    MemberFactory(team=team, user=owner)
    Privacy.objects.create(user=owner, **{setting: audience})
    senders = {"stranger": UserFactory(), "teammate": team.captain, "staff": StaffFactory()}
    answers = {}
    for who, sender in senders.items():
        if setting == "messages":
            body = {"recipient_id": owner.pk, "content": "hi"}
            answers[who] = client_for(sender).post("/api/chat/messages/", body)
        else:
            path = f"/api/teams/teams/{TeamFactory(captain=sender).pk}/add-member/"
            answers[who] = client_for(sender).post(path, {"user_id": owner.pk})
    assert {who for who, answer in answers.items() if answer.status_code == 201} == welcome
    assert {answers[who].json()["code"] for who in senders.keys() - welcome} <= {"contact_refused"}
    assert (Message if setting == "messages" else Invitation).objects.count() == len(welcome)


def test_blocked_person_is_refused_like_by_a_setting(client_for: Callable[..., Any], user: User, now: datetime) -> None:
    other = UserFactory()
    sent = messages.send_direct(recipient_id=user.pk, actor=other, content="hi", now=now)
    room = sent.conversation_id
    client, theirs = client_for(user), client_for(other)
    made = client.post(BLOCKS, {"user": other.pk})
    assert (made.status_code, made.json()["user"]["id"]) == (201, other.pk)
    refusals = [
        theirs.post(f"/api/chat/conversations/{room}/messages/", {"content": "hi"}),
        theirs.post("/api/chat/messages/", {"recipient_id": user.pk, "content": "hi"}),
        theirs.patch(f"/api/chat/messages/{sent.pk}/", {"content": "read this"}),
        theirs.post(f"/api/teams/teams/{TeamFactory(captain=other).pk}/add-member/", {"user_id": user.pk}),
    ]
    Block.objects.all().delete()
    Privacy.objects.create(user=user, messages="nobody")
    refusals.append(theirs.post(f"/api/chat/conversations/{room}/messages/", {"content": "hi"}))
    shown = [{**answer.json(), "request_id": ""} for answer in refusals]
    assert shown == [shown[0]] * 5
    assert (shown[0]["status"], shown[0]["code"]) == (403, "contact_refused")
    assert (Message.objects.count(), Invitation.objects.count()) == (1, 0)


def test_block_list_is_ones_own(client_for: Callable[..., Any], user: User, django_assert_num_queries: Any) -> None:
    client, others = client_for(user), UserFactory.create_batch(3)
    for other in others:
        client.post(BLOCKS, {"user": other.pk})
    with django_assert_num_queries(3):
        listed = client.get(BLOCKS).json()
    assert [row["user"]["id"] for row in listed["results"]] == [other.pk for other in reversed(others)]
    assert client.post(BLOCKS, {"user": others[0].pk}).json()["code"] == "already_blocked"
    block = listed["results"][0]["id"]
    assert client_for(others[2]).delete(f"{BLOCKS}{block}/").status_code == 404
    assert [client.delete(f"{BLOCKS}{block}/").status_code for _ in range(2)] == [204, 404]
    assert Block.objects.count() == 2


def test_oneself_and_staff_cannot_be_blocked(user: User, staff: User, now: datetime) -> None:
    with pytest.raises(CannotBlockSelf):
        blocks.add(actor=user, user_id=user.pk, now=now)
    with pytest.raises(CannotBlockStaff):
        blocks.add(actor=user, user_id=staff.pk, now=now)
    assert Block.objects.count() == 0


def test_staff_may_write_to_whoever_blocks_all(user: User, staff: User, now: datetime) -> None:
    Privacy.objects.create(user=user, messages="nobody")
    messages.send_direct(recipient_id=user.pk, actor=staff, content="hello", now=now)
    with pytest.raises(ContactRefused):
        messages.send_direct(recipient_id=user.pk, actor=UserFactory(), content="hello", now=now)
