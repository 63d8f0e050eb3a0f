from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from common.api.pagination import FeedPagination
from common.api.request import Request
from common.api.views import ServiceViewSet, pk_or_404
from common.errors import InvalidInput, NotFound
from matches.models import Match
from notifications.selectors import unread_count
from players import rules, selectors
from players.api import serializers
from players.api.filters import PlayedMatchFilter, PlayedTournamentFilter
from players.enums import Metric
from players.models import Achievement
from players.selectors import BoardKey
from teams.models import Invitation, Team
from teams.selectors import memberships_of, received_invitations
from tournaments.models import Entrant
from wallet.selectors import balances

HISTORY, INVITATIONS, MATCHES = 10, 10, 5


class LeaderboardViewSet(ServiceViewSet):
    """Public lists; who hides what they have played is not on them."""

    permission_classes = [AllowAny]
    pagination_class = None
    filter_backends = []
    serializer_class = serializers.TopPlayerSerializer

    def _query(self, shape: type[Serializer]) -> dict[str, Any]:
        query = shape(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        return query.validated_data

    @extend_schema(
        operation_id="users_top_players",
        summary="Who has won the most money",
        tags=["users"],
        parameters=[serializers.TopQuery],
        responses=serializers.TopEarnerSerializer(many=True),
    )
    def top_players(self, request: Request) -> Response:
        query = self._query(serializers.TopQuery)
        key = BoardKey(query["game"], query["season"], Metric.WINNINGS)
        rows = selectors.top_players(key, size=query["page_size"])
        return Response(serializers.TopEarnerSerializer(rows, many=True).data)

    @extend_schema(
        operation_id="users_top_players_by_rank",
        summary="A leaderboard of players, by score, winnings or rating",
        tags=["users"],
        parameters=[serializers.TopPlayersQuery],
        responses=serializers.TopPlayerSerializer(many=True),
    )
    def top_players_by_rank(self, request: Request) -> Response:
        query = self._query(serializers.TopPlayersQuery)
        if query["by"] == Metric.RATING and query["game"] is None:
            raise InvalidInput.of("game", "required", _("Ratings are of one game: name it."))
        key = BoardKey(query["game"], query["season"], Metric(query["by"]), query["type"])
        rows = selectors.top_players(key, size=query["page_size"], after=query["after"])
        places = selectors.page_positions(key, rows, is_first=query["after"] is None)
        context = {
            "positions": dict(zip((row.pk for row in rows), places, strict=True)),
            "ladder": selectors.ladders([key.game_id])[key.game_id],
            "type": key.type,
        }
        return Response(serializers.TopPlayerSerializer(rows, many=True, context=context).data)

    @extend_schema(
        operation_id="users_total_players",
        summary="How many people play here",
        tags=["users"],
        responses=serializers.TotalPlayersSerializer,
    )
    def total_players(self, request: Request) -> Response:
        minute = int(timezone.now().timestamp()) // 60
        return Response({"total_players": selectors.total_players(minute)})

    @extend_schema(
        operation_id="users_ranks",
        summary="The ladder of ranks, the lowest first",
        tags=["users"],
        parameters=[serializers.GameQuery],
        responses=serializers.RungSerializer(many=True),
    )
    def ranks(self, request: Request) -> Response:
        game_id = self._query(serializers.GameQuery)["game"]
        ladder = selectors.ladders([game_id])[game_id]
        return Response(serializers.RungSerializer(ladder.rungs, many=True).data)

    @extend_schema(
        operation_id="users_seasons",
        summary="Seasons, the newest first",
        tags=["users"],
        parameters=[serializers.GameQuery],
        responses=serializers.SeasonSerializer(many=True),
    )
    def seasons(self, request: Request) -> Response:
        found = selectors.seasons(self._query(serializers.GameQuery)["game"])[: serializers.MOST_ROWS]
        return Response(serializers.SeasonSerializer(found, many=True, context={"now": timezone.now()}).data)

    @extend_schema(
        operation_id="teams_top",
        summary="A leaderboard of teams, by score or winnings",
        tags=["teams"],
        parameters=[serializers.TopTeamsQuery],
        responses=serializers.TopTeamSerializer(many=True),
    )
    def top_teams(self, request: Request) -> Response:
        query = self._query(serializers.TopTeamsQuery)
        key = BoardKey(query["game"], query["season"], Metric(query["by"]))
        rows = selectors.top_teams(key, query["page_size"])
        return Response(serializers.TopTeamSerializer(rows, many=True).data)


class PlayerViewSet(ServiceViewSet):
    """What one user has played, for those whom the user's privacy lets see it."""

    permission_classes = [AllowAny]
    pagination_class = None
    filter_backends = []
    serializer_class = serializers.PlayerStandingSerializer

    @extend_schema(
        operation_id="users_standings",
        summary="Where a player stands: score, position, rank and ratings, over all games and in each",
        tags=["users"],
        parameters=[serializers.StandingsQuery],
        responses=serializers.PlayerStandingSerializer(many=True),
    )
    def standings(self, request: Request, pk: str) -> Response:
        owner = rules.require_history(request.user, pk_or_404(pk))
        query = serializers.StandingsQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        rows = selectors.standings_of(owner.pk, query.validated_data["season"])
        context = {
            "positions": selectors.positions(rows, "score"),
            "ladders": selectors.ladders({row.board.game_id for row in rows}),
        }
        return Response(serializers.PlayerStandingSerializer(rows, many=True, context=context).data)

    @extend_schema(
        operation_id="users_achievements",
        summary="What a player has achieved, the first first",
        tags=["users"],
        responses=serializers.AchievementSerializer(many=True),
    )
    def achievements(self, request: Request, pk: str) -> Response:
        owner = rules.require_history(request.user, pk_or_404(pk))
        found: QuerySet[Achievement] = selectors.achievements_of(owner.pk)
        return Response(serializers.AchievementSerializer(found, many=True).data)


class DashboardViewSet(ServiceViewSet):
    pagination_class = None
    filter_backends = []
    serializer_class = serializers.DashboardSerializer

    @extend_schema(
        operation_id="users_dashboard",
        summary="My home: profile, wallet, teams, tournaments, what waits for me",
        tags=["users"],
        responses=serializers.DashboardSerializer,
    )
    def retrieve(self, request: Request) -> Response:
        user, now = request.user, timezone.now()
        standing = next((row for row in selectors.standings_of(user.pk) if row.board.game_id is None), None)
        rows = [standing] if standing else []
        invitations = Invitation.objects.filter(received_invitations(user.pk, now)).select_related("team", "inviter")
        found = {
            "user_profile": user,
            "wallet": balances(user),
            "teams": memberships_of(user.pk),
            "tournament_history": selectors.entries_of(user.pk).order_by("-pk")[:HISTORY],
            "next_matches": selectors.next_matches(user.pk)[:MATCHES],
            "open_invitations": invitations.order_by("-pk")[:INVITATIONS],
            "unread_notifications": unread_count(user.pk),
            "standing": standing,
        }
        context = {"positions": selectors.positions(rows, "score"), "ladders": selectors.ladders([None])}
        return Response(serializers.DashboardSerializer(found, context=context).data)


@extend_schema_view(
    list=extend_schema(
        operation_id="users_tournaments", summary="The tournaments of a user, the newest first", tags=["users"]
    )
)
class PlayedTournamentViewSet(mixins.ListModelMixin, ServiceViewSet):
    permission_classes = [AllowAny]
    pagination_class = FeedPagination
    serializer_class = serializers.PlayedTournamentSerializer
    filterset_class = PlayedTournamentFilter
    queryset = Entrant.objects.none()

    def get_queryset(self) -> QuerySet[Entrant]:
        if "pk" not in self.kwargs:
            return self.queryset
        return selectors.entries_of(rules.require_history(self.request.user, pk_or_404(self.kwargs["pk"])).pk)


@extend_schema_view(
    list=extend_schema(
        operation_id="users_match_history", summary="The decided matches of a user, the newest first", tags=["users"]
    )
)
class PlayedMatchViewSet(mixins.ListModelMixin, ServiceViewSet):
    permission_classes = [AllowAny]
    pagination_class = FeedPagination
    serializer_class = serializers.PlayedMatchSerializer
    filterset_class = PlayedMatchFilter
    queryset = Match.objects.none()

    def get_queryset(self) -> QuerySet[Match]:
        if "pk" not in self.kwargs:
            return self.queryset
        return selectors.matches_of_user(rules.require_history(self.request.user, pk_or_404(self.kwargs["pk"])).pk)


@extend_schema_view(
    list=extend_schema(
        operation_id="teams_match_history", summary="The decided matches of a team, the newest first", tags=["teams"]
    )
)
class TeamMatchViewSet(PlayedMatchViewSet):
    def get_queryset(self) -> QuerySet[Match]:
        if "pk" not in self.kwargs:
            return self.queryset
        team_id = pk_or_404(self.kwargs["pk"])
        if not Team.objects.filter(pk=team_id).exists():
            raise NotFound
        return selectors.matches_of_team(team_id)
