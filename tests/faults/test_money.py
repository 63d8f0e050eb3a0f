"""Money while processes die and people race: nothing is lost, nothing is there twice."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from common.db import use_case
from common.errors import Busy
from tests.concurrency.threads import in_parallel, told
from tests.factories.tournaments import make_tournament
from tests.factories.users import UserFactory
from tests.factories.wallet import assert_ledger_holds, deposit
from tests.faults.sizes import full
from tournaments.errors import AlreadyJoined, TournamentFull
from tournaments.models import Entrant, RosterMember, SeatCounter, Tournament
from tournaments.services import lifecycle, registration
from users.models import User
from wallet.models import Journal, Transfer
from wallet.selectors import account_balance, balance, balances
from wallet.services import escrow

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]
FEE = 1_000_000
START = 10**6
# A process of its own: transfers between five accounts at random, until so many are done or it is killed.
MOVER = """
import random, sys
import django
django.setup()
from django.db import transaction
from django.utils import timezone
from wallet.enums import JournalKind
from wallet.errors import InsufficientFunds
from wallet.services import ledger
number, transfers, *users = map(int, sys.argv[1:])
dice = random.Random(number)
print("ready", flush=True)
for n in range(transfers):
    one, other = dice.sample(users, 2)
    key = f"move:{number}:{n}"
    try:
        with transaction.atomic():
            ledger.post_journal(
                kind=JournalKind.ADJUSTMENT, source_type="test", source_id=key, key=key, actor=None, now=timezone.now(),
                lines=[ledger.Line(ledger.deposited(one), ledger.deposited(other), dice.randint(1, 50_000))],
            )
    except InsufficientFunds:
        pass
