"""Who is staff for what; what people show to whom, and who may come to them.

An absent row of privacy settings means the defaults.
"""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef

from users import selectors
from users.enums import Audience, ContactAudience, Role
from users.errors import ContactRefused
from users.models import Block, Privacy, SecondFactor, User
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


def reviews_identities(user: Caller) -> bool:
    """Looks at the documents that people send and decides on them, but never on their own."""
    return is_support(user)


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


def may_use_admin(user: Caller, *, signed_in_at: datetime | None, is_proved: bool, now: datetime) -> bool:
    """Whether a sign-in to the admin counts: ``is_proved`` with a second factor, neither too old nor ended since."""
    if not isinstance(user, User) or not user.is_active or not user.is_staff:
        return False
    if not is_proved and (settings.STAFF_TOTP_REQUIRED or selectors.has_second_factor(user)):
        return False
    if signed_in_at is None:
        return not settings.STAFF_TOTP_REQUIRED and user.staff_sessions_after is None
    ended = user.staff_sessions_after is not None and signed_in_at <= user.staff_sessions_after
    return not ended and now < signed_in_at + timedelta(hours=settings.STAFF_SESSION_HOURS)


def verification_level(user: User) -> int:
    """1: a phone; 2: an authenticator app is set up; 3: staff have seen who it is."""
    if user.identity_verified_at is not None:
        return 3
    return 2 if selectors.has_second_factor(user) else 1


def verification_levels(user_ids: Collection[int]) -> dict[int, int]:
    """``verification_level`` of many at once, in one query."""
    users = User.objects.filter(pk__in=user_ids).annotate(
        has_factor=Exists(SecondFactor.objects.filter(user=OuterRef("pk"), confirmed_at__isnull=False))
    )
    return {
        pk: 3 if verified_at is not None else 2 if has_factor else 1
        for pk, verified_at, has_factor in users.values_list("pk", "identity_verified_at", "has_factor")
    }


def phone_cools_until(user: User) -> datetime | None:
    """When money may leave the account again after its phone was changed; None when it was never changed."""
    if user.phone_changed_at is None:
        return None
    return user.phone_changed_at + timedelta(hours=settings.PHONE_CHANGE_COOL_DOWN_HOURS)


PARTS = ("profile", "history", "in_game_ids")


def privacy_of(owner: User) -> Privacy:
    """The settings of the user; unsaved defaults where there is no row."""
    return Privacy.objects.filter(user=owner).first() or Privacy(user=owner)


def visible_parts(viewer: Caller, owner: User) -> frozenset[str]:
    """Which of ``profile`` (more than id, username and picture), ``history`` and ``in_game_ids`` the viewer may see."""
    if viewer.is_authenticated and (viewer.pk == owner.pk or viewer.is_staff):
        return frozenset(PARTS)
    privacy = privacy_of(owner)
    audiences = {Audience.EVERYONE, Audience.MEMBERS} if viewer.is_authenticated else {Audience.EVERYONE}
    visible = frozenset(part for part in PARTS if getattr(privacy, part) in audiences)
    if visible and viewer.is_authenticated and has_blocked(owner=owner, other_id=viewer.pk):
        return frozenset()
    return visible


def may_see_history(viewer: Caller, owner: User) -> bool:
    """The user's past tournaments and matches as a list of theirs; brackets stay public."""
    return "history" in visible_parts(viewer, owner)


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
