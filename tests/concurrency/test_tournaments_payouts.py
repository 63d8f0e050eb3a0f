"""Several sweeps, a cancellation and the last result at the same moment: every prize once, and every Rial somewhere."""

from collections.abc import Iterator
from functools import partial

import pytest
from django.db.models import Sum
from django.utils import timezone

from matches.services import results
from tests.concurrency.threads import in_parallel, rounds, told
from tests.factories.tournaments import play, player_of, running_tournament, submit
from tests.factories.wallet import assert_ledger_holds
from tournaments.models import Payout, Tournament
from tournaments.services import lifecycle, payouts
from wallet.models import Journal, LedgerAccount

pytestmark = pytest.mark.django_db(transaction=True)
FEE = 1_000_000


@pytest.fixture(autouse=True)
def books_hold() -> Iterator[None]:
    yield
    assert_ledger_holds()


def half_played() -> Tournament:
    """Semi-finals are over, so that places 3 and 4 are final."""
    tournament = running_tournament(
        4, entry_fee_rial=FEE, prize_source="entry_pool", prize_distribution=[5000, 3000, 1000, 1000]
    )
    for match in tournament.matches.filter(round=1).order_by("pk"):
        play(match, match.entrant_a)
    return tournament


def prize_journals() -> int:
    return Journal.objects.filter(kind="prize").count()


def test_sweeps_at_the_same_moment_pay_each_prize_once() -> None:
    tournament = half_played()
    now = timezone.now()
    told(in_parallel(*[partial(payouts.settle, tournament_id=tournament.pk, now=now)] * 6))
    assert (Payout.objects.filter(status="paid").count(), prize_journals()) == (2, 2)


def test_cancelling_or_paying_wins_never_both() -> None:
    for _ in rounds(4):
        tournament, before = half_played(), prize_journals()
        now = timezone.now()
        outcomes = told(
            in_parallel(
                partial(payouts.settle, tournament_id=tournament.pk, now=now),
                partial(
                    lifecycle.cancel, tournament_id=tournament.pk, actor=tournament.creator, reason="rain", now=now
                ),
            )
        )
        tournament.refresh_from_db()
        if tournament.status == "cancelled":
            assert (outcomes["done"], prize_journals() - before) == (2, 0)
            assert LedgerAccount.objects.get(tournament_id=tournament.pk).closed_at is not None
        else:
            assert (outcomes["prizes_paid"], prize_journals() - before) == (1, 2)


def test_last_result_and_a_sweep_at_the_same_moment_pay_everything_once() -> None:
    for _ in rounds(4):
        tournament = half_played()
        final = tournament.matches.get(round=2)
        submit(final, final.entrant_a)
        now = timezone.now()
        told(
            in_parallel(
                partial(results.confirm, match_id=final.pk, actor=player_of(final.entrant_b), now=now),
                *[partial(payouts.settle, tournament_id=tournament.pk, now=now)] * 2,
            )
        )
        paid = tournament.payouts.filter(status="paid")
        assert (paid.count(), paid.aggregate(sum=Sum("amount_rial"))["sum"]) == (4, 3_600_000)
        assert LedgerAccount.objects.get(tournament_id=tournament.pk).closed_at is not None
