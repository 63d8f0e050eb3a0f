"""What people show to whom, and who may come to them. An absent row of settings means the defaults."""

from collections.abc import Callable

from users.enums import Audience, ContactAudience
from users.errors import ContactRefused
from users.models import Block, Privacy, User
from users.types import Caller


def privacy_of(owner: User) -> Privacy:
    """The settings of the user; unsaved defaults where there is no row."""
    return Privacy.objects.filter(user=owner).first() or Privacy(user=owner)


def may_see_profile(viewer: Caller, owner: User) -> bool:
    """More than id, username and picture."""
    return _may_see(viewer, owner, "profile")


def may_see_history(viewer: Caller, owner: User) -> bool:
    """The user's past tournaments and matches as a list of theirs; brackets stay public."""
    return _may_see(viewer, owner, "history")


def may_see_in_game_ids(viewer: Caller, owner: User) -> bool:
    """As anybody may; those who play in one tournament see each other's whatever this says."""
    return _may_see(viewer, owner, "in_game_ids")


def require_contact(*, sender: User, to: User, setting: str, are_teammates: Callable[[], bool]) -> None:
    """``setting`` is ``messages`` or ``invitations``. Staff may always write.

    :raises ContactRefused: by the receiver's settings, or by a block.
    """
    if sender.is_staff:
        return
    allowed = getattr(privacy_of(to), setting)
    welcome = allowed == ContactAudience.EVERYONE or (allowed == ContactAudience.TEAMMATES and are_teammates())
    if not welcome or has_blocked(owner=to, other_id=sender.pk):
        raise ContactRefused


def has_blocked(*, owner: User, other_id: int | None) -> bool:
    return Block.objects.filter(user=owner, blocked=other_id).exists()


def _may_see(viewer: Caller, owner: User, setting: str) -> bool:
    if viewer.is_authenticated and (viewer.pk == owner.pk or viewer.is_staff):
        return True
    audience = getattr(privacy_of(owner), setting)
    if audience == Audience.NOBODY or (audience == Audience.MEMBERS and not viewer.is_authenticated):
        return False
    return not (viewer.is_authenticated and has_blocked(owner=owner, other_id=viewer.pk))
