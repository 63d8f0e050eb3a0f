"""Winnings on their way out: asked for by their owner, approved by staff. ``payouts`` carries them to the bank."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from common import audit
from common.db import needs_transaction, use_case
from common.errors import NotFound, VersionConflict
from common.state import transition
from notifications.services import notify
from users.assurance import Assurance, require_step_up
from users.models import User
from wallet import rules
from wallet.enums import WITHDRAWAL_OPEN, WITHDRAWAL_TRANSITIONS, JournalKind, WithdrawalStatus
from wallet.errors import ReasonRequired, WithdrawalClosed, WithdrawalTooSoon
from wallet.models import PayoutDestination, Withdrawal
from wallet.services import ledger
from wallet.services.ledger import Entry, Line

# These count against one withdrawal in WITHDRAWAL_EVERY_HOURS; what came to nothing does not.
COUNTED = (*WITHDRAWAL_OPEN, WithdrawalStatus.PAID)


@use_case
def request(*, actor: User, assurance: Assurance, amount_rial: int, destination_id: int, now: datetime) -> Withdrawal:
    """Ask for winnings to be paid out. They are held until the bank has them, or until they come back.

    :raises StepUpRequired: no fresh second factor.
    :raises WithdrawalTooSmall: less than WITHDRAWAL_MIN_RIAL.
    :raises VerificationRequired: the actor is not verified enough for this amount.
    :raises NotFound: the actor has no such destination.
    :raises DestinationCooling: the destination, or the actor's phone, is too new.
    :raises WithdrawalTooSoon: there was one within WITHDRAWAL_EVERY_HOURS.
    :raises InsufficientFunds: more than the actor has won; what was paid in cannot be withdrawn.
    """
    require_step_up(assurance, now=now)
    owner = User.objects.filter(pk=actor.pk).shared()[0]
    rules.require_amount(owner, amount_rial)
    mine = PayoutDestination.objects.filter(pk=destination_id, user=owner.pk, removed_at=None).shared()
    if not mine:
        raise NotFound
    destination = mine[0]
    rules.require_cooled(destination, owner, now)
    held, winnings = ledger.held(owner.pk), ledger.winnings(owner.pk)
    # whoever has these locked is alone with this user's withdrawals
    ledger.lock_accounts([held, winnings])
    _require_interval(owner, now)
    withdrawal = Withdrawal.objects.create(
        user=owner, destination=destination, amount_rial=amount_rial, reference=_new_reference(), created_at=now
    )
    _post(withdrawal, JournalKind.WITHDRAWAL, [Line(winnings, held, amount_rial)], actor, now)
    audit.record(
        action="withdrawal.request",
        actor=actor,
        target=withdrawal,
        now=now,
        amount_rial=amount_rial,
        destination=destination.pk,
    )
    tell(withdrawal, "withdrawal_requested", now)
    return withdrawal


@use_case
def cancel(*, withdrawal_id: int, actor: User, now: datetime) -> Withdrawal:
    """The owner thinks better of it while nobody has approved. The money is back at once.

    :raises NotFound: the actor has no such withdrawal. :raises WithdrawalClosed: it is past that.
    """
    withdrawal = locked_withdrawal(withdrawal_id)
    if withdrawal.user_id != actor.pk:
        raise NotFound
    return _give_back(withdrawal, WithdrawalStatus.CANCELLED, "", actor, now)


@use_case
def approve(
    *, withdrawal_id: int, actor: User, assurance: Assurance, now: datetime, expected_version: int | None = None
) -> Withdrawal:
    """Let it go to the bank. Above WITHDRAWAL_TWO_PERSON_RIAL the first approval waits for a second person's.

    :raises PermissionDenied: no administrator. :raises StepUpRequired: no fresh second factor.
    :raises NotFound: no such withdrawal.
    :raises OwnWithdrawal: it is the actor's own. :raises SecondPersonNeeded: the actor has approved it already.
    :raises WithdrawalClosed: it was decided. :raises VersionConflict: not at ``expected_version``.
    """
    rules.require_administrator(actor)
    require_step_up(assurance, now=now)
    withdrawal = locked_withdrawal(withdrawal_id, expected_version)
    rules.require_other_person(withdrawal, actor)
    if withdrawal.status != WithdrawalStatus.REQUESTED:
        raise WithdrawalClosed(status=withdrawal.status)
    if withdrawal.approved_by_id is None and rules.needs_two_people(withdrawal):
        withdrawal.approved_by = actor
        withdrawal.version += 1
        withdrawal.save()
        audit.record(action="withdrawal.approve_first", actor=actor, target=withdrawal, now=now)
        return withdrawal
    if withdrawal.approved_by_id is None:
        withdrawal.approved_by = actor
    else:
        withdrawal.second_approved_by = actor
    transition(withdrawal, WithdrawalStatus.APPROVED, WITHDRAWAL_TRANSITIONS, error=WithdrawalClosed)
    withdrawal.approved_at = now
    withdrawal.save()
    audit.record(action="withdrawal.approve", actor=actor, target=withdrawal, now=now)
    tell(withdrawal, "withdrawal_approved", now)
    return withdrawal


@use_case
def reject(
    *, withdrawal_id: int, actor: User, reason: str, now: datetime, expected_version: int | None = None
) -> Withdrawal:
    """Refuse it, also after an approval, as long as the bank does not have it. Its owner reads the reason.

    :raises PermissionDenied, NotFound, OwnWithdrawal, WithdrawalClosed, VersionConflict: see ``approve``.
    :raises ReasonRequired: no reason.
    """
    rules.require_administrator(actor)
    withdrawal = locked_withdrawal(withdrawal_id, expected_version)
    rules.require_not_own(withdrawal, actor)
    if not reason.strip():
        raise ReasonRequired
    return _give_back(withdrawal, WithdrawalStatus.REJECTED, reason.strip(), actor, now)


@needs_transaction
def locked_withdrawal(withdrawal_id: int, expected_version: int | None = None) -> Withdrawal:
    """:raises NotFound: no such withdrawal. :raises VersionConflict: it is not at the version that was expected."""
    if not Withdrawal.objects.filter(pk=withdrawal_id).locked():
        raise NotFound
    withdrawal = Withdrawal.objects.select_related("destination", "user").get(pk=withdrawal_id)
    if expected_version is not None and withdrawal.version != expected_version:
        raise VersionConflict(version=withdrawal.version)
    return withdrawal


@needs_transaction
def give_back_from(
    withdrawal: Withdrawal, source: ledger.Account, status: WithdrawalStatus, reason: str, actor: User, now: datetime
) -> None:
    """End it with its money on the winnings again, and tell its owner."""
    transition(withdrawal, status, WITHDRAWAL_TRANSITIONS, error=WithdrawalClosed)
    withdrawal.reason = reason
    withdrawal.ended_at = now
    withdrawal.save()
    line = Line(source, ledger.winnings(withdrawal.user_id), withdrawal.amount_rial)
    _post(withdrawal, JournalKind.WITHDRAWAL_RETURN, [line], actor, now, reason)
    audit.record(action=f"withdrawal.{status}", actor=actor, target=withdrawal, now=now, reason=reason)
    tell(withdrawal, f"withdrawal_{status}", now, reason=reason)


def entry(withdrawal: Withdrawal, kind: JournalKind, lines: Sequence[Line], reason: str = "") -> Entry:
    """A journal of this withdrawal; each kind of it once."""
    return Entry(
        kind=kind,
        source_type="withdrawal",
        source_id=withdrawal.reference,
        key=f"{kind}:{withdrawal.reference}",
        lines=lines,
        reason=reason,
    )


@needs_transaction
def tell(withdrawal: Withdrawal, kind: str, now: datetime, **params: Any) -> None:
    notify(
        kind=kind,
        to=[withdrawal.user_id],
        params={
            "amount": withdrawal.amount_rial,
            "withdrawal": withdrawal.pk,
            "last_four": withdrawal.destination.last_four,
            **params,
        },
        dedupe_key=f"{kind}:{withdrawal.pk}",
        now=now,
    )


def _give_back(withdrawal: Withdrawal, status: WithdrawalStatus, reason: str, actor: User, now: datetime) -> Withdrawal:
    give_back_from(withdrawal, ledger.held(withdrawal.user_id), status, reason, actor, now)
    return withdrawal


def _post(
    withdrawal: Withdrawal, kind: JournalKind, lines: Sequence[Line], actor: User, now: datetime, reason: str = ""
) -> None:
    ledger.post_journals(entries=[entry(withdrawal, kind, lines, reason)], actor=actor, now=now)


def _require_interval(owner: User, now: datetime) -> None:
    interval = timedelta(hours=settings.WITHDRAWAL_EVERY_HOURS)
    if not interval:
        return
    last = (
        Withdrawal.objects.filter(user=owner, created_at__gt=now - interval, status__in=COUNTED)
        .order_by("-created_at")
        .first()
    )
    if last is not None:
        raise WithdrawalTooSoon(
            hours=settings.WITHDRAWAL_EVERY_HOURS, next_at=(last.created_at + interval).isoformat(timespec="seconds")
        )


def _new_reference() -> str:
    """At most 35 Latin letters and digits, as a bank wants it; by chance, so that no two systems make the same."""
    return f"MW{secrets.token_hex(8).upper()}"
