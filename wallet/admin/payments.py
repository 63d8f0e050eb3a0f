from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from wallet import rules
from wallet.admin.read_only import ReadOnly
from wallet.models import Payment
from wallet.services import payments


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