"""


@pytest.fixture(autouse=True)
def books_hold() -> Iterator[None]:
    yield
    assert_ledger_holds()


def test_processes_that_are_killed_while_they_move_money_lose_none(record_property: Callable[[str, Any], None]) -> None:
    users = UserFactory.create_batch(5)
    for user in users:
        deposit(user, START)
    where = connection.settings_dict
    login = f"{where['USER']}:{where['PASSWORD']}" if where["PASSWORD"] else where["USER"]
    env = {**os.environ, "DATABASE_URL": f"postgres://{login}@{where['HOST']}:{where['PORT']}/{where['NAME']}"}
    transfers = full(1_000, short=40)

    def start(number: int) -> subprocess.Popen[str]:
        words = [sys.executable, "-c", MOVER, number, transfers, *(user.pk for user in users)]
        return subprocess.Popen([str(word) for word in words], env=env, cwd=ROOT, text=True, stdout=subprocess.PIPE)

    movers = [start(number) for number in range(full(20, short=3))]
    for mover in movers:
        assert mover.stdout
        mover.stdout.readline()
    killed = 0
    for mover in movers:
        time.sleep(full(1, short=0))
        if mover.poll() is None and killed < len(movers) - 1:
            mover.send_signal(signal.SIGKILL)
            killed += 1
    for mover in movers:
        mover.communicate(timeout=600)
    assert sum(balances(user).deposited for user in users) == len(users) * START
    moved = Journal.objects.filter(kind="adjustment")
    assert Transfer.objects.filter(journal__in=moved).count() == moved.count()
    record_property("processes", len(movers))
    record_property("killed", killed)
    record_property("transfers written", moved.count())
    record_property("Rials of drift", 0)


def paid(**fields: Any) -> Tournament:
    return make_tournament(entry_fee_rial=FEE, prize_source="entry_pool", prize_distribution=[10_000], **fields)


def rich(number: int) -> list[User]:
    users = UserFactory.create_batch(number)
    for user in users:
        deposit(user, FEE)
    return users


def raised(outcome: Any) -> Any:
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def persistently(tournament: Tournament, user: User) -> str:
    """Join until there is an answer, as a client does whose connection was cut."""
    tries = 0
    while True:
        tries += 1
        try:
            registration.join(tournament_id=tournament.pk, actor=user, now=timezone.now())
        except (Busy, OperationalError, InterfaceError):
            connection.close()
        except AlreadyJoined:
            assert tries > 1  # the answer to the first try was lost, its seat was not
            return "done"
        except TournamentFull as refusal:
            return refusal.code
        else:
            return "done"


def test_a_rush_with_cut_connections_fills_exactly_the_seats_there_are(
    record_property: Callable[[str, Any], None],
) -> None:
    seats, threads = full(64, short=8), 20
    tournament, users = paid(max_participants=seats), rich(full(10_000, short=60))
    waiting = count()

    over = Event()

    def joining() -> list[str]:
        answers = []
        while (number := next(waiting)) < len(users):
            answers.append(persistently(tournament, users[number]))
        return answers

    def cutting() -> int:
        """End a connection of somebody who is joining, again and again; how often."""
        cut = 0
        while not over.wait(0.05):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND pid <> pg_backend_pid() AND state <> 'idle' ORDER BY random() LIMIT 1"
                )
                cut += cursor.rowcount
        return cut

    def joining_all() -> list[str]:
        try:
            return [answer for part in in_parallel(*[joining] * threads) for answer in raised(part)]
        finally:
            over.set()

    outcome, cut = map(raised, in_parallel(joining_all, cutting))
    answers = Counter(outcome)
    assert answers == {"done": seats, "tournament_full": len(users) - seats}
    assert SeatCounter.objects.get(pk=tournament.pk).taken == seats
    assert Entrant.objects.holding_a_seat().filter(tournament=tournament).count() == seats
    assert RosterMember.objects.filter(tournament=tournament, is_active=True).count() == seats
    assert balance(tournament.pk) == seats * FEE
    assert sorted(balances(user).total for user in users) == [0] * seats + [FEE] * (len(users) - seats)
    record_property("joins for seats", f"{len(users)} for {seats}")
    record_property("connections cut meanwhile", cut)


def test_cancel_finish_and_join_at_once_give_each_entry_back_or_play_it(
    record_property: Callable[[str, Any], None],
) -> None:
    rounds = full(200, short=4)
    played = refunded = 0
    for number in range(rounds):
        pool = 10**7 + number
        early, late = rich(3), rich(2)
        with transaction.atomic():
            for entrant, user in enumerate(early):
                escrow.charge_entry(
                    payer=user, tournament_id=pool, entrant_id=entrant, amount_rial=FEE, now=timezone.now()
                )

        @use_case
        def finish(pool: int = pool, winner: User = early[0]) -> None:
            # as with the tournament's row: who ends it has it alone, those who join share it
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [pool])
            entries = Journal.objects.filter(source_type="entry", source_id__startswith=f"{pool}:", reversed_by=None)
            prize = escrow.Prize(1, 0, winner.pk, entries.count() * FEE)
            escrow.pay_prizes(tournament_id=pool, prizes=[prize], fee_rial=0, actor=None, now=timezone.now())
            escrow.close(tournament_id=pool, now=timezone.now())

        @use_case
        def cancel(pool: int = pool) -> None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [pool])
            escrow.refund_all(tournament_id=pool, reason="off", actor=None, now=timezone.now())

        @use_case
        def join(entrant: int, user: User, pool: int = pool) -> None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [pool])
            escrow.charge_entry(payer=user, tournament_id=pool, entrant_id=entrant, amount_rial=FEE, now=timezone.now())

        jobs = [finish, cancel, *(lambda e=e, u=u, j=join: j(10 + e, u) for e, u in enumerate(late))]
        assert told(in_parallel(*jobs)).keys() <= {"done", "escrow_closed", "insufficient_funds", "busy"}
        cancel()
        assert balance(pool) == 0
        entries = Journal.objects.filter(kind="entry_fee", source_id__startswith=f"{pool}:")
        back = entries.filter(reversed_by__isnull=False).count()
        # all of them went one way, and with an empty escrow nothing is between the two
        assert back in {0, entries.count()}
        played += entries.count() - back
        refunded += back
    assert account_balance("platform") == 0
    record_property("rounds", rounds)
    record_property("entries played, refunded", f"{played}, {refunded}")


def test_a_tournament_cancelled_and_joined_at_once_owes_nobody() -> None:
    for _ in range(full(200, short=2)):
        tournament, users = paid(max_participants=8), rich(4)
        for user in users[:2]:
            registration.join(tournament_id=tournament.pk, actor=user, now=timezone.now())

        def cancel(tournament: Tournament = tournament) -> None:
            lifecycle.cancel(tournament_id=tournament.pk, actor=tournament.creator, reason="off", now=timezone.now())

        def join(user: User, tournament: Tournament = tournament) -> None:
            registration.join(tournament_id=tournament.pk, actor=user, now=timezone.now())

        told(in_parallel(cancel, *(lambda user=user, j=join: j(user) for user in users[2:])))
        assert balance(tournament.pk) == 0
        assert [balances(user).total for user in users] == [FEE] * 4
