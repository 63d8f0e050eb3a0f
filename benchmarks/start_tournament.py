"""What starting a tournament costs, and what one result costs, by the number of entrants.

    DJANGO_SETTINGS_MODULE=config.settings.test python -m benchmarks.start_tournament [sizes …]

Prints statements and CPU milliseconds: of this process, and of its PostgreSQL backend where /proc shows it. Works in a
test database beside the one in DATABASE_URL, which is removed at the end. Tasks are handed to a broker in memory, so
that what is measured ends where a worker begins.
"""

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
django.setup()

from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from config.celery import app  # noqa: E402
from games.models import Game  # noqa: E402
from matches.enums import MatchStatus  # noqa: E402
from matches.models import Match  # noqa: E402
from matches.services import results  # noqa: E402
from tournaments.models import Entrant, RosterMember, SeatCounter, Tournament  # noqa: E402
from tournaments.services import editing, lifecycle  # noqa: E402
from users.models import User  # noqa: E402

SIZES = (16, 128, 512, 1024)
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Cost:
    statements: int = 0
    process_ms: float = 0
    backend_ms: float | None = None

    def __str__(self) -> str:
        backend = "–" if self.backend_ms is None else f"{self.backend_ms:.0f}"
        return f"{self.statements:>6} {self.process_ms:>9.1f} {backend:>9}"


def backend_ms(pid: int) -> float | None:
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / TICKS
    return None


def measure(work: Callable[[], Any]) -> Cost:
    cost = Cost()

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        cost.statements += 1
        return execute(sql, params, many, context)

    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    backend, process = backend_ms(pid), time.process_time()
    with connection.execute_wrapper(count):
        work()
    cost.process_ms = (time.process_time() - process) * 1000
    after = backend_ms(pid)
    cost.backend_ms = None if backend is None or after is None else after - backend
    return cost


def published(size: int) -> Tournament:
    """A tournament with its seats taken; the rows are written directly, since joining is not what is measured."""
    now, run = timezone.now(), f"b{size}x{time.monotonic_ns()}"
    creator = User.objects.create(phone_number=f"0935{time.monotonic_ns() % 10**7:07d}", username=run)
    tournament = editing.create(
        actor=creator,
        now=now,
        name=run,
        game=Game.objects.create(name=run, slug=run),
        max_participants=size,
        registration_start_at=now,
        registration_end_at=now + timedelta(hours=1),
        start_at=now + timedelta(hours=2),
    )
    lifecycle.publish(tournament_id=tournament.pk, actor=creator, now=now)
    first = User.objects.count() * 10
    users = User.objects.bulk_create(
        User(phone_number=f"0912{first + number:07d}", username=f"{run}.{number}") for number in range(size)
    )
    entrants = Entrant.objects.bulk_create(
        Entrant(tournament=tournament, user=user, captain=user, name=user.username, joined_at=now) for user in users
    )
    RosterMember.objects.bulk_create(
        RosterMember(entrant=entrant, tournament=tournament, user=entrant.captain) for entrant in entrants
    )
    SeatCounter.objects.filter(tournament=tournament).update(taken=size)
    return tournament


def claimed(tournament: Tournament) -> list[Match]:
    """The first two matches, whose winners meet, with a result that waits."""
    two = list(tournament.matches.filter(round=1).order_by("number")[:2])
    for match in two:
        entrant = Entrant.objects.get(pk=match.entrant_a_id)
        Match.objects.filter(pk=match.pk).update(
            status=MatchStatus.PENDING_CONFIRMATION,
            claimed_winner=entrant,
            submitted_by=entrant.captain_id,
            submitted_side="a",
            confirm_deadline_at=timezone.now(),
        )
    return two


def confirm(match: Match) -> None:
    loser = Entrant.objects.select_related("captain").get(pk=match.entrant_b_id)
    results.confirm(match_id=match.pk, actor=loser.captain, now=timezone.now())


def run(size: int) -> None:
    tournament = published(size)
    starting = measure(
        lambda: lifecycle.start(tournament_id=tournament.pk, actor=tournament.creator, now=timezone.now())
    )
    one, two = claimed(tournament)
    first = measure(lambda: confirm(one))
    second = measure(lambda: confirm(two))
    print(f"{size:>5} | {starting} | {first} | {second}")  # noqa: T201


def main(sizes: list[int]) -> None:
    app.conf.update(task_always_eager=False, broker_url="memory://")
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        run(2 * 2)  # warm: imports, caches, connections
        titles = ("start", "result, the other side is open", "result, the next match begins")
        print("size  | " + " | ".join(f"{title:<26}" for title in titles))  # noqa: T201
        print("      | " + " | ".join([" stmts    CPU ms     PG ms"] * 3))  # noqa: T201
        for size in sizes:
            run(size)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
