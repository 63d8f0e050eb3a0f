from django_filters import rest_framework as filters

from wallet.enums import TransactionType
from wallet.models import Journal


class TransactionFilter(filters.FilterSet):
    type = filters.ChoiceFilter(field_name="kind", choices=TransactionType.choices)

    class Meta:
        model = Journal
        fields: list[str] = []
