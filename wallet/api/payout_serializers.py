from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.api.fields import IdField, IntegerField, NameField, RialField, TextField
from common.api.serializers import ActionSerializer
from wallet import rules
from wallet.api.serializers import CurrencyField
from wallet.banks import Bank
from wallet.enums import DestinationKind, WithdrawalStatus
from wallet.models import PayoutDestination, Withdrawal


class WithdrawalDestinationSerializer(serializers.ModelSerializer[PayoutDestination]):
    kind = serializers.ChoiceField(DestinationKind.choices, read_only=True)
    bank = serializers.CharField(read_only=True, help_text="A short name of the bank; empty when it is not known.")
    bank_name = serializers.SerializerMethodField()
    number = serializers.SerializerMethodField(help_text="Masked: the last four digits alone are shown.")
    usable_at = serializers.SerializerMethodField(help_text="From when money may go there.")

    class Meta:
        model = PayoutDestination
        fields = ["id", "kind", "number", "bank", "bank_name", "owner_name", "usable_at", "created_at"]

    def get_bank_name(self, destination: PayoutDestination) -> str:
        return str(Bank(destination.bank).label) if destination.bank else ""

    def get_number(self, destination: PayoutDestination) -> str:
        return f"{'IR' if destination.kind == DestinationKind.SHEBA else ''}…{destination.last_four}"

    @extend_schema_field(serializers.DateTimeField)
    def get_usable_at(self, destination: PayoutDestination) -> str:
        moment = rules.usable_at(destination, destination.user)
        return serializers.DateTimeField().to_representation(moment)


class DestinationSerializer(WithdrawalDestinationSerializer):
    available_actions = serializers.SerializerMethodField()

    class Meta(WithdrawalDestinationSerializer.Meta):
        fields = [*WithdrawalDestinationSerializer.Meta.fields, "available_actions"]

    @extend_schema_field(ActionSerializer(many=True))
    def get_available_actions(self, destination: PayoutDestination) -> list[dict[str, Any]]:
        return rules.destination_actions(destination, destination.user, timezone.now())


class DestinationInput(serializers.Serializer[Any]):
    number = serializers.CharField(
        max_length=60, help_text="A Sheba or a card number, as people type it: spaces, dashes and Persian digits count."
    )
    owner_name = NameField(max_length=100, help_text="Whose account it is, as the bank knows them.")


class WithdrawalSerializer(serializers.ModelSerializer[Withdrawal]):
    status = serializers.ChoiceField(WithdrawalStatus.choices, read_only=True)
    amount = RialField(source="amount_rial", read_only=True, help_text="In Rials (IRR).")
    currency = CurrencyField()
    user = serializers.IntegerField(source="user_id", read_only=True)
    destination = WithdrawalDestinationSerializer(read_only=True)
    approvals = serializers.SerializerMethodField(help_text="How many people have approved it.")
    approvals_needed = serializers.SerializerMethodField()
    available_actions = serializers.SerializerMethodField()

    class Meta:
        model = Withdrawal
        fields = [
            "id",
            "user",
            "amount",
            "currency",
            "destination",
            "status",
            "version",
            "reference",
            "bank_reference",
            "reason",
            "approvals",
            "approvals_needed",
            "available_actions",
            "created_at",
            "approved_at",
            "submitted_at",
            "ended_at",
        ]

    def get_approvals(self, withdrawal: Withdrawal) -> int:
        return (withdrawal.approved_by_id is not None) + (withdrawal.second_approved_by_id is not None)

    def get_approvals_needed(self, withdrawal: Withdrawal) -> int:
        return 2 if rules.needs_two_people(withdrawal) else 1

    @extend_schema_field(ActionSerializer(many=True))
    def get_available_actions(self, withdrawal: Withdrawal) -> list[dict[str, Any]]:
        return rules.available_actions(withdrawal, self.context["request"].user)


class WithdrawalInput(serializers.Serializer[Any]):
    amount = RialField()
    destination = IdField()


class WithdrawalDecisionInput(serializers.Serializer[Any]):
    status = serializers.ChoiceField([WithdrawalStatus.APPROVED.value, WithdrawalStatus.REJECTED.value])
    reason = TextField(max_length=500, required=False, default="", allow_blank=True, help_text="Needed to reject.")
    version = IntegerField(required=False, min_value=1, help_text="Refuse unless it is at this version.")
