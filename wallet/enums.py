from django.db import models
from django.utils.translation import gettext_lazy as _


class AccountKind(models.TextChoices):
    """What an account stands for. A credit raises its balance, a debit lowers it."""

    GATEWAY_CLEARING = "gateway_clearing", _("Owed to us by the payment gateway")
    BANK = "bank", _("Our bank account")
    GATEWAY_FEE = "gateway_fee", _("Fees of the payment gateway")
    PAYOUT_CLEARING = "payout_clearing", _("Handed to the bank for users")
    PROMOTION = "promotion", _("Promotions")
    SUSPENSE = "suspense", _("Not yet explained")
    SPONSOR = "sponsor", _("Sponsors")
    PLATFORM = "platform", _("Platform")
    PLATFORM_FEE = "platform_fee", _("Platform fees")
    DEPOSITED = "deposited", _("Deposited by a user")
    WINNINGS = "winnings", _("Won by a user")
    BONUS = "bonus", _("Given to a user for entry fees")
    HELD = "held", _("Held for a user")
    ESCROW = "escrow", _("Escrow of a tournament")


# What a user can spend, in the order in which an entry fee takes it.
SPENDABLE_KINDS = (AccountKind.BONUS, AccountKind.DEPOSITED, AccountKind.WINNINGS)
# Money enters the books through these, so they may be below zero.
NEGATIVE_KINDS = (
    AccountKind.GATEWAY_CLEARING,
    AccountKind.BANK,
    AccountKind.GATEWAY_FEE,
    AccountKind.PROMOTION,
    AccountKind.SUSPENSE,
    AccountKind.SPONSOR,
    AccountKind.PLATFORM,
)


class JournalKind(models.TextChoices):
    DEPOSIT = "deposit", _("Deposit")
    DEPOSIT_REFUND = "deposit_refund", _("Deposit returned")
    ENTRY_FEE = "entry_fee", _("Entry fee")
    REFUND = "refund", _("Refund")
    PRIZE_FUNDING = "prize_funding", _("Prize funding")
    FUNDING_RETURN = "funding_return", _("Prize funding returned")
    PRIZE = "prize", _("Prize")
    PLATFORM_FEE = "platform_fee", _("Platform fee")
    REMAINDER = "remainder", _("Remainder of a prize pool")
    WITHDRAWAL = "withdrawal", _("Withdrawal")
    WITHDRAWAL_RETURN = "withdrawal_return", _("Withdrawal returned")
    PAYOUT_SENT = "payout_sent", _("Payout handed to the bank")
    PAYOUT = "payout", _("Payout made by the bank")
    ADJUSTMENT = "adjustment", _("Adjustment")
    PROMOTION = "promotion", _("Promotion")
    PROMOTION_EXPIRY = "promotion_expiry", _("Promotion expired")
    GATEWAY_SETTLEMENT = "gateway_settlement", _("Settlement by the payment gateway")


class TransactionType(models.TextChoices):
    """The types a user's own feed may show."""

    DEPOSIT = "deposit", _("Deposit")
    DEPOSIT_REFUND = "deposit_refund", _("Deposit returned")
    WITHDRAWAL = "withdrawal", _("Withdrawal")
    ENTRY_FEE = "entry_fee", _("Entry fee")
    PRIZE = "prize", _("Prize")
    REFUND = "refund", _("Refund")
    ADJUSTMENT = "adjustment", _("Adjustment")
    WITHDRAWAL_RETURN = "withdrawal_return", _("Withdrawal returned")
    PROMOTION = "promotion", _("Promotion")
    PROMOTION_EXPIRY = "promotion_expiry", _("Promotion expired")


class PrizeFunding(models.TextChoices):
    """Who pays a prize into the escrow, where entry fees do not."""

    SPONSOR = "sponsor", _("Sponsor")
    PLATFORM = "platform", _("Platform")


class PaymentPurpose(models.TextChoices):
    DEPOSIT = "deposit", _("Deposit")
    ENTRY = "entry", _("Entry of a tournament")


class GatewayName(models.TextChoices):
    """The payment gateways we speak to. A payment stays with the one it began at."""

    ZARINPAL = "zarinpal", _("Zarinpal")
    ZIBAL = "zibal", _("Zibal")


class Attention(models.TextChoices):
    """Why people have to look at a payment."""

    REJECTED = "rejected", _("Rejected by the gateway")
    NO_ANSWER = "no_answer", _("No clear answer")
    MISMATCH = "mismatch", _("Amount mismatch")
    PAID_AFTER_THE_END = "paid_after_the_end", _("Paid after the end")


class PaymentStatus(models.TextChoices):
    CREATED = "created", _("Created")
    REQUESTED = "requested", _("Waiting for the payer")
    VERIFYING = "verifying", _("Being verified")
    SETTLED = "settled", _("Settled")
    FAILED = "failed", _("Failed")
    EXPIRED = "expired", _("Expired")
    MISMATCH = "mismatch", _("Amount mismatch")
    REVERSED = "reversed", _("Reversed")
    REFUNDED = "refunded", _("Refunded")


