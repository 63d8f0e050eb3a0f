from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wallet.admin.doors import RialsField, ServiceFormAdmin, UserField
from wallet.admin.reports import settlement_report
from wallet.enums import AdjustmentSource, Bucket, GatewayName
from wallet.models import Adjustment, GatewaySettlement, PromotionGrant
from wallet.services import adjustments, gateway_settlements, promotions


class AdjustmentForm(forms.Form):
    user = UserField(label=_("User: id, username or phone"))
    bucket = forms.ChoiceField(label=_("Balance"), choices=Bucket.choices)
    amount = RialsField(label=_("Amount (Rials)"), help_text=_("Below zero takes from the user."))
    against = forms.ChoiceField(label=_("From or to"), choices=AdjustmentSource.choices)
    reason = forms.CharField(label=_("Reason"), max_length=500)


@admin.register(Adjustment)
class AdjustmentAdmin(ServiceFormAdmin):
    """The queue: the oldest first. Who proposes does not decide."""

    list_display = ["id", "user", "bucket", "amount_rial", "against", "reason", "status", "proposed_by", "decided_by"]
    list_filter = ["status", "bucket"]
    search_fields = ["user__username", "user__phone_number", "reason"]
    list_select_related = ["user", "proposed_by", "decided_by"]
    ordering = ["id"]
    actions = ["approve", "decline"]
    service_form = AdjustmentForm

    def carry_out(self, request: HttpRequest, data: dict[str, Any], now: datetime) -> object:
        return adjustments.propose(
            user_id=data["user"].pk,
            bucket=Bucket(data["bucket"]),
            amount_rial=data["amount"],
            against=AdjustmentSource(data["against"]),
            reason=data["reason"],
            actor=request.user,  # type: ignore[arg-type]
            now=now,
        )

    @admin.action(description=_("Approve"), permissions=["act"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Adjustment]) -> None:
        self._decide(request, queryset, adjustments.approve, _("Approved: %(count)s"))

    @admin.action(description=_("Decline"), permissions=["act"])
    def decline(self, request: HttpRequest, queryset: QuerySet[Adjustment]) -> None:
        self._decide(request, queryset, adjustments.decline, _("Declined: %(count)s"))

    def _decide(self, request: HttpRequest, queryset: QuerySet[Adjustment], service: Any, done: Any) -> None:
        actor, now = request.user, timezone.now()
        self.each(request, queryset, lambda pk, note: service(adjustment_id=pk, actor=actor, note=note, now=now), done)


class PromotionForm(forms.Form):
    user = UserField(label=_("User: id, username or phone"))
    amount = RialsField(label=_("Amount (Rials)"))
    campaign = forms.CharField(label=_("Campaign"), max_length=100)
    expires_at = forms.DateTimeField(
        label=_("Until"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )


@admin.register(PromotionGrant)
class PromotionGrantAdmin(ServiceFormAdmin):
    list_display = ["id", "user", "amount_rial", "campaign", "granted_by", "created_at", "expires_at", "expired_at"]
    list_filter = ["campaign"]
    search_fields = ["user__username", "user__phone_number", "campaign"]
    list_select_related = ["user", "granted_by"]
    ordering = ["-id"]
    service_form = PromotionForm

    def carry_out(self, request: HttpRequest, data: dict[str, Any], now: datetime) -> object:
        return promotions.grant(
            user_id=data["user"].pk,
            amount_rial=data["amount"],
            campaign=data["campaign"],
            expires_at=data["expires_at"],
            actor=request.user,  # type: ignore[arg-type]
            now=now,
        )


class SettlementForm(forms.Form):
    gateway = forms.ChoiceField(label=_("Gateway"), choices=GatewayName.choices)
    amount = RialsField(label=_("Came to the bank (Rials)"))
    fee = RialsField(label=_("Kept by the gateway (Rials)"), initial="0")
    bank_reference = forms.CharField(label=_("The bank's reference"), max_length=50)
    settled_on = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))


@admin.register(GatewaySettlement)
class GatewaySettlementAdmin(ServiceFormAdmin):
    list_display = ["id", "gateway", "amount_rial", "fee_rial", "bank_reference", "settled_on", "recorded_by"]
    list_filter = ["gateway", "settled_on"]
    search_fields = ["=bank_reference"]
    list_select_related = ["recorded_by"]
    ordering = ["-settled_on", "-id"]
    service_form = SettlementForm

    def get_urls(self) -> list[Any]:
        report = self.admin_site.admin_view(settlement_report)
        return [path("report/", report, name="wallet_report"), *super().get_urls()]

    def carry_out(self, request: HttpRequest, data: dict[str, Any], now: datetime) -> object:
        return gateway_settlements.record(
            gateway=GatewayName(data["gateway"]),
            amount_rial=data["amount"],
            fee_rial=data["fee"],
            bank_reference=data["bank_reference"],
            settled_on=data["settled_on"],
            actor=request.user,  # type: ignore[arg-type]
            now=now,
        )
