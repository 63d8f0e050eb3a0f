"""Seats that are kept for one payer at the same moment."""

from collections.abc import Callable
from threading import Barrier
from typing import Any

import pytest
from django.utils import timezone

from tests.banks import BankDoor, bank, bank_server
from tests.concurrency.threads import in_parallel, one_waits_for_the_other, rounds, told
from tests.factories.tournaments import make_tournament
from tests.factories.users import UserFactory
from tests.factories.wallet import assert_ledger_holds
from tournaments.models import Entrant, SeatCounter, Tournament
from tournaments.services import paying
from users.models import User
from wallet.models import Payment
from wallet.services import ledger, payments

__all__ = ["bank", "bank_server"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def limits(bank: BankDoor, settings: Any) -> None:
    settings.UNPAID_SEATS_PER_USER = 2


def make_cups(count: int) -> list[Tournament]:
    return [make_tournament(entry_fee_rial=100_000) for _ in range(count)]


def keeping(cup: Tournament, user: User) -> Callable[[], Any]:
    return lambda: paying.join(tournament_id=cup.pk, actor=user, now=timezone.now())


def kept_seats() -> int:
    held = Entrant.objects.holding_a_seat().count()
    assert sum(SeatCounter.objects.values_list("taken", flat=True)) == Payment.objects.count() == held
    assert_ledger_holds()
    return held


def test_counting_without_a_lock_keeps_too_many_seats(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.UNPAID_SEATS_PER_USER = 1
    user, cups, both_have_counted, create = UserFactory(), make_cups(2), Barrier(2), payments.create
    monkeypatch.setattr(ledger, "lock_accounts", lambda accounts: {})

    def paused(**kwargs: Any) -> Payment:
        both_have_counted.wait(20)
        return create(**kwargs)

    monkeypatch.setattr(payments, "create", paused)
    assert told(in_parallel(*[keeping(cup, user) for cup in cups])) == {"done": 2}
    assert kept_seats() == 2


def test_the_second_waits_until_the_first_is_counted(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.UNPAID_SEATS_PER_USER = 1
    user, cups = UserFactory(), make_cups(2)
    jobs = [keeping(cup, user) for cup in cups]
    assert told(one_waits_for_the_other(monkeypatch, payments, "create", *jobs)) == {
        "done": 1, "too_many_unpaid_seats": 1,
    }  # fmt: skip
    assert kept_seats() == 1


def test_no_more_seats_are_kept_than_the_limit_however_many_are_asked_for_at_once() -> None:
    for _ in rounds(2):
        user, cups, before = UserFactory(), make_cups(6), kept_seats()
        answers = told(in_parallel(*[keeping(cup, user) for cup in cups]))
        assert answers == {"done": 2, "too_many_unpaid_seats": 4}
        assert kept_seats() - before == 2
