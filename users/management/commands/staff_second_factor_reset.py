import getpass
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from common import phone
from common.errors import DomainError
from users.models import User
from users.services import second_factor


class Command(BaseCommand):
    help = (
        "Remove the authenticator app and the recovery codes of a member of staff who lost both, and end all their "
        "sign-ins. With the password they set up a new app at the next sign-in to the admin."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("phone", help="The phone number of the account.")
        parser.add_argument("--reason", default="", help="Stands in the audit beside who ran this.")
        parser.add_argument("--no-input", action="store_true", help="Do not ask.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            user = User.objects.filter(phone_number=phone.normalise(options["phone"]), is_staff=True).first()
        except DomainError as error:
            raise CommandError(error.errors["phone_number"][0]["detail"]) from error
        if user is None:
            raise CommandError("No member of staff has this phone number.")
        if not options["no_input"] and input(f"Remove the second factor of {user.username}? [yes/no] ") != "yes":
            self.stdout.write("Nothing was changed.")
            sys.exit(1)
        reason = options["reason"] or f"by {getpass.getuser()} on the server"
        count = second_factor.reset(user_id=user.pk, actor=None, reason=reason, now=timezone.now())
        self.stdout.write(f"{user.username} has no second factor now; {count} devices were signed out.")
