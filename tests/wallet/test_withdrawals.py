from datetime import datetime, timedelta
from typing import Any

import pytest

from common.errors import NotFound, PermissionDenied, VersionConflict
from common.models import AuditEntry
from notifications.models import Notification
from tests.factories.payouts import approve, export, make_destination, make_sheba, proved, request_withdrawal
from tests.factories.users import StaffFactory, UserFactory
from tests.factories.wallet import account_balance, deposit, win
from users.assurance import Assurance
from users.errors import StepUpRequired, VerificationRequired
from users.models import User
from wallet import rules, selectors
from wallet.enums import WITHDRAWAL_TRANSITIONS, WithdrawalStatus
from wallet.errors import (
    DestinationCooling,
    InsufficientFunds,
    OwnWithdrawal,
    ReasonRequired,
    SecondPersonNeeded,
    WithdrawalClosed,
    WithdrawalTooSmall,
    WithdrawalTooSoon,
)
from wallet.models import Journal, PayoutDestination, Withdrawal
from wallet.services import destinations, withdrawals

pytestmark = pytest.mark.usefixtures("ledger_ok")
M = 1_000_000


@pytest.fixture
def destination(user: User) -> PayoutDestination:
    return make_destination(user)


def ask(user: User, destination: PayoutDestination, now: datetime, **changes: Any) -> Withdrawal:
    told = {"assurance": proved(now), "amount_rial": M, "destination_id": destination.pk, "now": now}
    return withdrawals.request(actor=user, **(told | changes))


def buckets(user: User) -> tuple[int, int, int]:
    money = selectors.balances(user)
    return money.deposited, money.winnings, money.held


def test_request_holds_winnings_and_tells(user: User, destination: PayoutDestination, now: datetime) -> None:
    win(user, 5 * M)
    deposit(user, 7 * M)
    asked = ask(user, destination, now, amount_rial=3 * M)
    assert (asked.status, asked.version, asked.amount_rial) == ("requested", 1, 3 * M)
    assert buckets(user) == (7 * M, 2 * M, 3 * M)
    assert selectors.balances(user).total == 12 * M
    assert Notification.objects.filter(user=user, kind="withdrawal_requested").count() == 1
    assert AuditEntry.objects.get(action="withdrawal.request").target_id == asked.pk


REFUSALS: dict[str, tuple[dict[str, Any], type[Exception]]] = {
    "no second factor": ({"assurance": Assurance()}, StepUpRequired),
    "below the least": ({"amount_rial": M - 1}, WithdrawalTooSmall),
    "zero": ({"amount_rial": 0}, WithdrawalTooSmall),
    "below zero": ({"amount_rial": -M}, WithdrawalTooSmall),
    "more than was won": ({"amount_rial": 2 * M + 1}, InsufficientFunds),
    "a large one of somebody who is not verified": ({"amount_rial": 100_000_001}, VerificationRequired),
    "no such destination": ({"destination_id": 0}, NotFound),
}


@pytest.mark.parametrize(("changes", "error"), REFUSALS.values(), ids=REFUSALS.keys())
def test_request_refuses_and_holds_nothing(
    user: User, destination: PayoutDestination, now: datetime, changes: dict[str, Any], error: type[Exception]
) -> None:
    win(user, 2 * M)
    deposit(user, 9 * M)
    with pytest.raises(error):
        ask(user, destination, now, **changes)
    assert buckets(user) == (9 * M, 2 * M, 0)
    assert Withdrawal.objects.count() == 0


def test_request_goes_to_ones_own_destination_only(user: User, now: datetime) -> None:
    win(user, M)
    mine = make_destination(user)
    destinations.remove(destination_id=mine.pk, actor=user, now=now)
    for other in (mine, make_destination(UserFactory())):
        with pytest.raises(NotFound):
            ask(user, other, now)
    assert buckets(user) == (0, M, 0)


@pytest.mark.parametrize("since", ["destination", "phone"])
def test_what_is_new_cools_down_to_the_second(user: User, now: datetime, settings: Any, since: str) -> None:
    win(user, M)
    cool = timedelta(hours=settings.DESTINATION_COOL_HOURS)
    if since == "destination":
        fresh = destinations.add(actor=user, assurance=proved(now), number=make_sheba(), owner_name="سارا", now=now)
    else:
        fresh = make_destination(user)
        User.objects.filter(pk=user.pk).update(phone_changed_at=now)
    with pytest.raises(DestinationCooling):
        ask(user, fresh, now + cool - timedelta(seconds=1))
    assert ask(user, fresh, now + cool).status == "requested"


