from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from common.db import LockQuerySet
from users.enums import IdentityStatus, Role
from users.models import IdentityReview, RecoveryCode, RoleGrant, SecondFactor, Session, User


@cache
def _live_session_sql() -> str:
    """Written once: every authenticated request asks this, and the ORM would compose it anew each time."""
    columns = ", ".join(
        f'{alias}."{field.column}"' for alias, model in (("s", Session), ("u", User)) for field in _fields(model)
    )
    return (
        f"SELECT {columns} FROM {Session._meta.db_table} s JOIN {User._meta.db_table} u ON u.id = s.user_id "  # noqa: S608
        "WHERE s.id = %s AND s.revoked_at IS NULL AND s.expires_at > %s AND u.is_active"
    )


def live_session(session_id: int, now: datetime) -> Session | None:
    """The session with its user, if it still counts: not revoked, not expired, user active."""
    with connection.cursor() as cursor:
        cursor.execute(_live_session_sql(), [session_id, now])
        row = cursor.fetchone()
    if row is None:
        return None
    names = _names(Session)
    session = Session.from_db(connection.alias, names, row[: len(names)])
    user = User.from_db(connection.alias, _names(User), row[len(names) :])
    Session._meta.get_field("user").set_cached_value(session, user)
    return session


def _fields(model: type[Model]) -> Sequence[Any]:
    return model._meta.concrete_fields


@cache
def _names(model: type[Model]) -> list[str]:
    return [field.attname for field in _fields(model)]


def has_second_factor(user: User) -> bool:
    """Whether an authenticator app is set up and confirmed."""
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists()


def recovery_codes_left(user: User) -> int:
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


def staff_ids() -> list[int]:
    return list(User.objects.filter(is_staff=True, is_active=True).order_by("id").values_list("id", flat=True))


def latest_identity_review(user: User) -> IdentityReview | None:
    return user.identity_reviews.order_by("-pk").first()


def identity_reviews(*, status: str | None = None) -> QuerySet[IdentityReview]:
    """The newest first; of those that wait the oldest."""
    reviews = IdentityReview.objects.select_related("user", "reviewed_by")
    if status == IdentityStatus.PENDING:
        return reviews.filter(status=status).order_by("submitted_at", "pk")
    return (reviews.filter(status=status) if status else reviews).order_by("-submitted_at", "-pk")


def documents_left(review: IdentityReview) -> list[str]:
    """The kinds of its pictures that are not deleted."""
    return list(review.documents.exclude(path="").order_by("pk").values_list("kind", flat=True))


def verified_under_same_id(review: IdentityReview) -> User | None:
    """Another account that is verified under the national id of the review. For reviewers' eyes alone."""
    if review.national_id_hash is None:
        return None
    others = User.objects.filter(
        identity_reviews__status=IdentityStatus.APPROVED,
        identity_reviews__national_id_hash=review.national_id_hash,
    )
    return others.exclude(pk=review.user_id).first()


def support_staff() -> LockQuerySet[User]:
    """Who ``rules.is_support`` is true of, asked of the database."""
    return _active_with(Q(role__in=[Role.SUPPORT, Role.ADMINISTRATOR]))


def managers_of_game(game_id: int) -> LockQuerySet[User]:
    """Who ``rules.manages_game`` is true of, asked of the database."""
    return _active_with(Q(role=Role.GAME_MANAGER, game=game_id) | Q(role=Role.ADMINISTRATOR))


def administrators() -> LockQuerySet[User]:
    """Who ``rules.is_administrator`` is true of, asked of the database."""
    return _active_with(Q(role=Role.ADMINISTRATOR))


def _active_with(condition: Q) -> LockQuerySet[User]:
    grants = RoleGrant.objects.filter(condition, user=OuterRef("pk"))
    return User.objects.filter(Q(is_superuser=True) | Exists(grants), is_active=True).order_by("id")


def names_of(user: User) -> list[str]:
    """The username and those before it; one that somebody else has taken since is theirs."""
    former = dict(user.former_usernames.values_list("username_key", "username"))
    taken = User.objects.filter(username_key__in=former).exclude(pk=user.pk).values_list("username_key", flat=True)
    return sorted({user.username, *(name for key, name in former.items() if key not in set(taken))})
