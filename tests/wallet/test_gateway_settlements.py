"""What a gateway owes us becomes money in the bank."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from common.errors import InvalidInput, PermissionDenied
from common.local_time import day_of
from tests.factories.users import UserFactory
from tests.factories.wallet import account_balance, deposit
from users.models import User
from wallet.enums import GatewayName
from wallet.errors import InvalidAmount, SettlementExists
from wallet.models import GatewaySettlement, Journal
from wallet.services import gateway_settlements

pytestmark = pytest.mark.usefixtures("ledger_ok")
MOST = 10**15


def record(actor: User, now: datetime, **changes: Any) -> GatewaySettlement:
    told = {
        "gateway": GatewayName.ZARINPAL, "amount_rial": 490, "fee_rial": 10, "bank_reference": "R1",
        "settled_on": day_of(now), "actor": actor, "now": now,
    }  # fmt: skip
    return gateway_settlements.record(**(told | changes))


def test_what_came_and_what_was_kept_is_owed_no_longer(user: User, staff: User, now: datetime) -> None:
    deposit(user, 600, now)
    record(staff, now, bank_reference="  R\u200e 1 ")
    record(staff, now, bank_reference="R2", amount_rial=1, fee_rial=0)
    balances = [account_balance(code) for code in ("gateway_clearing", "bank", "gateway_fee")]
    assert balances == [-600 + 501, -491, -10]
    assert list(GatewaySettlement.objects.order_by("pk").values_list("bank_reference", flat=True)) == ["R 1", "R2"]
    assert [journal.transfers.count() for journal in Journal.objects.filter(kind="gateway_settlement")] == [2, 1]
    with pytest.raises(SettlementExists):
        record(staff, now, bank_reference="R2")


@pytest.mark.parametrize(
    ("changes", "error"),
    [({"amount_rial": 0}, InvalidAmount), ({"amount_rial": -1}, InvalidAmount), ({"fee_rial": -1}, InvalidAmount),
     ({"amount_rial": MOST}, InvalidAmount), ({"fee_rial": MOST}, InvalidAmount)],
)  # fmt: skip
def test_amounts_that_are_refused(staff: User, now: datetime, changes: dict[str, int], error: type[Exception]) -> None:
    with pytest.raises(error):
        record(staff, now, **changes)
    assert (GatewaySettlement.objects.count(), Journal.objects.count()) == (0, 0)


def test_the_books_hold_so_much_at_once(staff: User, now: datetime) -> None:
    assert record(staff, now, amount_rial=MOST - 10).amount_rial == MOST - 10


@pytest.mark.parametrize(("field", "days", "reference", "code"), [
    ("bank_reference", 0, " \u200e ", "required"), ("settled_on", 1, "R1", "invalid"),
])  # fmt: skip
def test_what_is_wrong_is_named(staff: User, now: datetime, field: str, days: int, reference: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        record(staff, now, bank_reference=reference, settled_on=day_of(now) + timedelta(days=days))
    assert {name: error[0]["code"] for name, error in refusal.value.errors.items()} == {field: code}
    assert GatewaySettlement.objects.count() == 0


def test_it_is_for_administrators(now: datetime) -> None:
    with pytest.raises(PermissionDenied):
        record(UserFactory(is_staff=True), now)
    assert GatewaySettlement.objects.count() == 0
