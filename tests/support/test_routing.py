from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from games.models import Game
from notifications.models import Notification
from support.models import Ticket
from support.services import routing, tickets
from tests.factories.games import GameFactory
from tests.factories.support import SupportAssignmentFactory, TicketFactory
from tests.factories.users import StaffFactory, UserFactory
from users.models import User


@pytest.fixture
def game(db: None) -> Game:
    return GameFactory()


def supporter(game: Game, tickets: int = 0, *, head: bool = False, **user: Any) -> User:
    person = SupportAssignmentFactory(game=game, head_support=head, support_person=StaffFactory(**user)).support_person
    TicketFactory.create_batch(tickets, assignee=person)
    return person


def chosen(game: Game | None, author_id: int = 0) -> User | None:
    with transaction.atomic():
        return routing.choose_assignee(game_id=game.pk if game else None, author_id=author_id)


def test_ticket_goes_to_whom_has_the_fewest_of_the_game(game: Game) -> None:
    supporter(game, 2)
    least = supporter(game, 1)
    supporter(GameFactory())
    supporter(game, head=True)
    assert chosen(game) == least


def test_equals_are_taken_by_id(game: Game) -> None:
    first, _ = supporter(game, 1), supporter(game, 1)
    assert chosen(game) == first


def test_closed_tickets_weigh_nothing(game: Game) -> None:
    supporter(game, 1)
    rested = supporter(game)
    TicketFactory.create_batch(3, assignee=rested, status="closed", closed_at=timezone.now())
    assert chosen(game) == rested


def test_head_of_the_game_steps_in_then_any_head_then_nobody(game: Game) -> None:
    assert chosen(game) is None
    other = supporter(GameFactory(), head=True)
    assert (chosen(game), chosen(None)) == (other, other)
    head = supporter(game, 5, head=True)
    assert (chosen(game), chosen(None)) == (head, other)


@pytest.mark.parametrize("gone", [{"is_superuser": False}, {"is_active": False}])
def test_who_left_gets_no_tickets(game: Game, gone: dict[str, bool]) -> None:
    supporter(game, **gone)
    assert chosen(game) is None


def test_nobody_looks_after_a_ticket_of_their_own(game: Game) -> None:
    author = supporter(game)
    assert chosen(game, author.pk) is None


def test_new_ticket_tells_its_assignee(game: Game) -> None:
    person = supporter(game)
    ticket = tickets.create(actor=UserFactory(), title="Help", content="Please", game_id=game.pk, now=timezone.now())
    assert Ticket.objects.get().assignee == person
    told = Notification.objects.get()
    assert (told.user, told.kind, told.params) == (person, "ticket_assigned", {"ticket": ticket.pk})
