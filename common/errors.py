"""The one error shape. A service raises a DomainError; every door (HTTP, WebSocket, admin, task) shows it the same."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from common.text import StrOrPromise


class DomainError(Exception):
    """An answer the caller can act on.

    ``code`` is stable and documented, ``detail`` is for people (English source, Persian catalogue; ``%(name)s`` is
    filled from ``params``), ``errors`` maps a field to its own errors, ``retry_after`` is in seconds.
    """

    code: str = "error"
    status: int = 400
    detail: StrOrPromise = _("The request could not be carried out.")

    def __init__(
        self,
        *,
        detail: StrOrPromise | None = None,
        errors: dict[str, list[dict[str, Any]]] | None = None,
        retry_after: int | None = None,
        **params: Any,
    ) -> None:
        self.params = params
        self.errors = errors or {}
        self.retry_after = retry_after
        if detail is not None:
            self.detail = detail
        super().__init__(self.code)

    @property
    def text(self) -> str:
        """``detail`` in the active language, with its parameters filled in."""
        return str(self.detail) % self.params if self.params else str(self.detail)

    def as_dict(self, request_id: str = "") -> dict[str, Any]:
        return {
            "code": self.code,
            "detail": self.text,
            "errors": {
                field: [{**item, "detail": str(item["detail"])} for item in items]
                for field, items in self.errors.items()
            },
            "params": self.params,
            "request_id": request_id,
        }


class Unauthenticated(DomainError):
    code = "not_authenticated"
    status = 401
    detail = _("Sign in first.")


class PermissionDenied(DomainError):
    code = "permission_denied"
    status = 403
    detail = _("You may not do this.")


class NotFound(DomainError):
    code = "not_found"
    status = 404
    detail = _("There is no such thing here.")


class InvalidInput(DomainError):
    code = "invalid"
    status = 400
    detail = _("Some of what was sent is not valid.")

    @classmethod
    def of(cls, field: str, code: str, detail: StrOrPromise) -> "InvalidInput":
        return cls(errors={field: [{"code": code, "detail": detail}]})


class IllegalTransition(DomainError):
    code = "illegal_transition"
    status = 400
    detail = _("This is not possible in the current state.")


class VersionConflict(DomainError):
    code = "version_conflict"
    status = 409
    detail = _("It has changed since you read it. Read it again.")


class RateLimited(DomainError):
    code = "rate_limited"
    status = 429
    detail = _("Too many requests. Try again later.")


class Busy(DomainError):
    code = "busy"
    status = 503
    detail = _("The service is busy. Try again in a moment.")


class IdempotencyKeyReused(DomainError):
    code = "idempotency_key_reused"
    status = 422
    detail = _("This Idempotency-Key was used with another request.")


class IdempotencyKeyInvalid(DomainError):
    code = "idempotency_key_invalid"
    status = 400
    detail = _("An Idempotency-Key is 1 to 200 printable characters.")


class RequestInFlight(DomainError):
    code = "request_in_flight"
    status = 409
    detail = _("The same request is still being carried out.")


class MalformedBody(DomainError):
    code = "malformed_body"
    status = 400
    detail = _("The body of the request cannot be read.")


class FileRejected(DomainError):
    code = "file_rejected"
    status = 400
    detail = _("This file is not accepted.")
