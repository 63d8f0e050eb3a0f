from datetime import datetime
from typing import Any

import pytest
from django.db import transaction

from tests.factories.users import UserFactory
from tests.factories.wallet import account_balance, deposit, win
from users.models import User
from wallet import errors, selectors
from wallet.models import Journal, LedgerAccount
from wallet.services import escrow
from wallet.services.escrow import Prize

pytestmark = pytest.mark.usefixtures("ledger_ok")
T = 5


@pytest.fixture
def rich(user: User) -> User:
    deposit(user, 1000)
    win(user, 500)
    return user


def charge(payer: User, now: datetime, amount: int = 300, entrant: int = 1) -> Journal:
    return escrow.charge_entry(payer=payer, tournament_id=T, entrant_id=entrant, amount_rial=amount, now=now)


def refund(now: datetime, entrant: int = 1) -> int:
    return escrow.refund_entry(tournament_id=T, entrant_id=entrant, reason="left", actor=None, now=now)


def buckets(user: User) -> tuple[int, int]:
    balances = selectors.balances(user)
    return balances.deposited, balances.winnings


@pytest.mark.parametrize(("fee", "left"), [(300, (700, 500)), (1000, (0, 500)), (1200, (0, 300)), (1500, (0, 0))])
def test_charge_entry_takes_deposits_first_and_refund_returns_to_the_same_buckets(
    rich: User, now: datetime, fee: int, left: tuple[int, int]
) -> None:
    charge(rich, now, fee)
    assert buckets(rich) == left
    assert (selectors.balance(T), selectors.total_entries(T)) == (fee, fee)
    assert escrow.entry_amount(tournament_id=T, entrant_id=1) == fee

    assert refund(now) == fee
    assert buckets(rich) == (1000, 500)
    assert (selectors.balance(T), selectors.total_entries(T)) == (0, 0)
    assert escrow.entry_amount(tournament_id=T, entrant_id=1) == 0


def test_charge_entry_of_winnings_alone(user: User, now: datetime) -> None:
    win(user, 500)
    charge(user, now, 300)
    assert buckets(user) == (0, 200)


def test_charge_entry_is_charged_once(rich: User, now: datetime) -> None:
    assert charge(rich, now, 1200) == charge(rich, now, 1200)
    assert buckets(rich) == (0, 300)


def test_charge_entry_refuses_what_the_wallet_does_not_hold(rich: User, now: datetime) -> None:
    with pytest.raises(errors.InsufficientFunds) as refusal:
        charge(rich, now, 1501)
    assert refusal.value.params == {"amount": 1501, "available": 1500, "currency": "IRR"}
    assert buckets(rich) == (1000, 500)


def test_charge_entry_refuses_another_amount_or_payer_for_one_entrant(rich: User, now: datetime) -> None:
    charge(rich, now)
    other = UserFactory()
    deposit(other, 1000)
    for payer, amount in ((rich, 301), (other, 300)):
        with pytest.raises(errors.JournalConflict):
            charge(payer, now, amount)
    assert (buckets(rich), buckets(other)) == ((700, 500), (1000, 0))


@pytest.mark.parametrize("amount", [0, -5])
def test_charge_entry_refuses_no_fee(rich: User, now: datetime, amount: int) -> None:
    with pytest.raises(errors.InvalidAmount):
        charge(rich, now, amount)
    assert buckets(rich) == (1000, 500)


def test_charge_entry_does_not_give_a_free_seat_after_a_refund(rich: User, now: datetime) -> None:
    charge(rich, now)
    refund(now)
    with pytest.raises(errors.EntryRefunded):
        charge(rich, now)
    assert buckets(rich) == (1000, 500)


def test_refund_entry_gives_nothing_for_nothing_and_gives_once(rich: User, now: datetime) -> None:
    assert refund(now) == 0
    charge(rich, now)
    assert (refund(now), refund(now)) == (300, 300)
    assert buckets(rich) == (1000, 500)
    assert selectors.balance(T) == 0


@pytest.mark.parametrize(("source", "account"), [("sponsor", "sponsor"), ("platform", "platform")])
def test_fund_prize_comes_from_its_source_once_and_can_go_back(
    db: None, now: datetime, source: str, account: str
) -> None:
    def fund(amount: int) -> None:
        escrow.fund_prize(tournament_id=T, source=source, amount_rial=amount, actor=None, now=now)

    fund(900)
    fund(900)
    with pytest.raises(errors.JournalConflict):
        fund(901)
    assert (account_balance(account), selectors.balance(T)) == (-900, 900)
    back = {"tournament_id": T, "reason": "off", "actor": None, "now": now}
    assert escrow.return_prize_funding(**back) == 900
    assert escrow.return_prize_funding(**back) == 0
    assert (account_balance(account), selectors.balance(T)) == (0, 0)


def test_fund_prize_refuses_a_source_that_is_none(db: None, now: datetime) -> None:
    with pytest.raises(ValueError, match="entry_pool"):
        escrow.fund_prize(tournament_id=T, source="entry_pool", amount_rial=1, actor=None, now=now)
    assert Journal.objects.count() == 0


