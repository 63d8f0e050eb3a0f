"""What the bank sends back after it has paid: two people see it, and the owner has it again."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from common.errors import NotFound, PermissionDenied
from common.local_time import day_of
from common.models import AuditEntry
from notifications.models import Notification
from tests.factories.payouts import DEBTOR, approve, export, proved, request_withdrawal
from tests.factories.users import StaffFactory, UserFactory
from tests.wallet.test_payouts import results
from users.assurance import Assurance
from users.errors import StepUpRequired
from users.models import User
from users.services import closing
from wallet import errors, reports, selectors, statements
from wallet.models import Journal, Withdrawal
from wallet.services import checking, payouts

pytestmark = pytest.mark.usefixtures("ledger_ok")
M = 1_000_000


@pytest.fixture(autouse=True)
def debtor(settings: Any) -> None:
    settings.PAYOUT_DEBTOR_SHEBA, settings.PAYOUT_DEBTOR_NAME = DEBTOR, "Meydan"


@pytest.fixture
def paid(user: User, now: datetime) -> Withdrawal:
    return pay(user, now)


@pytest.fixture
def other() -> User:
    return StaffFactory()


def pay(user: User, now: datetime) -> Withdrawal:
    sent = request_withdrawal(user, 2 * M, now=now)
    export(sent, now=now)
    return payouts.record_paid(withdrawal_id=sent.pk, bank_reference="R1", actor=StaffFactory(), now=now)


def late(withdrawal: Withdrawal, actor: User, now: datetime, **changes: Any) -> Withdrawal:
    told = {"reason": "the account is closed", "assurance": proved(now)} | changes
    return payouts.record_late_return(withdrawal_id=withdrawal.pk, actor=actor, now=now, **told)


def state(withdrawal: Withdrawal) -> tuple[str, int, int]:
    """Its status, the owner's winnings, and what the bank has of ours."""
    withdrawal.refresh_from_db()
    return withdrawal.status, selectors.balances(withdrawal.user).winnings, selectors.account_balance("bank")


def test_two_people_bring_it_back(paid: Withdrawal, user: User, staff: User, other: User, now: datetime) -> None:
    first = late(paid, staff, now)
    assert (first.return_reported_by, first.return_reason, first.reason) == (staff, "the account is closed", "")
    assert state(paid) == ("paid", 0, 2 * M)
    second = late(paid, other, now, reason="")
    assert (second.return_confirmed_by, second.reason, second.ended_at) == (other, "the account is closed", now)
    assert (second.bank_reference, second.version) == ("R1", first.version + 1)
    assert state(paid) == ("returned", 2 * M, 0)
    [told] = Notification.objects.filter(user=user, kind="withdrawal_returned")
    assert told.params["reason"] == "the account is closed"
    about = AuditEntry.objects.filter(target_type="wallet.withdrawal", target_id=paid.pk).order_by("pk")
    assert list(about.values_list("action", "actor"))[-2:] == [
        ("withdrawal.return_first", staff.pk), ("withdrawal.returned", other.pk),
    ]  # fmt: skip


def test_saying_so_again_changes_nothing(paid: Withdrawal, staff: User, other: User, now: datetime) -> None:
    for actor in (staff, other, staff, other, StaffFactory()):
        late(paid, actor, now)
    assert state(paid) == ("returned", 2 * M, 0)
    assert Journal.objects.filter(kind="withdrawal_return").count() == 1
    assert Notification.objects.filter(kind="withdrawal_returned").count() == 1
    assert payouts.record_returned(withdrawal_id=paid.pk, reason="x", actor=staff, now=now).version == paid.version
    with pytest.raises(errors.WithdrawalClosed):
        payouts.record_paid(withdrawal_id=paid.pk, bank_reference="R1", actor=staff, now=now)


def test_one_person_is_not_enough(paid: Withdrawal, staff: User, now: datetime) -> None:
    late(paid, staff, now)
    with pytest.raises(errors.SecondPersonNeeded):
        late(paid, staff, now)
    with pytest.raises(errors.WithdrawalClosed):
        payouts.record_returned(withdrawal_id=paid.pk, reason="x", actor=StaffFactory(), now=now)
    assert state(paid) == ("paid", 0, 2 * M)


def test_it_is_for_other_administrators_who_prove_themselves(
    paid: Withdrawal, user: User, staff: User, now: datetime
) -> None:
    refused: list[tuple[User, dict[str, Any], type[Exception]]] = [
        (user, {}, PermissionDenied),
        (UserFactory(is_staff=True), {}, PermissionDenied),
        (staff, {"assurance": Assurance()}, StepUpRequired),
        (staff, {"reason": " \u200e"}, errors.ReasonRequired),
    ]
    for actor, changes, error in refused:
        with pytest.raises(error):
            late(paid, actor, now, **changes)
    with pytest.raises(NotFound):
        late(Withdrawal(pk=0), staff, now)
    mine = pay(staff, now)
    with pytest.raises(errors.OwnWithdrawal):
        late(mine, staff, now)
    assert (state(paid)[:2], state(mine)[:2]) == (("paid", 0), ("paid", 0))
    assert not Withdrawal.objects.exclude(return_reported_by=None).exists()


