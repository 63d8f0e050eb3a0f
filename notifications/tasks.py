from celery import shared_task
from django.utils import timezone


@shared_task
def deliver(*delivery_ids: int) -> None:
    """Send these deliveries, each if it is still due."""
    from notifications.services import deliveries

    for delivery_id in delivery_ids:
        deliveries.deliver(delivery_id=delivery_id, now=timezone.now())


@shared_task
def broadcast(notification_ids: list[int]) -> None:
    """Show these notifications to whoever has a socket open."""
    from notifications.services import notifying

    notifying.broadcast(notification_ids=notification_ids)


@shared_task
def sweep_deliveries() -> None:
    """Send whatever is due: a lost nudge, a wait that is over, a sender that died."""
    from notifications.services import deliveries

    deliveries.sweep(now=timezone.now())
