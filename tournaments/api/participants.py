from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.permissions import SAFE_METHODS, AllowAny, BasePermission, IsAuthenticated
from rest_framework.response import Response

from common.api.request import Request
from common.api.views import ServiceViewSet
from tournaments import rules, selectors
from tournaments.api import serializers
from tournaments.models import Entrant
from tournaments.services import registration

KEY = OpenApiParameter("tournament", str, OpenApiParameter.PATH, description="The id or the slug of the tournament.")


class ParticipantViewSet(mixins.ListModelMixin, ServiceViewSet):
    """The entrants of one tournament."""

    serializer_class = serializers.EntrantSerializer
    filter_backends = []
    queryset = Entrant.objects.none()

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny() if self.request.method in SAFE_METHODS else IsAuthenticated()]

    def get_queryset(self) -> QuerySet[Entrant]:
        return selectors.entrants(selectors.find(self.request.user, self.kwargs["tournament"]).pk)

    @extend_schema(
        operation_id="participants_list",
        summary="Who takes part, best seed first",
        tags=["entrants"],
        parameters=[KEY],
    )
    def list(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(
        operation_id="participants_seed",
        summary="Seed entrants, the best first; the others are drawn by lot behind them",
        tags=["entrants"],
        parameters=[KEY],
        request=serializers.SeedInput,
        responses={204: None},
        examples=[OpenApiExample("Best first", {"order": [12, 4, 9]}, request_only=True)],
    )
    def seed(self, request: Request, tournament: str) -> Response:
        found = selectors.find(request.user, tournament)
        rules.require_manager(request.user, found)
        order = self.read(serializers.SeedInput, request)["order"]
        registration.seed(tournament_id=found.pk, order=order, actor=request.user, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        operation_id="participants_reject",
        summary="Take an entrant out before the start; its fee goes back",
        tags=["entrants"],
        parameters=[KEY, OpenApiParameter("id", int, OpenApiParameter.PATH, description="The entrant's id.")],
        request=serializers.ReasonInput,
        responses=serializers.EntryRefundSerializer,
    )
    def reject(self, request: Request, tournament: str, pk: int) -> Response:
        found = selectors.find(request.user, tournament)
        rules.require_manager(request.user, found)
        reason = self.read(serializers.ReasonInput, request)["reason"]
        refund = registration.remove(
            tournament_id=found.pk, entrant_id=pk, actor=request.user, reason=reason, now=timezone.now()
        )
        return Response({"refund": refund, "currency": "IRR"})
