"""Who is staff for what; what people show to whom, and who may come to them.

An absent row of privacy settings means the defaults.
"""

from collections.abc import Callable

from users.enums import Audience, ContactAudience, Role
from users.errors import ContactRefused
from users.models import Block, Privacy, User
from users.types import Caller


def roles_of(user: Caller) -> frozenset[tuple[str, int | None]]:
    """Each role with its game. Only staff and organisers cost a query, once per request; see ``is_organiser``."""
    return user.roles if user.is_authenticated and user.is_active and user.is_staff else frozenset()


def is_administrator(user: Caller) -> bool:
    """May do everything that one person may; so may a superuser, who is made on the command line."""
    if not user.is_authenticated or not user.is_active:
        return False
    return user.is_superuser or (Role.ADMINISTRATOR, None) in roles_of(user)


def is_support(user: Caller) -> bool:
    """Handles tickets, reviews identities, and reads of everybody's play what that needs."""
    return is_administrator(user) or (Role.SUPPORT, None) in roles_of(user)


def manages_game(user: Caller, game_id: int) -> bool:
    """Rules on disputes, answers reports, runs the tournaments of this game."""
    return is_administrator(user) or (Role.GAME_MANAGER, game_id) in roles_of(user)


def oversees_game(user: Caller, game_id: int) -> bool:
    """Sees what players of this game see only of their own: drafts, rooms, proofs, reports."""
    return is_support(user) or manages_game(user, game_id)


def games_overseen(user: Caller) -> frozenset[int] | None:
    """The games of ``oversees_game``; None is all of them."""
    if is_support(user):
        return None
    return frozenset(game_id for role, game_id in roles_of(user) if role == Role.GAME_MANAGER and game_id is not None)


def is_organiser(user: User) -> bool:
    """May make tournaments where not everybody may (TOURNAMENT_CREATORS). Any role of staff's includes it."""
    return user.is_active and (user.is_staff or (Role.ORGANISER, None) in user.roles)


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
