from django.db.models import F, Q, QuerySet
from django_filters import rest_framework as filters

from matches.models import Match
from players.achievements import PODIUM
from players.enums import MatchResult, TournamentResult
from tournaments.models import Entrant

BIGGEST = 2**63 - 1


class PlayedMatchFilter(filters.FilterSet):
    game = filters.NumberFilter(field_name="tournament__game", min_value=1, max_value=BIGGEST)
    result = filters.ChoiceFilter(method="by_result", choices=MatchResult.choices)

    class Meta:
        model = Match
        fields: list[str] = []

    def by_result(self, queryset: QuerySet[Match], name: str, value: str) -> QuerySet[Match]:
        won = Q(is_a=True, winner=F("entrant_a")) | Q(is_a=False, winner=F("entrant_b"))
        if value == MatchResult.WON:
            return queryset.filter(won)
        if value == MatchResult.DRAWN:
            return queryset.filter(is_draw=True)
        lost = Q(is_a=True, winner=F("entrant_b")) | Q(is_a=False, winner=F("entrant_a")) | Q(winner=None)
        return queryset.filter(lost, is_draw=False)


class PlayedTournamentFilter(filters.FilterSet):
    game = filters.NumberFilter(field_name="tournament__game", min_value=1, max_value=BIGGEST)
    result = filters.ChoiceFilter(method="by_result", choices=TournamentResult.choices)

    class Meta:
        model = Entrant
        fields: list[str] = []

    def by_result(self, queryset: QuerySet[Entrant], name: str, value: str) -> QuerySet[Entrant]:
        if value == TournamentResult.TITLE:
            return queryset.filter(place_first=1, place_last=1)
        return queryset.filter(place_first__lte=PODIUM)
