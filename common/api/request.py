"""The request of a view that has checked who calls: its ``user`` is a User, its ``auth`` the Access of its token."""

from typing import TYPE_CHECKING, Any

from rest_framework.request import Request as DRFRequest

if TYPE_CHECKING:

    class Request(DRFRequest):
        user: Any
        auth: Any
        LANGUAGE_CODE: str
else:
    Request = DRFRequest

__all__ = ["Request"]
