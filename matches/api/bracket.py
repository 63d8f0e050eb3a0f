"""What people look at while a tournament runs: the bracket as data and as a picture, and the standings."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from common.api.request import Request
from common.api.views import ServiceViewSet
from matches import selectors
from matches.api import serializers
from matches.models import Match
from matches.services import picture, standings
from tournaments.bracket_svg import Theme
from tournaments.selectors import find

KEY = OpenApiParameter("tournament", str, OpenApiParameter.PATH, description="The id or the slug of the tournament.")

ROUND = OpenApiParameter(
    "round", int, description="The table as it was after this round, where rounds are paired as they come."
)


class BracketViewSet(ServiceViewSet):
    permission_classes = [AllowAny]
    queryset = Match.objects.none()
    pagination_class = None
    filter_backends = []
    serializer_class = serializers.BracketSerializer

    @extend_schema(
        operation_id="tournaments_bracket",
        summary="All matches of a tournament, with where winners and losers come from",
        tags=["tournaments"],
        parameters=[KEY],
        responses=serializers.BracketSerializer,
    )
    def bracket(self, request: Request, tournament: str) -> Response:
        found = find(request.user, tournament)
        matches = selectors.bracket(found.pk)
        stage = found.stages.get()
        body = {
            "tournament": found.pk,
            "format": stage.format,
            "plan_hash": stage.plan_hash,
            "matches": matches,
        }
        context = {
            **self.get_serializer_context(),
            "own_entrants": selectors.own_entrants(request.user, matches),
            "now": timezone.now(),
        }
        return Response(serializers.BracketSerializer(body, context=context).data)

    @extend_schema(
        operation_id="tournaments_bracket_svg",
        summary="The bracket as a picture",
        tags=["tournaments"],
        parameters=[
            KEY,
            OpenApiParameter("theme", str, enum=["light", "dark"]),
            OpenApiParameter("language", str, enum=["fa", "en"]),
        ],
        responses={(200, "image/svg+xml"): OpenApiTypes.STR},
    )
    def bracket_svg(self, request: Request, tournament: str) -> HttpResponse:
        found = find(request.user, tournament)
        theme: Theme = "dark" if request.query_params.get("theme") == "dark" else "light"
        asked = request.query_params.get("language", request.LANGUAGE_CODE)
        svg, etag = picture.bracket_svg(found, theme=theme, language="en" if asked == "en" else "fa")
        if request.headers.get("If-None-Match") == etag:
            return HttpResponse(status=304, headers={"ETag": etag})
        headers = {"ETag": etag, "Cache-Control": "public, max-age=1"}
        return HttpResponse(svg, content_type="image/svg+xml", headers=headers)

    @extend_schema(
        operation_id="tournaments_standings",
        summary="Who stands where, and why",
        tags=["tournaments"],
        parameters=[KEY, ROUND],
        responses=serializers.StandingSerializer(many=True),
    )
    def standings(self, request: Request, tournament: str) -> Response:
        found = find(request.user, tournament)
        asked = serializers.RoundInput(data=request.query_params)
        asked.is_valid(raise_exception=True)
        rows: list[dict[str, Any]] = standings.standings_of(found, asked.validated_data["round"])
        return Response(serializers.StandingSerializer(rows, many=True).data)
