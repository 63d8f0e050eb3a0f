from argparse import ArgumentParser
from typing import Any

from django.core.management.commands.migrate import Command as Migrate
from django.db import DEFAULT_DB_ALIAS

from common import roles
from common.management.commands.grant_roles import grant


class Command(Migrate):
    help = "Migrate as the owner of the tables, where there is one, and renew what the application's role may do."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database=roles.OWNER if roles.is_configured() else DEFAULT_DB_ALIAS)

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if options["database"] == roles.OWNER and not (options["plan"] or options["check_unapplied"]):
            grant()
