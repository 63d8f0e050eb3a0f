"""``Idempotency-Key``: a client may repeat a request without fear that it happens twice."""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.response import Response

from common.api.exceptions import ProblemResponse, as_domain_error
from common.api.request import Request
from common.db import insert
from common.errors import IdempotencyKeyInvalid, IdempotencyKeyReused, RequestInFlight
from common.models import IdempotencyKey

_ACCEPTABLE_KEY = re.compile(r"[\x21-\x7e]{1,200}", re.ASCII)
IN_FLIGHT_SECONDS = 60
ROUTE_LENGTH = 200


def idempotent(view: Callable[..., Response]) -> Callable[..., Response]:
    """For a view method that moves money or takes a seat.

    With the header the first answer is kept and given again (``Idempotency-Replayed: true``). Another body under the
    same key is 422, a request still in flight 409. An answer of 5xx, 429 or 503 is not kept: it may be tried again.
    """

    @wraps(view)
    def run(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None or not request.user.is_authenticated:
            return view(self, request, *args, **kwargs)
        if not _ACCEPTABLE_KEY.fullmatch(key):
            raise IdempotencyKeyInvalid
        row, replay = _claim(request, key)
        if replay is not None:
            return replay
        try:
            response = view(self, request, *args, **kwargs)
        except Exception as error:
            known = as_domain_error(error)
            if known is None or known.status in {429, 503}:
                row.delete()
                raise
            response = ProblemResponse(known)
        if response.status_code >= 500:
            row.delete()
        else:
            response.add_post_render_callback(lambda rendered: _keep(row, rendered))
        return response

    run.takes_idempotency_key = True  # type: ignore[attr-defined]
    return run


def _claim(request: Request, key: str) -> tuple[IdempotencyKey, Any]:
    now = timezone.now()
    lookup = {"user": request.user, "route": request.path[:ROUTE_LENGTH], "key": key}
    fingerprint = _fingerprint(request)
    until = now + timedelta(seconds=IN_FLIGHT_SECONDS)
    row = IdempotencyKey(**lookup, fingerprint=fingerprint, locked_until=until, created_at=now)
    try:
        with transaction.atomic():
            insert([row])
        return row, None
    except IntegrityError:
        found = IdempotencyKey.objects.filter(**lookup).first()
        if found is None:  # the first request failed just now, and its key is free again
            return _claim(request, key)
        row = found
    if row.created_at < now - timedelta(hours=settings.IDEMPOTENCY_KEY_HOURS):
        row.delete()
        return _claim(request, key)
    if row.fingerprint != fingerprint:
        raise IdempotencyKeyReused
    if row.status_code is not None:
        return row, _replay(row)
    # the first request died on the way: whoever moves the deadline first carries on
    taken = IdempotencyKey.objects.filter(pk=row.pk, status_code=None, locked_until__lt=now).update(locked_until=until)
    if not taken:
        raise RequestInFlight(retry_after=2)
    return row, None


def _fingerprint(request: Request) -> str:
    digest = hashlib.sha256(str(request.method).encode())
    for name in sorted(request.data):
        values = request.data.getlist(name) if hasattr(request.data, "getlist") else [request.data[name]]
        for value in values:
            digest.update(f"\0{name}\0".encode())
            if hasattr(value, "chunks"):
                for chunk in value.chunks():
                    digest.update(chunk)
                value.seek(0)
            else:
                digest.update(repr(value).encode())
    return digest.hexdigest()


def _keep(row: IdempotencyKey, response: Response) -> None:
    IdempotencyKey.objects.filter(pk=row.pk).update(
        status_code=response.status_code, body=response.content, content_type=response["Content-Type"]
    )


def _replay(row: IdempotencyKey) -> HttpResponse:
    response = HttpResponse(bytes(row.body or b""), status=row.status_code, content_type=row.content_type)
    response["Idempotency-Replayed"] = "true"
    return response
