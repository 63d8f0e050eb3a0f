import logging
from typing import Any

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import Error as DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from redis.exceptions import RedisError
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from common import errors
from common.api.renderers import ProblemRenderer
from common.db import translate
from common.middleware import current_request_id

logger = logging.getLogger(__name__)


def problem(error: errors.DomainError) -> dict[str, Any]:
    """A DomainError as an ``application/problem+json`` document (RFC 9457)."""
    return {
        "type": f"/api/docs/errors/#{error.code}",
        "title": error.code.replace("_", " "),
        "status": error.status,
        **error.as_dict(current_request_id()),
    }


class ProblemResponse(Response):
    def __init__(self, error: errors.DomainError) -> None:
        super().__init__(problem(error), status=error.status, content_type=ProblemRenderer.media_type)
        if error.retry_after is not None:
            self["Retry-After"] = str(error.retry_after)
        if error.status == status.HTTP_401_UNAUTHORIZED:
            self["WWW-Authenticate"] = 'Bearer realm="api"'


def problem_response(exception: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every refusal in the one shape; None (a 500) only for a defect of ours."""
    error = as_domain_error(exception)
    if error is None:
        return None
    set_rollback()
    return ProblemResponse(error)


def as_domain_error(exception: Exception) -> errors.DomainError | None:
    if isinstance(exception, errors.DomainError):
        return exception
    if isinstance(exception, DatabaseError):
        return translate(exception)
    if isinstance(exception, RedisError):
        return errors.Busy(retry_after=2)
    if isinstance(exception, Http404):
        return errors.NotFound()
    if isinstance(exception, DjangoPermissionDenied):
        return errors.PermissionDenied()
    if isinstance(exception, DjangoValidationError):
        return errors.InvalidInput(errors=_from_django(exception))
    if isinstance(exception, exceptions.APIException):
        return _from_drf(exception)
    return None


def _from_django(exception: DjangoValidationError) -> dict[str, list[dict[str, Any]]]:
    fields = exception.error_dict if hasattr(exception, "error_dict") else {"non_field_errors": exception.error_list}
    return {
        name: [{"code": item.code or "invalid", "detail": " ".join(item.messages)} for item in items]
        for name, items in fields.items()
    }


_BY_STATUS: dict[int, type[errors.DomainError]] = {
    401: errors.Unauthenticated,
    403: errors.PermissionDenied,
    404: errors.NotFound,
    429: errors.RateLimited,
}


def _from_drf(exception: exceptions.APIException) -> errors.DomainError:
    if isinstance(exception, exceptions.ValidationError):
        return errors.InvalidInput(errors=_flatten(exception.detail))
    if isinstance(exception, exceptions.ParseError):
        return errors.MalformedBody()
    known = _BY_STATUS.get(exception.status_code)
    if known is not None:
        wait = getattr(exception, "wait", None)
        return known(retry_after=int(wait) if wait else None)
    error = errors.DomainError(detail=str(exception.detail))
    error.code = str(exception.default_code)
    error.status = exception.status_code
    return error


def _flatten(detail: Any, prefix: str = "") -> dict[str, list[dict[str, Any]]]:
    """Nested DRF details → ``{"games.0.score1": [{code, detail}]}``."""
    if isinstance(detail, dict):
        merged: dict[str, list[dict[str, Any]]] = {}
        for name, value in detail.items():
            merged |= _flatten(value, f"{prefix}.{name}" if prefix else str(name))
        return merged
    if isinstance(detail, list) and any(isinstance(item, dict | list) for item in detail):
        merged = {}
        for index, value in enumerate(detail):
            if value:
                merged |= _flatten(value, f"{prefix}.{index}")
        return merged
    items = detail if isinstance(detail, list) else [detail]
    return {prefix or "non_field_errors": [{"code": item.code, "detail": str(item)} for item in items]}


def _plain_problem(error: errors.DomainError) -> HttpResponse:
    body = ProblemRenderer().render(problem(error))
    return HttpResponse(body, status=error.status, content_type=ProblemRenderer.media_type)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _plain_problem(errors.NotFound())


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _plain_problem(errors.MalformedBody())


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _plain_problem(errors.PermissionDenied())


def server_error(request: HttpRequest) -> HttpResponse:
    error = errors.DomainError(detail=_("Something went wrong on our side. It has been logged."))
    error.code, error.status = "server_error", 500
    return _plain_problem(error)
