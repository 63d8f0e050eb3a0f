import django_filters
from django.db.models import QuerySet
from django.utils import timezone

from common.text import clean_name
from teams import selectors
from teams.models import Invitation, Team


class TeamFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(method="by_name", help_text="A part of the name.")

    class Meta:
        model = Team
        fields: list[str] = []

    def by_name(self, queryset: QuerySet[Team], name: str, value: str) -> QuerySet[Team]:
        return queryset.filter(name__icontains=clean_name(value))


class InvitationFilter(django_filters.FilterSet):
    direction = django_filters.ChoiceFilter(
        choices=[("received", "received"), ("sent", "sent")],
        method="by_direction",
        help_text="`received`: those I can answer; `sent`: those I sent, and all to teams I am the captain of.",
    )

    class Meta:
        model = Invitation
        fields: list[str] = []

    def by_direction(self, queryset: QuerySet[Invitation], name: str, value: str) -> QuerySet[Invitation]:
        user_id = self.request.user.pk
        if value == "sent":
            return queryset.filter(selectors.sent_invitations(user_id))
        return queryset.filter(selectors.received_invitations(user_id, timezone.now()))
