from django.db import models
from django.utils.translation import gettext_lazy as _


class AccountKind(models.TextChoices):
    """What an account stands for. A credit raises its balance, a debit lowers it."""

    GATEWAY_CLEARING = "gateway_clearing", _("Owed to us by the payment gateway")
    SPONSOR = "sponsor", _("Sponsors")
    PLATFORM = "platform", _("Platform")
    PLATFORM_FEE = "platform_fee", _("Platform fees")
    DEPOSITED = "deposited", _("Deposited by a user")
    WINNINGS = "winnings", _("Won by a user")
    HELD = "held", _("Held for a user")
    ESCROW = "escrow", _("Escrow of a tournament")


USER_KINDS = (AccountKind.DEPOSITED, AccountKind.WINNINGS, AccountKind.HELD)
# Money enters the books through these, so they may be below zero.
NEGATIVE_KINDS = (AccountKind.GATEWAY_CLEARING, AccountKind.SPONSOR, AccountKind.PLATFORM)


class JournalKind(models.TextChoices):
    DEPOSIT = "deposit", _("Deposit")
    ENTRY_FEE = "entry_fee", _("Entry fee")
    REFUND = "refund", _("Refund")
    PRIZE_FUNDING = "prize_funding", _("Prize funding")
    FUNDING_RETURN = "funding_return", _("Prize funding returned")
    PRIZE = "prize", _("Prize")
    PLATFORM_FEE = "platform_fee", _("Platform fee")
    REMAINDER = "remainder", _("Remainder of a prize pool")


class TransactionType(models.TextChoices):
    """The types a user's own feed may show."""

    DEPOSIT = "deposit", _("Deposit")
    WITHDRAWAL = "withdrawal", _("Withdrawal")
    ENTRY_FEE = "entry_fee", _("Entry fee")
    PRIZE = "prize", _("Prize")
    REFUND = "refund", _("Refund")
    ADJUSTMENT = "adjustment", _("Adjustment")


class PrizeFunding(models.TextChoices):
    """Who pays a prize into the escrow, where entry fees do not."""

    SPONSOR = "sponsor", _("Sponsor")
    PLATFORM = "platform", _("Platform")


class PaymentPurpose(models.TextChoices):
    DEPOSIT = "deposit", _("Deposit")


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
