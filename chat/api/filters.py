import django_filters
from django.db.models import Q, QuerySet

from chat.enums import ConversationKind
from chat.models import Conversation


class ConversationFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(choices=ConversationKind.choices)
    match = django_filters.NumberFilter(field_name="match_id")
    tournament = django_filters.NumberFilter(
        method="in_tournament", label="The room of a tournament and those of its matches."
    )

    class Meta:
        model = Conversation
        fields = ["kind", "match", "tournament"]

    def in_tournament(self, queryset: QuerySet[Conversation], name: str, value: object) -> QuerySet[Conversation]:
        return queryset.filter(Q(tournament=value) | Q(match__tournament=value))
