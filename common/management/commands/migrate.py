from typing import Any

from django.core.management.commands.migrate import Command as Migrate

from common import roles
from common.management.commands.grant_roles import grant


class Command(Migrate):
    help = "Migrate as the owner of the tables, where there is one, and renew what the application's role may do."

    def get_check_kwargs(self, options: dict[str, Any]) -> Any:
        """No checks that ask the database: the application's role, as which they would ask, may not exist yet."""
        return {} if roles.is_configured() else super().get_check_kwargs(options)

    def handle(self, *args: Any, **options: Any) -> None:
        if not roles.is_configured():
            super().handle(*args, **options)
            return
        with roles.as_owner():
            super().handle(*args, **options)
        if not (options["plan"] or options["check_unapplied"]):
            grant()
