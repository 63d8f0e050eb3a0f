from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from common import audit, uploads
from common.db import needs_transaction, use_case
from common.events import publish
from users import usernames
from users.errors import UsernameTaken, UsernameTooSoon
from users.events import VisibilityChanged
from users.models import FormerUsername, Privacy, User
from users.services import in_game_ids as player_ids

EDITABLE = {"full_name", "email", "bio", "language", "country", "time_zone"}


@use_case
def update(
    *,
    actor: User,
    now: datetime,
    username: str | None = None,
    in_game_ids: list[dict[str, Any]] | None = None,
    profile_picture: UploadedFile | None = None,
    **changes: str,
) -> User:
    """Change one's own profile; ``in_game_ids`` is a list of {game, player_id} of which an empty id removes the game.

    :raises UsernameRefused: the username is impossible, reserved, somebody else's, or changed too soon.
    :raises PlayerIdInvalid, PlayerIdTaken: see ``in_game_ids.change``. An event may refuse a change, too.
    :raises FileRejected: the picture is not acceptable.
    """
    user = User.objects.locked().get(pk=actor.pk)
    before = {name: getattr(user, name) for name in EDITABLE & changes.keys()}
    for name in before:
        setattr(user, name, changes[name])
    if username is not None and (username := usernames.check(username)) != user.username:
        before["username"] = user.username
        _rename(user, username, now)
    if profile_picture is not None:
        before["profile_picture"] = user.profile_picture
        uploads.delete_on_commit(user.profile_picture)
        user.profile_picture = uploads.store_image(profile_picture, folder="avatars").path
    user.save()
    if "username" in before:
        _require_not_held(user, now)
    for entry in in_game_ids or []:
        player_ids.change(user=user, game=entry["game"], player_id=entry["player_id"], actor=user, now=now)
    changed: dict[str, Any] = {
        name: [old, getattr(user, name)] for name, old in before.items() if old != getattr(user, name)
    }
    audit.record(action="profile.update", actor=user, target=user, now=now, **changed)
    return user


@use_case
def set_privacy(*, actor: User, now: datetime, **changes: Any) -> Privacy:
    """Change some of the settings; the others stay as they are."""
    privacy, _ = Privacy.objects.update_or_create(user=actor, defaults=changes)
    audit.record(action="profile.privacy", actor=actor, target=actor, now=now, **changes)
    publish(VisibilityChanged(user_id=actor.pk))
    return privacy


def _rename(user: User, username: str, now: datetime) -> None:
    """The name that an account was made with may be changed at once; it was nobody's choice."""
    if user.username_changed_at is not None:
        available_at = user.username_changed_at + timedelta(days=settings.USERNAME_CHANGE_DAYS)
        if now < available_at:
            raise UsernameTooSoon(days=settings.USERNAME_CHANGE_DAYS, available_at=available_at.isoformat())
    FormerUsername.objects.create(
        user=user,
        username=user.username,
        given_up_at=now,
        held_until=now + timedelta(days=settings.USERNAME_HOLD_DAYS),
    )
    user.username = username
    user.username_changed_at = now


@needs_transaction
def _require_not_held(user: User, now: datetime) -> None:
    """Asked after the name was written: by then whoever gave it up at this very moment has committed."""
    held = FormerUsername.objects.filter(username_key=user.username_key, held_until__gt=now).exclude(user=user)
    if held.exists():
        raise UsernameTaken
