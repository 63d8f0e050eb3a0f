"""A product with users and money in a fresh database, and Django connected to it as the application's role."""

import os
import secrets
from collections.abc import Sequence

ROLE = "meydan_bench"


def connect(owner_url: str) -> None:
    """Migrate, give the application its role, and work with that from here on."""
    _, _, address = owner_url.rpartition("@")
    os.environ["OWNER_DATABASE_URL"] = owner_url
    os.environ["DATABASE_URL"] = f"postgres://{ROLE}:{_password(owner_url)}@{address}"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    os.environ["LOG_LEVEL"] = "ERROR"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", verbosity=0)
    connections.close_all()


def _password(owner_url: str) -> str:
    """A new one for the role, which may be left from an earlier run."""
    import psycopg2

    password = secrets.token_urlsafe(16)
    with psycopg2.connect(owner_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
        verb = "ALTER" if cursor.fetchone() else "CREATE"
        cursor.execute(f"{verb} ROLE {ROLE} LOGIN PASSWORD %s", [password])
    connection.close()
    return password


def users(count: int, *, amount_rial: int) -> list[int]:
    """Users with so much deposited each; their ids."""
    from django.db import connection, transaction
    from django.utils import timezone

    from users.models import User
    from wallet.models import Payment
    from wallet.services import ledger

    now = timezone.now()
    first = User.objects.count()
    people = User.objects.bulk_create(
        User(username=f"player{n}", phone_number=f"0900{n:07}") for n in range(first, first + count)
    )
    payments = Payment.objects.bulk_create(
        Payment(
            user=user,
            amount_rial=amount_rial,
            status="settled",
            ref_id=1,
            created_at=now,
            expires_at=now,
            settled_at=now,
        )
        for user in people
    )
    entries = [
        ledger.Entry(
            kind="deposit",  # type: ignore[arg-type]
            source_type="payment",
            source_id=str(payment.pk),
            key=f"deposit:{payment.pk}",
            lines=[ledger.Line(ledger.GATEWAY_CLEARING, ledger.deposited(payment.user_id), amount_rial)],
        )
        for payment in payments
    ]
    for start in range(0, count, 1000):
        with transaction.atomic():
            ledger.post_journals(entries=entries[start : start + 1000], actor=None, now=now)
    connection.close()
    return [user.pk for user in people]


def tidy(owner_url: str) -> None:
    """Fresh statistics, and nothing left over for autovacuum to do while others are measured."""
    import psycopg2

    connection = psycopg2.connect(owner_url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
    connection.close()


def broken() -> Sequence[str]:
    """The invariants of the books that do not hold."""
    from django.db import connection

    from wallet.services import checking

    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    return [finding.code for finding in checking.check() if finding.broken]
