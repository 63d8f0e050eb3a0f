from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from common.db import LockQuerySet
from wallet.enums import (
    PAYMENT_CREDITED,
    REFUND_OPEN,
    WITHDRAWAL_SENT,
    AccountKind,
    AdjustmentSource,
    AdjustmentStatus,
    Attention,
    Bucket,
    DestinationKind,
    DifferenceKind,
    GatewayName,
    JournalKind,
    PaymentPurpose,
    PaymentStatus,
    RefundMethod,
    RefundStatus,
    WithdrawalStatus,
)

USER = settings.AUTH_USER_MODEL


class LedgerAccountQuerySet(LockQuerySet["LedgerAccount"]):
    def with_balance(self) -> Self:
        """Each account with its ``total_rial``, whether it keeps its balance or adds it up."""
        return self.annotate(
            total_rial=Func(F("pk"), function="wallet_balance", output_field=models.BigIntegerField()),
        )


class LedgerAccount(models.Model):
    """One account of the books. Its balance is the sum of its transfers; only inserting transfers moves it.

    A user's account keeps its balance in ``balance_rial``, because an overdraft must be refused. The others have none
    there, so that nobody queues on them: ``with_balance()`` and ``selectors.account_balance`` add it up. What goes with
    which kind is looked at once, by a trigger when the account is made: a CHECK would be paid for with every move.
    """

    code = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, choices=AccountKind)
    owner = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="ledger_accounts")
    tournament_id = models.BigIntegerField(null=True, db_index=True)
    balance_rial = models.BigIntegerField(null=True)
    allow_negative = models.BooleanField(default=False)
    closed_at = models.DateTimeField(null=True)

    objects = LedgerAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], name="ledger_account_code_unique"),
            models.CheckConstraint(
                condition=Q(allow_negative=True) | Q(balance_rial__gte=0), name="ledger_account_not_overdrawn"
            ),
            models.CheckConstraint(condition=Q(closed_at=None) | Q(balance_rial=0), name="ledger_account_closed_empty"),
        ]

    def __str__(self) -> str:
        return self.code


class Journal(models.Model):
    """One business event in the books, with its transfers. Never changed; a correction is a reversing journal."""

    kind = models.CharField(max_length=20, choices=JournalKind)
    source_type = models.CharField(max_length=30)
    source_id = models.CharField(max_length=100)
    key = models.CharField(max_length=200)
    # Whose wallet it is about; empty where no user's account takes part. No constraint: see Transfer.
    user = models.ForeignKey(
        USER, null=True, on_delete=models.PROTECT, related_name="journals", db_index=False, db_constraint=False
    )
    actor = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    reason = models.TextField(blank=True)
    reverses = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="reversed_by", db_index=False
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="journal_key_unique"),
            models.UniqueConstraint(fields=["kind", "source_type", "source_id"], name="journal_source_unique"),
            models.UniqueConstraint(
                fields=["reverses"], condition=Q(reverses__isnull=False), name="journal_reverses_unique"
            ),
        ]
        # partial where most rows have none: every index is paid for with every journal
        indexes = [
            models.Index(fields=["user", "-id"], condition=Q(user__isnull=False), name="journal_user_idx"),
            models.Index(fields=["actor"], condition=Q(actor__isnull=False), name="journal_actor_idx"),
        ]

    def __str__(self) -> str:
        return self.key


class Transfer(models.Model):
    """Money from one account to another, with the balances after it where the account keeps one. Never changed."""

    # No constraints: wallet_post takes the ids from rows that are never deleted, and checking again is dear (ADR 19).
    journal = models.ForeignKey(Journal, on_delete=models.PROTECT, related_name="transfers", db_constraint=False)
    debit = models.ForeignKey(
        LedgerAccount, on_delete=models.PROTECT, related_name="debits", db_index=False, db_constraint=False
    )
    credit = models.ForeignKey(
        LedgerAccount, on_delete=models.PROTECT, related_name="credits", db_index=False, db_constraint=False
    )
    amount_rial = models.BigIntegerField()
    debit_after_rial = models.BigIntegerField(null=True)
    credit_after_rial = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_rial__gt=0), name="transfer_amount_positive"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="transfer_sides_differ"),
        ]
        indexes = [
            models.Index(fields=["debit", "id"], include=["amount_rial"], name="transfer_debit_idx"),
            models.Index(fields=["credit", "id"], include=["amount_rial"], name="transfer_credit_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.amount_rial}: {self.debit_id} -> {self.credit_id}"


class Seal(models.Model):
    """The sum of an account's transfers up to one of them: where adding up begins. Never changed."""

    account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="seals", db_index=False)
    through_id = models.BigIntegerField()
    balance_rial = models.BigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "through_id"], name="seal_account_through_unique")]

    def __str__(self) -> str:
        return f"{self.account_id} up to {self.through_id}: {self.balance_rial}"


