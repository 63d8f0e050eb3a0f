from datetime import datetime
from typing import Any

import pytest

from common.errors import IllegalTransition, NotFound, PermissionDenied
from common.models import AuditEntry
from notifications.models import Notification
from tests.factories.users import StaffFactory, UserFactory
from tests.factories.wallet import account_balance, deposit
from users.models import User
from wallet import selectors
from wallet.enums import AdjustmentSource, Bucket
from wallet.errors import InsufficientFunds, InvalidAmount, OwnWithdrawal, ReasonRequired, SecondPersonNeeded
from wallet.models import Adjustment, Journal
from wallet.services import adjustments

pytestmark = pytest.mark.usefixtures("ledger_ok")


def propose(user: User, now: datetime, **changes: Any) -> Adjustment:
    told = {
        "user_id": user.pk, "bucket": Bucket.DEPOSITED, "amount_rial": 500, "against": AdjustmentSource.PLATFORM,
        "reason": "lost in a migration", "actor": StaffFactory(), "now": now,
    }  # fmt: skip
    return adjustments.propose(**(told | changes))


@pytest.mark.parametrize("bucket", Bucket.values)
@pytest.mark.parametrize("against", AdjustmentSource.values)
def test_a_second_person_carries_it_out(user: User, now: datetime, bucket: str, against: str) -> None:
    proposed = propose(user, now, bucket=bucket, against=against)
    assert (proposed.status, selectors.balances(user).total, Journal.objects.count()) == ("proposed", 0, 0)
    done = adjustments.approve(adjustment_id=proposed.pk, actor=StaffFactory(), now=now, note="seen")
    assert (done.status, done.note) == ("approved", "seen")
    assert getattr(selectors.balances(user), bucket) == 500
    assert account_balance(against) == -500
    shown = selectors.transactions(user).get()
    assert (shown.kind, shown.reason, selectors.spendable_change(shown)) == ("adjustment", "lost in a migration", 500)
    assert Notification.objects.get(user=user).kind == "balance_adjusted"
    assert [entry.action for entry in AuditEntry.objects.order_by("pk")] == [
        "adjustment.propose",
        "adjustment.approved",
    ]


def test_money_is_taken_as_far_as_there_is_any(user: User, now: datetime) -> None:
    deposit(user, 700)
    clerk = StaffFactory()
    too_much = propose(user, now, amount_rial=-701)
    with pytest.raises(InsufficientFunds):
        adjustments.approve(adjustment_id=too_much.pk, actor=clerk, now=now)
    too_much.refresh_from_db()
    assert (too_much.status, selectors.balances(user).deposited) == ("proposed", 700)
    just = propose(user, now, amount_rial=-700)
    adjustments.approve(adjustment_id=just.pk, actor=clerk, now=now)
    assert (selectors.balances(user).deposited, account_balance("platform")) == (0, 700)


def test_decline_moves_nothing_and_nothing_is_decided_twice(user: User, now: datetime) -> None:
    proposed = propose(user, now)
    clerk = StaffFactory()
    assert adjustments.decline(adjustment_id=proposed.pk, actor=clerk, now=now).status == "declined"
    for decide in (adjustments.approve, adjustments.decline):
        with pytest.raises(IllegalTransition):
            decide(adjustment_id=proposed.pk, actor=clerk, now=now)
    assert (selectors.balances(user).total, Journal.objects.count()) == (0, 0)


@pytest.mark.parametrize("decide", [adjustments.approve, adjustments.decline])
def test_who_may_decide(user: User, now: datetime, decide: Any) -> None:
    author, owner = StaffFactory(), StaffFactory()
    proposed = propose(owner, now, actor=author)
    for actor, error in (
        (author, SecondPersonNeeded),
        (owner, OwnWithdrawal),
        (user, PermissionDenied),
        (UserFactory(is_staff=True), PermissionDenied),
    ):
        with pytest.raises(error):
            decide(adjustment_id=proposed.pk, actor=actor, now=now)
        proposed.refresh_from_db()
        assert proposed.status == "proposed"
    with pytest.raises(NotFound):
        decide(adjustment_id=0, actor=author, now=now)


@pytest.mark.parametrize(
    ("changes", "error"),
    [({"amount_rial": 0}, InvalidAmount), ({"amount_rial": 2**63}, InvalidAmount),
     ({"amount_rial": -(2**63)}, InvalidAmount), ({"reason": " "}, ReasonRequired), ({"user_id": 0}, NotFound)],
)  # fmt: skip
def test_propose_refuses(user: User, now: datetime, changes: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        propose(user, now, **changes)
    assert Adjustment.objects.count() == 0


def test_propose_is_for_administrators_and_never_for_oneself(user: User, staff: User, now: datetime) -> None:
    with pytest.raises(PermissionDenied):
        propose(UserFactory(), now, actor=user)
    with pytest.raises(OwnWithdrawal):
        propose(staff, now, actor=staff)
    assert Adjustment.objects.count() == 0


@pytest.mark.parametrize("sign", [1, -1])
def test_no_more_is_proposed_than_the_books_can_hold(user: User, now: datetime, sign: int) -> None:
    most = 10**15
    assert propose(user, now, amount_rial=sign * most).amount_rial == sign * most
    with pytest.raises(InvalidAmount):
        propose(user, now, amount_rial=sign * (most + 1))
    assert Adjustment.objects.count() == 1
