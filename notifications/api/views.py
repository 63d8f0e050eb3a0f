from django.db.models import QuerySet
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.response import Response

from common.api.pagination import SeqPagination
from common.api.request import Request
from common.api.views import ServiceViewSet, pk_or_404
from notifications import selectors
from notifications.api import serializers
from notifications.api.filters import NotificationFilter
from notifications.models import Notification
from notifications.services import reading


@extend_schema_view(
    list=extend_schema(
        operation_id="notifications_list",
        summary="What I have been told, newest first, or since a seq",
        tags=["notifications"],
    ),
    retrieve=extend_schema(
        operation_id="notifications_retrieve", summary="One of my notifications", tags=["notifications"]
    ),
)
@method_decorator(never_cache, name="dispatch")
class NotificationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ServiceViewSet):
    """The caller's own notifications; somebody else's do not exist."""

    queryset = Notification.objects.none()
    serializer_class = serializers.NotificationSerializer
    pagination_class = SeqPagination
    filterset_class = NotificationFilter

    def get_queryset(self) -> QuerySet[Notification]:
        return selectors.feed(self.request.user.pk)

    @extend_schema(
        operation_id="notifications_update",
        summary="Mark a notification read or unread",
        tags=["notifications"],
        request=serializers.NotificationReadInput,
        responses=serializers.NotificationSerializer,
        examples=[OpenApiExample("Read", {"is_read": True}, request_only=True)],
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        data = self.read(serializers.NotificationReadInput, request)
        row = reading.mark(notification_id=pk_or_404(pk), actor=request.user, is_read=data["is_read"])
        return Response(self.get_serializer(row).data)

    @extend_schema(
        operation_id="notifications_read_all",
        summary="Mark everything read",
        tags=["notifications"],
        request=None,
        responses=serializers.NotificationsReadSerializer,
    )
    @action(detail=False, methods=["post"])
    def read_all(self, request: Request) -> Response:
        return Response({"marked": reading.mark_all(actor=request.user, now=timezone.now())})

    @extend_schema(
        operation_id="notifications_unread_count",
        summary="How many notifications I have not read",
        tags=["notifications"],
        filters=False,
        responses=serializers.UnreadCountSerializer,
    )
    @action(detail=False, pagination_class=None, filter_backends=[])
    def unread_count(self, request: Request) -> Response:
        return Response({"unread_count": selectors.unread_count(request.user.pk)})
