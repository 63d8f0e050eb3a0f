import pytest
from django.test import Client

from support.models import Ticket
from tests.factories.support import SupportAssignmentFactory, TicketFactory, TicketMessageFactory
from users.models import User

TICKETS = "/admin/support/ticket/"


@pytest.fixture
def office(staff: User) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def act(office: Client, action: str, *tickets: Ticket) -> str:
    body = {"action": action, "_selected_action": [ticket.pk for ticket in tickets]}
    return office.post(TICKETS, body, follow=True).content.decode()


def test_ticket_is_shown_with_what_was_said_and_cannot_be_edited(office: Client) -> None:
    ticket = TicketMessageFactory(body="Where is my prize?").ticket
    page = office.get(f"{TICKETS}{ticket.pk}/change/").content.decode()
    assert "Where is my prize?" in page
    assert office.post(f"{TICKETS}{ticket.pk}/change/", {"title": "x"}).status_code == 403
    ticket.refresh_from_db()
    assert ticket.title == "No prize"


def test_actions_call_the_services(office: Client, staff: User) -> None:
    first, second = TicketFactory.create_batch(2)
    act(office, "assign_to_me", first, second)
    assert set(Ticket.objects.values_list("assignee", flat=True)) == {staff.pk}
    act(office, "close", first)
    assert list(Ticket.objects.order_by("id").values_list("status", flat=True)) == ["closed", "open"]
    assert str(first) in act(office, "close", first)


def test_assignments_are_edited(office: Client) -> None:
    kept = SupportAssignmentFactory()
    body = {"support_person": kept.support_person_id, "game": kept.game_id, "head_support": "on"}
    assert office.post(f"/admin/support/supportassignment/{kept.pk}/change/", body).status_code == 302
    kept.refresh_from_db()
    assert kept.head_support is True
