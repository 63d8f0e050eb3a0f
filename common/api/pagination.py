from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import pagination
from rest_framework.request import Request
from rest_framework.response import Response

from common.errors import InvalidInput
from common.text import fold_digits


class PageNumberPagination(pagination.PageNumberPagination):
    """Lists people page through: ``{count, next, previous, results}``."""

    page_size = 10
    page_size_query_param = "page_size"
    max_page_size = 100


class FeedPagination(pagination.BasePagination):
    """Feeds: newest first by id, continued by ``?before=<id>`` or caught up by ``?after=<id>``; no COUNT.

    Answers ``{results, has_more}``. After ``after`` the order is oldest first, so that nothing is skipped.
    """

    field = "id"
    newest_first = True
    page_size = 50
    max_page_size = 100

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        size = min(read_int(request, "page_size", default=self.page_size, least=1), self.max_page_size)
        after = read_int(request, f"after{self._suffix}", default=None)
        before = read_int(request, f"before{self._suffix}", default=None)
        if after is not None:
            queryset = queryset.filter(**{f"{self.field}__gt": after})
        queryset = queryset.order_by(f"-{self.field}" if self.newest_first and after is None else self.field)
        if before is not None:
            queryset = queryset.filter(**{f"{self.field}__lt": before})
        rows = list(queryset[: size + 1])
        self.has_more = len(rows) > size
        return rows[:size]

    @property
    def _suffix(self) -> str:
        return "" if self.field == "id" else f"_{self.field}"

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"results": data, "has_more": self.has_more})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["results", "has_more"],
            "properties": {"results": schema, "has_more": {"type": "boolean"}},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        number = {"type": "integer"}
        return [
            {"name": f"{name}{self._suffix}", "in": "query", "required": False, "schema": number}
            for name in ("after", "before")
        ] + [{"name": "page_size", "in": "query", "required": False, "schema": number}]


class OldestFirstPagination(FeedPagination):
    """The same, read from the beginning: ``?after=<id>`` continues."""

    newest_first = False


class SeqPagination(FeedPagination):
    """The same for feeds numbered by ``seq``: ``?after_seq=`` and ``?before_seq=``."""

    field = "seq"


def read_int(request: Request, name: str, *, default: Any, least: int = 0) -> Any:
    """A whole number from the query string.

    :raises InvalidInput: it is not a number, too small, or beyond 64 bits.
    """
    raw = request.query_params.get(name)
    if raw in (None, ""):
        return default
    folded = fold_digits(raw)
    if not (folded.isascii() and folded.isdigit()) or not least <= int(folded[:20]) < 2**63:
        raise InvalidInput.of(name, "invalid", _("Enter a whole number."))
    return int(folded[:20])
