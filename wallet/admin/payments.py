from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from users.rules import is_administrator
from wallet import rules
from wallet.admin.read_only import ReadOnly
from wallet.models import Payment, PaymentDifference, Refund
from wallet.services import payments, reconciliation


@admin.register(Payment)
class PaymentAdmin(ReadOnly, admin.ModelAdmin):
    list_display = [
        "id", "user", "amount_rial", "status", "attention", "gateway", "ref_id", "gateway_code", "attempts",
        "created_at",
    ]  # fmt: skip
    list_filter = ["status", "attention", "gateway", "purpose"]
    search_fields = ["=id", "=authority", "=ref_id", "user__username", "user__phone_number"]
    list_select_related = ["user"]
    ordering = ["-id"]
    actions = ["ask_gateway_again"]

    def has_ask_permission(self, request: HttpRequest) -> bool:
        return rules.may_ask_gateway(request.user)  # type: ignore[arg-type]

    @admin.action(description=_("Ask the gateway again"), permissions=["ask"])
    def ask_gateway_again(self, request: HttpRequest, queryset: QuerySet[Payment]) -> None:
        ids = list(queryset.values_list("pk", flat=True))
        asked = payments.ask_again(payment_ids=ids, actor=request.user, now=timezone.now())  # type: ignore[arg-type]
        self.message_user(
            request,
            ngettext("%(count)s payment is being asked about.", "%(count)s payments are being asked about.", asked)
            % {"count": asked},
            messages.SUCCESS if asked else messages.WARNING,
        )


@admin.register(Refund)
class RefundAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["id", "payment", "amount_rial", "method", "status", "requested_by", "decided_by", "created_at"]
    list_filter = ["status", "method"]
    search_fields = ["=id", "=payment__id", "=reference", "payment__user__username"]
    list_select_related = ["payment", "requested_by", "decided_by"]
    ordering = ["-id"]


@admin.register(PaymentDifference)
class PaymentDifferenceAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["id", "payment", "kind", "ours", "theirs", "found_at", "cleared_at"]
    list_filter = [("cleared_at", admin.EmptyFieldListFilter), "kind"]
    search_fields = ["=payment__id", "payment__user__username"]
    list_select_related = ["payment"]
    ordering = ["-id"]
    actions = ["clear"]

    def has_clear_permission(self, request: HttpRequest) -> bool:
        return is_administrator(request.user)

    @admin.action(description=_("Cleared up"), permissions=["clear"])
    def clear(self, request: HttpRequest, queryset: QuerySet[PaymentDifference]) -> None:
        ids = list(queryset.values_list("pk", flat=True))
        reconciliation.clear(difference_ids=ids, actor=request.user, now=timezone.now())  # type: ignore[arg-type]
