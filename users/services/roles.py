"""Giving roles and taking them back. Administrators do it, and nobody for themselves."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from common import audit
from common.db import needs_transaction, use_case
from common.errors import InvalidInput, NotFound
from games.models import Game
from users import rules, selectors
from users.enums import Role
from users.errors import LastAdministrator, NotAdministrator, OwnRole
from users.models import RoleGrant, User
from users.roles import STAFF_ROLES


@use_case
def grant(*, user_id: int, role: Role, game_id: int | None = None, actor: User, now: datetime) -> RoleGrant:
    """Give a role, a game manager's for one game; its ``user`` is read anew.

    :raises NotAdministrator: the actor may not. :raises OwnRole: for oneself. :raises NotFound: no such active user.
    :raises GameFitsNoRole: (by constraint) a game for another role, or none for a game manager.
    :raises InvalidInput: no such game. :raises RoleGranted: (by constraint) they have it.
    """
    _require_administrator(actor)
    if user_id == actor.pk:
        raise OwnRole
    user = User.objects.locked().filter(pk=user_id, is_active=True).first()
    if user is None:
        raise NotFound
    if game_id is not None and not Game.objects.filter(pk=game_id).exists():
        raise InvalidInput.of("game", "does_not_exist", _("There is no such game."))
    granted = RoleGrant.objects.create(user=user, role=role, game_id=game_id, granted_by=actor, created_at=now)
    _settle(user)
    audit.record(action="role.grant", actor=actor, target=user, now=now, role=str(role), game=game_id)
    return granted


@use_case
def revoke(*, user_id: int, role: Role, game_id: int | None = None, actor: User, now: datetime) -> None:
    """Take a role back, also one's own.

    :raises NotAdministrator: the actor may not. :raises NotFound: the user has no such role.
    :raises LastAdministrator: nobody would be left.
    """
    _require_administrator(actor)
    if role == Role.ADMINISTRATOR:
        require_another_administrator(user_id=user_id)
    user = User.objects.locked().filter(pk=user_id).first()
    held = RoleGrant.objects.locked().filter(user=user_id, role=role, game=game_id).first()
    if user is None or held is None:
        raise NotFound
    held.delete()
    _settle(user)
    audit.record(action="role.revoke", actor=actor, target=user, now=now, role=str(role), game=game_id)


@needs_transaction
def require_another_administrator(*, user_id: int) -> None:
    """Before the user stops being an administrator: locks all of them, so that two cannot remove each other.

    :raises LastAdministrator: the user is the only one.
    """
    list(selectors.administrators().locked())
    if not selectors.administrators().exclude(pk=user_id).exists():
        raise LastAdministrator


def _require_administrator(actor: User) -> None:
    if not rules.is_administrator(actor):
        raise NotAdministrator


def _settle(user: User) -> None:
    """The admin lets in whom ``is_staff`` says."""
    user.is_staff = user.is_superuser or user.role_grants.filter(role__in=STAFF_ROLES).exists()
    user.save(update_fields=["is_staff"])
