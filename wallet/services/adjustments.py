"""Corrections of a balance: one administrator proposes, another decides."""

from datetime import datetime

from common import audit
from common.db import needs_transaction, use_case
from common.errors import NotFound
from common.state import transition
from notifications.services import notify
from users.models import User
from wallet import rules
from wallet.enums import ADJUSTMENT_TRANSITIONS, AccountKind, AdjustmentSource, AdjustmentStatus, Bucket, JournalKind
from wallet.errors import InvalidAmount, OwnWithdrawal, ReasonRequired, SecondPersonNeeded
from wallet.models import Adjustment
from wallet.services import ledger
from wallet.services.ledger import Account, Line


@use_case
def propose(
    *,
    user_id: int,
    bucket: Bucket,
    amount_rial: int,
    against: AdjustmentSource,
    reason: str,
    actor: User,
    now: datetime,
) -> Adjustment:
    """Propose to give a user money (above zero) or to take it (below). Nothing moves before somebody else approves.

    :raises PermissionDenied: no administrator. :raises NotFound: no such user. :raises OwnWithdrawal: the actor's own.
    :raises InvalidAmount: zero, or more than the books can hold. :raises ReasonRequired: no reason.
    """
    rules.require_administrator(actor)
    if user_id == actor.pk:
        raise OwnWithdrawal
    if not reason.strip():
        raise ReasonRequired
    if amount_rial == 0 or abs(amount_rial) > ledger.MAX_AMOUNT_RIAL:
        raise InvalidAmount
    if not User.objects.filter(pk=user_id).exists():
        raise NotFound
    adjustment = Adjustment.objects.create(
        user_id=user_id,
        bucket=Bucket(bucket),
        amount_rial=amount_rial,
        against=AdjustmentSource(against),
        reason=reason.strip(),
        proposed_by=actor,
        created_at=now,
    )
    audit.record(
        action="adjustment.propose",
        actor=actor,
        target=adjustment,
        now=now,
        reason=adjustment.reason,
        user=user_id,
        bucket=adjustment.bucket,
        amount_rial=amount_rial,
    )
    return adjustment


@use_case
def approve(*, adjustment_id: int, actor: User, now: datetime, note: str = "") -> Adjustment:
    """Carry it out.

    :raises PermissionDenied: no administrator. :raises NotFound: no such adjustment.
    :raises SecondPersonNeeded: the actor has proposed it. :raises OwnWithdrawal: it is about the actor's own money.
    :raises IllegalTransition: it was decided. :raises InsufficientFunds: the bucket does not hold what is to be taken.
    """
    adjustment = _decide(adjustment_id, AdjustmentStatus.APPROVED, actor, note, now)
    person = Account(AccountKind(adjustment.bucket), owner_id=adjustment.user_id)
    platform = ledger.PLATFORM if adjustment.against == AdjustmentSource.PLATFORM else ledger.SUSPENSE
    gives = adjustment.amount_rial > 0
    line = Line(platform if gives else person, person if gives else platform, abs(adjustment.amount_rial))
    ledger.post_journal(
        kind=JournalKind.ADJUSTMENT,
        source_type="adjustment",
        source_id=str(adjustment.pk),
        key=f"adjustment:{adjustment.pk}",
        lines=[line],
        actor=actor,
        reason=adjustment.reason,
        now=now,
    )
    notify(
        kind="balance_adjusted",
        to=[adjustment.user_id],
        params={"amount": adjustment.amount_rial, "reason": adjustment.reason},
        dedupe_key=f"adjustment:{adjustment.pk}",
        now=now,
    )
    return adjustment


@use_case
def decline(*, adjustment_id: int, actor: User, now: datetime, note: str = "") -> Adjustment:
    """:raises PermissionDenied, NotFound, SecondPersonNeeded, OwnWithdrawal, IllegalTransition: see ``approve``."""
    return _decide(adjustment_id, AdjustmentStatus.DECLINED, actor, note, now)


@needs_transaction
def _decide(adjustment_id: int, status: AdjustmentStatus, actor: User, note: str, now: datetime) -> Adjustment:
    rules.require_administrator(actor)
    adjustment = Adjustment.objects.filter(pk=adjustment_id).locked().first()
    if adjustment is None:
        raise NotFound
    if adjustment.proposed_by_id == actor.pk:
        raise SecondPersonNeeded
    if adjustment.user_id == actor.pk:
        raise OwnWithdrawal
    transition(adjustment, status, ADJUSTMENT_TRANSITIONS)
    adjustment.decided_by = actor
    adjustment.decided_at = now
    adjustment.note = note.strip()
    adjustment.save()
    audit.record(
        action=f"adjustment.{status}",
        actor=actor,
        target=adjustment,
        now=now,
        reason=adjustment.note,
        amount_rial=adjustment.amount_rial,
    )
    return adjustment
