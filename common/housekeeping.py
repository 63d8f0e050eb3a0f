from datetime import datetime, timedelta

from django.conf import settings

from common.models import IdempotencyKey, RateCounter


def cleanup(*, now: datetime) -> None:
    """Delete what is past its time: idempotency keys after IDEMPOTENCY_KEY_HOURS, rate counters after their window."""
    IdempotencyKey.objects.filter(created_at__lt=now - timedelta(hours=settings.IDEMPOTENCY_KEY_HOURS)).delete()
    RateCounter.objects.filter(expires_at__lt=now).delete()
