from django.conf import settings
from django.db import models
from django.db.models import F, Q

from common.db import LockQuerySet
from wallet.enums import (
    NEGATIVE_KINDS,
    PAYMENT_CREDITED,
    REFUND_OPEN,
    USER_KINDS,
    AccountKind,
    Attention,
    DifferenceKind,
    GatewayName,
    JournalKind,
    PaymentPurpose,
    PaymentStatus,
    RefundMethod,
    RefundStatus,
)


class LedgerAccount(models.Model):
    """One account of the books. Its balance is the sum of its transfers; only inserting transfers moves it."""

    code = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, choices=AccountKind)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="ledger_accounts"
    )
    tournament_id = models.BigIntegerField(null=True, db_index=True)
    balance_rial = models.BigIntegerField(default=0)
    allow_negative = models.BooleanField(default=False)
    closed_at = models.DateTimeField(null=True)

    objects = LockQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], name="ledger_account_code_unique"),
            models.CheckConstraint(
                condition=Q(allow_negative=True) | Q(balance_rial__gte=0), name="ledger_account_not_overdrawn"
            ),
            models.CheckConstraint(
                condition=Q(allow_negative=False) | Q(kind__in=NEGATIVE_KINDS), name="ledger_account_negative_kinds"
            ),
            models.CheckConstraint(condition=Q(closed_at=None) | Q(balance_rial=0), name="ledger_account_closed_empty"),
            models.CheckConstraint(
                condition=Q(kind__in=USER_KINDS, owner__isnull=False) | (~Q(kind__in=USER_KINDS) & Q(owner=None)),
                name="ledger_account_owner_by_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind=AccountKind.ESCROW, tournament_id__isnull=False)
                | (~Q(kind=AccountKind.ESCROW) & Q(tournament_id=None)),
                name="ledger_account_tournament_by_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Journal(models.Model):
    """One business event in the books, with its transfers. Never changed; a correction is a reversing journal."""

    kind = models.CharField(max_length=20, choices=JournalKind)
    source_type = models.CharField(max_length=30)
    source_id = models.CharField(max_length=100)
    key = models.CharField(max_length=200)
    # Whose wallet it is about; empty where no user's account takes part.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="journals")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True)
    reverses = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="reversed_by")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="journal_key_unique"),
            models.UniqueConstraint(fields=["kind", "source_type", "source_id"], name="journal_source_unique"),
            models.UniqueConstraint(fields=["reverses"], name="journal_reverses_unique"),
        ]
        indexes = [models.Index(fields=["user", "-id"], name="journal_user_idx")]

    def __str__(self) -> str:
        return self.key


class Transfer(models.Model):
    """Money from one account to another, with the balances after it. Never changed."""

    journal = models.ForeignKey(Journal, on_delete=models.PROTECT, related_name="transfers")
    debit = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="debits")
    credit = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="credits")
    amount_rial = models.BigIntegerField()
    debit_after_rial = models.BigIntegerField()
    credit_after_rial = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_rial__gt=0), name="transfer_amount_positive"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="transfer_sides_differ"),
        ]

    def __str__(self) -> str:
        return f"{self.amount_rial}: {self.debit_id} -> {self.credit_id}"


class Payment(models.Model):
    """A payment through the gateway. The row is the outbox: ``next_attempt_at`` says when the gateway is asked next."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="payments")
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
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
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
        constraints = [
            models.UniqueConstraint(fields=["payment", "kind", "theirs"], name="payment_difference_once"),
        ]

    def __str__(self) -> str:
        return f"{self.payment_id} {self.kind}: {self.ours} / {self.theirs}"
