from datetime import timedelta
from typing import Any

import factory
from django.utils import timezone

from teams.enums import Role
from teams.models import Invitation, Team, TeamMember
from tests.factories.users import UserFactory


class MemberFactory(factory.django.DjangoModelFactory[TeamMember]):
    class Meta:
        model = TeamMember

    user = factory.SubFactory(UserFactory)
    joined_at = factory.LazyFunction(timezone.now)


class TeamFactory(factory.django.DjangoModelFactory[Team]):
    """An open team with its captain as the only member; ``members=3`` adds three."""

    class Meta:
        model = Team
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Team {n}")
    captain = factory.SubFactory(UserFactory)
    created_at = factory.LazyFunction(timezone.now)

    @factory.post_generation
    def members(self: Any, create: bool, extracted: int | None, **kwargs: Any) -> None:
        MemberFactory(team=self, user=self.captain, role=Role.CAPTAIN)
        MemberFactory.create_batch(extracted or 0, team=self)


class InvitationFactory(factory.django.DjangoModelFactory[Invitation]):
    class Meta:
        model = Invitation

    team = factory.SubFactory(TeamFactory)
    user = factory.SubFactory(UserFactory)
    inviter = factory.SelfAttribute("team.captain")
    created_at = factory.LazyFunction(timezone.now)
    expires_at = factory.LazyAttribute(lambda invitation: invitation.created_at + timedelta(days=7))
