import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from common.models import AuditEntry
from notifications.models import Notification
from teams import selectors
from teams.models import Invitation, Team, TeamMember
from tests.factories.teams import InvitationFactory, MemberFactory, TeamFactory
from tests.factories.users import UserFactory
from users.models import User

TEAMS, MINE = "/api/teams/teams/", "/api/users/me/teams/"


def picture(kind: str = "PNG") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, kind)
    return SimpleUploadedFile("logo.png", out.getvalue(), "image/png")


def snapshot() -> Any:
    """Everything a refused request must leave as it was."""
    return (
        list(Team.objects.order_by("pk").values()),
        list(TeamMember.objects.order_by("pk").values()),
        list(Invitation.objects.order_by("pk").values()),
        Notification.objects.count(),
        AuditEntry.objects.count(),
    )


def brief(user: User) -> dict[str, Any]:
    return {"id": user.pk, "username": user.username, "profile_picture": None}


def allowed(answer: dict[str, Any]) -> set[str]:
    return {item["action"] for item in answer["available_actions"] if item["allowed"]}


def test_create_makes_the_founder_captain(client_for: Callable[..., Any], user: User) -> None:
    answer = client_for(user).post(TEAMS, {"name": "  Night\u202e   Foxes "})
    assert answer.status_code == 201
    body = answer.json()
    team = Team.objects.get()
    assert body.pop("created_at")
    assert {action["action"] for action in body.pop("available_actions")} == {
        "update", "close", "add_member", "remove_member", "set_role", "transfer_captaincy", "leave_team"
    }  # fmt: skip
    [member] = body.pop("members")
    assert (member["user"], member["role"]) == (brief(user), "captain")
    assert body == {
        "id": team.pk,
        "name": "Night Foxes",
        "team_picture": None,
        "captain": brief(user),
        "max_members": 10,
        "members_count": 1,
        "closed_at": None,
        "version": 1,
    }
    assert list(AuditEntry.objects.values_list("action", "actor")) == [("team.create", user.pk)]


def test_create_keeps_a_picture_behind_a_signed_link(client_for: Callable[..., Any], user: User) -> None:
    answer = client_for(user).post(TEAMS, {"name": "Foxes", "team_picture": picture()}, format="multipart")
    assert answer.status_code == 201
    link = answer.json()["team_picture"]
    assert Team.objects.get().team_picture.startswith("teams/")
    served = client_for(None).get(link.removeprefix("http://127.0.0.1:8000"))
    assert (served.status_code, served["Content-Type"]) == (200, "image/png")
    served.close()


def test_create_refuses_a_hostile_picture(client_for: Callable[..., Any], user: User) -> None:
    file = SimpleUploadedFile("logo.png", b"<svg onload=alert(1)>", "image/png")
    answer = client_for(user).post(TEAMS, {"name": "Foxes", "team_picture": file}, format="multipart")
    assert (answer.status_code, answer.json()["code"], Team.objects.count()) == (400, "file_rejected", 0)


@pytest.mark.parametrize(
    "name", [None, "", "x", " ", "\u202e\u200f", "n" * 61, ["a"], {"a": 1}, True, "a\u0000b", "\ud800ab"]
)
def test_create_refuses_odd_names(client_for: Callable[..., Any], user: User, name: Any) -> None:
    answer = client_for(user).post(TEAMS, json.dumps({"name": name}), content_type="application/json")
    assert (answer.status_code, Team.objects.count()) == (400, 0)


def test_name_is_unique_among_open_teams_whatever_the_case(client_for: Callable[..., Any], user: User) -> None:
    TeamFactory(name="Foxes")
    before = snapshot()
    answer = client_for(user).post(TEAMS, {"name": "fOXES"})
    assert (answer.status_code, answer.json()["code"]) == (400, "team_name_taken")
    assert snapshot() == before


def test_name_of_a_closed_team_is_free(client_for: Callable[..., Any], user: User) -> None:
    old = TeamFactory(name="Foxes")
    assert client_for(old.captain).delete(f"{TEAMS}{old.pk}/").status_code == 204
    assert client_for(user).post(TEAMS, {"name": "foxes"}).status_code == 201


def test_create_stops_at_ten_teams_and_closed_ones_do_not_count(client_for: Callable[..., Any], user: User) -> None:
    client = client_for(user)
    teams = [TeamFactory(captain=user) for _ in range(10)]
    answer = client.post(TEAMS, {"name": "Eleventh"})
    assert (answer.status_code, answer.json()["code"], answer.json()["params"]) == (
        400, "too_many_teams", {"limit": 10}
    )  # fmt: skip
    assert Team.objects.count() == 10
    client.delete(f"{TEAMS}{teams[0].pk}/")
    assert client.post(TEAMS, {"name": "Eleventh"}).status_code == 201


