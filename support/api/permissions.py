from typing import Any

from rest_framework.permissions import IsAuthenticated

from support import rules


class KeepsAssignments(IsAuthenticated):
    def has_permission(self, request: Any, view: Any) -> bool:
        return super().has_permission(request, view) and rules.may_manage(request.user)
