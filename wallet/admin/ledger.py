from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import path
from django.utils.translation import gettext_lazy as _

from wallet.admin.read_only import ReadOnly
from wallet.admin.reports import wallet_statement
from wallet.models import Journal, LedgerAccount, Transfer


@admin.register(LedgerAccount)
class LedgerAccountAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["code", "kind", "owner", "tournament_id", "total", "closed_at"]
    list_filter = ["kind"]
    search_fields = ["code", "owner__username", "owner__phone_number", "=tournament_id"]
    list_select_related = ["owner"]
    ordering = ["id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerAccount]:
        return super().get_queryset(request).with_balance()  # type: ignore[attr-defined]

    @admin.display(description=_("balance in Rials"))
    def total(self, account: LedgerAccount) -> int:
        return account.total_rial  # type: ignore[attr-defined]

    def get_urls(self) -> list[Any]:
        statement = self.admin_site.admin_view(wallet_statement)
        return [path("statement/", statement, name="wallet_statement"), *super().get_urls()]


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
