from datetime import datetime
from typing import Any

from common.errors import DomainError


def describe(name: str, why_not: type[DomainError] | None, deadline: datetime | None = None) -> dict[str, Any]:
    """One entry of ``available_actions``: allowed until the deadline, or why not as an error code."""
    return {
        "action": name,
        "allowed": why_not is None,
        "reason": why_not.code if why_not else None,
        "deadline": deadline if why_not is None else None,
    }
