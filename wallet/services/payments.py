"""Payments through the gateway. The row is written before the network is used and after, never during.

What the payer's browser says is only a hint. Money is credited when the gateway says "paid", in the transaction that
settles the payment, and an answer nobody understands never fails a payment: it is asked for again.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import monotonic, sleep

from django.conf import settings
from django.core.cache import cache
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import translation
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from common import audit
from common.db import needs_transaction, use_case
from common.errors import Busy, PermissionDenied
from common.queue import enqueue_on_commit
from common.state import transition
from users.models import User
from wallet import rules
from wallet.enums import (
    PAYMENT_ASKABLE,
    PAYMENT_CONCLUDED,
    PAYMENT_PENDING,
    PAYMENT_TRANSITIONS,
    PaymentPurpose,
    PaymentStatus,
)
from wallet.errors import DepositOutOfRange, GatewayUnavailable, PaymentRefused
from wallet.gateways import breaker, gateway, looks_like_authority
from wallet.gateways.base import Outcome, Started
from wallet.models import Payment
from wallet.services import settlement
from wallet.tasks import verify_payment

logger = logging.getLogger(__name__)

# A payment without a callback is asked about after this time.
QUIET_SECONDS = 120
# While one worker asks the gateway, others leave the payment alone; longer than a verify and an inquiry can take.
CLAIM_SECONDS = 40
# A callback can bring the next question forward, but not closer to the last one than this.
CALLBACK_SECONDS = 15
# How long a browser that came back is kept waiting for the outcome; once per question to the gateway.
PATIENCE_SECONDS = 2.0
POLL_SECONDS = 0.1
SWEEP_LIMIT = 500
SWEEP_SECONDS = 45
UNVERIFIED_EVERY_SECONDS = 60
# So long a payment that waits for people is still looked for in the gateway's list of paid ones.
ATTENTION_DAYS = 7


def deposit(*, actor: User, amount_rial: int, now: datetime) -> Payment:
    """Begin a deposit: the payer pays at ``payment_url`` of the returned payment.

    :raises DepositOutOfRange: below DEPOSIT_MIN_RIAL or above DEPOSIT_MAX_RIAL.
    :raises PaymentRefused: the gateway does not take this payment.
    :raises GatewayUnavailable: the gateway does not answer; no money can have moved.
    """
    require_range(amount_rial)
    require_gateway()
    payment = _create_deposit(actor=actor, amount_rial=amount_rial, now=now)
    with translation.override(actor.language):
        description = _("Wallet deposit of %(username)s") % {"username": actor.username}
    return request(payment=payment, description=description, now=now)


def require_range(amount_rial: int) -> None:
    """:raises DepositOutOfRange: below DEPOSIT_MIN_RIAL or above DEPOSIT_MAX_RIAL."""
    if not settings.DEPOSIT_MIN_RIAL <= amount_rial <= settings.DEPOSIT_MAX_RIAL:
        raise DepositOutOfRange(minimum=settings.DEPOSIT_MIN_RIAL, maximum=settings.DEPOSIT_MAX_RIAL, currency="IRR")


def require_gateway() -> None:
    """:raises GatewayUnavailable: it has just refused how we are set up, so that a payment makes no sense."""
    if breaker.is_open(settings.PAYMENT_GATEWAY):
        raise GatewayUnavailable(retry_after=breaker.OPEN_SECONDS)


@use_case
def _create_deposit(*, actor: User, amount_rial: int, now: datetime) -> Payment:
    return create(actor=actor, amount_rial=amount_rial, now=now)


@needs_transaction
def create(
    *,
    actor: User,
    amount_rial: int,
    now: datetime,
    purpose: PaymentPurpose = PaymentPurpose.DEPOSIT,
    entrant_id: int | None = None,
    expires_at: datetime | None = None,
) -> Payment:
    """The row of a payment that the gateway does not know of yet; ``request`` follows after the commit."""
    expires_at = expires_at or now + timedelta(minutes=settings.PAYMENT_EXPIRES_MINUTES)
    payment = Payment.objects.create(
        user=actor,
        amount_rial=amount_rial,
        purpose=purpose,
        entrant_id=entrant_id,
        gateway=settings.PAYMENT_GATEWAY,
        created_at=now,
        expires_at=expires_at,
        next_attempt_at=expires_at,
    )
    audit.record(action="payment.create", actor=actor, target=payment, now=now, amount_rial=amount_rial)
    return payment


def request(*, payment: Payment, description: str, now: datetime) -> Payment:
    """Have the gateway take a payment that has been committed. Uses the network, so outside of any transaction.

    :raises PaymentRefused, GatewayUnavailable: see ``deposit``.
    """
    started = gateway(payment.gateway).request(
        amount_rial=payment.amount_rial,
        description=description,
        callback_url=settings.PAYMENT_CALLBACK_URL,
        mobile=payment.user.phone_number,
        order_id=str(payment.pk),
    )
    payment = _record_request(payment_id=payment.pk, started=started, now=now)
    if started.outcome is Outcome.REFUSED:
        raise PaymentRefused
    if started.outcome is not Outcome.DONE:
        raise GatewayUnavailable(retry_after=10)
    return payment


@needs_transaction
def lock_open_entry(*, payment_id: int) -> Payment | None:
    """A payment for an entry, locked, if it is over and was not seen to yet."""
    payment = Payment.objects.locked().filter(pk=payment_id, entry_closed_at=None).first()
    return payment if payment is not None and payment.status in PAYMENT_CONCLUDED else None


@needs_transaction
def close_entry(*, payment: Payment, now: datetime) -> None:
    """Note that what a payment for an entry led to has been seen to, whether or not there is an entry now."""
    Payment.objects.filter(pk=payment.pk).update(entry_closed_at=now, version=F("version") + 1)


@use_case
def _record_request(*, payment_id: int, started: Started, now: datetime) -> Payment:
    payment = Payment.objects.locked().get(pk=payment_id)
    payment.gateway_code = started.code
    if started.outcome is Outcome.DONE:
        transition(payment, PaymentStatus.REQUESTED, PAYMENT_TRANSITIONS)
        payment.authority = started.authority
        payment.payment_url = started.payment_url
        payment.fee_rial = started.fee_rial
        payment.next_attempt_at = now + timedelta(seconds=QUIET_SECONDS)
    elif started.outcome is Outcome.REFUSED:
        transition(payment, PaymentStatus.FAILED, PAYMENT_TRANSITIONS)
        payment.next_attempt_at = None
    elif started.outcome is Outcome.MISCONFIGURED:
        settlement.alarm_misconfigured(payment=payment, code=started.code)
    payment.save()
    return payment


def record_callback(*, authority: str, status: str, now: datetime) -> Payment | None:
    """The payer's browser came back from the bank. Unsigned, so a hint only: have the gateway asked soon.

    Returns the payment, None when there is none of this authority. Waits a moment for the outcome, so that the payer
    usually sees it.
    """
    if not looks_like_authority(authority):
        return None
    payment = Payment.objects.filter(authority=authority).first()
    if payment is None or payment.status not in PAYMENT_ASKABLE:
        return payment
    try:
        payment = _note_callback(authority=authority, status=status, now=now)
    except Busy:
        # a hint that gets lost costs nothing: the sweep asks
        return payment
    if payment is not None and payment.next_attempt_at is not None and payment.next_attempt_at <= now:
        _await_outcome(payment)
    return payment


@use_case
def _note_callback(*, authority: str, status: str, now: datetime) -> Payment | None:
    payment = Payment.objects.locked().filter(authority=authority).first()
    if payment is None or payment.status not in PAYMENT_ASKABLE:
        return payment
    if status == "OK" and payment.callback_at is None:
        payment.callback_at = now
        payment.attempts = 0
    payment.next_attempt_at = _sooner(payment, now)
    payment.save()
    enqueue_on_commit(verify_payment, payment.pk)
    return payment


def _await_outcome(payment: Payment) -> None:
    until = monotonic() + PATIENCE_SECONDS
    while payment.status in PAYMENT_PENDING and monotonic() < until:
        sleep(POLL_SECONDS)
        payment.refresh_from_db(fields=["status"])


def _sooner(payment: Payment, now: datetime) -> datetime:
    earliest = now
    if payment.last_attempt_at is not None:
        earliest = max(now, payment.last_attempt_at + timedelta(seconds=CALLBACK_SECONDS))
    return min(earliest, payment.next_attempt_at or earliest)


def verify(*, payment_id: int, now: datetime) -> None:
    """Ask the gateway about one payment and act on the answer. Does nothing when it is not due or in other hands."""
    payment = _claim(payment_id=payment_id, now=now)
    if payment is None:
        return
    if breaker.is_open(payment.gateway):
        answer = settlement.UNASKED
    else:
        answer = settlement.ask(gateway(payment.gateway), payment)
    settlement.conclude(payment_id=payment_id, answer=answer, now=now)


@use_case
def _claim(*, payment_id: int, now: datetime) -> Payment | None:
    payment = (
        Payment.objects.filter(pk=payment_id, next_attempt_at__lte=now)
        .select_for_update(skip_locked=True, of=("self",))
        .first()
    )
    if payment is None:
        return None
    if payment.status == PaymentStatus.CREATED:
        # the gateway never gave it an authority, so nobody can have paid it
        transition(payment, PaymentStatus.EXPIRED, PAYMENT_TRANSITIONS)
        payment.next_attempt_at = None
        payment.save()
        return None
    if payment.callback_at is not None and payment.status == PaymentStatus.REQUESTED:
        transition(payment, PaymentStatus.VERIFYING, PAYMENT_TRANSITIONS)
    payment.attempts += 1
    payment.last_attempt_at = now
    payment.next_attempt_at = now + timedelta(seconds=CLAIM_SECONDS)
    payment.save()
    return payment


def sweep(*, now: datetime) -> None:
    """Bring home what no callback brought: everything due, and whatever the gateway lists as paid but not verified.

    One sweep runs at a time, and for no longer than about SWEEP_SECONDS; the next one carries on.
    """
    with _lease("wallet:sweep", 2 * SWEEP_SECONDS) as mine:
        if not mine:
            return
        started = monotonic()
        _find_unverified(now=now)
        due = Payment.objects.filter(next_attempt_at__lte=now).order_by("next_attempt_at", "pk")
        for payment_id in list(due.values_list("pk", flat=True)[:SWEEP_LIMIT]):
            elapsed = monotonic() - started
            if elapsed > SWEEP_SECONDS:
                return
            verify(payment_id=payment_id, now=now + timedelta(seconds=elapsed))


@contextmanager
def _lease(key: str, seconds: int) -> Iterator[bool]:
    try:
        mine = cache.add(key, True, timeout=seconds)
    except RedisError:
        mine = True
    try:
        yield mine
    finally:
        if mine:
            try:
                cache.delete(key)
            except RedisError as error:
                logger.warning("the lease %s ends by itself: %s", key, error)


def _find_unverified(*, now: datetime) -> None:
    hoped_for = Q(created_at__gt=now - timedelta(days=1)) | Q(attention_at__gt=now - timedelta(days=ATTENTION_DAYS))
    open_ = Payment.objects.filter(hoped_for, status__in=PAYMENT_ASKABLE)
    for name in open_.order_by("gateway").values_list("gateway", flat=True).distinct():
        if not breaker.is_open(name) and _is_time_for_the_list(name):
            authorities = gateway(name).unverified()
            if authorities:
                _make_due(authorities=authorities, now=now)


def _is_time_for_the_list(name: str) -> bool:
    try:
        return cache.add(f"wallet:unverified:{name}", True, timeout=UNVERIFIED_EVERY_SECONDS)
    except RedisError:
        return False


@use_case
def _make_due(*, authorities: list[str], now: datetime) -> None:
    asked_lately = Q(last_attempt_at__gt=now - timedelta(seconds=CALLBACK_SECONDS))
    Payment.objects.filter(authority__in=authorities, status__in=PAYMENT_ASKABLE).exclude(asked_lately).update(
        next_attempt_at=now, callback_at=Coalesce("callback_at", now), version=F("version") + 1
    )


@use_case
def ask_again(*, payment_ids: list[int], actor: User, now: datetime) -> int:
    """Staff have the gateway asked about payments at once. Returns how many can still be asked about.

    :raises PermissionDenied: the actor may not change payments.
    """
    if not rules.may_ask_gateway(actor):
        raise PermissionDenied
    askable = list(Payment.objects.locked().filter(pk__in=payment_ids, status__in=PAYMENT_ASKABLE))
    for payment in askable:
        payment.next_attempt_at = now
        payment.attempts = 0
        payment.save()
        audit.record(action="payment.ask_again", actor=actor, target=payment, now=now)
        enqueue_on_commit(verify_payment, payment.pk)
    return len(askable)
