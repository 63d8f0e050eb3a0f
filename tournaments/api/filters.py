from datetime import UTC, datetime

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from django_filters.fields import IsoDateTimeField
from rest_framework.filters import OrderingFilter

from tournaments.enums import Phase, PrizeSource, TournamentStatus, TournamentType
from tournaments.models import Scoring, Tournament
from tournaments.selectors import in_phase

ALIASES = {"live": Phase.ONGOING, "finished": Phase.COMPLETED}


class MomentField(IsoDateTimeField):
    """Turns every moment into UTC: PostgreSQL knows no offset of 16 hours or more."""

    def to_python(self, value: object) -> datetime | None:
        moment = super().to_python(value)
        try:
            return moment and moment.astimezone(UTC)
        except OverflowError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error


class MomentFilter(filters.IsoDateTimeFilter):
    field_class = MomentField


class TournamentFilter(filters.FilterSet):
    status = filters.ChoiceFilter(
        method="by_status",
        choices=[*Phase.choices, ("live", "live"), ("finished", "finished"), ("all", "all")],
    )
    game = filters.NumberFilter(field_name="game", min_value=1, max_value=2**63 - 1)
    type = filters.ChoiceFilter(choices=TournamentType.choices)
    is_free = filters.BooleanFilter(method="by_free")
    start_date__gte = MomentFilter(field_name="start_at", lookup_expr="gte")
    start_date__lte = MomentFilter(field_name="start_at", lookup_expr="lte")
    name = filters.CharFilter(lookup_expr="icontains")
    prize_source = filters.ChoiceFilter(choices=PrizeSource.choices)
    search = filters.CharFilter(method="by_search")

    class Meta:
        model = Tournament
        fields: list[str] = []

    def by_status(self, queryset: QuerySet[Tournament], name: str, value: str) -> QuerySet[Tournament]:
        if value == "all":
            return queryset
        if value == Phase.UPCOMING:
            # clients mean everything that is still to come
            return queryset.filter(status=TournamentStatus.PUBLISHED)
        return queryset.filter(in_phase(ALIASES.get(value, value), timezone.now()))

    def by_free(self, queryset: QuerySet[Tournament], name: str, value: bool) -> QuerySet[Tournament]:
        return queryset.filter(entry_fee_rial=0) if value else queryset.exclude(entry_fee_rial=0)

    def by_search(self, queryset: QuerySet[Tournament], name: str, value: str) -> QuerySet[Tournament]:
        return queryset.filter(Q(name__icontains=value) | Q(game__name__icontains=value))


class ScoringFilter(filters.FilterSet):
    tournament = filters.NumberFilter(min_value=1, max_value=2**63 - 1)
    user = filters.NumberFilter(min_value=1, max_value=2**63 - 1)

    class Meta:
        model = Scoring
        fields: list[str] = []


class TournamentOrdering(OrderingFilter):
    """``ordering=name|start_date|entry_fee``, ``-`` for descending; the id settles equals."""

    columns = {"name": "name", "start_date": "start_at", "entry_fee": "entry_fee_rial"}

    def get_ordering(self, request: object, queryset: object, view: object) -> list[str]:
        asked = request.query_params.get("ordering", "")  # type: ignore[attr-defined]
        terms = [term.strip() for term in asked.split(",")]
        ordering = [
            ("-" if term.startswith("-") else "") + self.columns[term.lstrip("-")]
            for term in terms
            if term.lstrip("-") in self.columns
        ]
        return [*(ordering or ["-start_at"]), "-pk"]

    def get_schema_operation_parameters(self, view: object) -> list[dict[str, object]]:
        names = [sign + name for name in self.columns for sign in ("", "-")]
        schema = {"type": "string", "enum": names}
        return [{"name": "ordering", "in": "query", "required": False, "schema": schema}]
