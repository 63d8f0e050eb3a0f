"""Deposited money that goes back to where it came from, as far as it is still in the wallet.

It leaves the wallet before anything is asked of the gateway or of the bank, so that it cannot be spent meanwhile.
Within its time a gateway undoes the payment itself; otherwise people send the money and note the bank's reference.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings

from common import audit
from common.db import needs_transaction, use_case
from common.errors import NotFound
from common.queue import enqueue_on_commit
from common.state import transition
from notifications.services import notify
from users.assurance import Assurance, require_step_up
from users.models import User
from wallet import rules
from wallet.enums import (
    PAYMENT_TRANSITIONS,
    REFUND_TRANSITIONS,
    AccountKind,
    JournalKind,
    PaymentStatus,
    RefundMethod,
    RefundStatus,
)
from wallet.errors import (
    InsufficientFunds,
    OwnWithdrawal,
    PaymentNotRefundable,
    ReasonRequired,
    ReferenceRequired,
    RefundClosed,
)
from wallet.gateways import breaker, gateway
from wallet.gateways.base import BankState, Outcome
from wallet.models import Journal, LedgerAccount, Payment, Refund
from wallet.services import ledger
from wallet.services.ledger import Line
from wallet.tasks import send_refund

logger = logging.getLogger(__name__)
CLAIM_SECONDS = 40
FIRST_RETRY_SECONDS = 5
LAST_RETRY_SECONDS = 3600
SWEEP_LIMIT = 50


@use_case
def request(*, payment_id: int, reason: str, actor: User, assurance: Assurance, now: datetime) -> Refund:
    """Give a settled payment back: all of it, or what of it is still deposited.

    Up to REFUND_TWO_PEOPLE_RIAL it goes at once; above, another administrator has to ``approve`` it.

    :raises PermissionDenied: no administrator. :raises StepUpRequired: no fresh second factor.
    :raises NotFound: no such payment. :raises OwnWithdrawal: the actor's own.
    :raises PaymentNotRefundable: it was not settled, or has gone back. :raises ReasonRequired: no reason.
    :raises InsufficientFunds: nothing of it is left. :raises RefundExists: (by constraint) one is on its way.
    """
    rules.require_administrator(actor)
    require_step_up(assurance, now=now)
    payment = Payment.objects.locked().filter(pk=payment_id).first()
    if payment is None:
        raise NotFound
    if payment.user_id == actor.pk:
        raise OwnWithdrawal
    if not reason.strip():
        raise ReasonRequired
    if payment.status != PaymentStatus.SETTLED:
        raise PaymentNotRefundable(status=payment.status)
    left = LedgerAccount.objects.filter(owner=payment.user_id, kind=AccountKind.DEPOSITED)
    amount = min(payment.amount_rial, left.values_list("balance_rial", flat=True).first() or 0)
    if amount == 0:
        raise InsufficientFunds(amount=payment.amount_rial, available=0, currency="IRR")
    refund = Refund.objects.create(
        payment=payment,
        amount_rial=amount,
        method=RefundMethod.MANUAL,
        reason=reason.strip(),
        requested_by=actor,
        created_at=now,
    )
    audit.record(
        action="refund.request",
        actor=actor,
        target=refund,
        now=now,
        reason=refund.reason,
        payment=payment.pk,
        amount_rial=amount,
    )
    if amount <= settings.REFUND_TWO_PEOPLE_RIAL:
        _take(refund, payment, actor, now)
    return refund


@use_case
def approve(*, refund_id: int, actor: User, assurance: Assurance, now: datetime) -> Refund:
    """The second person agrees, and the money leaves the wallet.

    :raises SecondPersonNeeded: the actor has asked for it. :raises InsufficientFunds: it has been spent meanwhile.
    :raises PermissionDenied, NotFound, OwnWithdrawal, RefundClosed: see ``request``; it was decided before.
    """
    rules.require_administrator(actor)
    require_step_up(assurance, now=now)
    payment, refund = _locked(refund_id, actor, RefundStatus.SENDING)
    _take(refund, payment, actor, now)
    return refund


@use_case
def reject(*, refund_id: int, reason: str, actor: User, now: datetime) -> Refund:
    """No money goes back. :raises PermissionDenied, NotFound, OwnWithdrawal, RefundClosed: see ``approve``."""
    _, refund = _locked(refund_id, actor, RefundStatus.REJECTED)
    _move(refund, RefundStatus.REJECTED, actor, now, reason=reason)
    return refund


@use_case
def finish(*, refund_id: int, reference: str, actor: User, now: datetime) -> Refund:
    """The money was sent by hand; ``reference`` is the bank's number of the transfer.

    :raises ReferenceRequired: none. :raises RefundClosed: it does not wait for a transfer.
    """
    payment, refund = _locked(refund_id, actor, RefundStatus.DONE)
    if not reference.strip():
        raise ReferenceRequired
    _done(payment, refund, reference.strip(), actor, now)
    return refund


@use_case
def give_up(*, refund_id: int, reason: str, actor: User, now: datetime) -> Refund:
    """The money cannot be sent by hand; it goes back into the wallet.

    :raises RefundClosed: it does not wait for a transfer. :raises ReasonRequired: no reason.
    """
    _, refund = _locked(refund_id, actor, RefundStatus.FAILED)
    if not reason.strip():
        raise ReasonRequired
    _move(refund, RefundStatus.FAILED, actor, now, reason=reason)
    taken = Journal.objects.filter(source_type="refund", source_id__in=(str(refund.pk), f"{refund.pk}:manual"))
    ledger.reverse_all(
        journals=list(taken.order_by("pk")), kind=JournalKind.DEPOSIT_REFUND, actor=actor, reason=reason, now=now
    )
    return refund


def send(*, refund_id: int, now: datetime) -> None:
    """Have the gateway undo the payment, if that is due. An answer nobody understands is asked for again."""
    refund = _claim(refund_id=refund_id, now=now)
    if refund is None:
        return
    authority = refund.payment.authority or ""
    provider = gateway(refund.payment.gateway)
    outcome, code = Outcome.UNKNOWN, None
    if not breaker.is_open(refund.payment.gateway):
        answer = provider.reverse(authority=authority)
        outcome, code = answer.outcome, answer.code
        if outcome is not Outcome.DONE:
            # it may have been undone by an earlier call whose answer was lost
            state = provider.inquire(authority=authority).state
            if state is BankState.REVERSED:
                outcome = Outcome.DONE
            elif state is None:
                outcome = Outcome.UNKNOWN
    _conclude(refund_id=refund_id, outcome=outcome, code=code, now=now)


def sweep(*, now: datetime) -> None:
    """Send what is due."""
    due = Refund.objects.filter(next_attempt_at__lte=now).order_by("next_attempt_at", "pk")
    for refund_id in list(due.values_list("pk", flat=True)[:SWEEP_LIMIT]):
        send(refund_id=refund_id, now=now)


@use_case
def _claim(*, refund_id: int, now: datetime) -> Refund | None:
    refund = (
        Refund.objects.filter(pk=refund_id, next_attempt_at__lte=now)
        .select_related("payment")
        .select_for_update(skip_locked=True, of=("self",))
        .first()
    )
    if refund is not None:
        refund.attempts += 1
        refund.next_attempt_at = now + timedelta(seconds=CLAIM_SECONDS)
        refund.save()
    return refund


@use_case
def _conclude(*, refund_id: int, outcome: Outcome, code: int | None, now: datetime) -> None:
    payment, refund = _rows(refund_id)
    if refund.status != RefundStatus.SENDING or refund.method != RefundMethod.REVERSAL:
        return
    refund.gateway_code = code
    if outcome is Outcome.DONE:
        _done(payment, refund, payment.authority or "", None, now)
    elif outcome in (Outcome.REFUSED, Outcome.REJECTED):
        _hand_over_to_people(refund, now)
    else:
        wait = min(FIRST_RETRY_SECONDS * 2 ** min(refund.attempts - 1, 12), LAST_RETRY_SECONDS)
        refund.next_attempt_at = now + timedelta(seconds=wait)
    refund.save()


def _hand_over_to_people(refund: Refund, now: datetime) -> None:
    """The gateway does not undo it (any more), so the money comes from our bank account instead of from the gateway."""
    refund.method = RefundMethod.MANUAL
    refund.next_attempt_at = None
    line = Line(ledger.GATEWAY_CLEARING, ledger.BANK, refund.amount_rial)
    _post(refund, f"{refund.pk}:manual", line, None, now)
    audit.record(action="refund.not_reversed", actor=None, target=refund, now=now, code=refund.gateway_code)
    logger.error("ALARM refund %s is not undone by the gateway (code %s)", refund.pk, refund.gateway_code)


def _take(refund: Refund, payment: Payment, actor: User, now: datetime) -> None:
    reverses_until = (payment.settled_at or now) + timedelta(minutes=gateway(payment.gateway).reverses_for_minutes)
    if now < reverses_until and refund.amount_rial == payment.amount_rial:
        refund.method = RefundMethod.REVERSAL
        refund.next_attempt_at = now
        enqueue_on_commit(send_refund, refund.pk)
    _move(refund, RefundStatus.SENDING, actor, now)
    source = ledger.GATEWAY_CLEARING if refund.method == RefundMethod.REVERSAL else ledger.BANK
    _post(refund, str(refund.pk), Line(ledger.deposited(payment.user_id), source, refund.amount_rial), actor, now)
    notify(
        kind="deposit_going_back",
        to=[payment.user_id],
        params={"amount": refund.amount_rial},
        dedupe_key=f"deposit_going_back:{refund.pk}",
        now=now,
    )


def _done(payment: Payment, refund: Refund, reference: str, actor: User | None, now: datetime) -> None:
    refund.reference = reference
    refund.done_at = now
    refund.next_attempt_at = None
    _move(refund, RefundStatus.DONE, actor, now, reference=reference)
    reversal = refund.method == RefundMethod.REVERSAL
    transition(payment, PaymentStatus.REVERSED if reversal else PaymentStatus.REFUNDED, PAYMENT_TRANSITIONS)
    payment.save()


def _move(
    refund: Refund, to: RefundStatus, actor: User | None, now: datetime, reason: str = "", **changes: object
) -> None:
    transition(refund, to, REFUND_TRANSITIONS, error=RefundClosed)
    refund.decided_by = actor or refund.decided_by
    refund.save()
    audit.record(action=f"refund.{to}", actor=actor, target=refund, now=now, reason=reason, **changes)


@needs_transaction
def _post(refund: Refund, source_id: str, line: Line, actor: User | None, now: datetime) -> None:
    ledger.post_journal(
        kind=JournalKind.DEPOSIT_REFUND,
        source_type="refund",
        source_id=source_id,
        key=f"refund:{source_id}",
        lines=[line],
        actor=actor,
        reason=refund.reason,
        now=now,
    )


def _locked(refund_id: int, actor: User, to: RefundStatus) -> tuple[Payment, Refund]:
    """Both locked, if the actor may take the refund there. :raises NotFound: no such refund."""
    rules.require_administrator(actor)
    payment, refund = _rows(refund_id)
    obstacle = rules.refund_obstacle(refund, actor, to)
    if obstacle:
        raise obstacle
    return payment, refund


@needs_transaction
def _rows(refund_id: int) -> tuple[Payment, Refund]:
    """Both locked, the payment first. :raises NotFound: no such refund."""
    payment = Payment.objects.locked().filter(refunds=refund_id).first()
    if payment is None:
        raise NotFound
    refund = Refund.objects.locked().get(pk=refund_id)
    refund.payment = payment
    return payment, refund
