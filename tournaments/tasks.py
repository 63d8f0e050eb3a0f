from celery import shared_task
from django.utils import timezone


@shared_task
def send_tournament_credentials(tournament_id: int) -> None:
    from tournaments.services import credentials

    credentials.send(tournament_id=tournament_id, now=timezone.now())


@shared_task
def release_due_credentials() -> None:
    from tournaments.services import credentials

    credentials.release_due(now=timezone.now())