class Payment(models.Model):
    """A payment through the gateway. The row is the outbox: ``next_attempt_at`` says when the gateway is asked next."""

    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="payments")
    amount_rial = models.BigIntegerField()
    purpose = models.CharField(max_length=20, choices=PaymentPurpose, default=PaymentPurpose.DEPOSIT)
    # What the money is for, where it is an entry of a tournament, and when that was seen to.
    entrant_id = models.BigIntegerField(null=True)
    entry_closed_at = models.DateTimeField(null=True)
    gateway = models.CharField(max_length=20, choices=GatewayName, default=GatewayName.ZARINPAL)
    status = models.CharField(max_length=20, choices=PaymentStatus, default=PaymentStatus.CREATED)
    version = models.PositiveIntegerField(default=1)
    authority = models.CharField(max_length=36, null=True)
    payment_url = models.CharField(max_length=300, blank=True)
    ref_id = models.BigIntegerField(null=True)
    card_pan = models.CharField(max_length=32, blank=True)
    card_hash = models.CharField(max_length=128, blank=True)
    fee_rial = models.BigIntegerField(default=0)
    gateway_code = models.IntegerField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    last_attempt_at = models.DateTimeField(null=True)
    next_attempt_at = models.DateTimeField(null=True)
    # When the payer's browser first came back and said OK: a hint that verifying is worth the call.
    callback_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    # Since when, and why, people have to look at it.
    attention_at = models.DateTimeField(null=True)
    attention = models.CharField(max_length=20, choices=Attention, blank=True)
    # When it was last compared with what the gateway says.
    reconciled_at = models.DateTimeField(null=True)

    objects = LockQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_rial__gt=0), name="payment_amount_positive"),
            models.CheckConstraint(condition=Q(fee_rial__gte=0), name="payment_fee_not_negative"),
            models.CheckConstraint(condition=Q(status__in=PaymentStatus.values), name="payment_status_known"),
            models.UniqueConstraint(fields=["authority"], name="payment_authority_unique"),
            models.CheckConstraint(
                condition=~Q(status__in=PAYMENT_CREDITED) | Q(ref_id__isnull=False, settled_at__isnull=False),
                name="payment_settled_has_reference",
            ),
            models.CheckConstraint(
                condition=Q(purpose=PaymentPurpose.ENTRY, entrant_id__isnull=False)
                | (~Q(purpose=PaymentPurpose.ENTRY) & Q(entrant_id=None)),
                name="payment_entrant_by_purpose",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], condition=Q(next_attempt_at__isnull=False), name="payment_due_idx"
            ),
            models.Index(fields=["user", "-id"], name="payment_user_idx"),
            models.Index(
                fields=["entrant_id"],
                condition=Q(entrant_id__isnull=False, entry_closed_at=None),
                name="payment_open_entry_idx",
            ),
            models.Index(
                fields=["attention_at"], condition=Q(attention_at__isnull=False), name="payment_attention_idx"
            ),
            models.Index(fields=["settled_at"], name="payment_settled_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.amount_rial} {self.status}"


class Refund(models.Model):
    """Deposited money that goes back to where it came from. The row is the outbox of the call to the gateway."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    amount_rial = models.BigIntegerField()
    method = models.CharField(max_length=20, choices=RefundMethod)
    status = models.CharField(max_length=20, choices=RefundStatus, default=RefundStatus.REQUESTED)
    version = models.PositiveIntegerField(default=1)
    reason = models.TextField()
    # The bank's number of a transfer made by people, or the gateway's of a reversal.
    reference = models.CharField(max_length=100, blank=True)
    requested_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    gateway_code = models.IntegerField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    objects = LockQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_rial__gt=0), name="refund_amount_positive"),
            models.UniqueConstraint(
                fields=["payment"],
                condition=Q(status__in=(*REFUND_OPEN, RefundStatus.DONE)),
                name="refund_once_per_payment",
            ),
            models.CheckConstraint(
                condition=~Q(status=RefundStatus.DONE) | (~Q(reference="") & Q(done_at__isnull=False)),
                name="refund_done_has_reference",
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(next_attempt_at__isnull=False), name="refund_due_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.amount_rial} {self.status}"


class PaymentDifference(models.Model):
    """What the gateway says about a settled payment, and we do not: for people to clear up."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="differences")
    kind = models.CharField(max_length=20, choices=DifferenceKind)
    ours = models.CharField(max_length=40)
    theirs = models.CharField(max_length=40)
    found_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["payment", "kind", "theirs"], name="payment_difference_once")]

    def __str__(self) -> str:
        return f"{self.payment_id} {self.kind}: {self.ours} / {self.theirs}"


