"""Accounts that money may go to, and withdrawals at every step of their way."""

from datetime import datetime, timedelta
from itertools import count

from django.utils import timezone

from tests.factories.users import StaffFactory
from tests.factories.wallet import win
from users.assurance import Assurance
from users.models import User
from wallet.enums import WithdrawalStatus
from wallet.models import PayoutBatch, PayoutDestination, Withdrawal
from wallet.services import destinations, payouts, withdrawals

_accounts = count(1)
DEBTOR = "IR840120000000000123456789"


def make_sheba(bank: str = "012", account: int | None = None) -> str:
    """A Sheba with the right check digits that was not given before."""
    number = f"{bank}{account or next(_accounts):019d}"
    return f"IR{98 - int(number + '182700') % 97:02d}{number}"


def make_card(prefix: str = "610433") -> str:
    """A card number with the right last digit that was not given before."""
    digits = f"{prefix}{next(_accounts):09d}"
    doubled = [int(digit) * 2 for digit in digits[::2]]
    total = sum(n - 9 if n > 9 else n for n in doubled) + sum(map(int, digits[1::2]))
    return f"{digits}{-total % 10}"


def proved(now: datetime) -> Assurance:
    return Assurance(level=2, proved_at=now)


def make_destination(
    user: User, *, number: str | None = None, owner_name: str = "سارا احمدی", now: datetime | None = None
) -> PayoutDestination:
    """One that has cooled down long ago."""
    then = (now or timezone.now()) - timedelta(days=30)
    return destinations.add(
        actor=user, assurance=proved(then), number=number or make_sheba(), owner_name=owner_name, now=then
    )


def request_withdrawal(
    user: User,
    amount_rial: int = 1_000_000,
    *,
    destination: PayoutDestination | None = None,
    now: datetime | None = None,
) -> Withdrawal:
    """Winnings of just this amount, and their withdrawal."""
    moment = now or timezone.now()
    win(user, amount_rial, now=moment)
    return withdrawals.request(
        actor=user,
        assurance=proved(moment),
        amount_rial=amount_rial,
        destination_id=(destination or make_destination(user, now=moment)).pk,
        now=moment,
    )


def approve(withdrawal: Withdrawal, now: datetime | None = None) -> Withdrawal:
    """By as many people as it takes."""
    moment = now or timezone.now()
    while withdrawal.status == WithdrawalStatus.REQUESTED:
        withdrawal = withdrawals.approve(
            withdrawal_id=withdrawal.pk, actor=StaffFactory(), assurance=proved(moment), now=moment
        )
    return withdrawal


def export(*rows: Withdrawal, now: datetime | None = None) -> PayoutBatch:
    """The batch of these, approved before if need be."""
    moment = now or timezone.now()
    ids = [approve(row, moment).pk for row in rows]
    return payouts.export(withdrawal_ids=ids, actor=StaffFactory(), now=moment)