def test_one_in_so_many_hours_unless_it_came_to_nothing(
    user: User, destination: PayoutDestination, now: datetime, settings: Any
) -> None:
    win(user, 9 * M)
    first = ask(user, destination, now)
    later = now + timedelta(hours=settings.WITHDRAWAL_EVERY_HOURS)
    with pytest.raises(WithdrawalTooSoon) as refusal:
        ask(user, destination, later - timedelta(seconds=1))
    assert refusal.value.params["next_at"] == later.isoformat(timespec="seconds")
    withdrawals.cancel(withdrawal_id=first.pk, actor=user, now=now)
    second = ask(user, destination, now)
    withdrawals.reject(withdrawal_id=second.pk, actor=StaffFactory(), reason="no", now=now)
    ask(user, destination, now)
    assert ask(user, destination, later).status == "requested"
    assert buckets(user) == (0, 7 * M, 2 * M)


def test_a_large_one_needs_a_verified_owner(user: User, destination: PayoutDestination, now: datetime) -> None:
    win(user, 200 * M)
    ask(user, destination, now, amount_rial=100 * M)
    tomorrow = now + timedelta(days=1)
    User.objects.filter(pk=user.pk).update(identity_verified_at=now)
    win(user, M)
    assert ask(user, destination, tomorrow, amount_rial=100 * M + 1).status == "requested"


def test_cancel_is_for_the_owner_before_anybody_decides(user: User, now: datetime) -> None:
    asked = request_withdrawal(user, 2 * M)
    for other in (UserFactory(), StaffFactory()):
        with pytest.raises(NotFound):
            withdrawals.cancel(withdrawal_id=asked.pk, actor=other, now=now)
    assert buckets(user) == (0, 0, 2 * M)
    cancelled = withdrawals.cancel(withdrawal_id=asked.pk, actor=user, now=now)
    assert (cancelled.status, cancelled.version, cancelled.ended_at) == ("cancelled", 2, now)
    assert buckets(user) == (0, 2 * M, 0)
    with pytest.raises(WithdrawalClosed):
        withdrawals.cancel(withdrawal_id=asked.pk, actor=user, now=now)
    assert buckets(user) == (0, 2 * M, 0)


def test_cancel_is_too_late_after_an_approval(user: User, now: datetime) -> None:
    approved = approve(request_withdrawal(user))
    with pytest.raises(WithdrawalClosed):
        withdrawals.cancel(withdrawal_id=approved.pk, actor=user, now=now)
    assert buckets(user) == (0, 0, M)


def test_approve_is_for_an_administrator_who_proved_it_and_does_not_own_it(user: User, now: datetime) -> None:
    owner = StaffFactory()
    asked = request_withdrawal(owner)
    for actor, assurance, error in [
        (user, proved(now), PermissionDenied),
        (UserFactory(is_staff=True), proved(now), PermissionDenied),
        (StaffFactory(), Assurance(), StepUpRequired),
        (owner, proved(now), OwnWithdrawal),
    ]:
        with pytest.raises(error):
            withdrawals.approve(withdrawal_id=asked.pk, actor=actor, assurance=assurance, now=now)
        asked.refresh_from_db()
        assert (asked.status, asked.version) == ("requested", 1)
    approved = approve(asked)
    assert (approved.status, approved.version, buckets(owner)) == ("approved", 2, (0, 0, M))
    assert Notification.objects.filter(user=owner, kind="withdrawal_approved").count() == 1


def test_a_large_one_takes_two_different_people(user: User, now: datetime, settings: Any) -> None:
    settings.WITHDRAWAL_TWO_PERSON_RIAL = 2 * M
    asked = request_withdrawal(user, 2 * M + 1)
    first, second = StaffFactory(), StaffFactory()

    def by(actor: User) -> Withdrawal:
        return withdrawals.approve(withdrawal_id=asked.pk, actor=actor, assurance=proved(now), now=now)

    once = by(first)
    assert (once.status, once.approved_by, once.second_approved_by, once.version) == ("requested", first, None, 2)
    with pytest.raises(SecondPersonNeeded):
        by(first)
    twice = by(second)
    assert (twice.status, twice.approved_by, twice.second_approved_by) == ("approved", first, second)


def test_exactly_the_limit_takes_one_person(user: User, settings: Any) -> None:
    settings.WITHDRAWAL_TWO_PERSON_RIAL = 2 * M
    approved = approve(request_withdrawal(user, 2 * M))
    assert approved.second_approved_by is None


