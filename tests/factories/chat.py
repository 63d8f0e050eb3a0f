from typing import Any

import factory
from django.utils import timezone

from chat.enums import ConversationKind
from chat.models import Conversation, ConversationMember
from tests.factories.tournaments import join, make_tournament, start
from users.models import User


class ConversationFactory(factory.django.DjangoModelFactory[Conversation]):
    """A direct conversation; ``members=[…]`` puts people in."""

    class Meta:
        model = Conversation
        skip_postgeneration_save = True

    kind = ConversationKind.DIRECT
    direct_key = factory.Sequence(lambda n: f"key:{n}")
    created_at = factory.LazyFunction(timezone.now)

    @factory.post_generation
    def members(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        for user in extracted or []:
            ConversationMember.objects.create(conversation=self, user=user, joined_at=timezone.now())


def match_room(first: User, second: User) -> Conversation:
    """The room that the match of these two got when their tournament started."""
    tournament = make_tournament()
    for user in (first, second):
        join(tournament, user)
    start(tournament)
    return Conversation.objects.get(match__tournament=tournament)