class PayoutDestination(models.Model):
    """Where a user's winnings may go: a bank account or a card. The number is sealed; lists show its last four digits.

    A destination never changes. What is removed is kept for the withdrawals that went there.
    """

    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="payout_destinations", verbose_name=_("User"))
    kind = models.CharField(_("Kind"), max_length=10, choices=DestinationKind)
    number_sealed = models.BinaryField()
    # Tells equal numbers without opening them.
    fingerprint = models.CharField(max_length=64, db_index=True)
    last_four = models.CharField(max_length=4)
    bank = models.CharField(_("Bank"), max_length=30, blank=True)
    owner_name = models.CharField(_("Owner"), max_length=100)
    # None while the user's name is not verified.
    owner_matches = models.BooleanField(_("Name verified"), null=True)
    created_at = models.DateTimeField(_("Created"))
    removed_at = models.DateTimeField(_("Removed"), null=True)

    objects = LockQuerySet.as_manager()

    class Meta:
        verbose_name = _("Payout destination")
        verbose_name_plural = _("Payout destinations")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "fingerprint"], condition=Q(removed_at=None), name="payout_destination_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} …{self.last_four}"


class PayoutBatch(models.Model):
    """Withdrawals handed to the bank in one document, made once and kept as it was."""

    provider = models.CharField(max_length=20)
    kind = models.CharField(_("Kind"), max_length=10, choices=DestinationKind)
    message_id = models.CharField(_("Batch number"), max_length=35)
    count = models.PositiveIntegerField(_("Withdrawals"))
    total_rial = models.BigIntegerField(_("Total (Rials)"))
    document_sealed = models.BinaryField()
    file_name = models.CharField(_("File"), max_length=100)
    content_type = models.CharField(max_length=50)
    sha256 = models.CharField(max_length=64)
    created_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+", verbose_name=_("Made by"))
    created_at = models.DateTimeField(_("Created"))

    objects = LockQuerySet.as_manager()

    class Meta:
        verbose_name = _("Payout batch")
        verbose_name_plural = _("Payout batches")
        constraints = [
            models.UniqueConstraint(fields=["message_id"], name="payout_batch_message_unique"),
            models.CheckConstraint(condition=Q(count__gt=0, total_rial__gt=0), name="payout_batch_not_empty"),
        ]

    def __str__(self) -> str:
        return self.message_id


