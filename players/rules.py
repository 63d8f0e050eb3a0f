"""Who may see what somebody has played, and who keeps seasons and standings."""

from common.errors import NotFound, PermissionDenied
from players import errors
from users.models import User
from users.rules import may_see_history
from users.types import Caller


def require_history(viewer: Caller, user_id: int) -> User:
    """The user whose history the viewer may see.

    :raises NotFound: no such active user. :raises HistoryHidden: it is not shown to the viewer.
    """
    owner = User.objects.filter(pk=user_id, is_active=True).first()
    if owner is None:
        raise NotFound
    if not may_see_history(viewer, owner):
        raise errors.HistoryHidden
    return owner


def require_season_keeper(actor: User) -> None:
    """:raises PermissionDenied: the actor may not change seasons."""
    if not (actor.is_active and actor.has_perm("players.change_season")):
        raise PermissionDenied
