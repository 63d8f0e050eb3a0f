"""Winnings go out once, however many ask at the same moment; staff decide once."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from common.models import AuditEntry
from tests.concurrency.threads import in_parallel, one_waits_for_the_other, rounds, told
from tests.factories.payouts import DEBTOR, approve, export, make_destination, make_sheba, proved, request_withdrawal
from tests.factories.users import StaffFactory, UserFactory
from tests.factories.wallet import assert_ledger_holds, win
from users.models import User
from wallet import selectors
from wallet.errors import DestinationExists, TooManyDestinations
from wallet.models import Journal, PayoutBatch, PayoutDestination, Withdrawal
from wallet.services import adjustments, destinations, payouts, promotions, withdrawals

pytestmark = pytest.mark.django_db(transaction=True)
M = 1_000_000


@pytest.fixture(autouse=True)
def books_hold(settings: Any) -> Iterator[None]:
    settings.PAYOUT_DEBTOR_SHEBA, settings.PAYOUT_DEBTOR_NAME = DEBTOR, "Meydan"
    yield
    assert_ledger_holds()


def asking(user: User, destination: PayoutDestination, amount: int) -> Any:
    def ask() -> Withdrawal:
        now = timezone.now()
        return withdrawals.request(
            actor=user, assurance=proved(now), amount_rial=amount, destination_id=destination.pk, now=now
        )

    return ask


@pytest.mark.parametrize("hours", [24, 0], ids=["one a day", "by the balance alone"])
def test_withdrawals_of_the_whole_balance_at_once_are_one(settings: Any, hours: int) -> None:
    settings.WITHDRAWAL_EVERY_HOURS = hours
    for _ in rounds(2):
        user = UserFactory()
        win(user, M)
        answers = told(in_parallel(*[asking(user, make_destination(user), M)] * 8))
        refusal = "withdrawal_too_soon" if hours else "insufficient_funds"
        assert answers == Counter({"done": 1, refusal: 7})
        money = selectors.balances(user)
        assert (money.winnings, money.held) == (0, M)


def test_approve_reject_and_cancel_at_once_end_in_one_state() -> None:
    for _ in rounds(4):
        user = UserFactory()
        asked = request_withdrawal(user, M)
        first, second, now = StaffFactory(), StaffFactory(), timezone.now()
        told(
            in_parallel(
                partial(withdrawals.approve, withdrawal_id=asked.pk, actor=first, assurance=proved(now), now=now),
                partial(withdrawals.reject, withdrawal_id=asked.pk, actor=second, reason="x", now=now),
                partial(withdrawals.cancel, withdrawal_id=asked.pk, actor=user, now=now),
            )
        )
        asked.refresh_from_db()
        money = selectors.balances(user)
        assert (money.winnings, money.held) == ((0, M) if asked.status == "approved" else (M, 0))


def test_two_approvals_of_one_person_at_once_count_once(settings: Any) -> None:
    settings.WITHDRAWAL_TWO_PERSON_RIAL = 1
    for _ in rounds(3):
        asked, clerk, now = request_withdrawal(UserFactory(), M), StaffFactory(), timezone.now()
        decide = partial(withdrawals.approve, withdrawal_id=asked.pk, actor=clerk, assurance=proved(now), now=now)
        assert told(in_parallel(*[decide] * 4)) == Counter({"done": 1, "second_person_needed": 3})
        asked.refresh_from_db()
        assert (asked.status, asked.second_approved_by) == ("requested", None)


def test_an_export_that_comes_many_times_hands_over_once() -> None:
    for _ in rounds(2):
        ids = [approve(request_withdrawal(UserFactory(), M)).pk for _ in range(3)]
        clerk, now, before = StaffFactory(), timezone.now(), PayoutBatch.objects.count()
        overlapping = [ids, ids[:2], ids[1:], ids]
        jobs = [partial(payouts.export, withdrawal_ids=some, actor=clerk, now=now) for some in overlapping]
        answers = told(in_parallel(*jobs))
        assert answers["done"] == 1
        assert PayoutBatch.objects.count() == before + 1


def test_the_banks_answers_that_come_at_once_count_once() -> None:
    for _ in rounds(3):
        user = UserFactory()
        sent = request_withdrawal(user, M)
        export(sent)
        clerk, now = StaffFactory(), timezone.now()
        jobs = [
            partial(payouts.record_paid, withdrawal_id=sent.pk, bank_reference="R", actor=clerk, now=now),
            partial(payouts.record_returned, withdrawal_id=sent.pk, reason="closed", actor=clerk, now=now),
        ]
        told(in_parallel(*jobs * 3))
        sent.refresh_from_db()
        paid = sent.status == "paid"
        assert selectors.balances(user).winnings == (0 if paid else M)
        assert Journal.objects.filter(source_id=sent.reference, kind="payout").count() == paid


def test_a_late_return_that_many_report_at_once_comes_back_once() -> None:
    for _ in rounds(3):
        user = UserFactory()
        sent = request_withdrawal(user, M)
        export(sent)
        now, clerks = timezone.now(), StaffFactory.create_batch(3)
        payouts.record_paid(withdrawal_id=sent.pk, bank_reference="R", actor=clerks[0], now=now)
        known = {"withdrawal_id": sent.pk, "reason": "closed", "now": now}
        jobs = [partial(payouts.record_late_return, **known, actor=who, assurance=proved(now)) for who in clerks] * 2
        answers = told(in_parallel(*jobs))
        assert answers.keys() <= {"done", "second_person_needed"}
        sent.refresh_from_db()
        assert (sent.status, sent.return_reported_by_id != sent.return_confirmed_by_id) == ("returned", True)
        assert selectors.balances(user).winnings == M
        assert Journal.objects.filter(source_id=sent.reference, kind="withdrawal_return").count() == 1


def test_one_person_who_reports_many_times_at_once_is_one_person() -> None:
    for _ in rounds(3):
        sent, clerk, now = request_withdrawal(UserFactory(), M), StaffFactory(), timezone.now()
        export(sent)
        payouts.record_paid(withdrawal_id=sent.pk, bank_reference="R", actor=clerk, now=now)
        known = {"withdrawal_id": sent.pk, "reason": "closed", "actor": clerk, "now": now}
        report = partial(payouts.record_late_return, **known, assurance=proved(now))
        assert told(in_parallel(*[report] * 4)) == Counter({"done": 1, "second_person_needed": 3})
        sent.refresh_from_db()
        assert (sent.status, sent.return_confirmed_by) == ("paid", None)


def test_a_late_return_confirmed_and_dismissed_at_once_is_one_of_both() -> None:
    for _ in rounds(4):
        user, clerks, now = UserFactory(), StaffFactory.create_batch(3), timezone.now()
        sent = request_withdrawal(user, M)
        export(sent)
        payouts.record_paid(withdrawal_id=sent.pk, bank_reference="R", actor=clerks[0], now=now)
        known = {"withdrawal_id": sent.pk, "reason": "closed", "now": now}
        payouts.record_late_return(**known, actor=clerks[0], assurance=proved(now))
        confirm = partial(payouts.record_late_return, **known, actor=clerks[1], assurance=proved(now))
        dismiss = partial(payouts.dismiss_late_return, **known, actor=clerks[2])
        answers = told(in_parallel(confirm, dismiss))
        sent.refresh_from_db()
        back = sent.status == "returned"
        # dismissed first, the other report is a first one
        assert answers == (Counter({"done": 1, "withdrawal_closed": 1}) if back else Counter({"done": 2}))
        assert (selectors.balances(user).winnings, sent.return_confirmed_by_id is not None) == (M if back else 0, back)


def test_an_adjustment_decided_by_many_at_once_is_booked_once() -> None:
    user, author, now = UserFactory(), StaffFactory(), timezone.now()
    proposed = adjustments.propose(
        user_id=user.pk, bucket="winnings", amount_rial=500, against="platform", reason="x", actor=author, now=now
    )
    deciders = StaffFactory.create_batch(6)
    jobs = [partial(adjustments.approve, actor=who, adjustment_id=proposed.pk, now=now) for who in deciders]
    assert told(in_parallel(*jobs)) == Counter({"done": 1, "illegal_transition": 5})
    assert selectors.balances(user).winnings == 500


def test_a_promotion_that_ends_in_two_sweeps_ends_once() -> None:
    user, now = UserFactory(), timezone.now()
    end = now + timedelta(days=1)
    promotions.grant(user_id=user.pk, amount_rial=500, campaign="x", actor=StaffFactory(), now=now, expires_at=end)
    assert sorted(in_parallel(*[lambda: promotions.expire_due(now=end)] * 4)) == [0, 0, 0, 1]
    assert selectors.balances(user).bonus == 0


def test_destinations_added_at_once_keep_the_limit_and_are_not_doubled(settings: Any) -> None:
    settings.MAX_DESTINATIONS_PER_USER = 2
    user, sheba, now = UserFactory(), make_sheba(), timezone.now()
    numbers = [sheba, sheba, make_sheba(), make_sheba(), make_sheba()]
    jobs = [
        lambda number=number: destinations.add(
            actor=user, assurance=proved(now), number=number, owner_name="x", now=now
        )
        for number in numbers
    ]
    answers = in_parallel(*jobs)
    refused = [type(answer) for answer in answers if isinstance(answer, Exception)]
    assert set(refused) <= {DestinationExists, TooManyDestinations}
    assert PayoutDestination.objects.filter(user=user).count() == 2


def test_two_who_add_the_same_number_at_once_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    number, now, users = make_sheba(), timezone.now(), UserFactory.create_batch(2)
    first, second = (
        partial(destinations.add, actor=user, assurance=proved(now), number=number, owner_name="x", now=now)
        for user in users
    )
    assert told(one_waits_for_the_other(monkeypatch, destinations, "notify", first, second)) == Counter({"done": 2})
    [alarm] = AuditEntry.objects.filter(action="destination.shared")
    assert (alarm.target_id, alarm.changes) == (
        PayoutDestination.objects.get(user=users[1]).pk, {"users": [users[0].pk]},
    )  # fmt: skip
