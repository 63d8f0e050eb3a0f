"""Entry fees through the ledger's service beside TPC-B; the exit status is 1 if a goal was missed."""

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

from benchmarks import database, setting_up
from benchmarks.database import Goal, Sample, middle

PEOPLE = 5_000
ESCROWS = 1_000
WINNERS = 1_000
HOT = 1
AT_ONCE = 500_000


def paying(people: list[int], escrows: list[int]) -> Callable[[int], Callable[[int], str]]:
    """An entry fee of somebody into one of the escrows, each in a transaction of its own."""

    def work(client: int) -> Callable[[int], str]:
        from common.db import use_case
        from wallet.services import ledger

        dice, run, now = random.Random(client), os.urandom(6).hex(), datetime.now(UTC)  # noqa: S311
        pairs = cycle([(dice.choice(people), dice.choice(escrows)) for _ in range(len(people))])

        @use_case
        def pay(number: int) -> str:
            key = f"{run}:{number}"
            payer, pool = next(pairs)
            ledger.post_journal(
                kind="entry_fee",  # type: ignore[arg-type]
                source_type="entry",
                source_id=key,
                key=key,
                lines=[ledger.Line(ledger.deposited(payer), ledger.escrow(pool), 10)],
                actor=None,
                now=now,
            )
            return "paid"

        return pay

    return work


def pay_winners(people: list[int], number: int) -> float:
    """The seconds that it takes to pay a thousand prizes at once, with the commit."""
    from django.db import transaction

    from wallet.services import escrow

    tournament, now = 10**6 + number, datetime.now(UTC)
    with transaction.atomic():
        escrow.fund_prize(tournament_id=tournament, source="sponsor", amount_rial=10**6, actor=None, now=now)
    prizes = [escrow.Prize(place, place, user, 10) for place, user in enumerate(people[:WINNERS], start=1)]
    began = time.perf_counter()
    with transaction.atomic():
        escrow.pay_prizes(tournament_id=tournament, prizes=prizes, fee_rial=0, actor=None, now=now)
    return time.perf_counter() - began


def grow(owner_url: str, transfers: int) -> None:
    """Old entries of others, written past the services: only their number matters."""
    import psycopg2

    for start in range(0, transfers, AT_ONCE):
        with psycopg2.connect(owner_url) as connection, connection.cursor() as cursor:
            cursor.execute("SET LOCAL wallet.writing = 'on'")
            cursor.execute(
                "WITH old AS ("
                " INSERT INTO wallet_journal (kind, source_type, source_id, key, reason, created_at)"
                " SELECT 'prize_funding', 'old', n, 'old:' || n, '', now() FROM generate_series(%s, %s) n RETURNING id)"
                " INSERT INTO wallet_transfer (journal_id, debit_id, credit_id, amount_rial)"
                " SELECT old.id, sponsor.id, pool.id, 1"
                " FROM old, wallet_ledgeraccount sponsor, wallet_ledgeraccount pool"
                " WHERE sponsor.code = 'sponsor' AND pool.code = 'escrow:' || (1 + old.id %% %s)",
                [start + 1, min(start + AT_ONCE, transfers), ESCROWS],
            )
        connection.close()
    setting_up.tidy(owner_url)


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run bench ledger", description=__doc__)
    parser.add_argument("--database", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--pgbench", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="two short rounds")
    parser.add_argument("--full", action="store_true", help="grow the books by ten million transfers, not by 100,000")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--json", type=Path, help="write the figures there")
    words = parser.parse_args()
    rounds, seconds = (2, 2.0) if words.quick else (12, 2.0)
    grown = 10_000_000 if words.full else 100_000
    with database.fresh(words.database, "meydan_bench") as url:
        return measure(url, words.pgbench, words.clients, rounds, seconds, grown, words.json)


def measure(url: str, pgbench: str, count: int, rounds: int, seconds: float, grown: int, to: Path | None) -> int:
    setting_up.connect(url)
    from django.db import connection, transaction

    from wallet.services import ledger

    people = setting_up.users(PEOPLE, amount_rial=10**9)
    with transaction.atomic():
        ledger.open_accounts(ledger.escrow(number) for number in range(1, ESCROWS + 1))
        ledger.open_accounts(ledger.winnings(user) for user in people[:WINNERS])
    connection.close()
    setting_up.tidy(url)
    everywhere = list(range(1, ESCROWS + 1))
    samples: dict[str, list[Sample]] = {name: [] for name in ("TPC-B", "spread", "hot", "grown")}
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr)  # noqa: T201
        samples["TPC-B"].append(database.tpcb(url, pgbench, clients=count, seconds=seconds))
        for name, pools in (("spread", everywhere), ("hot", [HOT])):
            samples[name].append(database.clients(url, paying(people, pools), count=count, seconds=seconds))
    setting_up.tidy(url)
    winners = [pay_winners(people, number) for number in range(3 * rounds)]
    connection.close()
    grow(url, grown)
    for _ in range(rounds):
        samples["grown"].append(database.clients(url, paying(people, everywhere), count=count, seconds=seconds))
    wrong = setting_up.broken()
    ratio = middle([ours.rate / limit.rate for ours, limit in zip(samples["spread"], samples["TPC-B"], strict=True)])
    hot = middle([hot.rate / spread.rate for hot, spread in zip(samples["hot"], samples["spread"], strict=True)])
    growth = middle([sample.cpu_ms for sample in samples["grown"]]) / middle([s.cpu_ms for s in samples["spread"]])
    tail = middle([sample.percentile(0.99) / sample.percentile(0.5) for sample in samples["hot"]])
    goals = [
        Goal("Entry fees through the service ÷ TPC-B", 0.65, ratio),
        Goal("One hot escrow ÷ spread over many", 0.95, hot),
        Goal("p99 ÷ p50 with one hot escrow", 3, tail, at_most=True),
        Goal(f"{WINNERS:,} winners paid at once, ms", 50, 1e3 * middle(winners), at_most=True),
        Goal(f"CPU of an entry fee with {grown:,} transfers more ÷ before", 1.2, growth, at_most=True),
        Goal("Invariants of the books broken", 0, len(wrong), at_most=True),
    ]
    print(f"{count} clients, {rounds} rounds of {seconds:.0f} s, medians; load before {os.getloadavg()[0]:.1f}")  # noqa: T201
    print(database.HEADER)  # noqa: T201
    titles = {
        "TPC-B": "pgbench, TPC-B, prepared",
        "spread": f"entry fees into {ESCROWS:,} escrows",
        "hot": "entry fees into one escrow",
        "grown": f"entry fees, {grown:,} transfers later",
    }
    for name, title in titles.items():
        print(database.row(title, samples[name], samples["TPC-B"]))  # noqa: T201
    print(f"  {WINNERS:,} winners at once: {1e3 * min(winners):.0f} ms best, {1e3 * middle(winners):.0f} ms median")  # noqa: T201
    print()  # noqa: T201
    print(database.verdict(goals))  # noqa: T201
    if to:
        figures = {goal.says: {"bound": goal.bound, "measured": goal.measured} for goal in goals}
        to.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n")
    return 0 if all(goal.is_met for goal in goals) else 1


if __name__ == "__main__":
    sys.exit(main())
