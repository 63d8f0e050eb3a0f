from collections.abc import Callable
from typing import Any

import pytest

from notifications.models import Notification
from teams import selectors
from teams.models import Team, TeamMember
from tests.factories.teams import InvitationFactory, MemberFactory, TeamFactory
from tests.factories.users import UserFactory
from tests.teams.test_teams import TEAMS, snapshot
from users.models import User


def roles(team: Team) -> dict[int, str]:
    return {place.user_id: place.role for place in selectors.roster(team.pk)}


def told() -> set[tuple[str, int]]:
    return set(Notification.objects.values_list("kind", "user"))


# The authorisation matrix: who may do what with a team that has a captain, a manager and two members.
ACTIONS: dict[str, tuple[str, str, Callable[[Any], Any], int]] = {
    "update": ("patch", "", lambda people: {"name": "New name"}, 200),
    "close": ("delete", "", lambda people: None, 204),
    "add_member": ("post", "add-member/", lambda people: {"user_id": people["guest"].pk}, 201),
    "remove_member": ("post", "remove_member/", lambda people: {"user_id": people["other"].pk}, 200),
    "set_role": ("post", "set_role/", lambda people: {"user_id": people["other"].pk, "role": "manager"}, 200),
    "transfer": ("post", "transfer_captaincy/", lambda people: {"user_id": people["other"].pk}, 200),
    "leave": ("post", "leave_team/", lambda people: None, 200),
    "cancel": ("delete", "invitation", lambda people: None, 204),
}
MAY = {
    "captain": {"update", "close", "add_member", "remove_member", "set_role", "transfer", "cancel"},
    "manager": {"add_member", "leave", "cancel"},
    "member": {"leave"},
    "stranger": set(),
    "staff": set(),
    "anonymous": set(),
}
REFUSED = {
    ("captain", "leave"): (400, "captain_must_hand_over"),
    ("manager", "update"): (403, "not_team_captain"),
    ("member", "add_member"): (403, "not_team_manager"),
    ("member", "cancel"): (403, "not_team_manager"),
    ("stranger", "add_member"): (403, "not_team_manager"),
    ("stranger", "leave"): (403, "not_in_team"),
    ("stranger", "cancel"): (404, "not_found"),
    ("staff", "add_member"): (403, "not_team_manager"),
    ("staff", "leave"): (403, "not_in_team"),
    ("staff", "cancel"): (404, "not_found"),
}


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("who", MAY)
def test_who_may_do_what(client_for: Callable[..., Any], staff: User, who: str, action: str) -> None:
    team = TeamFactory()
    people = {"captain": team.captain, "guest": UserFactory(), "stranger": UserFactory(), "staff": staff}
    for name, role in [("manager", "manager"), ("member", "member"), ("other", "member")]:
        people[name] = MemberFactory(team=team, role=role).user
    invitation = InvitationFactory(team=team)
    method, path, body, success = ACTIONS[action]
    url = f"/api/teams/invitations/{invitation.pk}/" if path == "invitation" else f"{TEAMS}{team.pk}/{path}"
    before = snapshot()
    answer = getattr(client_for(people.get(who)), method)(url, body(people))
    if action in MAY[who]:
        assert answer.status_code == success
        assert snapshot() != before
        return
    expected = (401, "not_authenticated") if who == "anonymous" else (403, "not_team_captain")
    assert (answer.status_code, answer.json()["code"]) == REFUSED.get((who, action), expected)
    assert snapshot() == before


def test_leave_gives_the_place_back(client_for: Callable[..., Any]) -> None:
    team = TeamFactory()
    member = MemberFactory(team=team).user
    answer = client_for(member).post(f"{TEAMS}{team.pk}/leave_team/")
    assert (answer.status_code, answer.json()["version"], answer.json()["members_count"]) == (200, 2, 1)
    assert roles(team) == {team.captain_id: "captain"}


def test_last_member_who_leaves_closes_the_team(client_for: Callable[..., Any]) -> None:
    team = TeamFactory()
    invitation = InvitationFactory(team=team)
    answer = client_for(team.captain).post(f"{TEAMS}{team.pk}/leave_team/")
    assert answer.status_code == 200
    team.refresh_from_db()
    invitation.refresh_from_db()
    assert (team.closed_at is not None, roles(team), invitation.status) == (True, {}, "cancelled")


def test_captain_leaves_after_handing_over(client_for: Callable[..., Any]) -> None:
    team = TeamFactory()
    heir, bystander = MemberFactory(team=team, role="manager").user, MemberFactory(team=team).user
    client = client_for(team.captain)
    answer = client.post(f"{TEAMS}{team.pk}/transfer_captaincy/", {"user_id": heir.pk})
    assert (answer.status_code, answer.json()["captain"]["id"]) == (200, heir.pk)
    assert roles(team) == {team.captain_id: "member", heir.pk: "captain", bystander.pk: "member"}
    assert told() == {("team_captain_changed", heir.pk), ("team_captain_changed", bystander.pk)}
    assert client.post(f"{TEAMS}{team.pk}/leave_team/").status_code == 200
    assert Team.objects.get().captain == heir


