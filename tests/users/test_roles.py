"""Roles: who gives them, what follows, and the pages on which it is done."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.test import Client

from common.errors import DomainError
from common.models import AuditEntry
from tests.conftest import open_session
from tests.factories.games import GameFactory
from tests.factories.tournaments import make_tournament
from tests.factories.users import StaffFactory, UserFactory, staff_with
from users import rules
from users.enums import Role
from users.models import RoleGrant, User
from users.roles import PERMISSIONS
from users.services import disabling, roles

pytestmark = pytest.mark.django_db
USERS, GRANTS = "/admin/users/user/", "/admin/users/rolegrant/"


def again(user: User) -> User:
    return User.objects.get(pk=user.pk)


def code_of(call: Callable[[], Any]) -> str:
    with pytest.raises(DomainError) as refused:
        call()
    return refused.value.code


@pytest.fixture
def administrator(db: None) -> User:
    return staff_with(Role.ADMINISTRATOR)


@pytest.mark.parametrize(
    ("role", "is_staff"), [(Role.SUPPORT, True), (Role.ADMINISTRATOR, True), (Role.ORGANISER, False)]
)
def test_staff_follows_from_the_roles(
    administrator: User, user: User, now: datetime, role: Role, is_staff: bool
) -> None:
    roles.grant(user_id=user.pk, role=role, actor=administrator, now=now)
    assert (again(user).is_staff, again(user).roles) == (is_staff, {(role, None)})
    roles.revoke(user_id=user.pk, role=role, actor=administrator, now=now)
    assert (again(user).is_staff, again(user).roles) == (False, frozenset())
    entries = AuditEntry.objects.filter(target_id=user.pk, actor=administrator).order_by("pk")
    assert [(entry.action, entry.changes["role"]) for entry in entries] == [("role.grant", role), ("role.revoke", role)]


def test_other_roles_keep_somebody_staff(administrator: User, now: datetime) -> None:
    game = GameFactory()
    person = staff_with(Role.SUPPORT)
    roles.grant(user_id=person.pk, role=Role.GAME_MANAGER, game_id=game.pk, actor=administrator, now=now)
    roles.revoke(user_id=person.pk, role=Role.SUPPORT, actor=administrator, now=now)
    assert (again(person).is_staff, again(person).roles) == (True, {("game_manager", game.pk)})
    superuser = StaffFactory()
    roles.grant(user_id=superuser.pk, role=Role.SUPPORT, actor=administrator, now=now)
    roles.revoke(user_id=superuser.pk, role=Role.SUPPORT, actor=administrator, now=now)
    assert again(superuser).is_staff is True


@pytest.mark.parametrize(
    ("role", "with_game", "code"),
    [
        (Role.GAME_MANAGER, False, "game_fits_no_role"),
        (Role.SUPPORT, True, "game_fits_no_role"),
        (Role.SUPPORT, False, "role_granted"),
    ],
)
def test_grants_that_make_no_sense_are_refused(
    administrator: User, now: datetime, role: Role, with_game: bool, code: str
) -> None:
    person = staff_with(Role.SUPPORT) if code == "role_granted" else UserFactory()
    before = list(RoleGrant.objects.values())
    game_id = GameFactory().pk if with_game else None
    call = {"user_id": person.pk, "role": role, "game_id": game_id, "actor": administrator, "now": now}
    assert code_of(lambda: roles.grant(**call)) == code
    assert list(RoleGrant.objects.values()) == before


def test_grants_need_a_user_and_a_game_that_exist(administrator: User, user: User, now: datetime) -> None:
    call: dict[str, Any] = {"role": Role.GAME_MANAGER, "actor": administrator, "now": now}
    assert code_of(lambda: roles.grant(user_id=987654, game_id=None, **call)) == "not_found"
    assert code_of(lambda: roles.grant(user_id=user.pk, game_id=987654, **call)) == "invalid"
    assert code_of(lambda: roles.revoke(user_id=user.pk, game_id=None, **call)) == "not_found"


@pytest.mark.parametrize("role", [None, Role.SUPPORT, Role.GAME_MANAGER, Role.ORGANISER])
def test_only_administrators_give_and_take(user: User, now: datetime, role: Role | None) -> None:
    game = GameFactory() if role == Role.GAME_MANAGER else None
    actor = staff_with(role, game) if role else UserFactory()
    holder = staff_with(Role.SUPPORT)
    before = list(RoleGrant.objects.values())
    assert code_of(lambda: roles.grant(user_id=user.pk, role=Role.SUPPORT, actor=actor, now=now)) == "not_administrator"
    taking = {"user_id": holder.pk, "role": Role.SUPPORT, "actor": actor, "now": now}
    assert code_of(lambda: roles.revoke(**taking)) == "not_administrator"
    assert code_of(lambda: disabling.disable(user_id=holder.pk, actor=actor, reason="", now=now)) == "not_administrator"
    assert (list(RoleGrant.objects.values()), again(holder).is_active) == (before, True)


def test_nobody_raises_themselves_and_the_last_administrator_stays(now: datetime) -> None:
    first = staff_with(Role.ADMINISTRATOR)
    User.objects.filter(is_superuser=True).update(is_active=False)
    assert code_of(lambda: roles.grant(user_id=first.pk, role=Role.SUPPORT, actor=first, now=now)) == "own_role"
    leave = {"role": Role.ADMINISTRATOR, "now": now}
    assert code_of(lambda: roles.revoke(user_id=first.pk, actor=first, **leave)) == "last_administrator"
    second = UserFactory()
    roles.grant(user_id=second.pk, role=Role.ADMINISTRATOR, actor=first, now=now)
    roles.revoke(user_id=first.pk, actor=first, **leave)
    assert [rules.is_administrator(again(person)) for person in (first, second)] == [False, True]
    assert code_of(lambda: roles.revoke(user_id=second.pk, actor=again(second), **leave)) == "last_administrator"


def test_disabled_account_is_out_at_once_and_can_come_back(
    administrator: User, client_for: Callable[..., Any], user: User, now: datetime
) -> None:
    client = client_for(user)
    open_session(user)
    disabling.disable(user_id=user.pk, actor=administrator, reason="cheats", now=now)
    disabling.disable(user_id=user.pk, actor=administrator, reason="cheats", now=now)
    assert client.get("/api/users/users/me/").status_code == 401
    assert user.sessions.filter(revoked_at=None).count() == 0
    disabling.enable(user_id=user.pk, actor=administrator, reason="did not", now=now)
    assert again(user).is_active is True
    entries = AuditEntry.objects.filter(target_id=user.pk, action__startswith="user.").order_by("pk")
    assert [(entry.action, entry.reason) for entry in entries] == [
        ("user.disable", "cheats"),
        ("user.enable", "did not"),
    ]
    me = {"user_id": administrator.pk, "actor": administrator, "reason": "", "now": now}
    assert code_of(lambda: disabling.disable(**me)) == "own_account"


def test_closed_account_is_not_opened_again(administrator: User, user: User, now: datetime) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False, closed_at=now)
    call = {"user_id": user.pk, "actor": administrator, "reason": "", "now": now}
    assert code_of(lambda: disabling.enable(**call)) == "not_found"
    assert again(user).is_active is False


def test_me_names_my_roles(client_for: Callable[..., Any], administrator: User, now: datetime) -> None:
    game = GameFactory()
    person = staff_with(Role.SUPPORT)
    roles.grant(user_id=person.pk, role=Role.GAME_MANAGER, game_id=game.pk, actor=administrator, now=now)
    assert client_for(person).get("/api/users/users/me/").json()["roles"] == [
        {"role": "game_manager", "game": game.pk},
        {"role": "support", "game": None},
    ]
    assert client_for(UserFactory()).get("/api/users/users/me/").json()["roles"] == []


def test_roles_are_read_once_and_players_cost_nothing(user: User, django_assert_num_queries: Any) -> None:
    game = GameFactory()
    manager = staff_with(Role.GAME_MANAGER, game)
    questions = (rules.is_administrator, rules.is_support, rules.games_overseen)
    for person, queries in ((again(user), 0), (again(manager), 1), (again(StaffFactory()), 0)):
        with django_assert_num_queries(queries):
            for question in questions:
                question(person)
            rules.manages_game(person, game.pk)


@pytest.mark.parametrize("setting", ["everyone", "organisers"])
@pytest.mark.parametrize("role", [None, *Role])
def test_who_makes_tournaments(settings: Any, setting: str, role: Role | None) -> None:
    settings.TOURNAMENT_CREATORS = setting
    game = GameFactory()
    actor = staff_with(role, game if role == Role.GAME_MANAGER else None) if role else UserFactory()
    if setting == "everyone" or role:
        assert make_tournament(creator=actor, game=game).creator == actor
    else:
        assert code_of(lambda: make_tournament(creator=actor, game=game)) == "creation_restricted"


def test_every_named_permission_exists() -> None:
    known = {f"{label}.{name}" for label, name in Permission.objects.values_list("content_type__app_label", "codename")}
    assert set().union(*PERMISSIONS.values()) - known == set()


def page(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def act(client: Client, path: str, action: str, *rows: Any, **fields: Any) -> list[str]:
    answer = client.post(path, {"action": action, "_selected_action": [row.pk for row in rows], **fields})
    assert answer.status_code == 302
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_roles_are_given_and_taken_in_the_admin(administrator: User, user: User) -> None:
    client, game = page(administrator), GameFactory()
    assert act(client, USERS, "give_role", user, role="game_manager", game=game.pk) == []
    assert again(user).roles == {("game_manager", game.pk)}
    assert act(client, USERS, "give_role", user) == ["Choose a role beside the action."]
    said = act(client, USERS, "give_role", administrator, role="support")
    assert said[-1] == f"{administrator.pk}: Nobody gives a role to themselves."
    assert "game_manager" in client.get(f"{USERS}{user.pk}/change/").content.decode()
    act(client, GRANTS, "revoke", user.role_grants.get())
    assert again(user).roles == frozenset()
    act(client, USERS, "disable", user, reason="cheats")
    assert again(user).is_active is False


def test_rights_are_not_edited_by_the_form(administrator: User, user: User) -> None:
    body = {"full_name": "x", "phone_number": "09129999999", "is_staff": "on", "is_superuser": "on", "language": "fa"}
    page(administrator).post(f"{USERS}{user.pk}/change/", body)
    fresh = again(user)
    assert (fresh.is_staff, fresh.is_superuser, fresh.phone_number) == (False, False, user.phone_number)
    assert page(administrator).post(f"{USERS}{user.pk}/delete/", {"post": "yes"}).status_code == 403


def test_an_administrator_does_not_set_a_superusers_password(administrator: User) -> None:
    superuser = StaffFactory()
    body = {"password1": "tall-orange-7", "password2": "tall-orange-7", "usable_password": "true"}
    assert page(administrator).post(f"{USERS}{superuser.pk}/password/", body).status_code == 403
    assert page(StaffFactory()).post(f"{USERS}{superuser.pk}/password/", body).status_code == 302


SEES = {
    Role.SUPPORT: {"support/ticket", "matches/match", "tournaments/tournament", "users/user", "users/identityreview"},
    Role.GAME_MANAGER: {"matches/match", "tournaments/tournament"},
    Role.ORGANISER: set(),
    Role.ADMINISTRATOR: {
        "support/ticket", "matches/match", "tournaments/tournament", "users/user", "users/identityreview",
        "users/rolegrant", "wallet/journal", "common/auditentry",
    },
}  # fmt: skip


@pytest.mark.parametrize("role", Role)
def test_admin_shows_each_role_what_it_needs(role: Role) -> None:
    client = page(staff_with(role, GameFactory() if role == Role.GAME_MANAGER else None))
    opened = {path for path in SEES[Role.ADMINISTRATOR] if client.get(f"/admin/{path}/").status_code == 200}
    assert opened == SEES[role]


def test_manager_finds_only_the_own_games_things() -> None:
    mine, other = make_tournament(name="Mine Cup"), make_tournament(name="Other Cup")
    client = page(staff_with(Role.GAME_MANAGER, mine.game))
    listed = client.get("/admin/tournaments/tournament/").content.decode()
    assert ("Mine Cup" in listed, "Other Cup" in listed) == (True, False)
    assert client.get(f"/admin/tournaments/tournament/{mine.pk}/change/").status_code == 200
    assert client.get(f"/admin/tournaments/tournament/{other.pk}/change/").status_code == 302
    act(client, "/admin/tournaments/tournament/", "cancel", mine, other)
    mine.refresh_from_db()
    other.refresh_from_db()
    assert (mine.status, other.status) == ("cancelled", "published")


def test_support_looks_at_matches_and_is_offered_no_ruling() -> None:
    client = page(staff_with(Role.SUPPORT))
    tournament = make_tournament()
    assert "first_side_won" not in client.get("/admin/matches/match/").content.decode()
    assert "cancel" not in client.get("/admin/tournaments/tournament/").content.decode().split("changelist-form")[1]
    body = {"action": "cancel", "_selected_action": [tournament.pk]}
    assert client.post("/admin/tournaments/tournament/", body).status_code == 200
    tournament.refresh_from_db()
    assert tournament.status == "published"
