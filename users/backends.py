"""How staff sign in to the admin, and what they may do there."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from users import rules
from users.enums import Role
from users.models import User
from users.roles import PERMISSIONS


class RoleBackend(ModelBackend):
    """A password, and the permissions of one's roles (``users/roles.py``), in the place of groups."""

    def get_user_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if not isinstance(user_obj, User) or not user_obj.is_active or obj is not None:
            return set()
        return {name for role, _ in rules.roles_of(user_obj) for name in PERMISSIONS.get(Role(role), ())}

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return self._has_all(user_obj) or perm in self.get_all_permissions(user_obj, obj)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        prefix = f"{app_label}."
        return self._has_all(user_obj) or any(name.startswith(prefix) for name in self.get_all_permissions(user_obj))

    def _has_all(self, user_obj: Any) -> bool:
        return isinstance(user_obj, User) and rules.is_administrator(user_obj)
