"""Once a day: does the gateway say of settled payments what we say? What differs is written down for people."""

import logging
from datetime import datetime, timedelta
from time import monotonic

from django.conf import settings
from django.db.models import Q

from common import audit
from common.db import use_case
from users.models import User
from wallet import rules
from wallet.enums import PAYMENT_CREDITED, DifferenceKind, PaymentStatus
from wallet.gateways import breaker, gateway
from wallet.gateways.base import BankState, Gateway, Outcome
from wallet.models import Payment, PaymentDifference

logger = logging.getLogger(__name__)

EVERY_HOURS = 20
BATCH = 500
RUN_SECONDS = 45
_EXPECTED = {
    PaymentStatus.SETTLED: {BankState.VERIFIED, BankState.PAID},
    PaymentStatus.REFUNDED: {BankState.VERIFIED, BankState.PAID},
    PaymentStatus.REVERSED: {BankState.REVERSED},
}
Found = list[tuple[DifferenceKind, str, str]]


def run(*, now: datetime) -> int:
    """Compare the payments that were settled within RECONCILE_DAYS and not compared today; returns how many.

    It takes up to about RUN_SECONDS. What is left, and what the gateway did not answer about, is for the next run.
    """
    since = now - timedelta(days=settings.RECONCILE_DAYS)
    not_today = Q(reconciled_at=None) | Q(reconciled_at__lt=now - timedelta(hours=EVERY_HOURS))
    rows = Payment.objects.filter(not_today, status__in=PAYMENT_CREDITED, settled_at__gt=since, authority__isnull=False)
    started, compared = monotonic(), 0
    for payment in list(rows.order_by("pk")[:BATCH]):
        if monotonic() - started > RUN_SECONDS:
            break
        if breaker.is_open(payment.gateway):
            continue
        found = _compare(gateway(payment.gateway), payment)
        if found is not None:
            _record(payment_id=payment.pk, status=payment.status, found=found, now=now)
            compared += 1
    return compared


def _compare(provider: Gateway, payment: Payment) -> Found | None:
    """What differs; None when the gateway gives no clear answer."""
    authority = payment.authority or ""
    inquired = provider.inquire(authority=authority)
    if inquired.outcome is Outcome.REJECTED:
        return [(DifferenceKind.STATE, payment.status, f"unknown ({inquired.code})")]
    if inquired.state is None:
        return None
    if inquired.state not in _EXPECTED[PaymentStatus(payment.status)]:
        return [(DifferenceKind.STATE, payment.status, inquired.state)]
    if inquired.amount_rial is not None:
        theirs = inquired.amount_rial
        return [(DifferenceKind.AMOUNT, str(payment.amount_rial), str(theirs))] if theirs != payment.amount_rial else []
    if payment.status == PaymentStatus.SETTLED:
        # asking again about a verified payment changes nothing, and tells whether the amount is the same
        verified = provider.verify(authority=authority, amount_rial=payment.amount_rial)
        if verified.outcome is Outcome.MISMATCH:
            return [(DifferenceKind.AMOUNT, str(payment.amount_rial), "another")]
        return [] if verified.outcome is Outcome.DONE else None
    return []


@use_case
def _record(*, payment_id: int, status: str, found: Found, now: datetime) -> None:
    payment = Payment.objects.locked().get(pk=payment_id)
    if payment.status != status:
        return  # it has moved on while the gateway was asked
    payment.reconciled_at = now
    payment.save(update_fields=["reconciled_at"])
    for kind, ours, theirs in found:
        _, new = PaymentDifference.objects.get_or_create(
            payment=payment, kind=kind, theirs=theirs, defaults={"ours": ours, "found_at": now}
        )
        if new:
            audit.record(
                action="payment.differs", actor=None, target=payment, now=now, kind=kind, ours=ours, theirs=theirs
            )
            logger.error("ALARM payment %s differs: %s %s, the gateway says %s", payment.pk, kind, ours, theirs)


@use_case
def clear(*, difference_ids: list[int], actor: User, now: datetime) -> int:
    """Staff have seen to differences. Returns how many were open. :raises PermissionDenied: no administrator."""
    rules.require_administrator(actor)
    rows = PaymentDifference.objects.filter(pk__in=difference_ids, cleared_at=None).order_by("pk")
    differences = list(rows.select_for_update(of=("self",)))
    for difference in differences:
        difference.cleared_at = now
        difference.save()
        audit.record(action="payment.difference_cleared", actor=actor, target=difference, now=now)
    return len(differences)
