"""Seals change no balance, whoever is posting meanwhile."""

from datetime import datetime

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone

from common.db import use_case
from tests.concurrency.threads import in_parallel, until_somebody_waits_for_a_lock
from tests.factories.wallet import account_balance, assert_ledger_holds
from wallet.enums import JournalKind
from wallet.models import Seal
from wallet.services import escrow, ledger, sealing

pytestmark = pytest.mark.django_db(transaction=True)


@use_case
def fund(number: int, amount: int = 10) -> None:
    ledger.post_journal(
        kind=JournalKind.PRIZE_FUNDING, source_type="test", source_id=str(number), key=f"fund:{number}",
        lines=[ledger.Line(ledger.SPONSOR, ledger.escrow(7), amount)], actor=None, now=timezone.now(),
    )  # fmt: skip


def test_a_seal_is_where_adding_up_begins(now: datetime) -> None:
    for number in range(5):
        fund(number)
    assert sealing.seal(now=now, at_least=6) == 0
    assert sealing.seal(now=now, at_least=5) == 2
    assert sorted(Seal.objects.values_list("account__code", "balance_rial")) == [("escrow:7", 50), ("sponsor", -50)]
    fund(5)
    assert sealing.seal(now=now, at_least=2) == 0
    assert (account_balance("escrow:7"), account_balance("sponsor")) == (60, -60)
    assert sealing.seal(now=now, at_least=1) == 2
    assert account_balance("escrow:7") == 60
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Seal.objects.update(balance_rial=0)
    assert_ledger_holds()


def test_a_closed_account_is_sealed_at_its_end(now: datetime) -> None:
    fund(1)
    with transaction.atomic():
        assert escrow.close(tournament_id=7, now=now) == 10
    assert list(Seal.objects.values_list("account__code", "balance_rial")) == [("escrow:7", 0)]
    assert sealing.seal(now=now, at_least=1) == 2  # sponsor and platform
    assert_ledger_holds()


def test_what_is_not_committed_yet_is_not_passed_over(now: datetime) -> None:
    """A transfer has its number before others see it: a seal that went by numbers alone would lose it."""
    fund(1)

    def slow() -> None:
        with transaction.atomic():
            fund.__wrapped__(2)  # type: ignore[attr-defined]
            until_somebody_waits_for_a_lock()

    def sealer() -> int:
        with connection.cursor() as cursor:
            while True:
                cursor.execute("SELECT count(*) FROM pg_locks WHERE relation = 'wallet_transfer'::regclass")
                if cursor.fetchone()[0]:
                    return sealing.seal(now=now, at_least=1)

    outcomes = in_parallel(slow, sealer)
    assert outcomes[0] is None
    assert outcomes[1] in {0, 2}
    fund(3)
    sealing.seal(now=now, at_least=1)
    assert account_balance("escrow:7") == 30
    assert_ledger_holds()


def test_sealing_beside_many_who_post_loses_nothing(now: datetime) -> None:
    def posting(first: int) -> None:
        for number in range(first, first + 15):
            fund(number)

    def sealing_often() -> None:
        for _ in range(20):
            sealing.seal(now=now, at_least=1)

    jobs = [lambda n=n: posting(1_000 * n) for n in range(4)]
    assert in_parallel(*jobs, sealing_often) == [None] * 5
    assert account_balance("escrow:7") == 600
    assert Seal.objects.exists()
    connections.close_all()
    assert_ledger_holds()
