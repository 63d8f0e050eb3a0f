from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.response import Response

from common.api.views import ServiceViewSet
from tournaments import rules, selectors
from tournaments.api.participants import KEY
from tournaments.models import RosterMember
from users.serializers import UserBriefSerializer


class PlayerSerializer(serializers.ModelSerializer[RosterMember]):
    user = UserBriefSerializer()
    player_id = serializers.CharField(allow_null=True, help_text="Null while the player has given none for the game.")

    class Meta:
        model = RosterMember
        fields = ["user", "entrant", "player_id"]


class PlayerViewSet(mixins.ListModelMixin, ServiceViewSet):
    """Who the players of one tournament are inside its game."""

    serializer_class = PlayerSerializer
    filter_backends = []
    queryset = RosterMember.objects.none()

    def get_queryset(self) -> QuerySet[RosterMember]:
        tournament = selectors.find(self.request.user, self.kwargs["tournament"])
        rules.require_insider(self.request.user, tournament)
        return selectors.players(tournament)

    @extend_schema(
        operation_id="tournaments_players",
        summary="The players with their ids inside the game, for those who play in or run the tournament",
        tags=["entrants"],
        parameters=[KEY],
    )
    def list(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)
