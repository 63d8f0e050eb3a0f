from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from players.services import recording, seasons


class Command(BaseCommand):
    help = "Make all contributions, standings and achievements again from the completed tournaments. Safe at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        due = seasons.rebuild(actor=None, now=timezone.now())
        self.stdout.write(f"{due} tournaments")
        while done := recording.record_due(now=timezone.now()):
            self.stdout.write(f"{done} recorded")
