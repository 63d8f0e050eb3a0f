from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from wallet import rules
from wallet.models import Journal, LedgerAccount, Payment, Transfer
from wallet.services import payments


class ReadOnly:
    """Money is looked at here; it moves through services only."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(LedgerAccount)
class LedgerAccountAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["code", "kind", "owner", "tournament_id", "balance_rial", "closed_at"]
    list_filter = ["kind"]
    search_fields = ["code", "owner__username", "owner__phone_number", "=tournament_id"]
    list_select_related = ["owner"]
    ordering = ["id"]


class TransferInline(ReadOnly, admin.TabularInline):
    model = Transfer
    extra = 0


@admin.register(Journal)
class JournalAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["id", "kind", "key", "user", "actor", "created_at"]
    list_filter = ["kind"]
    search_fields = ["key", "user__username", "user__phone_number"]
    list_select_related = ["user", "actor"]
    ordering = ["-id"]
    inlines = [TransferInline]


@admin.register(Transfer)
class TransferAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["id", "journal", "debit", "credit", "amount_rial", "debit_after_rial", "credit_after_rial"]
    search_fields = ["journal__key", "debit__code", "credit__code"]
    list_select_related = ["journal", "debit", "credit"]
    ordering = ["-id"]


@admin.register(Payment)
class PaymentAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["id", "user", "amount_rial", "status", "ref_id", "gateway_code", "attempts", "created_at"]
    list_filter = ["status", "purpose"]
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
