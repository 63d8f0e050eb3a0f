from django_filters import rest_framework as filters

from wallet.enums import TransactionType, WithdrawalStatus
from wallet.models import Journal, Withdrawal


class TransactionFilter(filters.FilterSet):
    type = filters.ChoiceFilter(field_name="kind", choices=TransactionType.choices)

    class Meta:
        model = Journal
        fields: list[str] = []


class WithdrawalFilter(filters.FilterSet):
    status = filters.ChoiceFilter(choices=WithdrawalStatus.choices)

    class Meta:
        model = Withdrawal
        fields: list[str] = []
