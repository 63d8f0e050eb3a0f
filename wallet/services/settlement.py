"""What an answer of the gateway does to a payment: the table of answers, in one place."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings

from common import audit
from common.db import needs_transaction, use_case
from common.events import publish
from common.state import transition
from notifications import services as notifications
from wallet.enums import (
    PAYMENT_ASKABLE,
    PAYMENT_CREDITED,
    PAYMENT_PENDING,
    PAYMENT_TRANSITIONS,
    Attention,
    JournalKind,
    PaymentStatus,
)
from wallet.events import PaymentFailed, PaymentSettled
from wallet.gateways import breaker
from wallet.gateways.base import BankState, Gateway, Inquired, Outcome, Verified
from wallet.models import Payment
from wallet.services import ledger

logger = logging.getLogger(__name__)

FIRST_RETRY_SECONDS = 5
LAST_RETRY_SECONDS = 3600


class Verdict(StrEnum):
    PAID = "paid"
    NOT_YET = "not_yet"
    FAILED = "failed"
    MISMATCH = "mismatch"
    REJECTED = "rejected"
    MISCONFIGURED = "misconfigured"
    UNKNOWN = "unknown"


NO_RECEIPT = Verified(Outcome.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Answer:
    verdict: Verdict
    code: int | None = None
    receipt: Verified = NO_RECEIPT


UNASKED = Answer(Verdict.UNKNOWN)
_VERDICTS = {
    Outcome.MISMATCH: Verdict.MISMATCH,
    Outcome.REJECTED: Verdict.REJECTED,
    Outcome.MISCONFIGURED: Verdict.MISCONFIGURED,
}


def ask(gateway: Gateway, payment: Payment) -> Answer:
    """Ask the gateway, outside of any transaction. Without a callback it first inquires whether there is anything.

    "Not paid" (-51) alone fails nothing: only an inquiry that says FAILED does.
    """
    authority = payment.authority or ""
    if payment.callback_at is None:
        inquired = gateway.inquire(authority=authority)
        if inquired.state not in (BankState.PAID, BankState.VERIFIED):
            return _from_inquiry(inquired)
    verified = gateway.verify(authority=authority, amount_rial=payment.amount_rial)
    if verified.outcome is Outcome.DONE:
        return Answer(Verdict.PAID, verified.code, verified)
    if verified.outcome is Outcome.NOT_PAID:
        return _from_inquiry(gateway.inquire(authority=authority))
    return Answer(_VERDICTS.get(verified.outcome, Verdict.UNKNOWN), verified.code)


def _from_inquiry(inquired: Inquired) -> Answer:
    if inquired.outcome is not Outcome.DONE:
        return Answer(_VERDICTS.get(inquired.outcome, Verdict.UNKNOWN), inquired.code)
    if inquired.state is BankState.FAILED:
        return Answer(Verdict.FAILED, inquired.code)
    if inquired.state in (BankState.IN_BANK, BankState.REVERSED):
        return Answer(Verdict.NOT_YET, inquired.code)
    return Answer(Verdict.UNKNOWN, inquired.code)


@use_case
def conclude(*, payment_id: int, answer: Answer, now: datetime) -> None:
    """Act on an answer. Repeating it, or getting it from two workers at once, changes nothing more."""
    payment = Payment.objects.locked().get(pk=payment_id)
    if payment.status in PAYMENT_CREDITED:
        return
    payment.gateway_code = answer.code
    _ACTIONS[answer.verdict](payment, answer, now)
    payment.save()


def _paid(payment: Payment, answer: Answer, now: datetime) -> None:
    if payment.status == PaymentStatus.REQUESTED:
        transition(payment, PaymentStatus.VERIFYING, PAYMENT_TRANSITIONS)
    if PaymentStatus.SETTLED not in PAYMENT_TRANSITIONS.get(payment.status, ()):
        _ask_people(payment, Attention.PAID_AFTER_THE_END, now)
        _alarm(payment, "payment.paid_after_the_end", now, status=payment.status)
        return
    receipt = answer.receipt
    transition(payment, PaymentStatus.SETTLED, PAYMENT_TRANSITIONS)
    payment.ref_id = receipt.ref_id
    payment.card_pan = receipt.card_pan
    payment.card_hash = receipt.card_hash
    payment.fee_rial = receipt.fee_rial or payment.fee_rial
    payment.settled_at = now
    payment.next_attempt_at = None
    _clear_attention(payment)
    _credit(payment, now)
    publish(PaymentSettled(payment_id=payment.pk, entrant_id=payment.entrant_id))


@needs_transaction
def _credit(payment: Payment, now: datetime) -> None:
    ledger.post_journal(
        kind=JournalKind.DEPOSIT,
        source_type="payment",
        source_id=str(payment.pk),
        key=f"deposit:{payment.pk}",
        lines=[ledger.Line(ledger.GATEWAY_CLEARING, ledger.deposited(payment.user_id), payment.amount_rial)],
        actor=None,
        now=now,
    )
    audit.record(action="payment.settle", actor=None, target=payment, now=now, amount_rial=payment.amount_rial)
    notifications.notify(
        kind="deposit_settled",
        to=[payment.user_id],
        params={"amount": payment.amount_rial},
        dedupe_key=f"deposit:{payment.pk}",
        now=now,
    )


def _not_yet(payment: Payment, answer: Answer, now: datetime) -> None:
    _clear_attention(payment)
    if payment.status in PAYMENT_PENDING and payment.expires_at <= now:
        _end(payment, PaymentStatus.EXPIRED)
    elif payment.status in PAYMENT_PENDING:
        _retry(payment, now)
        if payment.expires_at > now + timedelta(seconds=FIRST_RETRY_SECONDS):
            payment.next_attempt_at = min(payment.next_attempt_at or now, payment.expires_at)
    else:
        payment.next_attempt_at = None


def _failed(payment: Payment, answer: Answer, now: datetime) -> None:
    if payment.status in PAYMENT_PENDING:
        _end(payment, PaymentStatus.FAILED)
        _clear_attention(payment)
        publish(PaymentFailed(payment_id=payment.pk, entrant_id=payment.entrant_id))
    else:
        payment.next_attempt_at = None


def _mismatch(payment: Payment, answer: Answer, now: datetime) -> None:
    if payment.status == PaymentStatus.REQUESTED:
        transition(payment, PaymentStatus.VERIFYING, PAYMENT_TRANSITIONS)
    if payment.status == PaymentStatus.VERIFYING:
        _end(payment, PaymentStatus.MISMATCH)
        publish(PaymentFailed(payment_id=payment.pk, entrant_id=payment.entrant_id))
    else:
        payment.next_attempt_at = None
    _ask_people(payment, Attention.MISMATCH, now)
    _alarm(payment, "payment.mismatch", now, code=answer.code)


def _rejected(payment: Payment, answer: Answer, now: datetime) -> None:
    _retry_or_ask_people(payment, Attention.REJECTED, settings.PAYMENT_REJECTED_ATTEMPTS, now)
    _alarm(payment, "payment.rejected_by_gateway", now, code=answer.code)


def _misconfigured(payment: Payment, answer: Answer, now: datetime) -> None:
    _unknown(payment, answer, now)
    alarm_misconfigured(payment=payment, code=answer.code)


def _unknown(payment: Payment, answer: Answer, now: datetime) -> None:
    _retry_or_ask_people(payment, Attention.NO_ANSWER, settings.PAYMENT_UNKNOWN_ATTEMPTS, now)


_ACTIONS = {
    Verdict.PAID: _paid,
    Verdict.NOT_YET: _not_yet,
    Verdict.FAILED: _failed,
    Verdict.MISMATCH: _mismatch,
    Verdict.REJECTED: _rejected,
    Verdict.MISCONFIGURED: _misconfigured,
    Verdict.UNKNOWN: _unknown,
}


def alarm_misconfigured(*, payment: Payment, code: int | None) -> None:
    """The gateway refuses how we are set up: say so loudly and stop asking for a moment."""
    logger.error("ALARM the gateway refuses our configuration (code %s, payment %s)", code, payment.pk)
    breaker.trip(payment.gateway)


def _end(payment: Payment, status: PaymentStatus) -> None:
    transition(payment, status, PAYMENT_TRANSITIONS)
    payment.next_attempt_at = None


def _retry(payment: Payment, now: datetime) -> None:
    """Ask again after 5 s, 10 s, 20 s … 60 min. What is over and not to be asked about stays so."""
    if payment.status in PAYMENT_ASKABLE:
        wait = min(FIRST_RETRY_SECONDS * 2 ** min(max(payment.attempts - 1, 0), 12), LAST_RETRY_SECONDS)
        payment.next_attempt_at = now + timedelta(seconds=wait)


def _retry_or_ask_people(payment: Payment, why: Attention, attempts: int, now: datetime) -> None:
    """After so many questions people take over. The payment stays as it is: it settles if it turns out to be paid."""
    if payment.attempts < attempts:
        _retry(payment, now)
    else:
        payment.next_attempt_at = None
        _ask_people(payment, why, now)


def _ask_people(payment: Payment, why: Attention, now: datetime) -> None:
    payment.attention = why
    payment.attention_at = payment.attention_at or now


def _clear_attention(payment: Payment) -> None:
    payment.attention = ""
    payment.attention_at = None


def _alarm(payment: Payment, action: str, now: datetime, **changes: Any) -> None:
    logger.error("ALARM %s: payment %s %s", action, payment.pk, changes)
    audit.record(action=action, actor=None, target=payment, now=now, **changes)
