from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.errors import DomainError
from common.readonly_admin import ReadOnlyAdmin
from support.models import SupportAssignment, Ticket, TicketMessage
from support.services import tickets


class TicketMessageInline(admin.TabularInline):
    model = TicketMessage
    fields = ["author", "body", "is_staff_reply", "created_at"]
    readonly_fields = ["author", "body", "is_staff_reply", "created_at"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[TicketMessage]:
        return super().get_queryset(request).select_related("author").order_by("id")


@admin.register(Ticket)
class TicketAdmin(ReadOnlyAdmin):
    list_display = ["id", "title", "user", "game", "assignee", "status", "rating", "updated_at"]
    list_filter = ["status", "game"]
    search_fields = ["title", "user__username"]
    list_select_related = ["user", "game", "assignee"]
    inlines = [TicketMessageInline]
    actions = ["assign_to_me", "close"]

    @admin.action(description=_("Assign to me"), permissions=["act"])
    def assign_to_me(self, request: HttpRequest, queryset: QuerySet[Ticket]) -> None:
        actor: Any = request.user
        self._each(
            request,
            queryset,
            lambda ticket_id: tickets.manage(
                ticket_id=ticket_id, actor=actor, assignee_id=actor.pk, now=timezone.now()
            ),
        )

    @admin.action(description=_("Close"), permissions=["act"])
    def close(self, request: HttpRequest, queryset: QuerySet[Ticket]) -> None:
        actor: Any = request.user
        self._each(
            request, queryset, lambda ticket_id: tickets.close(ticket_id=ticket_id, actor=actor, now=timezone.now())
        )

    def _each(self, request: HttpRequest, queryset: QuerySet[Ticket], act: Any) -> None:
        for ticket in queryset.order_by("id"):
            try:
                act(ticket.pk)
            except DomainError as error:
                self.message_user(request, f"{ticket}: {error.text}", messages.ERROR)


@admin.register(SupportAssignment)
class SupportAssignmentAdmin(admin.ModelAdmin):
    list_display = ["support_person", "game", "head_support"]
    list_filter = ["game", "head_support"]
    list_select_related = ["support_person", "game"]
