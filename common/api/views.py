"""Base classes of every view: what is common stands here once."""

from typing import Any

from rest_framework.serializers import Serializer
from rest_framework.viewsets import GenericViewSet

from common.api.request import Request
from common.errors import NotFound


class ServiceViewSet(GenericViewSet):
    """A view set whose writes call services: it reads input, makes one call, shows the outcome.

    Ids in the URL are decimal numbers within 64 bits; anything else is 404.
    """

    lookup_value_regex = r"\d{1,18}"
    request: Request

    def read(self, serializer_class: type[Serializer], request: Request) -> dict[str, Any]:
        """The validated input. :raises ValidationError: it is not of the serializer's shape."""
        serializer = serializer_class(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data


def pk_or_404(raw: str) -> int:
    """:raises NotFound: it cannot be an id."""
    if not raw.isascii() or not raw.isdigit() or len(raw) > 18:
        raise NotFound
    return int(raw)