@pytest.mark.parametrize("step", ["requested", "approved"])
def test_reject_gives_the_money_back_with_a_reason(user: User, now: datetime, step: str) -> None:
    asked = request_withdrawal(user, 2 * M)
    if step == "approved":
        asked = approve(asked)
    clerk = StaffFactory()
    with pytest.raises(ReasonRequired):
        withdrawals.reject(withdrawal_id=asked.pk, actor=clerk, reason=" ", now=now)
    with pytest.raises(PermissionDenied):
        withdrawals.reject(withdrawal_id=asked.pk, actor=user, reason="x", now=now)
    rejected = withdrawals.reject(withdrawal_id=asked.pk, actor=clerk, reason="another name", now=now)
    assert (rejected.status, rejected.reason) == ("rejected", "another name")
    assert buckets(user) == (0, 2 * M, 0)
    told = Notification.objects.get(user=user, kind="withdrawal_rejected")
    assert told.params["reason"] == "another name"
    with pytest.raises(WithdrawalClosed):
        withdrawals.reject(withdrawal_id=asked.pk, actor=clerk, reason="again", now=now)


def test_what_is_with_the_bank_is_neither_approved_nor_rejected_nor_cancelled(
    user: User, now: datetime, settings: Any
) -> None:
    settings.PAYOUT_DEBTOR_SHEBA, settings.PAYOUT_DEBTOR_NAME = make_sheba(), "Meydan"
    sent = request_withdrawal(user)
    export(sent)
    clerk = StaffFactory()
    for attempt in (
        lambda: withdrawals.cancel(withdrawal_id=sent.pk, actor=user, now=now),
        lambda: withdrawals.reject(withdrawal_id=sent.pk, actor=clerk, reason="x", now=now),
        lambda: withdrawals.approve(withdrawal_id=sent.pk, actor=clerk, assurance=proved(now), now=now),
    ):
        with pytest.raises(WithdrawalClosed):
            attempt()
    assert (buckets(user), account_balance("payout_clearing")) == ((0, 0, 0), M)


def test_a_decision_on_an_old_version_is_a_conflict(user: User, now: datetime) -> None:
    asked = approve(request_withdrawal(user))
    with pytest.raises(VersionConflict):
        withdrawals.reject(withdrawal_id=asked.pk, actor=StaffFactory(), reason="x", expected_version=1, now=now)
    assert buckets(user) == (0, 0, M)


def test_what_is_over_leads_nowhere() -> None:
    over = set(WithdrawalStatus) - set(WITHDRAWAL_TRANSITIONS)
    assert over == {"rejected", "returned", "cancelled"}
    assert WITHDRAWAL_TRANSITIONS["paid"] == ("returned",)


def test_available_actions_are_those_of_the_caller(user: User, now: datetime) -> None:
    asked = request_withdrawal(user)

    def may(caller: User) -> dict[str, str | None]:
        return {row["action"]: row["reason"] for row in rules.available_actions(asked, caller)}

    assert may(user) == {"cancel": None}
    assert may(StaffFactory()) == {"approve": None, "reject": None}
    assert may(UserFactory()) == {}
    asked = approve(asked)
    assert may(user) == {"cancel": "withdrawal_closed"}
    assert may(StaffFactory()) == {"approve": "withdrawal_closed", "reject": None}


def test_each_step_writes_one_journal_about_its_owner(user: User, now: datetime) -> None:
    asked = request_withdrawal(user)
    withdrawals.cancel(withdrawal_id=asked.pk, actor=user, now=now)
    kinds = Journal.objects.filter(source_type="withdrawal", source_id=asked.reference).order_by("pk")
    assert list(kinds.values_list("kind", "user")) == [("withdrawal", user.pk), ("withdrawal_return", user.pk)]


def test_what_is_not_there_is_not_found(staff: User, now: datetime) -> None:
    nothing = {"withdrawal_id": 0, "actor": staff, "now": now}
    for call in (
        lambda: withdrawals.cancel(**nothing),
        lambda: withdrawals.approve(**nothing, assurance=proved(now)),
        lambda: withdrawals.reject(**nothing, reason="no"),
    ):
        with pytest.raises(NotFound):
            call()


def test_it_is_said_when_the_next_one_is_possible(user: User, now: datetime, settings: Any) -> None:
    settings.WITHDRAWAL_EVERY_HOURS = 24
    destination = make_destination(user, now=now)
    request_withdrawal(user, destination=destination, now=now)
    with pytest.raises(WithdrawalTooSoon) as refusal:
        request_withdrawal(user, destination=destination, now=now + timedelta(hours=23))
    next_at = (now + timedelta(hours=24)).isoformat(timespec="seconds")
    assert refusal.value.params == {"hours": 24, "next_at": next_at}
    assert request_withdrawal(user, destination=destination, now=now + timedelta(hours=24)).status == "requested"
