from celery import shared_task
from django.utils import timezone


@shared_task
def record_due_tournaments() -> None:
    """Write down what completed tournaments brought to players; also the sweep for what a lost task left behind."""
    from players.services import recording

    recording.record_due(now=timezone.now())
