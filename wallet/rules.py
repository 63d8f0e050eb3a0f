"""Who may do what with money, and what stands in the way."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from common.actions import describe
from common.errors import DomainError, PermissionDenied
from common.text import clean_name
from users.errors import VerificationRequired
from users.models import User
from users.rules import is_administrator, phone_cools_until, verification_level
from wallet import selectors
from wallet.enums import (
    REFUND_DECISIONS,
    REFUND_TRANSITIONS,
    WITHDRAWAL_HELD,
    PaymentStatus,
    RefundMethod,
    RefundStatus,
    WithdrawalStatus,
)
from wallet.errors import (
    DestinationCooling,
    DestinationInUse,
    OwnWithdrawal,
    PaymentNotRefundable,
    RefundClosed,
    SecondPersonNeeded,
    WithdrawalClosed,
    WithdrawalTooSmall,
)
from wallet.models import Payment, PayoutDestination, Refund, Withdrawal


def may_ask_gateway(user: User) -> bool:
    """Staff who may change payments may have the gateway asked again."""
    return user.is_active and user.has_perm("wallet.change_payment")


def require_administrator(user: User) -> None:
    """:raises PermissionDenied: other people's money is the business of administrators alone."""
    if not is_administrator(user):
        raise PermissionDenied


def require_amount(owner: User, amount_rial: int) -> None:
    """:raises WithdrawalTooSmall, VerificationRequired: the owner may not withdraw so little, or so much."""
    if amount_rial < settings.WITHDRAWAL_MIN_RIAL:
        raise WithdrawalTooSmall(minimum=settings.WITHDRAWAL_MIN_RIAL, currency="IRR")
    level = settings.WITHDRAWAL_VERIFICATION_LEVEL
    if amount_rial > settings.WITHDRAWAL_REVIEW_RIAL:
        level = settings.WITHDRAWAL_REVIEW_VERIFICATION_LEVEL
    if verification_level(owner) < level:
        raise VerificationRequired(level=level)


def usable_at(destination: PayoutDestination, owner: User) -> datetime:
    """From when money may go there: a new destination and a new phone cool down first."""
    cooled = destination.created_at + timedelta(hours=settings.DESTINATION_COOL_HOURS)
    return max(cooled, phone_cools_until(owner) or cooled)


def require_cooled(destination: PayoutDestination, owner: User, now: datetime) -> None:
    """:raises DestinationCooling: see ``usable_at``."""
    moment = usable_at(destination, owner)
    if now < moment:
        raise DestinationCooling(usable_at=moment.isoformat(timespec="seconds"))


def why_not_remove(destination: PayoutDestination) -> type[DomainError] | None:
    return DestinationInUse if selectors.awaits_money(destination) else None


def destination_actions(destination: PayoutDestination, owner: User, now: datetime) -> list[dict[str, Any]]:
    """What the owner may do with the account or card now."""
    cooling = DestinationCooling if now < usable_at(destination, owner) else None
    return [describe("withdraw", cooling), describe("remove", why_not_remove(destination))]


def payment_actions(payment: Payment, now: datetime) -> list[dict[str, Any]]:
    """What the payer may do with the payment now: pay it at ``payment_url`` while the gateway waits."""
    waits = payment.status == PaymentStatus.REQUESTED and now < payment.expires_at
    return [describe("pay", None, payment.expires_at)] if waits else []


def owner_matches(owner: User, name: str) -> bool | None:
    """Whether the name is the owner's verified one, whatever its spaces; None when there is none to compare with."""
    return _bare(name) == _bare(owner.verified_name) if owner.verified_name else None


def needs_two_people(withdrawal: Withdrawal) -> bool:
    return withdrawal.amount_rial > settings.WITHDRAWAL_TWO_PERSON_RIAL


def require_not_own(withdrawal: Withdrawal, actor: User) -> None:
    """:raises OwnWithdrawal: nobody decides about their own money."""
    if withdrawal.user_id == actor.pk:
        raise OwnWithdrawal


def require_other_person(withdrawal: Withdrawal, actor: User) -> None:
    """:raises OwnWithdrawal: it is the actor's own. :raises SecondPersonNeeded: the actor has approved it already."""
    require_not_own(withdrawal, actor)
    if withdrawal.approved_by_id == actor.pk and withdrawal.status == WithdrawalStatus.REQUESTED:
        raise SecondPersonNeeded


def available_actions(withdrawal: Withdrawal, caller: User) -> list[dict[str, Any]]:
    """What the caller may do with the withdrawal now."""
    is_open = withdrawal.status == WithdrawalStatus.REQUESTED
    if withdrawal.user_id == caller.pk:
        return [describe("cancel", None if is_open else WithdrawalClosed)]
    if not is_administrator(caller):
        return []
    again = withdrawal.approved_by_id == caller.pk
    approve = WithdrawalClosed if not is_open else SecondPersonNeeded if again else None
    reject = None if withdrawal.status in WITHDRAWAL_HELD else WithdrawalClosed
    return [describe("approve", approve), describe("reject", reject)]


def refund_obstacle(refund: Refund, actor: User, to: RefundStatus) -> DomainError | None:
    """What keeps the actor, an administrator, from taking the refund there; None when nothing does."""
    by_hand = refund.method == RefundMethod.MANUAL or to not in (RefundStatus.DONE, RefundStatus.FAILED)
    if refund.payment.user_id == actor.pk:
        return OwnWithdrawal()
    if to not in REFUND_TRANSITIONS.get(refund.status, ()) or not by_hand:
        return RefundClosed(status=refund.status)
    if to == RefundStatus.SENDING and refund.requested_by_id == actor.pk:
        return SecondPersonNeeded()
    if to == RefundStatus.SENDING and refund.payment.status != PaymentStatus.SETTLED:
        return PaymentNotRefundable(status=refund.payment.status)
    return None


def refund_actions(refund: Refund, caller: User) -> list[dict[str, Any]]:
    """What an administrator may do with the refund now, under the names that its PATCH takes as ``status``."""
    actions = []
    for name, to in REFUND_DECISIONS.items():
        obstacle = refund_obstacle(refund, caller, to)
        actions.append(describe(name, type(obstacle) if obstacle else None))
    return actions


def _bare(name: str) -> str:
    return clean_name(name).replace(" ", "").replace("\u200c", "").casefold()
