"""A rush for 64 paid seats through ``registration.join``; the exit status is 1 if a goal was missed."""

import argparse
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks import database, setting_up
from benchmarks.database import Goal, Sample, middle
from benchmarks.rush import bare
from benchmarks.rush.bare import FEE

SEATS = 64
CROWD = 2_000


def tournament(capacity: int) -> int:
    """A published one with so many paid seats; its id."""
    from django.db import transaction
    from django.utils import timezone

    from games.models import Game
    from tournaments.services import editing, lifecycle
    from users.models import User
    from wallet.services import ledger

    now, creator = timezone.now(), User.objects.get(username="organiser")
    made = editing.create(
        actor=creator,
        now=now,
        name="Rush",
        game=Game.objects.get(slug="rush"),
        registration_start_at=now - timedelta(hours=1),
        registration_end_at=now + timedelta(hours=1),
        start_at=now + timedelta(hours=2),
        max_participants=capacity,
        entry_fee_rial=FEE,
        prize_source="entry_pool",
        prize_distribution=[10_000],
    )
    lifecycle.publish(tournament_id=made.pk, actor=creator, now=now)
    with transaction.atomic():
        ledger.open_accounts([ledger.escrow(made.pk)])
    return made.pk


def joining(
    cup: int, people: list[int], clients: int, join: Callable[..., object], *, warming: int
) -> Callable[..., Any]:
    """Each client lets its share of the people join, one after the other, and stops when all have tried.

    The first of them warm up in a tournament of that id, which has seats for everybody.
    """

    def work(client: int) -> Callable[[int], str]:
        from common.errors import DomainError
        from users.models import User

        mine = list(User.objects.filter(pk__in=people[client::clients]))

        def step(number: int) -> str:
            if number >= len(mine):
                return "stop"
            try:
                join(tournament_id=warming if number < 0 else cup, actor=mine[abs(number)], now=datetime.now(UTC))
            except DomainError as refusal:
                return refusal.code
            return "done"

        return step

    return work


def ours(**wanted: Any) -> object:
    from tournaments.services import registration

    return registration.join(**wanted)


def textbook(*, tournament_id: int, actor: Any, now: datetime) -> object:
    """Lock the tournament, count, lock the wallet, pay, write: what everybody writes first."""
    from django.db import transaction

    from tournaments import errors
    from tournaments.models import Entrant, RosterMember, SeatCounter, Tournament
    from wallet.services import escrow

    with transaction.atomic():
        cup = Tournament.objects.select_for_update().get(pk=tournament_id)
        if Entrant.objects.filter(tournament=cup, user=actor).exists():
            raise errors.AlreadyJoined
        if Entrant.objects.holding_a_seat().filter(tournament=cup).count() >= cup.max_participants:
            raise errors.TournamentFull
        entrant = Entrant.objects.create(tournament=cup, user=actor, captain=actor, name=actor.username, joined_at=now)
        RosterMember.objects.create(entrant=entrant, tournament=cup, user=actor)
        escrow.charge_entry(payer=actor, tournament_id=cup.pk, entrant_id=entrant.pk, amount_rial=FEE, now=now)
        SeatCounter.objects.filter(pk=cup.pk).update(
            taken=Entrant.objects.holding_a_seat().filter(tournament=cup).count()
        )
        return entrant


def viewing(client: int) -> Callable[[int], str]:
    """A view without a database, through Django's handler and its middleware."""
    from django.test import Client

    http = Client()

    def step(number: int) -> str:
        return str(http.get("/healthz").status_code)

    return step


def sound(cup: int, people: list[int]) -> bool:
    """Exactly the seats are taken and each was paid once, by who sits there."""
    from tournaments.models import Entrant, SeatCounter
    from wallet.models import Journal
    from wallet.selectors import balance

    held = Entrant.objects.filter(tournament=cup).count()
    fees = Journal.objects.filter(kind="entry_fee", source_id__startswith=f"{cup}:").values_list("user", flat=True)
    return held == len(set(fees)) == len(fees) == SeatCounter.objects.get(pk=cup).taken == balance(cup) // FEE


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run bench rush", description=__doc__)
    parser.add_argument("--database", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--pgbench", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="one round")
    parser.add_argument("--clients", type=int, default=4)
    words = parser.parse_args()
    rounds = 1 if words.quick else 5
    with database.fresh(words.database, "meydan_bench") as url:
        setting_up.connect(url)
        from django.db import connection

        from games.models import Game
        from users.models import User

        User.objects.create(username="organiser", phone_number="09990000000")
        Game.objects.create(name="Rush", slug="rush")
        people = setting_up.users(CROWD, amount_rial=10**6)
        bare.prepare(url)
        setting_up.tidy(url)
        samples: dict[str, list[Sample]] = {}
        right = True
        for number in range(rounds):
            print(f"round {number + 1} of {rounds}", file=sys.stderr)  # noqa: T201
            full, old, wide, least = (tournament(seats) for seats in (SEATS, SEATS, CROWD, CROWD))
            connection.close()
            for name, cup, join, some in (
                ("rush", full, ours, people),
                ("textbook", old, textbook, people),
                ("accepts", wide, ours, people[: CROWD // 2]),
                ("bare", least, bare.join, people[: CROWD // 2]),
                ("rejects", full, ours, people),
            ):
                work = joining(cup, some, words.clients, join, warming=tournament(CROWD))
                connection.close()
                samples.setdefault(name, []).append(database.clients(url, work, count=words.clients, seconds=300))
            samples.setdefault("view", []).append(database.clients(url, viewing, count=words.clients, seconds=2))
            limit = database.tpcb(url, words.pgbench, clients=words.clients, seconds=3)
            samples.setdefault("TPC-B", []).append(limit)
            right = right and all(sound(cup, people) for cup in (full, wide, least))
            right = right and samples["rush"][-1].outcomes["done"] == SEATS
            connection.close()
        return report(samples, right and not setting_up.broken(), words.clients, rounds)


def report(samples: dict[str, list[Sample]], right: bool, clients: int, rounds: int) -> int:
    def over(name: str, other: str) -> float:
        return middle([one.rate / two.rate for one, two in zip(samples[name], samples[other], strict=True)])

    goals = [
        Goal("Rejects ÷ a view without a database", 0.3, over("rejects", "view")),
        Goal("The rush for 64 seats ÷ the textbook", 8, over("rush", "textbook")),
        Goal("Accepts ÷ TPC-B", 0.25, over("accepts", "TPC-B")),
        Goal("Accepts ÷ the same rows by one function of the database", 1 / 3, over("accepts", "bare")),
        Goal("Exactly 64 seats, each paid once; the books hold", 1, float(right)),
    ]
    print(f"{clients} clients, {rounds} rounds, medians; load before {os.getloadavg()[0]:.1f}")  # noqa: T201
    print(database.HEADER)  # noqa: T201
    titles = {
        "TPC-B": "pgbench, TPC-B, prepared",
        "view": "a view without a database",
        "rush": "attempts in the rush",
        "textbook": "attempts, textbook",
        "rejects": "rejects: everything is taken",
        "accepts": "accepts: a seat for everybody",
        "bare": "the same rows by one function",
    }
    for name, title in titles.items():
        print(database.row(title, samples[name], samples["TPC-B"]))  # noqa: T201
    print()  # noqa: T201
    print(database.verdict(goals))  # noqa: T201
    return 0 if all(goal.is_met for goal in goals) else 1


if __name__ == "__main__":
    sys.exit(main())
