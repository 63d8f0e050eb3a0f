from typing import Any

from rest_framework import serializers

from common.api.fields import IdField, TextField
from wallet.api.serializers import CurrencyField, rial
from wallet.enums import RefundMethod, RefundStatus
from wallet.models import Refund

DECISIONS = ["approved", "rejected", "done", "failed"]


class RefundSerializer(serializers.ModelSerializer[Refund]):
    status = serializers.ChoiceField(RefundStatus.choices, read_only=True)
    method = serializers.ChoiceField(RefundMethod.choices, read_only=True)
    amount = rial("amount_rial", "what goes back.")
    currency = CurrencyField()
    user = serializers.IntegerField(source="payment.user_id", read_only=True)

    class Meta:
        model = Refund
        fields = [
            "id", "payment", "user", "amount", "currency", "method", "status", "version", "reason", "reference",
            "requested_by", "decided_by", "created_at", "done_at",
        ]  # fmt: skip


class RefundInput(serializers.Serializer[Any]):
    payment = IdField()
    reason = TextField(max_length=1000)


class RefundDecisionInput(serializers.Serializer[Any]):
    status = serializers.ChoiceField(
        DECISIONS,
        help_text="approved or rejected by a second person; done with the bank's reference, or failed, for a transfer.",
    )
    reason = TextField(max_length=1000, required=False, allow_blank=True, default="")
    reference = TextField(max_length=100, required=False, allow_blank=True, default="")
