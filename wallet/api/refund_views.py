from django.db.models import QuerySet
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.response import Response

from common.api.idempotency import idempotent
from common.api.pagination import FeedPagination
from common.api.request import Request
from common.api.views import ServiceViewSet
from wallet import rules, selectors
from wallet.api import refund_serializers as serializers
from wallet.models import Refund
from wallet.services import refunds


@extend_schema_view(
    list=extend_schema(
        operation_id="wallet_refund_list", summary="Staff: deposits that go back, newest first", tags=["wallet"]
    ),
)
@method_decorator(never_cache, name="dispatch")
class RefundViewSet(mixins.ListModelMixin, ServiceViewSet):
    """Administrators alone."""

    queryset = Refund.objects.none()
    serializer_class = serializers.RefundSerializer
    pagination_class = FeedPagination
    filter_backends = []

    def get_queryset(self) -> QuerySet[Refund]:
        if not self.request.user.is_authenticated:
            return self.queryset
        rules.require_administrator(self.request.user)
        return selectors.refunds()

    @extend_schema(
        operation_id="wallet_refund",
        summary="Staff: give a deposit back to where it came from; needs a fresh second factor",
        tags=["wallet"],
        request=serializers.RefundInput,
        responses={201: serializers.RefundSerializer},
        examples=[OpenApiExample("Paid twice", {"payment": 12, "reason": "Paid twice"}, request_only=True)],
    )
    @idempotent
    def create(self, request: Request) -> Response:
        rules.require_administrator(request.user)
        data = self.read(serializers.RefundInput, request)
        refund = refunds.request(
            payment_id=data["payment"],
            reason=data["reason"],
            actor=request.user,
            assurance=request.auth.assurance,
            now=timezone.now(),
        )
        return Response(self.get_serializer(refund).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="wallet_refund_decide",
        summary="Staff: a second person decides; or a transfer made by hand has arrived or failed",
        tags=["wallet"],
        request=serializers.RefundDecisionInput,
        responses=serializers.RefundSerializer,
    )
    @idempotent
    def partial_update(self, request: Request, pk: int) -> Response:
        rules.require_administrator(request.user)
        data = self.read(serializers.RefundDecisionInput, request)
        known = {"refund_id": pk, "actor": request.user, "now": timezone.now()}
        if data["status"] == "approved":
            refund = refunds.approve(**known, assurance=request.auth.assurance)
        elif data["status"] == "rejected":
            refund = refunds.reject(**known, reason=data["reason"])
        elif data["status"] == "done":
            refund = refunds.finish(**known, reference=data["reference"])
        else:
            refund = refunds.give_up(**known, reason=data["reason"])
        return Response(self.get_serializer(refund).data)
