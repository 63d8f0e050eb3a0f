from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from common.errors import InvalidInput, NotFound, PermissionDenied
from notifications.models import Notification
from tests.factories.payouts import make_destination, proved
from tests.factories.users import StaffFactory, UserFactory
from tests.factories.wallet import account_balance, deposit, win
from users.models import User
from wallet import selectors
from wallet.errors import InsufficientFunds, InvalidAmount, OwnWithdrawal, PromotionExists, PromotionTooLarge
from wallet.models import PromotionGrant, Transfer
from wallet.services import escrow, promotions, withdrawals
from wallet.tasks import expire_promotions

pytestmark = pytest.mark.usefixtures("ledger_ok")


def give(user: User, amount: int, now: datetime, **changes: Any) -> PromotionGrant:
    told = {"user_id": user.pk, "amount_rial": amount, "campaign": "nowruz", "actor": StaffFactory(), "now": now}
    return promotions.grant(**(told | changes))


def enter(user: User, amount: int, now: datetime, entrant_id: int = 1) -> None:
    with transaction.atomic():
        escrow.charge_entry(payer=user, tournament_id=1, entrant_id=entrant_id, amount_rial=amount, now=now)


def leave(now: datetime, entrant_id: int = 1) -> None:
    with transaction.atomic():
        escrow.refund_entry(tournament_id=1, entrant_id=entrant_id, reason="left", actor=None, now=now)


def buckets(user: User) -> tuple[int, int, int]:
    money = selectors.balances(user)
    return money.bonus, money.deposited, money.winnings


def test_a_gift_is_a_bucket_of_its_own(user: User, now: datetime) -> None:
    given = give(user, 500, now)
    assert (given.campaign, buckets(user), account_balance("promotion")) == ("nowruz", (500, 0, 0), -500)
    assert selectors.balances(user).spendable == 500
    assert [row.kind for row in selectors.transactions(user)] == ["promotion"]
    assert Notification.objects.get(user=user).kind == "promotion_granted"


@pytest.mark.parametrize(
    ("fee", "left"),
    [(100, (100, 300, 400)), (200, (0, 300, 400)), (201, (0, 299, 400)), (500, (0, 0, 400)), (501, (0, 0, 399)),
     (900, (0, 0, 0))],
)  # fmt: skip
def test_an_entry_takes_gifts_then_deposits_then_winnings_and_its_refund_goes_back(
    user: User, now: datetime, fee: int, left: tuple[int, int, int]
) -> None:
    give(user, 200, now)
    deposit(user, 300)
    win(user, 400)
    enter(user, fee, now)
    assert buckets(user) == left
    assert all(transfer.amount_rial > 0 for transfer in Transfer.objects.filter(credit__kind="escrow"))
    leave(now)
    assert buckets(user) == (200, 300, 400)


def test_an_entry_that_costs_more_than_all_of_it_takes_nothing(user: User, now: datetime) -> None:
    give(user, 200, now)
    deposit(user, 300)
    with pytest.raises(InsufficientFunds) as refusal:
        enter(user, 501, now)
    assert refusal.value.params == {"amount": 501, "available": 500, "currency": "IRR"}
    assert buckets(user) == (200, 300, 0)


def test_a_gift_is_never_withdrawn(user: User, now: datetime) -> None:
    give(user, 2_000_000, now)
    destination = make_destination(user)
    with pytest.raises(InsufficientFunds):
        withdrawals.request(
            actor=user, assurance=proved(now), amount_rial=1_000_000, destination_id=destination.pk, now=now
        )
    assert buckets(user) == (2_000_000, 0, 0)


def test_what_is_left_at_the_end_of_its_time_goes_back(user: User, now: datetime) -> None:
    end = now + timedelta(days=7)
    given = give(user, 500, now, expires_at=end)
    enter(user, 120, now)
    assert promotions.expire_due(now=end - timedelta(seconds=1)) == 0
    assert promotions.expire_due(now=end) == 1
    assert promotions.expire_due(now=end) == 0
    assert (buckets(user), account_balance("promotion")) == ((0, 0, 0), -120)
    row = selectors.transactions(user).get(kind="promotion_expiry")
    assert (row.reverses.key, selectors.spendable_change(row)) == (f"promotion:{given.pk}", -380)
    leave(end)
    assert buckets(user) == (120, 0, 0)


