from celery import shared_task
from django.utils import timezone

from common import housekeeping


@shared_task
def cleanup_expired_keys() -> None:
    """Drop idempotency keys and rate counters that no longer decide anything."""
    housekeeping.cleanup(now=timezone.now())
