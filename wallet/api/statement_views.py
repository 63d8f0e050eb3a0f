from django.http import HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from common.api.request import Request
from common.api.views import ServiceViewSet
from common.local_time import day_of
from wallet import statements
from wallet.api import statement_serializers as serializers
from wallet.models import Journal
from wallet.printing import print_url, statement_csv

PERIOD = [
    OpenApiParameter("from", OpenApiTypes.DATE, description="The first day, in Tehran; 30 days up to `to` by default."),
    OpenApiParameter("to", OpenApiTypes.DATE, description="The last day, in Tehran; today by default."),
]


@method_decorator(never_cache, name="dispatch")
class StatementViewSet(ServiceViewSet):
    """What happened to one's money in a while."""

    queryset = Journal.objects.none()
    serializer_class = serializers.StatementSerializer
    filter_backends = []
    pagination_class = None

    @extend_schema(
        operation_id="wallet_statement", summary="My wallet from day to day", tags=["wallet"], parameters=PERIOD
    )
    def statement(self, request: Request) -> Response:
        found = self._statement(request)
        context = {**self.get_serializer_context(), "print_url": print_url(found)}
        return Response(serializers.StatementSerializer(found, context=context).data)

    @extend_schema(
        operation_id="wallet_statement_csv",
        summary="The same as a CSV file for spreadsheets",
        tags=["wallet"],
        parameters=PERIOD,
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def csv(self, request: Request) -> HttpResponse:
        found = self._statement(request)
        name = f"statement-{found.start}-{found.end}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(statement_csv(found), content_type="text/csv; charset=utf-8", headers=headers)

    def _statement(self, request: Request) -> statements.Statement:
        query = serializers.StatementQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        start, end = statements.period(asked.get("from"), asked.get("to"), today=day_of(timezone.now()))
        return statements.statement(request.user, start=start, end=end)
