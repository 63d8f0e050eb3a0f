from celery import shared_task
from django.utils import timezone


@shared_task
def send_tournament_credentials(tournament_id: int) -> None:
    from tournaments.services import credentials

    credentials.send(tournament_id=tournament_id, now=timezone.now())


@shared_task
def pay_due_prizes() -> None:
    from tournaments.services import payouts

    payouts.sweep(now=timezone.now())


@shared_task
def settle_entry(payment_id: int, entrant_id: int) -> None:
    """See to what one payment for an entry has led to."""
    from tournaments.services import paying

    paying.settle(payment_id=payment_id, entrant_id=entrant_id, now=timezone.now())


@shared_task
def sweep_reservations() -> None:
    """Entries whose payment has arrived or failed unnoticed, and seats whose time is over."""
    from tournaments.services import paying

    paying.sweep(now=timezone.now())


@shared_task
def release_due_credentials() -> None:
    from tournaments.services import credentials

    credentials.release_due(now=timezone.now())
