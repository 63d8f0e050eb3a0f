from django.utils import timezone

from common.events import handles
from users.events import AccountClosed, AccountClosing
from users.models import User
from users.services.personal_data import Part, exports, rows
from wallet import selectors
from wallet.enums import PAYMENT_CONCLUDED, WITHDRAWAL_OPEN, PaymentStatus
from wallet.errors import PaymentOpen, WalletNotEmpty, WithdrawalOpen
from wallet.models import Adjustment, Journal, LedgerAccount, Payment, PayoutDestination, PromotionGrant, Withdrawal
from wallet.services import destinations


@handles(AccountClosing)
def keep_who_has_money(event: AccountClosing) -> None:
    """What was given for entry fees cannot be taken away from here, so it lapses and is no reason to stay."""
    balances = selectors.balances(User(pk=event.user_id))
    if balances.total - balances.bonus:
        event.refusals.append(WalletNotEmpty(amount=balances.total - balances.bonus))
    payments = Payment.objects.filter(user=event.user_id)
    if payments.exclude(status__in=[*PAYMENT_CONCLUDED, PaymentStatus.EXPIRED]).exists():
        event.refusals.append(PaymentOpen())
    if Withdrawal.objects.filter(user=event.user_id, status__in=WITHDRAWAL_OPEN).exists():
        event.refusals.append(WithdrawalOpen())


@handles(AccountClosed)
def forget_destinations(event: AccountClosed) -> None:
    destinations.forget_all(user_id=event.user_id, now=timezone.now())


@exports("wallet", LedgerAccount, Journal, Payment, PayoutDestination, Withdrawal, Adjustment, PromotionGrant)
def export_wallet(user: User) -> Part:
    transactions = [
        row | {"amount_rial": selectors.journal_amount(Journal(pk=row["id"]))}
        for row in rows(user.journals.all(), "id", "kind", "reason", "created_at")
    ]
    return Part(
        {
            "accounts": rows(user.ledger_accounts.all(), "kind", "balance_rial"),
            "transactions": transactions,
            "payments": rows(
                user.payments.all(),
                "id", "amount_rial", "purpose", "status", "gateway", "ref_id", "card_pan", "created_at", "settled_at",
            ),
            "destinations": rows(
                user.payout_destinations.all(), "kind", "last_four", "bank", "owner_name", "created_at", "removed_at"
            ),
            "withdrawals": rows(
                user.withdrawals.all(),
                "amount_rial", "status", "destination__last_four", "bank_reference", "reason", "created_at", "ended_at",
            ),
            "adjustments": rows(user.adjustments.all(), "amount_rial", "status", "reason", "created_at"),
            "promotions": rows(user.promotion_grants.all(), "amount_rial", "campaign", "created_at"),
        }
    )  # fmt: skip
