"""Disabling an account and enabling it again: what administrators do to somebody who must not come in."""

from datetime import datetime

from common import audit
from common.db import needs_transaction, use_case
from common.errors import NotFound
from common.events import publish
from users import rules
from users.errors import NotAdministrator, OwnAccount
from users.events import VisibilityChanged
from users.models import User
from users.services import roles, sessions


@use_case
def disable(*, user_id: int, actor: User, reason: str, now: datetime) -> None:
    """Sign every device of the account out, and let nobody in again. Done before: nothing happens.

    :raises NotAdministrator: the actor may not. :raises OwnAccount: it is the actor's. :raises NotFound: no such user.
    :raises LastAdministrator: nobody would be left.
    """
    user = _asked_for(user_id, actor)
    if rules.is_administrator(user):
        roles.require_another_administrator(user_id=user.pk)
    user = User.objects.locked().get(pk=user.pk)
    if not user.is_active:
        return
    User.objects.filter(pk=user.pk).update(is_active=False)
    sessions.end_all(user=user, now=now)
    audit.record(action="user.disable", actor=actor, target=user, now=now, reason=reason)
    publish(VisibilityChanged(user_id=user.pk))


@use_case
def enable(*, user_id: int, actor: User, reason: str, now: datetime) -> None:
    """Let the person sign in again. Done before: nothing happens.

    :raises NotAdministrator: the actor may not. :raises OwnAccount: it is the actor's. :raises NotFound: no such user,
        or its account is closed for good.
    """
    user = User.objects.locked().get(pk=_asked_for(user_id, actor).pk)
    if user.closed_at is not None:
        raise NotFound
    if user.is_active:
        return
    User.objects.filter(pk=user.pk).update(is_active=True)
    audit.record(action="user.enable", actor=actor, target=user, now=now, reason=reason)
    publish(VisibilityChanged(user_id=user.pk))


@needs_transaction
def _asked_for(user_id: int, actor: User) -> User:
    if not rules.is_administrator(actor):
        raise NotAdministrator
    if user_id == actor.pk:
        raise OwnAccount
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise NotFound
    return user
