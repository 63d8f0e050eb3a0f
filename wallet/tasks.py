from celery import shared_task
from django.utils import timezone


@shared_task
def verify_payment(payment_id: int) -> None:
    """Ask the gateway about one payment, if it is due."""
    from wallet.services import payments

    payments.verify(payment_id=payment_id, now=timezone.now())


@shared_task
def send_refund(refund_id: int) -> None:
    """Have the gateway undo one payment, if that is due."""
    from wallet.services import refunds

    refunds.send(refund_id=refund_id, now=timezone.now())


@shared_task
def sweep_refunds() -> None:
    """Send the refunds whose task got lost, or that the gateway gave no clear answer about."""
    from wallet.services import refunds

    refunds.sweep(now=timezone.now())


@shared_task
def reconcile_payments() -> None:
    """Compare settled payments with what the gateway says of them."""
    from wallet.services import reconciliation

    reconciliation.run(now=timezone.now())


@shared_task
def sweep_payments() -> None:
    """Find the payments that no callback brought home."""
    from wallet.services import payments

    payments.sweep(now=timezone.now())


@shared_task
def expire_promotions() -> None:
    """Take back what is left of the promotions whose time is over."""
    from wallet.services import promotions

    promotions.expire_due(now=timezone.now())


@shared_task
def seal_ledger() -> None:
    """Add up the accounts that keep no balance."""
    from wallet.services import sealing

    sealing.seal(now=timezone.now())
