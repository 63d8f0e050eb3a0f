"""Fifty at once withdraw the whole balance, round after round: one gets it."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from tests.factories.payouts import DEBTOR, export, make_destination, proved
from tests.factories.users import StaffFactory, UserFactory
from tests.factories.wallet import assert_ledger_holds, win
from tests.faults.attacking import attack
from tests.faults.sizes import full
from wallet import selectors
from wallet.models import Withdrawal
from wallet.services import payouts, withdrawals

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]
AMOUNT = 1_000_000


@pytest.mark.parametrize("hours", [24, 0], ids=["one a day", "by the balance alone"])
def test_parallel_withdrawals_of_the_whole_balance_are_one(
    hours: int, settings: Any, record_property: Callable[[str, object], None]
) -> None:
    settings.WITHDRAWAL_EVERY_HOURS = hours
    settings.PAYOUT_DEBTOR_SHEBA, settings.PAYOUT_DEBTOR_NAME = DEBTOR, "Meydan"
    rounds, callers = full(200, short=2), full(50, short=10)
    refusal = "withdrawal_too_soon" if hours else "insufficient_funds"
    asked = Counter[str]()

    for _ in range(rounds):
        user = UserFactory()
        win(user, AMOUNT)
        destination = make_destination(user)

        def ask(_: int, user: Any = user, destination: Any = destination) -> str:
            now = timezone.now()
            return withdrawals.request(
                actor=user, assurance=proved(now), amount_rial=AMOUNT, destination_id=destination.pk, now=now
            ).status

        answers = attack(ask, range(callers), callers=callers)
        # who waited too long for the lock was told so, and has nothing
        assert set(answers) <= {"requested", refusal, "busy"}
        asked += answers
        assert answers["requested"] == 1
        money = selectors.balances(user)
        assert (money.winnings, money.held) == (0, AMOUNT)

    clerk, now = StaffFactory(), timezone.now()
    rows = list(Withdrawal.objects.order_by("pk"))
    export(*rows)
    for row in rows:
        payouts.record_paid(withdrawal_id=row.pk, bank_reference=row.reference, actor=clerk, now=now)

    paid = Withdrawal.objects.filter(status="paid").count()
    record_property("withdrawals", f"{rounds} rounds of {callers}: {paid} paid, {dict(asked)}")
    assert paid == rounds
    assert_ledger_holds()
