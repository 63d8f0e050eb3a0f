from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from common.models import RateCounter
from notifications.models import Notification
from teams.models import Invitation, TeamMember
from tests.factories.teams import InvitationFactory, MemberFactory, TeamFactory
from tests.factories.users import UserFactory
from tests.teams.test_teams import TEAMS, brief, snapshot
from users.models import User

INVITATIONS, RESPOND = "/api/teams/invitations/", "/api/teams/respond-invitation/"


def expire(invitation: Invitation) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now() - timedelta(seconds=1))


def answer_to(client: Any, invitation: Invitation, status: str = "accepted") -> Any:
    return client.post(RESPOND, {"invitation_id": invitation.pk, "status": status})


def test_invite_offers_a_place_for_a_week_and_tells_the_user(client_for: Callable[..., Any], user: User) -> None:
    team = TeamFactory(name="Foxes")
    answer = client_for(team.captain).post(f"{TEAMS}{team.pk}/add-member/", {"user_id": user.pk})
    invitation = Invitation.objects.get()
    assert invitation.expires_at - invitation.created_at == timedelta(days=7)
    body = answer.json()
    assert (answer.status_code, body["id"], body["status"], body["answered_at"]) == (
        201, invitation.pk, "pending", None
    )  # fmt: skip
    assert body["team"] == {"id": team.pk, "name": "Foxes", "team_picture": None}
    assert (body["user"], body["inviter"]) == (brief(user), brief(team.captain))
    told = Notification.objects.get()
    assert (told.user, told.kind, told.params) == (
        user,
        "team_invitation",
        {"team": "Foxes", "team_id": team.pk, "inviter": team.captain.username, "invitation_id": invitation.pk},
    )
    assert TeamMember.objects.count() == 1


@pytest.mark.parametrize(
    ("target", "status", "code"),
    [
        ("self", 400, "cannot_invite_self"),
        ("member", 400, "already_member"),
        ("invited", 400, "already_invited"),
        ("nobody", 404, "not_found"),
        ("inactive", 404, "not_found"),
    ],
)
def test_invite_refuses_whom_there_is_nothing_to_offer(
    client_for: Callable[..., Any], target: str, status: int, code: str
) -> None:
    team = TeamFactory()
    ids = {
        "self": team.captain_id,
        "member": MemberFactory(team=team).user_id,
        "invited": InvitationFactory(team=team).user_id,
        "nobody": 10**12,
        "inactive": UserFactory(is_active=False).pk,
    }
    before = snapshot()
    answer = client_for(team.captain).post(f"{TEAMS}{team.pk}/add-member/", {"user_id": ids[target]})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert snapshot() == before


def test_invite_refuses_when_the_team_is_full(client_for: Callable[..., Any], user: User) -> None:
    team = TeamFactory(max_members=2, members=1)
    before = snapshot()
    answer = client_for(team.captain).post(f"{TEAMS}{team.pk}/add-member/", {"user_id": user.pk})
    assert (answer.status_code, answer.json()["code"]) == (400, "team_full")
    assert snapshot() == before


def test_invite_replaces_an_expired_invitation(client_for: Callable[..., Any]) -> None:
    old = InvitationFactory()
    expire(old)
    client = client_for(old.inviter)
    assert client.post(f"{TEAMS}{old.team_id}/add-member/", {"user_id": old.user_id}).status_code == 201
    assert list(Invitation.objects.order_by("pk").values_list("status", flat=True)) == ["expired", "pending"]


def test_invite_takes_no_for_an_answer(client_for: Callable[..., Any], user: User) -> None:
    team = TeamFactory()
    captain, guest = client_for(team.captain), client_for(user)
    for _ in range(3):
        assert captain.post(f"{TEAMS}{team.pk}/add-member/", {"user_id": user.pk}).status_code == 201
        answer_to(guest, Invitation.objects.latest("pk"), "rejected")
    before = snapshot()
    answer = captain.post(f"{TEAMS}{team.pk}/add-member/", {"user_id": user.pk})
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert int(answer["Retry-After"]) > 80_000
    assert snapshot() == before


def test_invite_is_limited_per_inviter(client_for: Callable[..., Any], user: User) -> None:
    team = TeamFactory()
    RateCounter.objects.create(
        key=f"team-invite:{team.captain_id}", count=60, expires_at=timezone.now() + timedelta(minutes=5)
    )
    answer = client_for(team.captain).post(f"{TEAMS}{team.pk}/add-member/", {"user_id": user.pk})
    assert (answer.status_code, Invitation.objects.count()) == (429, 0)


def test_accept_takes_the_place_and_tells_the_team(client_for: Callable[..., Any], user: User) -> None:
    team = TeamFactory(name="Foxes")
    manager = MemberFactory(team=team, role="manager").user
    invitation = InvitationFactory(team=team, user=user, inviter=manager)
    answer = answer_to(client_for(user), invitation)
    assert (answer.status_code, answer.json()["status"]) == (200, "accepted")
    assert answer.json()["answered_at"] is not None
    assert TeamMember.objects.get(user=user).role == "member"
    team.refresh_from_db()
    assert team.version == 2
    assert set(Notification.objects.values_list("user", "kind")) == {
        (manager.pk, "team_invitation_answered"),
        (team.captain_id, "team_invitation_answered"),
    }
    assert Notification.objects.first().params == {
        "team": "Foxes",
        "team_id": team.pk,
        "user": user.username,
        "status": "accepted",
    }


