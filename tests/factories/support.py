import factory
from django.utils import timezone

from support.models import SupportAssignment, Ticket, TicketMessage
from tests.factories.games import GameFactory
from tests.factories.users import StaffFactory, UserFactory


class TicketFactory(factory.django.DjangoModelFactory[Ticket]):
    class Meta:
        model = Ticket

    user = factory.SubFactory(UserFactory)
    title = "No prize"
    created_at = factory.LazyFunction(timezone.now)
    updated_at = factory.LazyFunction(timezone.now)


class TicketMessageFactory(factory.django.DjangoModelFactory[TicketMessage]):
    class Meta:
        model = TicketMessage

    ticket = factory.SubFactory(TicketFactory)
    author = factory.SelfAttribute("ticket.user")
    body = "I won."
    created_at = factory.LazyFunction(timezone.now)


class SupportAssignmentFactory(factory.django.DjangoModelFactory[SupportAssignment]):
    class Meta:
        model = SupportAssignment

    support_person = factory.SubFactory(StaffFactory)
    game = factory.SubFactory(GameFactory)