# Late money is credited, so an expired payment may still settle; nothing else that is over comes back.
PAYMENT_TRANSITIONS: dict[str, tuple[str, ...]] = {
    PaymentStatus.CREATED: (PaymentStatus.REQUESTED, PaymentStatus.FAILED, PaymentStatus.EXPIRED),
    PaymentStatus.REQUESTED: (PaymentStatus.VERIFYING, PaymentStatus.FAILED, PaymentStatus.EXPIRED),
    PaymentStatus.VERIFYING: (
        PaymentStatus.SETTLED,
        PaymentStatus.FAILED,
        PaymentStatus.EXPIRED,
        PaymentStatus.MISMATCH,
    ),
    PaymentStatus.EXPIRED: (PaymentStatus.SETTLED,),
    PaymentStatus.SETTLED: (PaymentStatus.REVERSED, PaymentStatus.REFUNDED),
}
PAYMENT_PENDING = (PaymentStatus.REQUESTED, PaymentStatus.VERIFYING)
# The gateway may still be asked about these.
PAYMENT_ASKABLE = (*PAYMENT_PENDING, PaymentStatus.EXPIRED)
# These have had their money: exactly one deposit journal each.
PAYMENT_CREDITED = (PaymentStatus.SETTLED, PaymentStatus.REVERSED, PaymentStatus.REFUNDED)
# Whether there is money is decided.
PAYMENT_CONCLUDED = (*PAYMENT_CREDITED, PaymentStatus.FAILED, PaymentStatus.MISMATCH)


class RefundMethod(models.TextChoices):
    """How deposited money goes back: undone by the gateway, or sent by people, who note the bank's reference."""

    REVERSAL = "reversal", _("Reversal by the gateway")
    MANUAL = "manual", _("Bank transfer")


class RefundStatus(models.TextChoices):
    REQUESTED = "requested", _("Waiting for a second person")
    SENDING = "sending", _("On its way")
    DONE = "done", _("Done")
    REJECTED = "rejected", _("Rejected")
    FAILED = "failed", _("Failed")


# From SENDING on the money has left the wallet; FAILED puts it back.
REFUND_TRANSITIONS: dict[str, tuple[str, ...]] = {
    RefundStatus.REQUESTED: (RefundStatus.SENDING, RefundStatus.REJECTED),
    RefundStatus.SENDING: (RefundStatus.DONE, RefundStatus.FAILED),
}
# What people decide about a refund, and where that takes it.
REFUND_DECISIONS = {
    "approved": RefundStatus.SENDING,
    "rejected": RefundStatus.REJECTED,
    "done": RefundStatus.DONE,
    "failed": RefundStatus.FAILED,
}
REFUND_OPEN = (RefundStatus.REQUESTED, RefundStatus.SENDING)


class DifferenceKind(models.TextChoices):
    STATE = "state", _("State")
    AMOUNT = "amount", _("Amount")


class DestinationKind(models.TextChoices):
    SHEBA = "sheba", _("Sheba")
    CARD = "card", _("Card")


class WithdrawalStatus(models.TextChoices):
    REQUESTED = "requested", _("Requested")
    APPROVED = "approved", _("Approved")
    SUBMITTED = "submitted", _("Handed to the bank")
    PAID = "paid", _("Paid")
    REJECTED = "rejected", _("Rejected")
    RETURNED = "returned", _("Returned by the bank")
    CANCELLED = "cancelled", _("Cancelled")


# What the bank may have paid is never given back, nor sent again, before the bank says so.
WITHDRAWAL_TRANSITIONS: dict[str, tuple[str, ...]] = {
    WithdrawalStatus.REQUESTED: (
        WithdrawalStatus.APPROVED,
        WithdrawalStatus.REJECTED,
        WithdrawalStatus.CANCELLED,
    ),
    WithdrawalStatus.APPROVED: (WithdrawalStatus.SUBMITTED, WithdrawalStatus.REJECTED),
    WithdrawalStatus.SUBMITTED: (WithdrawalStatus.PAID, WithdrawalStatus.RETURNED),
    WithdrawalStatus.PAID: (WithdrawalStatus.RETURNED,),
}
# The money of these is on the user's held account.
WITHDRAWAL_HELD = (WithdrawalStatus.REQUESTED, WithdrawalStatus.APPROVED)
WITHDRAWAL_OPEN = (*WITHDRAWAL_HELD, WithdrawalStatus.SUBMITTED)
WITHDRAWAL_SENT = (WithdrawalStatus.SUBMITTED, WithdrawalStatus.PAID, WithdrawalStatus.RETURNED)


class Bucket(models.TextChoices):
    """The balances of a user that an adjustment may change."""

    BONUS = "bonus", _("Promotion")
    DEPOSITED = "deposited", _("Deposited")
    WINNINGS = "winnings", _("Winnings")


class AdjustmentSource(models.TextChoices):
    """Where an adjustment comes from or goes to."""

    PLATFORM = "platform", _("Platform")
    SUSPENSE = "suspense", _("Not yet explained")


class AdjustmentStatus(models.TextChoices):
    PROPOSED = "proposed", _("Proposed")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")


ADJUSTMENT_TRANSITIONS: dict[str, tuple[str, ...]] = {
    AdjustmentStatus.PROPOSED: (AdjustmentStatus.APPROVED, AdjustmentStatus.DECLINED),
}