def test_detail_is_public_and_shows_the_roster_by_role(
    client_for: Callable[..., Any], django_assert_num_queries: Any
) -> None:
    team = TeamFactory(members=2)
    manager = MemberFactory(team=team, role="manager")
    with django_assert_num_queries(2):
        answer = client_for(None).get(f"{TEAMS}{team.pk}/")
    body = answer.json()
    assert [member["role"] for member in body["members"]] == ["captain", "manager", "member", "member"]
    assert body["members"][1]["user"] == brief(manager.user)
    assert (body["members_count"], body["available_actions"]) == (4, [])
    assert team.captain.phone_number.encode() not in answer.content


@pytest.mark.parametrize(
    ("role", "actions"),
    [
        ("captain", {"update", "close", "add_member", "remove_member", "set_role", "transfer_captaincy"}),
        ("manager", {"add_member", "leave_team"}), ("member", {"leave_team"}), (None, set()),
    ],
)  # fmt: skip
def test_detail_says_what_the_caller_may_do(
    client_for: Callable[..., Any], role: str | None, actions: set[str]
) -> None:
    team = TeamFactory(members=1)
    caller = UserFactory()
    if role == "captain":
        caller = team.captain
    elif role:
        MemberFactory(team=team, user=caller, role=role)
    assert allowed(client_for(caller).get(f"{TEAMS}{team.pk}/").json()) == actions


def test_available_actions_name_the_reason(client_for: Callable[..., Any]) -> None:
    team = TeamFactory(max_members=2, members=1)
    url = f"{TEAMS}{team.pk}/"
    reasons = {item["action"]: item["reason"] for item in client_for(team.captain).get(url).json()["available_actions"]}
    assert reasons == {
        "update": None,
        "close": None,
        "add_member": "team_full",
        "remove_member": None,
        "set_role": None,
        "transfer_captaincy": None,
        "leave_team": "captain_must_hand_over",
    }


@pytest.mark.parametrize("key", ["0", "999999999", "9" * 40, "x", "-1", "1.5", "%00"])
def test_unknown_team_is_not_found(client_for: Callable[..., Any], user: User, key: str) -> None:
    client = client_for(user)
    statuses = [client.get(f"{TEAMS}{key}/"), client.patch(f"{TEAMS}{key}/", {}), client.delete(f"{TEAMS}{key}/")]
    statuses += [
        client.post(f"{TEAMS}{key}/{action}/", {"user_id": user.pk, "role": "member"})
        for action in ["add-member", "leave_team", "remove_member", "transfer_captaincy", "set_role"]
    ]
    assert [answer.status_code for answer in statuses] == [404] * 8


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_the_same_queries_for_one_and_for_three(
    client_for: Callable[..., Any], django_assert_num_queries: Any, count: int
) -> None:
    for _ in range(count):
        TeamFactory(members=2)
    with django_assert_num_queries(2):
        body = client_for(None).get(TEAMS).json()
    assert (body["count"], [row["members_count"] for row in body["results"]]) == (count, [3] * count)


def test_list_searches_open_teams_by_name(client_for: Callable[..., Any]) -> None:
    for name in ["Night Foxes", "foxtrot", "100%", "تیم ملی"]:
        TeamFactory(name=name)
    TeamFactory(name="Old Foxes", closed_at="2026-01-01T00:00:00Z")

    def found(term: str) -> list[str]:
        return [row["name"] for row in client_for(None).get(TEAMS, {"search": term}).json()["results"]]

    assert found("FOX") == ["Night Foxes", "foxtrot"]
    assert found("%") == ["100%"]
    assert found("ملي") == ["تیم ملی"]
    assert found("nobody") == []


@pytest.mark.parametrize(("query", "status"), [({"search": "a\0"}, 400), ({"page": "0"}, 404), ({"page": "x"}, 404)])
def test_list_answers_odd_queries(client_for: Callable[..., Any], query: Any, status: int) -> None:
    TeamFactory()
    assert client_for(None).get(TEAMS, query).status_code == status


def test_update_renames_and_counts_the_version(client_for: Callable[..., Any]) -> None:
    team = TeamFactory(name="Foxes")
    answer = client_for(team.captain).patch(f"{TEAMS}{team.pk}/", {"name": "FOXES", "version": 1})
    assert (answer.status_code, answer.json()["name"], answer.json()["version"]) == (200, "FOXES", 2)
    assert AuditEntry.objects.get().changes["name"] == ["Foxes", "FOXES"]


def test_update_refuses_a_stale_version(client_for: Callable[..., Any]) -> None:
    team = TeamFactory(version=3)
    before = snapshot()
    answer = client_for(team.captain).patch(f"{TEAMS}{team.pk}/", {"name": "Late", "version": 2})
    assert (answer.status_code, answer.json()["code"]) == (409, "version_conflict")
    assert snapshot() == before


def test_update_refuses_the_name_of_another_team(client_for: Callable[..., Any]) -> None:
    TeamFactory(name="Foxes")
    team = TeamFactory(name="Wolves")
    before = snapshot()
    answer = client_for(team.captain).patch(f"{TEAMS}{team.pk}/", {"name": "foxes"})
    assert (answer.status_code, answer.json()["code"]) == (400, "team_name_taken")
    assert snapshot() == before