def test_pay_prizes_pays_winners_and_fee_once_and_close_takes_the_rest(rich: User, now: datetime) -> None:
    second = UserFactory()
    charge(rich, now, 1000)
    escrow.fund_prize(tournament_id=T, source="sponsor", amount_rial=500, actor=None, now=now)
    prizes = [Prize(1, 1, rich.pk, 800), Prize(2, 2, second.pk, 400), Prize(3, 3, second.pk, 0)]

    def pay(prizes: list[Prize], fee: int) -> None:
        escrow.pay_prizes(tournament_id=T, prizes=prizes, fee_rial=fee, actor=None, now=now)

    pay(prizes[1:], 0)
    assert selectors.balance(T) == 1100
    pay(prizes, 100)
    pay(prizes, 100)
    assert (buckets(rich), buckets(second)) == ((0, 1300), (0, 400))
    assert (account_balance("platform_fee"), selectors.balance(T)) == (100, 200)
    assert f"prize:{T}:1:1:{rich.pk}" in set(Journal.objects.values_list("key", flat=True))

    assert escrow.close(tournament_id=T, now=now) == 200
    assert escrow.close(tournament_id=T, now=now) == 0
    assert (account_balance("platform"), selectors.balance(T)) == (200, 0)


def test_pay_prizes_pays_nothing_when_the_escrow_is_short(rich: User, now: datetime) -> None:
    charge(rich, now, 300)
    prizes = [Prize(1, 1, rich.pk, 200), Prize(2, 2, rich.pk, 101)]
    with pytest.raises(errors.InsufficientFunds):
        escrow.pay_prizes(tournament_id=T, prizes=prizes, fee_rial=0, actor=None, now=now)
    assert (buckets(rich), selectors.balance(T)) == ((700, 500), 300)


def test_pay_prizes_refuses_another_amount_for_a_paid_place(rich: User, now: datetime) -> None:
    charge(rich, now, 300)
    escrow.pay_prizes(tournament_id=T, prizes=[Prize(1, 1, rich.pk, 100)], fee_rial=0, actor=None, now=now)
    with pytest.raises(errors.JournalConflict):
        escrow.pay_prizes(tournament_id=T, prizes=[Prize(1, 1, rich.pk, 101)], fee_rial=0, actor=None, now=now)
    assert (buckets(rich), selectors.balance(T)) == ((700, 600), 200)


def test_close_ends_the_books(rich: User, now: datetime) -> None:
    charge(rich, now)
    escrow.close(tournament_id=T, now=now)
    fund = {"tournament_id": T, "source": "sponsor", "amount_rial": 1, "actor": None, "now": now}
    with pytest.raises(errors.EscrowClosed):
        charge(rich, now, entrant=2)
    with pytest.raises(errors.EscrowClosed):
        escrow.fund_prize(**fund)
    with pytest.raises(errors.EscrowClosed):
        refund(now)
    assert LedgerAccount.objects.get(code=f"escrow:{T}").closed_at == now
    assert buckets(rich) == (700, 500)


def test_refund_all_returns_everything_and_closes(rich: User, now: datetime) -> None:
    payers = UserFactory.create_batch(3)
    for entrant, payer in enumerate([rich, *payers], start=1):
        if payer is not rich:
            deposit(payer, 1200)
        charge(payer, now, 1200, entrant)
    refund(now, entrant=2)
    escrow.fund_prize(tournament_id=T, source="platform", amount_rial=900, actor=None, now=now)

    everything = {"tournament_id": T, "reason": "off", "actor": None, "now": now}
    assert escrow.refund_all(**everything) == 3600
    assert escrow.refund_all(**everything) == 0
    assert buckets(rich) == (1000, 500)
    assert [buckets(payer) for payer in payers] == [(1200, 0)] * 3
    assert (account_balance("platform"), selectors.balance(T)) == (0, 0)


def test_refund_all_of_a_tournament_without_money_closes_it(db: None, now: datetime) -> None:
    assert escrow.refund_all(tournament_id=T, reason="off", actor=None, now=now) == 0
    assert LedgerAccount.objects.get(code=f"escrow:{T}").closed_at == now


def test_refund_all_refuses_when_prizes_are_paid(rich: User, now: datetime) -> None:
    charge(rich, now)
    escrow.pay_prizes(tournament_id=T, prizes=[Prize(1, 1, rich.pk, 1)], fee_rial=0, actor=None, now=now)
    with pytest.raises(errors.InsufficientFunds), transaction.atomic():
        escrow.refund_all(tournament_id=T, reason="off", actor=None, now=now)
    assert selectors.balance(T) == 299


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "call",
    [
        lambda now: charge(User(pk=1), now),
        refund,
        lambda now: escrow.fund_prize(tournament_id=T, source="sponsor", amount_rial=1, actor=None, now=now),
        lambda now: escrow.return_prize_funding(tournament_id=T, reason="", actor=None, now=now),
        lambda now: escrow.refund_all(tournament_id=T, reason="", actor=None, now=now),
        lambda now: escrow.pay_prizes(tournament_id=T, prizes=[], fee_rial=0, actor=None, now=now),
        lambda now: escrow.close(tournament_id=T, now=now),
    ],
)
def test_escrow_works_only_inside_a_use_case(now: datetime, call: Any) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        call(now)
