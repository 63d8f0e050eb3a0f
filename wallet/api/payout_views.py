from django.db.models import QuerySet
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.response import Response

from common.api.idempotency import idempotent
from common.api.pagination import FeedPagination
from common.api.request import Request
from common.api.views import ServiceViewSet
from common.errors import NotFound
from wallet import selectors
from wallet.api import payout_serializers as serializers
from wallet.api.filters import WithdrawalFilter
from wallet.enums import WithdrawalStatus
from wallet.models import PayoutDestination, Withdrawal
from wallet.services import destinations, withdrawals


@extend_schema_view(
    list=extend_schema(
        operation_id="wallet_destinations_list", summary="My accounts and cards, newest first", tags=["wallet"]
    ),
    retrieve=extend_schema(
        operation_id="wallet_destinations_retrieve", summary="One of my accounts and cards", tags=["wallet"]
    ),
)
@method_decorator(never_cache, name="dispatch")
class DestinationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ServiceViewSet):
    """Where one's winnings may go."""

    queryset = PayoutDestination.objects.none()
    serializer_class = serializers.DestinationSerializer
    pagination_class = FeedPagination
    filter_backends = []

    def get_queryset(self) -> QuerySet[PayoutDestination]:
        return selectors.destinations(self.request.user) if self.request.user.is_authenticated else self.queryset

    @extend_schema(
        operation_id="wallet_destinations_create",
        summary="Add an account (Sheba) or a card of mine; needs a fresh second factor",
        tags=["wallet"],
        request=serializers.DestinationInput,
        responses={201: serializers.DestinationSerializer},
        examples=[
            OpenApiExample(
                "A Sheba",
                {"number": "IR84 0120 0000 0000 0123 4567 89", "owner_name": "سارا احمدی"},
                request_only=True,
            )
        ],
    )
    def create(self, request: Request) -> Response:
        data = self.read(serializers.DestinationInput, request)
        destination = destinations.add(actor=request.user, assurance=request.auth.assurance, now=timezone.now(), **data)
        return Response(self.get_serializer(destination).data, status=status.HTTP_201_CREATED)

    @extend_schema(operation_id="wallet_destinations_delete", summary="Remove an account or a card", tags=["wallet"])
    def destroy(self, request: Request, pk: int) -> Response:
        destinations.remove(destination_id=pk, actor=request.user, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema_view(
    list=extend_schema(
        operation_id="wallet_withdrawal_requests_list",
        summary="My withdrawals, newest first",
        tags=["wallet"],
        parameters=[OpenApiParameter("all", bool, description="For administrators: everybody's withdrawals.")],
    ),
    retrieve=extend_schema(
        operation_id="wallet_withdrawal_requests_retrieve", summary="How a withdrawal stands", tags=["wallet"]
    ),
)
@method_decorator(never_cache, name="dispatch")
class WithdrawalViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ServiceViewSet):
    queryset = Withdrawal.objects.none()
    serializer_class = serializers.WithdrawalSerializer
    pagination_class = FeedPagination
    filterset_class = WithdrawalFilter

    def get_queryset(self) -> QuerySet[Withdrawal]:
        user = self.request.user
        if not user.is_authenticated:
            return self.queryset
        rows = selectors.withdrawals(user)
        everybody = self.action != "list" or self.request.query_params.get("all", "").lower() in {"1", "true"}
        return rows if everybody else rows.filter(user=user.pk)

    @extend_schema(
        operation_id="wallet_withdrawal_requests_create",
        summary="Ask for winnings to be paid out; needs a fresh second factor",
        tags=["wallet"],
        request=serializers.WithdrawalInput,
        responses={201: serializers.WithdrawalSerializer},
        examples=[OpenApiExample("5,000,000 Rials", {"amount": 5_000_000, "destination": 7}, request_only=True)],
    )
    @idempotent
    def create(self, request: Request) -> Response:
        data = self.read(serializers.WithdrawalInput, request)
        withdrawal = withdrawals.request(
            actor=request.user,
            assurance=request.auth.assurance,
            amount_rial=data["amount"],
            destination_id=data["destination"],
            now=timezone.now(),
        )
        return Response(self.get_serializer(withdrawal).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="wallet_withdrawal_requests_decide",
        summary="Staff: approve or reject a withdrawal",
        tags=["wallet"],
        request=serializers.WithdrawalDecisionInput,
        responses=serializers.WithdrawalSerializer,
    )
    def partial_update(self, request: Request, pk: int) -> Response:
        self._require_visible(pk)
        data = self.read(serializers.WithdrawalDecisionInput, request)
        version = data.get("version")
        if data["status"] == WithdrawalStatus.APPROVED:
            withdrawal = withdrawals.approve(
                withdrawal_id=pk,
                actor=request.user,
                assurance=request.auth.assurance,
                expected_version=version,
                now=timezone.now(),
            )
        else:
            withdrawal = withdrawals.reject(
                withdrawal_id=pk,
                actor=request.user,
                reason=data["reason"],
                expected_version=version,
                now=timezone.now(),
            )
        return Response(self.get_serializer(withdrawal).data)

    @extend_schema(
        operation_id="wallet_withdrawal_requests_cancel",
        summary="Think better of it, before anybody has approved",
        tags=["wallet"],
        request=None,
        responses=serializers.WithdrawalSerializer,
    )
    @idempotent
    def cancel(self, request: Request, pk: int) -> Response:
        withdrawal = withdrawals.cancel(withdrawal_id=pk, actor=request.user, now=timezone.now())
        return Response(self.get_serializer(withdrawal).data)

    def _require_visible(self, pk: int) -> None:
        """Somebody else's is not there at all, before the body is looked at."""
        if not selectors.withdrawals(self.request.user).filter(pk=pk).exists():
            raise NotFound
