from celery import shared_task
from django.utils import timezone


@shared_task
def expire_pending_results() -> None:
    from matches.services import results

    results.expire_pending(now=timezone.now())