def test_update_changes_only_what_a_captain_may_change(client_for: Callable[..., Any], user: User) -> None:
    team = TeamFactory()
    before = Team.objects.values().get()
    body = {"captain": user.pk, "max_members": 99, "closed_at": "2026-01-01T00:00:00Z", "id": 5, "members": []}
    assert client_for(team.captain).patch(f"{TEAMS}{team.pk}/", body).status_code == 200
    assert Team.objects.values().get() == before | {"version": 2}


@pytest.mark.parametrize(
    "body", [{"name": ""}, {"name": None}, {"team_picture": "http://x/y.png"}, {"version": "x"}, {"version": 2**70}]
)
def test_update_refuses_odd_input(client_for: Callable[..., Any], body: Any) -> None:
    team = TeamFactory()
    before = snapshot()
    answer = client_for(team.captain).patch(f"{TEAMS}{team.pk}/", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, list(body))
    assert snapshot() == before


def test_close_ends_the_team_and_tells_its_members(client_for: Callable[..., Any]) -> None:
    team = TeamFactory(members=2)
    invitation = InvitationFactory(team=team)
    client = client_for(team.captain)
    assert client.delete(f"{TEAMS}{team.pk}/").status_code == 204
    team.refresh_from_db()
    invitation.refresh_from_db()
    assert (team.closed_at is not None, team.version, invitation.status) == (True, 2, "cancelled")
    assert len(selectors.roster(team.pk)) == 3
    others = selectors.members(team).exclude(pk=team.captain_id)
    assert set(Notification.objects.values_list("kind", "user")) == {("team_closed", user.pk) for user in others}
    shown = client.get(f"{TEAMS}{team.pk}/").json()
    assert (shown["closed_at"] is not None, allowed(shown)) == (True, set())
    assert client.get(TEAMS).json()["count"] == 0


def test_nothing_happens_in_a_closed_team(client_for: Callable[..., Any], user: User) -> None:
    team = TeamFactory(members=1, closed_at="2026-01-01T00:00:00Z")
    member = team.memberships.exclude(user=team.captain).get().user
    client, url = client_for(team.captain), f"{TEAMS}{team.pk}/"
    before = snapshot()
    answers = [
        client.patch(url, {"name": "Back"}),
        client.delete(url),
        client.post(f"{url}add-member/", {"user_id": user.pk}),
        client.post(f"{url}remove_member/", {"user_id": member.pk}),
        client.post(f"{url}transfer_captaincy/", {"user_id": member.pk}),
        client.post(f"{url}set_role/", {"user_id": member.pk, "role": "manager"}),
        client_for(member).post(f"{url}leave_team/"),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(400, "team_closed")] * 7
    assert snapshot() == before


def test_my_teams_are_the_open_ones_i_am_in(client_for: Callable[..., Any], user: User) -> None:
    own, other = TeamFactory(captain=user, members=1), TeamFactory()
    MemberFactory(team=other, user=user, role="manager")
    MemberFactory(team=TeamFactory(closed_at="2026-01-01T00:00:00Z"), user=user)
    TeamFactory()
    rows = client_for(user).get(MINE).json()["results"]
    assert [(row["id"], row["name"], row["role"], row["is_captain"], row["members_count"]) for row in rows] == [
        (own.pk, own.name, "captain", True, 2),
        (other.pk, other.name, "manager", False, 2),
    ]
    assert client_for(None).get(MINE).status_code == 401


@pytest.mark.parametrize("count", [1, 3])
def test_my_teams_take_the_same_queries_for_one_and_for_three(
    client_for: Callable[..., Any], user: User, django_assert_num_queries: Any, count: int
) -> None:
    for _ in range(count):
        TeamFactory(captain=user, members=1)
    client = client_for(user)
    with django_assert_num_queries(3):
        assert client.get(MINE).json()["count"] == count


def test_selectors_know_the_captain_and_the_roles() -> None:
    team = Team(pk=1, captain_id=5)
    assert [selectors.is_captain(team, User(pk=pk)) for pk in (5, 6)] == [True, False]
    assert selectors.role_of(team, None) is None


def test_admin_shows_teams_and_changes_nothing(client: Any, staff: User) -> None:
    team = TeamFactory(members=1)
    client.force_login(staff)
    assert client.get(reverse("admin:teams_team_changelist")).status_code == 200
    page = client.get(reverse("admin:teams_team_change", args=[team.pk]))
    assert page.status_code == 200
    for user in selectors.members(team):
        assert user.username.encode() in page.content
    assert client.get(reverse("admin:teams_team_add")).status_code == 403
    before = snapshot()
    assert client.post(reverse("admin:teams_team_change", args=[team.pk]), {"name": "x"}).status_code == 403
    assert client.post(reverse("admin:teams_team_delete", args=[team.pk]), {"post": "yes"}).status_code == 403
    assert snapshot() == before
