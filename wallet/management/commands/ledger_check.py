from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction

from wallet.services import checking


class Command(BaseCommand):
    help = "Check the invariants of the ledger: one line each; exit code 1 when one does not hold."

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            # one moment for all invariants, and time for large books
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET LOCAL statement_timeout = 0")
            findings = checking.check()
        for finding in findings:
            self.stdout.write(f"{finding.code:<4}{'BROKEN' if finding.broken else 'ok':<8}{finding.says}")
            for place in finding.broken:
                self.stdout.write(f"    {place}")
        if any(finding.broken for finding in findings):
            raise SystemExit(1)