def test_what_ends_soonest_is_spent_first(user: User, now: datetime) -> None:
    soon, later = now + timedelta(days=1), now + timedelta(days=2)
    give(user, 300, now, campaign="later", expires_at=later)
    give(user, 200, now, campaign="soon", expires_at=soon)
    give(user, 100, now, campaign="for good")
    enter(user, 150, now)
    promotions.expire_due(now=soon)
    assert buckets(user) == (400, 0, 0)
    enter(user, 100, now, entrant_id=2)
    promotions.expire_due(now=later)
    assert buckets(user) == (100, 0, 0)


def test_a_gift_that_is_spent_ends_in_silence(user: User, now: datetime) -> None:
    given = give(user, 200, now, expires_at=now + timedelta(days=1))
    enter(user, 200, now)
    assert promotions.expire_due(now=now + timedelta(days=1)) == 1
    given.refresh_from_db()
    assert given.expired_at == now + timedelta(days=1)
    assert Notification.objects.filter(kind="promotion_expired").count() == 0


def test_the_sweep_ends_what_is_due(user: User, now: datetime) -> None:
    long_ago = now - timedelta(days=9)
    give(user, 200, long_ago, expires_at=now - timedelta(days=1))
    for _ in range(2):
        expire_promotions()
    assert buckets(user) == (0, 0, 0)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"amount_rial": 0}, InvalidAmount), ({"amount_rial": -5}, InvalidAmount),
        ({"amount_rial": 10_000_001}, PromotionTooLarge), ({"campaign": " "}, InvalidInput),
        ({"user_id": 0}, NotFound), ({"expires_at": datetime.fromisoformat("2020-01-01T00:00:00+00:00")}, InvalidInput),
    ],
)  # fmt: skip
def test_grant_refuses(user: User, now: datetime, changes: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        give(user, 100, now, **changes)
    assert PromotionGrant.objects.count() == 0


def test_grant_is_for_administrators_and_never_for_oneself(user: User, staff: User, now: datetime) -> None:
    for actor, error in ((user, PermissionDenied), (UserFactory(is_staff=True), PermissionDenied)):
        with pytest.raises(error):
            give(UserFactory(), 100, now, actor=actor)
    with pytest.raises(OwnWithdrawal):
        give(staff, 100, now, actor=staff)
    assert PromotionGrant.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_campaign_gives_to_a_user_once(user: User, now: datetime) -> None:
    give(user, 100, now)
    with pytest.raises(PromotionExists):
        give(user, 100, now)
    give(UserFactory(), 100, now)
    assert buckets(user) == (100, 0, 0)


def test_grant_takes_the_limits_themselves_and_names_what_is_wrong(user: User, now: datetime, settings: Any) -> None:
    settings.PROMOTION_MAX_RIAL = 50
    for number, amount in enumerate((1, 50)):
        give(user, amount, now, campaign=f"{number}", expires_at=now + timedelta(seconds=1))
    with pytest.raises(PromotionTooLarge) as too_large:
        give(user, 51, now)
    assert too_large.value.params == {"limit": 50, "currency": "IRR"}
    for field, code, changes in (
        ("campaign", "required", {"campaign": " "}),
        ("expires_at", "invalid", {"expires_at": now}),
    ):
        with pytest.raises(InvalidInput) as refusal:
            give(user, 10, now, **changes)
        assert {name: error[0]["code"] for name, error in refusal.value.errors.items()} == {field: code}
    assert PromotionGrant.objects.count() == 2


def test_a_grant_that_another_worker_has_ended_is_not_counted(user: User, now: datetime) -> None:
    given = give(user, 10, now, expires_at=now + timedelta(days=1))
    end = now + timedelta(days=1)
    assert [promotions._expire(grant_id=given.pk, now=end) for _ in range(2)] == [True, False]
    assert account_balance("promotion") == 0
