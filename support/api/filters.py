import django_filters

from support.enums import TicketStatus
from support.models import Ticket


class TicketFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=TicketStatus.choices)
    game = django_filters.NumberFilter(field_name="game_id")
    assignee = django_filters.NumberFilter(field_name="assignee_id")

    class Meta:
        model = Ticket
        fields = ["status", "game", "assignee"]