@pytest.mark.parametrize("step", ["requested", "approved", "submitted", "returned"])
def test_only_what_was_paid_is_sent_back_late(user: User, staff: User, now: datetime, step: str) -> None:
    row = request_withdrawal(user, 2 * M)
    if step == "approved":
        approve(row)
    if step in {"submitted", "returned"}:
        export(row)
    if step == "returned":
        payouts.record_returned(withdrawal_id=row.pk, reason="closed", actor=staff, now=now)
    with pytest.raises(errors.WithdrawalClosed):
        late(row, staff, now)
    with pytest.raises(errors.WithdrawalClosed):
        payouts.dismiss_late_return(withdrawal_id=row.pk, reason="x", actor=staff, now=now)
    assert (state(row)[0], row.return_reported_by) == (step, None)


def test_a_report_that_was_a_mistake_is_dismissed(paid: Withdrawal, staff: User, other: User, now: datetime) -> None:
    def dismiss(actor: User, reason: str = "another withdrawal was meant") -> Withdrawal:
        return payouts.dismiss_late_return(withdrawal_id=paid.pk, reason=reason, actor=actor, now=now)

    with pytest.raises(errors.WithdrawalClosed):
        dismiss(other)
    late(paid, staff, now)
    with pytest.raises(errors.ReasonRequired):
        dismiss(other, " ")
    with pytest.raises(PermissionDenied):
        dismiss(UserFactory())
    dismiss(other)
    assert (state(paid), paid.return_reported_by, paid.return_reason) == (("paid", 0, 2 * M), None, "")
    assert AuditEntry.objects.get(action="withdrawal.return_dismissed").reason == "another withdrawal was meant"
    late(paid, other, now)
    late(paid, staff, now)
    with pytest.raises(errors.WithdrawalClosed):
        dismiss(staff)
    assert state(paid) == ("returned", 2 * M, 0)


def test_its_owner_sees_it_come_back_and_can_withdraw_again(
    paid: Withdrawal, user: User, staff: User, other: User, now: datetime, client_for: Callable[..., Any]
) -> None:
    client = client_for(user)
    late(paid, staff, now)
    shown = client.get(f"/api/wallet/withdrawal-requests/{paid.pk}/").json()
    assert (shown["status"], shown["reason"], "the account" in str(shown)) == ("paid", "", False)
    late(paid, other, now)
    shown = client.get(f"/api/wallet/withdrawal-requests/{paid.pk}/").json()
    assert (shown["status"], shown["reason"]) == ("returned", "the account is closed")
    feed = client.get("/api/wallet/transactions/").json()["results"]
    assert [(row["type"], row["status"], row["amount"]) for row in feed] == [
        ("withdrawal_return", "success", 2 * M), ("withdrawal", "failed", -2 * M), ("prize", "success", 2 * M),
    ]  # fmt: skip
    today = day_of(now)
    assert statements.statement(user, start=today, end=today).closing_rial == 2 * M
    assert request_withdrawal(user, 2 * M, now=now).status == "requested"


def test_the_report_has_what_the_bank_had_paid_and_sent_back(
    paid: Withdrawal, staff: User, other: User, now: datetime
) -> None:
    soon = request_withdrawal(UserFactory(), M)
    export(soon)
    payouts.record_returned(withdrawal_id=soon.pk, reason="closed", actor=staff, now=now)
    late(paid, staff, now)
    late(paid, other, now)
    [day] = reports.days(start=day_of(now), end=day_of(now))
    assert (day.totals["payout"], day.totals["withdrawal_return"]) == (2 * M, 2 * M)
    assert selectors.batch_totals(paid.batch) == {"paid": 0, "returned": 2 * M, "open": 0}


def test_what_comes_back_to_a_closed_account_is_an_alarm(
    paid: Withdrawal, user: User, staff: User, other: User, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    later = closing.request(actor=user, assurance=proved(now), now=now)
    assert closing.close(user_id=user.pk, now=later)
    late(paid, staff, later)
    assert "ALARM" not in caplog.text
    late(paid, other, later)
    assert state(paid) == ("returned", 2 * M, 0)
    assert f"ALARM withdrawal {paid.pk} has come back to a closed account" in caplog.text


def test_a_file_of_results_does_not_bring_it_back(paid: Withdrawal, staff: User, now: datetime) -> None:
    content = results((paid.reference, 2 * M, "returned", "", "closed"))
    with pytest.raises(errors.PayoutResultsInvalid):
        payouts.import_results(batch_id=paid.batch_id, content=content, actor=staff, now=now)
    assert state(paid) == ("paid", 0, 2 * M)


@pytest.mark.parametrize(
    "column", ["return_confirmed_by_id = return_reported_by_id", "return_reported_by_id = user_id"]
)
def test_the_database_refuses_one_person_for_two(paid: Withdrawal, staff: User, now: datetime, column: str) -> None:
    late(paid, staff, now)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE wallet_withdrawal SET {column}")


@pytest.mark.parametrize("said", ["returned", "submitted", "cancelled"])
def test_the_check_sees_a_return_that_was_not_booked(paid: Withdrawal, said: str) -> None:
    Withdrawal.objects.update(status=said)
    assert "I13" in {finding.code for finding in checking.check() if finding.broken}
    Withdrawal.objects.update(status="paid")
