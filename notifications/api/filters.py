import django_filters

from notifications.kinds import KINDS
from notifications.models import Notification


class NotificationFilter(django_filters.FilterSet):
    is_read = django_filters.BooleanFilter()
    kind = django_filters.ChoiceFilter(choices=[(name, name) for name in KINDS])

    class Meta:
        model = Notification
        fields = ["is_read", "kind"]
