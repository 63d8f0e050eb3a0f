from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connections

from common import roles


def grant() -> str:
    """Let the role of DATABASE_URL do what the application does; its name."""
    application = connections[DEFAULT_DB_ALIAS].settings_dict
    try:
        roles.grant(role=application["USER"], password=application["PASSWORD"])
    except roles.RoleProblem as problem:
        raise CommandError(str(problem)) from problem
    return str(application["USER"])


class Command(BaseCommand):
    help = "Let the application's role (DATABASE_URL) do what it needs and no more; migrate does this, too."

    def handle(self, *args: Any, **options: Any) -> None:
        if not roles.is_configured():
            raise CommandError("There is one role only: OWNER_DATABASE_URL is not set.")
        self.stdout.write(f"{grant()} may read and write, and only read where functions do the writing.")
