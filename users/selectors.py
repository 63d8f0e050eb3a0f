from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from users.enums import Role
from users.models import RecoveryCode, RoleGrant, SecondFactor, Session, User


def live_session(session_id: int, now: datetime) -> Session | None:
    """The session with its user, if it still counts: not revoked, not expired, user active."""
    return (
        Session.objects.select_related("user")
        .filter(pk=session_id, revoked_at=None, expires_at__gt=now, user__is_active=True)
        .first()
    )


def has_second_factor(user: User) -> bool:
    """Whether an authenticator app is set up and confirmed."""
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists()


def recovery_codes_left(user: User) -> int:
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


def staff_ids() -> list[int]:
    return list(User.objects.filter(is_staff=True, is_active=True).order_by("id").values_list("id", flat=True))


def support_staff() -> QuerySet[User]:
    """Who ``rules.is_support`` is true of, asked of the database."""
    return _active_with(Q(role__in=[Role.SUPPORT, Role.ADMINISTRATOR]))


def managers_of_game(game_id: int) -> QuerySet[User]:
    """Who ``rules.manages_game`` is true of, asked of the database."""
    return _active_with(Q(role=Role.GAME_MANAGER, game=game_id) | Q(role=Role.ADMINISTRATOR))


def administrators() -> QuerySet[User]:
    """Who ``rules.is_administrator`` is true of, asked of the database."""
    return _active_with(Q(role=Role.ADMINISTRATOR))


def _active_with(condition: Q) -> QuerySet[User]:
    grants = RoleGrant.objects.filter(condition, user=OuterRef("pk"))
    return User.objects.filter(Q(is_superuser=True) | Exists(grants), is_active=True).order_by("id")
