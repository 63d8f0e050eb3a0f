from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.api.fields import IdField, TextField
from common.api.serializers import ActionSerializer
from wallet import rules
from wallet.api.serializers import CurrencyField, rial
from wallet.enums import REFUND_DECISIONS, RefundMethod, RefundStatus
from wallet.models import Refund


class RefundSerializer(serializers.ModelSerializer[Refund]):
    status = serializers.ChoiceField(RefundStatus.choices, read_only=True)
    method = serializers.ChoiceField(RefundMethod.choices, read_only=True)
    amount = rial("amount_rial", "what goes back.")
    currency = CurrencyField()
    user = serializers.IntegerField(source="payment.user_id", read_only=True)
    available_actions = serializers.SerializerMethodField(help_text="Named as the decision that is sent as `status`.")

    class Meta:
        model = Refund
        fields = [
            "id", "payment", "user", "amount", "currency", "method", "status", "version", "reason", "reference",
            "requested_by", "decided_by", "available_actions", "created_at", "done_at",
        ]  # fmt: skip

    @extend_schema_field(ActionSerializer(many=True))
    def get_available_actions(self, refund: Refund) -> list[dict[str, Any]]:
        return rules.refund_actions(refund, self.context["request"].user)


class RefundInput(serializers.Serializer[Any]):
    payment = IdField()
    reason = TextField(max_length=1000)


class RefundDecisionInput(serializers.Serializer[Any]):
    status = serializers.ChoiceField(
        list(REFUND_DECISIONS),
        help_text="approved or rejected by a second person; done with the bank's reference, or failed, for a transfer.",
    )
    reason = TextField(max_length=1000, required=False, allow_blank=True, default="")
    reference = TextField(max_length=100, required=False, allow_blank=True, default="")
