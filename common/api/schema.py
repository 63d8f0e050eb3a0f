"""What the OpenAPI document says of every operation without each view repeating it."""

from typing import Any

from drf_spectacular.openapi import AutoSchema as SpectacularAutoSchema
from drf_spectacular.utils import OpenApiParameter


class AutoSchema(SpectacularAutoSchema):
    """Adds the Idempotency-Key header where the view takes one."""

    def get_override_parameters(self) -> list[Any]:
        method = getattr(self.view, getattr(self.view, "action", None) or self.method.lower(), None)
        if not getattr(method, "takes_idempotency_key", False):
            return []
        return [
            OpenApiParameter(
                "Idempotency-Key",
                str,
                OpenApiParameter.HEADER,
                description="Repeat the request safely: the first answer is kept and given again.",
            )
        ]


PROBLEM = {
    "type": "object",
    "description": "One shape for every refusal (RFC 9457). `code` is stable; `detail` is in the caller's language.",
    "required": ["type", "title", "status", "detail", "code", "errors", "params", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "errors": {
            "type": "object",
            "additionalProperties": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"code": {"type": "string"}, "detail": {"type": "string"}},
                },
            },
        },
        "params": {"type": "object", "additionalProperties": {}},
        "request_id": {"type": "string"},
    },
}

_REFUSALS = {
    "400": "The input is not valid, or the state does not allow it.",
    "401": "Not signed in.",
    "403": "Signed in, but not allowed.",
    "404": "No such thing, or nothing you may know about.",
    "429": "Too many requests; see Retry-After.",
    "503": "Busy; see Retry-After.",
}


def add_common_responses(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            statuses = ["400", "429", "503"]
            security = operation.get("security", [])
            if any(security):
                statuses.append("401")
            if security and {} not in security:
                statuses.append("403")
            if "{" in path:
                statuses.append("404")
            if method == "get":
                statuses.remove("429")
            for status in sorted(statuses):
                operation["responses"].setdefault(status, _refusal(_REFUSALS[status]))
    return result


def _refusal(description: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "content": {"application/problem+json": {"schema": schema}}}
