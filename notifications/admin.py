from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from notifications.kinds import without_secrets
from notifications.models import Delivery, Notification
from notifications.services import deliveries


class ReadOnlyAdmin(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "user", "seq", "kind", "is_read"]
    list_filter = ["kind", "is_read"]
    search_fields = ["user__username", "dedupe_key"]
    list_select_related = ["user"]
    fields = ["user", "seq", "kind", "shown_params", "dedupe_key", "is_read", "created_at"]
    readonly_fields = ["shown_params"]

    @admin.display(description="params")
    def shown_params(self, notification: Notification) -> dict[str, Any]:
        return without_secrets(notification.kind, notification.params)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = [
        "created_at",
        "user",
        "kind",
        "channel",
        "status",
        "provider",
        "attempts",
        "next_attempt_at",
        "last_error",
    ]
    list_filter = ["status", "channel", "provider", "notification__kind"]
    search_fields = ["notification__user__username", "reference"]
    list_select_related = ["notification__user"]
    actions = ["try_again"]

    @admin.display(description="user")
    def user(self, delivery: Delivery) -> str:
        return str(delivery.notification.user)

    @admin.display(description="kind")
    def kind(self, delivery: Delivery) -> str:
        return delivery.notification.kind

    @admin.action(description="Try again", permissions=["retry"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        ids = list(queryset.values_list("pk", flat=True))
        count = deliveries.retry(delivery_ids=ids, actor=request.user, now=timezone.now())  # type: ignore[arg-type]
        self.message_user(request, _("%(count)s deliveries will be tried again.") % {"count": count}, messages.SUCCESS)

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("notifications.change_delivery")
