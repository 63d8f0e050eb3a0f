from typing import Any

import factory
from django.utils import timezone

from games.models import Game
from users.enums import Role
from users.models import User
from users.services import roles


class UserFactory(factory.django.DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    phone_number = factory.Sequence(lambda n: f"0912{n:07d}")
    username = factory.Sequence(lambda n: f"player{n}")


class StaffFactory(UserFactory):
    username = factory.Sequence(lambda n: f"staff{n}")
    is_staff = True
    is_superuser = True


def staff_with(role: Role, game: Game | None = None, **fields: Any) -> User:
    """Somebody new with the role, given by an administrator."""
    user = UserFactory(**fields)
    roles.grant(user_id=user.pk, role=role, game_id=game.pk if game else None, actor=StaffFactory(), now=timezone.now())
    return User.objects.get(pk=user.pk)
