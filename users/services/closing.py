"""Leaving for good: what stands in the way, a time to think it over, and what stays of a person (docs/adr)."""

import logging
from datetime import datetime, timedelta

from django.conf import settings

from common import audit, erasing, uploads
from common.db import needs_transaction, use_case
from common.errors import DomainError
from common.events import publish
from common.models import AuditEntry, IdempotencyKey, RateCounter
from users import models, selectors, usernames
from users.assurance import Assurance, require_step_up
from users.errors import AccountCannotClose, StaffCannotClose
from users.events import AccountClosed, AccountClosing, AccountClosingRequested
from users.models import User
from users.services import sessions

logger = logging.getLogger(__name__)

# Something stands in the way when the time has come (a prize came in): it is asked again after this.
PUT_OFF = timedelta(days=1)
STATEMENT_SECONDS = 60
# Erasing reads whole tables, and the sweep that does it has to end within CELERY_TASK_SOFT_TIME_LIMIT.
BATCH = 20
# Rows that are about nobody else.
PERSONAL_ROWS = (
    models.Session,
    models.SecondFactor,
    models.RecoveryCode,
    models.PhoneChange,
    models.InGameID,
    models.InGameIDChange,
    models.FormerUsername,
    models.Privacy,
    models.RoleGrant,
)


@use_case
def preview(*, actor: User) -> list[DomainError]:
    """Everything that would keep the actor's account from being closed now."""
    return _refusals(actor)


@use_case
def request(*, actor: User, assurance: Assurance, now: datetime) -> datetime:
    """Have one's account closed after ACCOUNT_DELETION_DAYS, and sign out everywhere; signing in again keeps it.

    Returns when it will be closed.

    :raises StepUpRequired: no fresh second factor. :raises AccountCannotClose: with all its reasons.
    """
    require_step_up(assurance, now=now)
    user = User.objects.locked().get(pk=actor.pk)
    refusals = _refusals(user)
    if refusals:
        raise AccountCannotClose(reasons=[{"code": item.code, "detail": item.text} for item in refusals])
    user.closing_at = now + timedelta(days=settings.ACCOUNT_DELETION_DAYS)
    user.save(update_fields=["closing_at"])
    sessions.end_all(user=user, now=now)
    audit.record(action="account.closing", actor=user, target=user, now=now)
    publish(AccountClosingRequested(user_id=user.pk, closing_at=user.closing_at))
    return user.closing_at


def sweep(*, now: datetime) -> int:
    """Close some of what is due; returns how many. One that is busy is logged and does not keep the others waiting."""
    due = User.objects.filter(closing_at__lte=now, closed_at=None).order_by("closing_at")
    closed = 0
    for user_id in due.values_list("pk", flat=True)[:BATCH]:
        try:
            closed += close(user_id=user_id, now=now)
        except DomainError as error:
            logger.warning("account %s could not be closed: %s", user_id, error.code)
    return closed


@use_case
def close(*, user_id: int, now: datetime) -> bool:
    """Make a due account anonymous, unless its owner has signed in meanwhile or something stands in the way again."""
    erasing.allow_long_statements(STATEMENT_SECONDS)
    user = User.objects.filter(pk=user_id, closing_at__lte=now, closed_at=None).locked().first()
    if user is None:
        return False
    refusals = _refusals(user)
    if refusals:
        user.closing_at = now + PUT_OFF
        user.save(update_fields=["closing_at"])
        audit.record(
            action="account.put_off", actor=None, target=user, now=now, reasons=[item.code for item in refusals]
        )
        return False
    publish(AccountClosed(user_id=user.pk))
    _forget_mentions(user)
    _forget_rows(user)
    _make_anonymous(user, now)
    audit.record(action="account.closed", actor=None, target=user, now=now)
    return True


@needs_transaction
def _refusals(user: User) -> list[DomainError]:
    event = AccountClosing(user_id=user.pk)
    if user.is_staff:
        event.refusals.append(StaffCannotClose())
    publish(event)
    return event.refusals


def _forget_rows(user: User) -> None:
    for path in [user.profile_picture, *user.data_exports.values_list("path", flat=True)]:
        uploads.delete_on_commit(path)
    for path in models.IdentityDocument.objects.filter(review__user=user).values_list("path", flat=True):
        uploads.delete_on_commit(path)
    user.data_exports.all().delete()
    user.identity_reviews.all().delete()
    models.Block.objects.filter(user=user).delete()
    models.Block.objects.filter(blocked=user).delete()
    for model in PERSONAL_ROWS:
        model.objects.filter(user=user).delete()
    models.OTPCode.objects.filter(phone_number=user.phone_number).delete()
    IdempotencyKey.objects.filter(user=user).delete()
    RateCounter.objects.filter(key__contains=user.phone_number).delete()


def _forget_mentions(user: User) -> None:
    """The log keeps who did what and when to this account; no more from what to what."""
    about = AuditEntry.objects.filter(target_type=User._meta.label_lower, target_id=user.pk)
    for entry in about:
        entry.changes = erasing.forget_values(entry.changes)
    AuditEntry.objects.bulk_update(about, ["changes"])
    for name in selectors.names_of(user):
        erasing.replace_in_json(AuditEntry, "changes", old=name, new=usernames.of_closed_account(user.pk))


def _make_anonymous(user: User, now: datetime) -> None:
    """The phone and the name are free for others from now on."""
    user.phone_number = f"x{user.pk}"
    user.username = usernames.of_closed_account(user.pk)
    user.username_changed_at = None
    user.full_name = user.verified_name = user.email = user.bio = user.profile_picture = ""
    user.last_login = user.closing_at = user.identity_verified_at = user.phone_changed_at = None
    user.country, user.language, user.time_zone = "IR", "fa", "Asia/Tehran"
    user.set_unusable_password()
    user.is_active = False
    user.closed_at = now
    user.save()
    user.groups.clear()
    user.user_permissions.clear()
