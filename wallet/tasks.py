from celery import shared_task
from django.utils import timezone


@shared_task
def verify_payment(payment_id: int) -> None:
    """Ask the gateway about one payment, if it is due."""
    from wallet.services import payments

    payments.verify(payment_id=payment_id, now=timezone.now())


@shared_task
def sweep_payments() -> None:
    """Find the payments that no callback brought home."""
    from wallet.services import payments

    payments.sweep(now=timezone.now())
