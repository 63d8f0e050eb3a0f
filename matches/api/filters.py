from django.db.models import QuerySet
from django_filters import rest_framework as filters

from matches import selectors
from matches.enums import MatchStatus
from matches.models import Match

BIGGEST = 2**63 - 1


class MatchFilter(filters.FilterSet):
    tournament = filters.NumberFilter(min_value=1, max_value=BIGGEST)
    status = filters.MultipleChoiceFilter(choices=MatchStatus.choices)
    round = filters.NumberFilter(min_value=1, max_value=1000)
    participant = filters.NumberFilter(method="by_user", min_value=1, max_value=BIGGEST, help_text="A user's id.")
    mine = filters.BooleanFilter(method="by_caller")

    class Meta:
        model = Match
        fields: list[str] = []

    def by_user(self, queryset: QuerySet[Match], name: str, value: int) -> QuerySet[Match]:
        return queryset.filter(pk__in=selectors.of_user(int(value)).values("pk"))

    def by_caller(self, queryset: QuerySet[Match], name: str, value: bool) -> QuerySet[Match]:
        if not value:
            return queryset
        caller = self.request.user
        return self.by_user(queryset, name, caller.pk) if caller.is_authenticated else queryset.none()
