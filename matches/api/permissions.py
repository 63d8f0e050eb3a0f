from typing import Any

from rest_framework.permissions import BasePermission

from matches import rules
from matches.models import Match


class IsMatchParticipant(BasePermission):
    """Players of the match only, before the body is even read; the service asks again under the lock."""

    def has_object_permission(self, request: Any, view: Any, obj: Match) -> bool:
        rules.require_side(obj, request.user)
        return True


class IsReferee(BasePermission):
    """Who rules on the match and does not play in it."""

    def has_object_permission(self, request: Any, view: Any, obj: Match) -> bool:
        rules.require_referee(obj, request.user)
        return True
