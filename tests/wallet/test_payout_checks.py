"""The invariants of money on its way out are seen to break, and the database refuses one person for two."""

from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from common.local_time import day_of
from tests.factories.payouts import DEBTOR, approve, export, request_withdrawal
from tests.factories.users import StaffFactory, UserFactory
from tests.factories.wallet import assert_ledger_holds, deposit
from wallet.models import Withdrawal
from wallet.services import adjustments, checking, gateway_settlements

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def history(settings: Any, now: datetime) -> None:
    """A withdrawal at each step, and a settlement."""
    settings.PAYOUT_DEBTOR_SHEBA, settings.PAYOUT_DEBTOR_NAME = DEBTOR, "Meydan"
    request_withdrawal(UserFactory())
    approve(request_withdrawal(UserFactory()))
    export(request_withdrawal(UserFactory()))
    deposit(UserFactory(), 1000)
    gateway_settlements.record(
        gateway="zarinpal", amount_rial=900, fee_rial=50, bank_reference="B", settled_on=day_of(now),
        actor=StaffFactory(), now=now,
    )  # fmt: skip
    assert_ledger_holds()


def tamper(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


BREAKS = {
    "a withdrawal grows": ("UPDATE wallet_withdrawal SET amount_rial = 2 WHERE status = 'requested'", {"I8", "I13"}),
    "an approved one vanishes": (
        "UPDATE wallet_withdrawal SET status = 'rejected' WHERE status = 'approved'", {"I8", "I13"},
    ),
    "one is called paid": ("UPDATE wallet_withdrawal SET status = 'paid' WHERE status = 'submitted'", {"I11", "I13"}),
    "one is somebody else's": (
        "UPDATE wallet_withdrawal SET user_id = (SELECT max(id) FROM users_user) WHERE status = 'submitted'", {"I13"},
    ),
    "one is called open again": (
        "UPDATE wallet_withdrawal SET status = 'approved' WHERE status = 'submitted'", {"I8", "I11"},
    ),
    "a batch says more": ("UPDATE wallet_payoutbatch SET total_rial = total_rial + 1", {"I12"}),
    "a batch says more of them": ("UPDATE wallet_payoutbatch SET count = count + 1", {"I12"}),
    "a settlement vanishes": ("DELETE FROM wallet_gatewaysettlement", {"I10"}),
    "a settlement shrinks": ("UPDATE wallet_gatewaysettlement SET fee_rial = 0", {"I10"}),
}  # fmt: skip


@pytest.mark.parametrize(("statement", "codes"), BREAKS.values(), ids=BREAKS.keys())
def test_check_sees_tampering_with_payouts(statement: str, codes: set[str]) -> None:
    tamper(statement)
    assert {finding.code for finding in checking.check() if finding.broken} == codes


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE wallet_withdrawal SET approved_by_id = user_id",
        "UPDATE wallet_withdrawal SET second_approved_by_id = approved_by_id WHERE approved_by_id IS NOT NULL",
        "UPDATE wallet_withdrawal SET status = 'submitted' WHERE batch_id IS NULL",
        "UPDATE wallet_withdrawal SET reference = 'MW1'",
        "UPDATE wallet_withdrawal SET amount_rial = 0",
    ],
)
def test_the_database_refuses_what_no_service_does(statement: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        tamper(statement)
    assert Withdrawal.objects.filter(amount_rial__gt=0).count() == 3


def test_the_database_refuses_one_person_for_two(now: datetime) -> None:
    adjustments.propose(
        user_id=UserFactory().pk, bucket="winnings", amount_rial=5, against="platform", reason="x",
        actor=StaffFactory(), now=now,
    )  # fmt: skip
    for column in ("proposed_by_id", "user_id"):
        with pytest.raises(IntegrityError), transaction.atomic():
            tamper(f"UPDATE wallet_adjustment SET decided_by_id = {column}")
