"""Requests whose text is UTF-8, whatever charset their Content-Type claims.

Python would take "hex" or "unicode_escape" for a charset: the first makes Django fail before any middleware runs, the
second lets through what no text may hold.
"""

import re
from typing import Any

from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest

_CHARSET = re.compile(r";\s*charset\s*=[^;]*", re.IGNORECASE)


class _Utf8:
    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        said = meta.get("CONTENT_TYPE", "")
        super()._set_content_type_params({**meta, "CONTENT_TYPE": _CHARSET.sub("", said)})  # type: ignore[misc]


class Utf8WSGIRequest(_Utf8, WSGIRequest):
    pass


class Utf8ASGIRequest(_Utf8, ASGIRequest):
    pass


class Utf8WSGIHandler(WSGIHandler):
    request_class = Utf8WSGIRequest


class Utf8ASGIHandler(ASGIHandler):
    request_class = Utf8ASGIRequest
