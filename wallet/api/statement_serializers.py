from typing import Any

from rest_framework import serializers

from common.text import fold_digits
from wallet.api.serializers import CurrencyField, rial
from wallet.enums import JournalKind
from wallet.statements import Statement, StatementRow


class DayField(serializers.DateField):
    """A day as YYYY-MM-DD of the Gregorian calendar; Persian digits are folded."""

    def to_internal_value(self, value: Any) -> Any:
        return super().to_internal_value(fold_digits(value) if isinstance(value, str) else value)


class StatementQuery(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, Any]:
        # "from" is no name that Python lets a class have
        return {"from": DayField(required=False), "to": DayField(required=False)}


class StatementRowSerializer(serializers.Serializer[StatementRow]):
    id = serializers.IntegerField(source="journal.id", read_only=True)
    type = serializers.ChoiceField(JournalKind.choices, source="kind", read_only=True)
    amount = rial("amount_rial", "by how much it changed what can be spent.")
    balance = rial("balance_rial", "what could be spent afterwards.")
    tournament_id = serializers.IntegerField(read_only=True, allow_null=True)
    created_at = serializers.DateTimeField(read_only=True)


class StatementSerializer(serializers.Serializer[Statement]):
    start = serializers.DateField(read_only=True)
    end = serializers.DateField(read_only=True)
    opening_balance = rial("opening_rial", "what could be spent before.")
    closing_balance = rial("closing_rial", "what could be spent at the end.")
    came = rial("came_rial", "all that came.")
    went = rial("went_rial", "all that went.")
    currency = CurrencyField()
    print_url = serializers.SerializerMethodField(help_text="A page to be printed; the link works for a short while.")
    rows = StatementRowSerializer(many=True, read_only=True)

    def get_print_url(self, statement: Statement) -> str:
        return self.context["print_url"]
