import json
import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from demo.services import content, seeding


class Command(BaseCommand):
    help = "Add what a newcomer can look at: an admin, games, players, teams, tournaments. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print one line of JSON for ./run.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            password = seeding.fill(admin_password=os.environ.get("ADMIN_PASSWORD", ""), now=timezone.now())
        except seeding.NotLocal as error:
            raise CommandError(str(seeding.NotLocal.__doc__)) from error
        phones = [player.phone for player in content.PLAYERS]
        if options["json"]:
            admin = {"username": content.ADMIN_PHONE, "password": password}
            self.stdout.write(json.dumps({"admin": admin, "demo_phones": phones}))
            return
        self.stdout.write(f"Admin: {content.ADMIN_PHONE} / {password or '(password unchanged)'}")
        self.stdout.write(f"Players: {', '.join(phones)}")
