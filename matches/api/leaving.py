"""Leaving a tournament that runs."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from common.api.request import Request
from common.api.views import ServiceViewSet
from matches.api import serializers
from matches.services import leaving
from tournaments import rules
from tournaments.engine import DqMode
from tournaments.models import Entrant
from tournaments.selectors import find

KEY = OpenApiParameter("tournament", str, OpenApiParameter.PATH, description="The id or the slug of the tournament.")


class LeavingViewSet(ServiceViewSet):
    permission_classes = [IsAuthenticated]
    queryset = Entrant.objects.none()
    pagination_class = None
    filter_backends = []
    serializer_class = serializers.LeftSerializer

    @extend_schema(
        operation_id="tournaments_withdraw",
        summary="Withdraw my side from a tournament that runs: the opponents of its open matches advance",
        tags=["entrants"],
        parameters=[KEY],
        request=None,
        responses=serializers.LeftSerializer,
    )
    def withdraw(self, request: Request, tournament: str) -> Response:
        found = find(request.user, tournament)
        entrant = leaving.withdraw(tournament_id=found.pk, actor=request.user, now=timezone.now())
        return Response(serializers.LeftSerializer(entrant).data)

    @extend_schema(
        operation_id="participants_disqualify",
        summary="Throw an entrant out of a tournament that runs",
        tags=["entrants"],
        parameters=[KEY, OpenApiParameter("id", int, OpenApiParameter.PATH, description="The entrant's id.")],
        request=serializers.DisqualifyInput,
        responses=serializers.LeftSerializer,
        examples=[OpenApiExample("A cheat", {"mode": "void_all", "reason": "تقلب"}, request_only=True)],
    )
    def disqualify(self, request: Request, tournament: str, pk: int) -> Response:
        found = find(request.user, tournament)
        rules.require_manager(request.user, found)
        data = self.read(serializers.DisqualifyInput, request)
        entrant = leaving.disqualify(
            tournament_id=found.pk,
            entrant_id=int(pk),
            mode=DqMode(data["mode"]),
            reason=data["reason"],
            actor=request.user,
            now=timezone.now(),
        )
        return Response(serializers.LeftSerializer(entrant).data)