class Withdrawal(models.Model):
    """Winnings on their way to a bank. ``reference`` is what the bank knows it by; it never gets another one."""

    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="withdrawals", verbose_name=_("User"))
    destination = models.ForeignKey(
        PayoutDestination, on_delete=models.PROTECT, related_name="withdrawals", verbose_name=_("Destination")
    )
    amount_rial = models.BigIntegerField(_("Amount (Rials)"))
    status = models.CharField(_("Status"), max_length=20, choices=WithdrawalStatus, default=WithdrawalStatus.REQUESTED)
    version = models.PositiveIntegerField(default=1)
    reference = models.CharField(_("Reference"), max_length=35)
    approved_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    second_approved_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    batch = models.ForeignKey(PayoutBatch, null=True, on_delete=models.PROTECT, related_name="withdrawals")
    bank_reference = models.CharField(_("Bank reference"), max_length=50, blank=True)
    # Why it was rejected or came back; its owner reads it.
    reason = models.CharField(_("Reason"), max_length=500, blank=True)
    # The bank has sent it back after paying: who has said so, why, and who has seen it, too.
    return_reported_by = models.ForeignKey(
        USER, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("Return reported by")
    )
    return_reason = models.CharField(_("Reported reason"), max_length=500, blank=True)
    return_confirmed_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("Created"))
    approved_at = models.DateTimeField(_("Approved at"), null=True)
    submitted_at = models.DateTimeField(_("Handed over at"), null=True)
    ended_at = models.DateTimeField(_("Ended at"), null=True)

    objects = LockQuerySet.as_manager()

    class Meta:
        verbose_name = _("Withdrawal")
        verbose_name_plural = _("Withdrawals")
        constraints = [
            models.CheckConstraint(condition=Q(amount_rial__gt=0), name="withdrawal_amount_positive"),
            models.CheckConstraint(condition=Q(status__in=WithdrawalStatus.values), name="withdrawal_status_known"),
            models.UniqueConstraint(fields=["reference"], name="withdrawal_reference_unique"),
            models.CheckConstraint(
                condition=(Q(approved_by=None) | ~Q(approved_by=F("user")))
                & (Q(second_approved_by=None) | ~Q(second_approved_by=F("user")))
                & (Q(second_approved_by=None) | ~Q(second_approved_by=F("approved_by"))),
                name="withdrawal_approved_by_others",
            ),
            models.CheckConstraint(
                condition=(Q(return_reported_by=None) | ~Q(return_reported_by=F("user")))
                & (Q(return_confirmed_by=None) | ~Q(return_confirmed_by=F("user")))
                & (Q(return_confirmed_by=None) | ~Q(return_confirmed_by=F("return_reported_by"))),
                name="withdrawal_returned_by_others",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=WITHDRAWAL_SENT) | Q(batch__isnull=False, approved_by__isnull=False),
                name="withdrawal_sent_in_a_batch",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="withdrawal_user_idx"),
            models.Index(fields=["status", "id"], name="withdrawal_queue_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.amount_rial} {self.status}"


class Adjustment(models.Model):
    """A correction of a user's balance that one administrator proposes and another one decides."""

    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="adjustments", verbose_name=_("User"))
    bucket = models.CharField(_("Balance"), max_length=20, choices=Bucket)
    # Above zero gives, below zero takes.
    amount_rial = models.BigIntegerField(_("Amount (Rials)"))
    against = models.CharField(
        _("From or to"), max_length=20, choices=AdjustmentSource, default=AdjustmentSource.PLATFORM
    )
    reason = models.CharField(_("Reason"), max_length=500)
    status = models.CharField(_("Status"), max_length=20, choices=AdjustmentStatus, default=AdjustmentStatus.PROPOSED)
    version = models.PositiveIntegerField(default=1)
    proposed_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+", verbose_name=_("Proposed by"))
    decided_by = models.ForeignKey(
        USER, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("Decided by")
    )
    note = models.CharField(_("Note"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("Created"))
    decided_at = models.DateTimeField(_("Decided at"), null=True)

    objects = LockQuerySet.as_manager()

    class Meta:
        verbose_name = _("Adjustment")
        verbose_name_plural = _("Adjustments")
        constraints = [
            models.CheckConstraint(condition=~Q(amount_rial=0), name="adjustment_amount_not_zero"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")), name="adjustment_by_two_people"
            ),
            models.CheckConstraint(
                condition=~Q(proposed_by=F("user")) & (Q(decided_by=None) | ~Q(decided_by=F("user"))),
                name="adjustment_not_ones_own",
            ),
        ]
        indexes = [models.Index(fields=["status", "id"], name="adjustment_queue_idx")]

    def __str__(self) -> str:
        return f"{self.pk}: {self.amount_rial} {self.status}"


class PromotionGrant(models.Model):
    """Money given to a user for entry fees. What is left of it when ``expires_at`` comes goes back."""

    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="promotion_grants", verbose_name=_("User"))
    amount_rial = models.BigIntegerField(_("Amount (Rials)"))
    campaign = models.CharField(_("Campaign"), max_length=100)
    granted_by = models.ForeignKey(
        USER, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("Given by")
    )
    created_at = models.DateTimeField(_("Created"))
    expires_at = models.DateTimeField(_("Until"), null=True)
    expired_at = models.DateTimeField(_("Ended at"), null=True)

    objects = LockQuerySet.as_manager()

    class Meta:
        verbose_name = _("Promotion")
        verbose_name_plural = _("Promotions")
        constraints = [
            models.CheckConstraint(condition=Q(amount_rial__gt=0), name="promotion_grant_amount_positive"),
            models.UniqueConstraint(fields=["user", "campaign"], name="promotion_grant_once"),
        ]
        indexes = [models.Index(fields=["expires_at"], condition=Q(expired_at=None), name="promotion_grant_due_idx")]

    def __str__(self) -> str:
        return f"{self.campaign}: {self.amount_rial}"


class GatewaySettlement(models.Model):
    """What a payment gateway has paid into our bank account, as staff read it from the bank's statement."""

    gateway = models.CharField(_("Gateway"), max_length=20)
    amount_rial = models.BigIntegerField(_("Amount (Rials)"))
    fee_rial = models.BigIntegerField(_("Kept by the gateway (Rials)"), default=0)
    bank_reference = models.CharField(_("Bank reference"), max_length=50)
    settled_on = models.DateField(_("Day"))
    recorded_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+", verbose_name=_("Recorded by"))
    created_at = models.DateTimeField(_("Created"))

    class Meta:
        verbose_name = _("Gateway settlement")
        verbose_name_plural = _("Gateway settlements")
        constraints = [
            models.CheckConstraint(condition=Q(amount_rial__gt=0, fee_rial__gte=0), name="gateway_settlement_amounts"),
            models.UniqueConstraint(fields=["gateway", "bank_reference"], name="gateway_settlement_once"),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.bank_reference}: {self.amount_rial}"
