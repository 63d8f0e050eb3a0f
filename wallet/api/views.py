from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponseRedirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, permissions, status
from rest_framework.response import Response

from common.api.idempotency import idempotent
from common.api.pagination import FeedPagination, PageNumberPagination
from common.api.request import Request
from common.api.views import ServiceViewSet
from wallet import selectors
from wallet.api import serializers
from wallet.api.filters import TransactionFilter
from wallet.models import Journal, Payment
from wallet.services import payments


@method_decorator(never_cache, name="dispatch")
class WalletViewSet(ServiceViewSet):
    """One's own money."""

    queryset = Journal.objects.none()
    serializer_class = serializers.BalanceSerializer
    filter_backends = []
    pagination_class = None

    @extend_schema(operation_id="wallet_retrieve", summary="My wallet", tags=["wallet"])
    def overview(self, request: Request) -> Response:
        return Response(self.get_serializer(selectors.balances(request.user)).data)

    @extend_schema(operation_id="wallet_balance", summary="My balance", tags=["wallet"])
    def balance(self, request: Request) -> Response:
        return Response(self.get_serializer(selectors.balances(request.user)).data)


@method_decorator(never_cache, name="dispatch")
class WalletListViewSet(ServiceViewSet):
    queryset = Journal.objects.none()
    serializer_class = serializers.WalletSerializer
    filter_backends = []
    pagination_class = PageNumberPagination

    @extend_schema(operation_id="wallet_wallets_list", summary="My wallets: there is one", tags=["wallet"])
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset([selectors.balances(request.user)])
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


@method_decorator(never_cache, name="dispatch")
class TransactionViewSet(mixins.ListModelMixin, ServiceViewSet):
    queryset = Journal.objects.none()
    serializer_class = serializers.WalletTransactionSerializer
    pagination_class = FeedPagination
    filterset_class = TransactionFilter

    def get_queryset(self) -> QuerySet[Journal]:
        return selectors.transactions(self.request.user) if self.request.user.is_authenticated else self.queryset


@extend_schema_view(
    list=extend_schema(
        operation_id="wallet_transactions_list", summary="What happened in my wallet, newest first", tags=["wallet"]
    )
)
class WalletTransactionViewSet(TransactionViewSet):
    pass


@extend_schema_view(
    list=extend_schema(
        operation_id="users_me_transactions_list", summary="What happened in my wallet, newest first", tags=["users"]
    )
)
class MyTransactionViewSet(TransactionViewSet):
    pass


@extend_schema_view(
    list=extend_schema(operation_id="wallet_payments_list", summary="My payments, newest first", tags=["wallet"]),
    retrieve=extend_schema(
        operation_id="wallet_payments_retrieve", summary="How one of my payments stands", tags=["wallet"]
    ),
)
@method_decorator(never_cache, name="dispatch")
class PaymentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ServiceViewSet):
    queryset = Payment.objects.none()
    serializer_class = serializers.PaymentSerializer
    pagination_class = FeedPagination
    filter_backends = []

    def get_queryset(self) -> QuerySet[Payment]:
        return selectors.payments(self.request.user) if self.request.user.is_authenticated else self.queryset

    @extend_schema(
        operation_id="wallet_deposit",
        summary="Begin a deposit; the payer pays at payment_url",
        tags=["wallet"],
        request=serializers.DepositInput,
        responses={201: serializers.DepositStartedSerializer},
        examples=[OpenApiExample("500,000 Rials", {"amount": 500_000}, request_only=True)],
    )
    @idempotent
    def deposit(self, request: Request) -> Response:
        data = self.read(serializers.DepositInput, request)
        payment = payments.deposit(actor=request.user, amount_rial=data["amount"], now=timezone.now())
        return Response(serializers.DepositStartedSerializer(payment).data, status=status.HTTP_201_CREATED)


@method_decorator(never_cache, name="dispatch")
class CallbackViewSet(ServiceViewSet):
    """Where the bank sends the payer's browser back to. Nothing it says is believed: the gateway is asked."""

    permission_classes = [permissions.AllowAny]
    authentication_classes = []
    queryset = Payment.objects.none()

    @extend_schema(
        operation_id="wallet_verify_deposit",
        summary="The way back from the bank; redirects to the front end",
        tags=["wallet"],
        parameters=[
            OpenApiParameter("Authority", str, description="Zarinpal's name of the payment."),
            OpenApiParameter("Status", str, enum=["OK", "NOK"]),
            OpenApiParameter("trackId", str, description="Zibal's name of the payment."),
            OpenApiParameter("success", str, enum=["1", "0"]),
        ],
        responses={302: OpenApiResponse(description="To the front end, with `payment` and `status` in the query.")},
    )
    def verify_deposit(self, request: Request) -> HttpResponseRedirect:
        authority, said_paid = serializers.CallbackQuery(data=request.query_params.dict()).hint()
        payment = payments.record_callback(authority=authority, status="OK" if said_paid else "NOK", now=timezone.now())
        return HttpResponseRedirect(_return_url(payment))


def _return_url(payment: Payment | None) -> str:
    if payment is None:
        return settings.PAYMENT_RETURN_URL
    parts = urlsplit(settings.PAYMENT_RETURN_URL)
    query = [*parse_qsl(parts.query), ("payment", payment.pk), ("status", payment.status)]
    return urlunsplit(parts._replace(query=urlencode(query)))