def test_captaincy_that_goes_back_is_told_again(client_for: Callable[..., Any]) -> None:
    team = TeamFactory()
    other = MemberFactory(team=team).user
    for giver, taker in [(team.captain, other), (other, team.captain), (team.captain, other)]:
        url = f"{TEAMS}{team.pk}/transfer_captaincy/"
        assert client_for(giver).post(url, {"user_id": taker.pk}).status_code == 200
    assert Notification.objects.filter(user=other).count() == 2


def test_remove_takes_the_place_and_tells_the_user(client_for: Callable[..., Any]) -> None:
    team = TeamFactory(name="Foxes")
    member = MemberFactory(team=team, role="manager").user
    answer = client_for(team.captain).post(f"{TEAMS}{team.pk}/remove_member/", {"user_id": member.pk})
    assert (answer.status_code, roles(team)) == (200, {team.captain_id: "captain"})
    assert told() == {("team_member_removed", member.pk)}
    assert Notification.objects.get().params == {"team": "Foxes", "team_id": team.pk}


def test_manager_may_invite_until_made_a_member_again(client_for: Callable[..., Any], user: User) -> None:
    team = TeamFactory()
    member = MemberFactory(team=team).user
    captain, client = client_for(team.captain), client_for(member)
    invite = f"{TEAMS}{team.pk}/add-member/"
    assert client.post(invite, {"user_id": user.pk}).status_code == 403
    captain.post(f"{TEAMS}{team.pk}/set_role/", {"user_id": member.pk, "role": "manager"})
    assert client.post(invite, {"user_id": user.pk}).status_code == 201
    captain.post(f"{TEAMS}{team.pk}/set_role/", {"user_id": member.pk, "role": "member"})
    assert client.post(invite, {"user_id": UserFactory().pk}).status_code == 403


@pytest.mark.parametrize("action", ["remove_member", "transfer_captaincy", "set_role"])
@pytest.mark.parametrize("target", ["outsider", "nobody", "captain"])
def test_target_has_to_be_another_member(client_for: Callable[..., Any], action: str, target: str) -> None:
    team = TeamFactory(members=1)
    ids = {"outsider": UserFactory().pk, "nobody": 10**12, "captain": team.captain_id}
    before = snapshot()
    body = {"user_id": ids[target], "role": "manager"}
    answer = client_for(team.captain).post(f"{TEAMS}{team.pk}/{action}/", body)
    captain = "captain_must_hand_over" if action == "remove_member" else "already_captain"
    code = captain if target == "captain" else "not_a_member"
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert snapshot() == before


def test_captaincy_is_not_handed_to_a_closed_account(client_for: Callable[..., Any]) -> None:
    team = TeamFactory()
    gone = MemberFactory(team=team, user=UserFactory(is_active=False)).user
    before = snapshot()
    answer = client_for(team.captain).post(f"{TEAMS}{team.pk}/transfer_captaincy/", {"user_id": gone.pk})
    assert (answer.status_code, answer.json()["code"]) == (400, "not_a_member")
    assert snapshot() == before


@pytest.mark.parametrize("action", ["add-member", "remove_member", "transfer_captaincy", "set_role"])
@pytest.mark.parametrize("user_id", [None, "", "x", 0, -1, 1.5, True, 2**63, 10**25, [1], {"id": 1}])
def test_odd_user_ids_are_refused(client_for: Callable[..., Any], action: str, user_id: Any) -> None:
    team = TeamFactory(members=1)
    before = snapshot()
    body = {"user_id": user_id, "role": "member"}
    answer = client_for(team.captain).post(f"{TEAMS}{team.pk}/{action}/", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["user_id"])
    assert snapshot() == before


@pytest.mark.parametrize("role", ["captain", "owner", "", None, 1, ["member"], {}])
def test_odd_roles_are_refused(client_for: Callable[..., Any], role: Any) -> None:
    team = TeamFactory()
    member = MemberFactory(team=team).user
    before = snapshot()
    answer = client_for(team.captain).post(f"{TEAMS}{team.pk}/set_role/", {"user_id": member.pk, "role": role})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["role"])
    assert snapshot() == before


def test_persian_digits_are_a_number(client_for: Callable[..., Any]) -> None:
    team = TeamFactory()
    member = MemberFactory(team=team).user
    persian = str(member.pk).translate({ord(str(n)): "۰۱۲۳۴۵۶۷۸۹"[n] for n in range(10)})
    assert client_for(team.captain).post(f"{TEAMS}{team.pk}/remove_member/", {"user_id": persian}).status_code == 200
    assert not TeamMember.objects.filter(user=member).exists()