def test_reject_leaves_the_team_as_it_was(client_for: Callable[..., Any], user: User) -> None:
    invitation = InvitationFactory(user=user)
    answer = answer_to(client_for(user), invitation, "rejected")
    assert (answer.status_code, answer.json()["status"]) == (200, "rejected")
    assert TeamMember.objects.filter(user=user).count() == 0
    assert Notification.objects.get().params["status"] == "rejected"


@pytest.mark.parametrize("second", ["accepted", "rejected"])
@pytest.mark.parametrize("first", ["accepted", "rejected", "cancelled"])
def test_an_invitation_is_answered_once(client_for: Callable[..., Any], user: User, first: str, second: str) -> None:
    invitation = InvitationFactory(user=user, status=first)
    before = snapshot()
    answer = answer_to(client_for(user), invitation, second)
    assert (answer.status_code, answer.json()["code"]) == (400, "invitation_not_pending")
    assert snapshot() == before


@pytest.mark.parametrize("status", ["accepted", "rejected"])
def test_an_expired_invitation_is_not_answered(client_for: Callable[..., Any], user: User, status: str) -> None:
    invitation = InvitationFactory(user=user)
    expire(invitation)
    before = snapshot()
    answer = answer_to(client_for(user), invitation, status)
    assert (answer.status_code, answer.json()["code"]) == (400, "invitation_expired")
    assert snapshot() == before


@pytest.mark.parametrize("who", ["stranger", "captain", "staff", "anonymous"])
@pytest.mark.parametrize("status", ["accepted", "rejected"])
def test_only_the_invited_user_answers(client_for: Callable[..., Any], staff: User, who: str, status: str) -> None:
    invitation = InvitationFactory()
    people = {"stranger": UserFactory(), "captain": invitation.team.captain, "staff": staff, "anonymous": None}
    before = snapshot()
    answer = answer_to(client_for(people[who]), invitation, status)
    assert answer.status_code == (401 if who == "anonymous" else 404)
    assert snapshot() == before


def test_accept_refuses_when_the_team_is_full(client_for: Callable[..., Any], user: User) -> None:
    invitation = InvitationFactory(team=TeamFactory(max_members=2, members=1), user=user)
    before = snapshot()
    answer = answer_to(client_for(user), invitation)
    assert (answer.status_code, answer.json()["code"]) == (400, "team_full")
    assert snapshot() == before


def test_accept_refuses_an_eleventh_team(client_for: Callable[..., Any], user: User) -> None:
    for _ in range(10):
        MemberFactory(user=user, team=TeamFactory())
    invitation = InvitationFactory(user=user)
    before = snapshot()
    answer = answer_to(client_for(user), invitation)
    assert (answer.status_code, answer.json()["code"]) == (400, "too_many_teams")
    assert snapshot() == before


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"status": "accepted"}, "invitation_id"), ({"invitation_id": "x", "status": "accepted"}, "invitation_id"),
        ({"invitation_id": 2**70, "status": "accepted"}, "invitation_id"), ({"invitation_id": 1}, "status"),
        ({"invitation_id": 1, "status": "cancelled"}, "status"), ({"invitation_id": 1, "status": []}, "status"),
        ({"invitation_id": True, "status": "accepted"}, "invitation_id"),
    ],
)  # fmt: skip
def test_respond_refuses_odd_input(client_for: Callable[..., Any], user: User, body: Any, field: str) -> None:
    answer = client_for(user).post(RESPOND, body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_list_shows_what_i_can_answer_and_what_i_sent(client_for: Callable[..., Any], user: User) -> None:
    team = TeamFactory(captain=user)
    received = InvitationFactory(user=user)
    sent = InvitationFactory(team=team, status="rejected")
    by_manager = InvitationFactory(team=team, inviter=MemberFactory(team=team, role="manager").user)
    expire(by_manager)
    expire(InvitationFactory(user=user))
    InvitationFactory(user=user, status="rejected")
    InvitationFactory()
    client = client_for(user)

    def shown(**query: str) -> list[tuple[int, str]]:
        return [(row["id"], row["status"]) for row in client.get(INVITATIONS, query).json()["results"]]

    own = [(by_manager.pk, "expired"), (sent.pk, "rejected")]
    assert shown() == [*own, (received.pk, "pending")]
    assert shown(direction="received") == [(received.pk, "pending")]
    assert shown(direction="sent") == own
    assert client.get(INVITATIONS, {"direction": "up"}).status_code == 400
    assert client_for(None).get(INVITATIONS).status_code == 401


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_the_same_queries_for_one_and_for_three(
    client_for: Callable[..., Any], user: User, django_assert_num_queries: Any, count: int
) -> None:
    for _ in range(count):
        InvitationFactory(user=user)
    client = client_for(user)
    with django_assert_num_queries(3):
        answer = client.get(INVITATIONS)
    assert answer.json()["count"] == count
    assert user.phone_number.encode() not in answer.content


def test_cancel_withdraws_an_invitation_once(client_for: Callable[..., Any], user: User) -> None:
    invitation = InvitationFactory(user=user)
    client = client_for(invitation.inviter)
    assert client.delete(f"{INVITATIONS}{invitation.pk}/").status_code == 204
    again = client.delete(f"{INVITATIONS}{invitation.pk}/")
    assert (again.status_code, again.json()["code"]) == (400, "invitation_not_pending")
    assert answer_to(client_for(user), invitation).json()["code"] == "invitation_not_pending"


def test_the_invited_user_rejects_and_does_not_cancel(client_for: Callable[..., Any], user: User) -> None:
    invitation = InvitationFactory(user=user)
    before = snapshot()
    answer = client_for(user).delete(f"{INVITATIONS}{invitation.pk}/")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_team_manager")
    assert snapshot() == before
