from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.api.fields import RialField
from common.api.serializers import ActionSerializer
from wallet import rules, selectors
from wallet.enums import WITHDRAWAL_OPEN, JournalKind, TransactionType, WithdrawalStatus
from wallet.models import Journal, Payment
from wallet.selectors import Balances

CURRENCY = "IRR"


class CurrencyField(serializers.ChoiceField):
    """The unit of every amount beside it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__([CURRENCY], **kwargs, read_only=True)

    def get_attribute(self, instance: Any) -> str:
        return CURRENCY


def rial(source: str, help_text: str) -> RialField:
    return RialField(source=source, read_only=True, help_text=f"In Rials (IRR): {help_text}")


class BalanceSerializer(serializers.Serializer[Balances]):
    total_balance = rial("total", "everything, with what is held.")
    withdrawable_balance = rial("winnings", "what was won.")
    deposited_balance = rial("deposited", "what was paid in; it pays entry fees.")
    promotion_balance = rial("bonus", "what was given; it pays entry fees and is never withdrawn.")
    held_balance = rial("held", "set aside for a withdrawal.")
    balance = rial("spendable", "what can be spent now.")
    currency = CurrencyField()


class WalletSerializer(BalanceSerializer):
    id = serializers.IntegerField(source="user_id", read_only=True)
    user = serializers.IntegerField(source="user_id", read_only=True)


class WalletTransactionSerializer(serializers.ModelSerializer[Journal]):
    type = serializers.ChoiceField(TransactionType.choices, source="kind", read_only=True)
    status = serializers.SerializerMethodField(
        help_text="A withdrawal is pending until the bank has paid, and failed when it came back; all else is success."
    )
    amount = serializers.SerializerMethodField(help_text="In Rials (IRR); below zero when it left the wallet.")
    currency = CurrencyField()
    tournament_id = serializers.SerializerMethodField()

    class Meta:
        model = Journal
        fields = ["id", "type", "status", "amount", "currency", "tournament_id", "created_at"]

    def get_status(self, journal: Journal) -> str:
        if journal.kind != JournalKind.WITHDRAWAL:
            return "success"
        status = journal.withdrawal_status  # type: ignore[attr-defined]
        if status in WITHDRAWAL_OPEN:
            return "pending"
        return "success" if status == WithdrawalStatus.PAID else "failed"

    def get_amount(self, journal: Journal) -> int:
        return selectors.spendable_change(journal)

    def get_tournament_id(self, journal: Journal) -> int | None:
        for transfer in journal.transfers.all():
            return transfer.debit.tournament_id or transfer.credit.tournament_id
        return None


class DepositInput(serializers.Serializer[Any]):
    amount = RialField()


class DepositStartedSerializer(serializers.ModelSerializer[Payment]):
    payment_id = serializers.IntegerField(source="id", read_only=True)
    amount = rial("amount_rial", "what will be paid.")
    currency = CurrencyField()

    class Meta:
        model = Payment
        fields = ["payment_id", "payment_url", "amount", "currency"]


class PaymentSerializer(serializers.ModelSerializer[Payment]):
    amount = rial("amount_rial", "what was to be paid.")
    currency = CurrencyField()
    available_actions = serializers.SerializerMethodField()

    class Meta:
        model = Payment
        fields = [
            "id",
            "purpose",
            "status",
            "version",
            "amount",
            "currency",
            "payment_url",
            "ref_id",
            "card_pan",
            "available_actions",
            "created_at",
            "expires_at",
            "settled_at",
        ]

    @extend_schema_field(ActionSerializer(many=True))
    def get_available_actions(self, payment: Payment) -> list[dict[str, Any]]:
        return rules.payment_actions(payment, timezone.now())


class CallbackQuery(serializers.Serializer[Any]):
    """What the gateway's page adds to the link back, under its own names: Zarinpal's two, or Zibal's two."""

    Authority = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)
    Status = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)
    trackId = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)
    success = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)

    def hint(self) -> tuple[str, bool]:
        """The payment's authority ("" when there is none), and whether it is said to be paid."""
        if not self.is_valid():
            return "", False
        said = self.validated_data
        return said["Authority"] or said["trackId"], said["Status"] == "OK" or said["success"] == "1"
