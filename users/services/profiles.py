from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from common import audit, uploads
from common.db import use_case
from users.models import InGameID, User

EDITABLE = {"username", "full_name", "email", "bio", "language"}


@use_case
def update(
    *,
    actor: User,
    now: datetime,
    in_game_ids: list[dict[str, Any]] | None = None,
    profile_picture: UploadedFile | None = None,
    **changes: str,
) -> User:
    """Change one's own profile; ``in_game_ids`` is a list of {game, player_id} of which an empty id removes the game.

    :raises UsernameTaken: (by constraint) the username is somebody else's.
    :raises PlayerIdTaken: (by constraint) a player id is somebody else's.
    :raises FileRejected: the picture is not acceptable.
    """
    user = User.objects.locked().get(pk=actor.pk)
    before = {name: getattr(user, name) for name in EDITABLE & changes.keys()}
    for name in before:
        setattr(user, name, changes[name])
    if profile_picture is not None:
        user.profile_picture = uploads.store_image(profile_picture, folder="avatars").path
    user.save()
    for entry in in_game_ids or []:
        if entry["player_id"]:
            InGameID.objects.update_or_create(user=user, game=entry["game"], defaults={"player_id": entry["player_id"]})
        else:
            InGameID.objects.filter(user=user, game=entry["game"]).delete()
    changed: dict[str, Any] = {
        name: [old, getattr(user, name)] for name, old in before.items() if old != getattr(user, name)
    }
    audit.record(action="profile.update", actor=user, target=user, now=now, **changed)
    return user
