from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from common.models import AuditEntry
from notifications.models import Notification
from support.models import SupportAssignment, Ticket, TicketAttachment, TicketMessage
from tests.factories.chat import match_room
from tests.factories.games import GameFactory
from tests.factories.support import SupportAssignmentFactory, TicketFactory, TicketMessageFactory
from tests.factories.tournaments import make_tournament, screenshot
from tests.factories.users import StaffFactory, UserFactory
from users.models import User

TICKETS, ASSIGNMENTS = "/api/support/tickets/", "/api/support/support-assignments/"
VIDEO = b"\0\0\0\x18ftypmp42" + b"\0" * 100


def url(ticket: Ticket, action: str = "") -> str:
    return f"{TICKETS}{ticket.pk}/{action}"


def video() -> SimpleUploadedFile:
    return SimpleUploadedFile("win.mp4", VIDEO, "video/mp4")


@pytest.fixture
def ticket(user: User) -> Ticket:
    return TicketMessageFactory(ticket__user=user).ticket


def state(ticket: Ticket) -> tuple[str, int | None, int]:
    """What a refusal must leave as it was: status, assignee, and how much was said."""
    ticket.refresh_from_db()
    return ticket.status, ticket.assignee_id, ticket.messages.count()


def test_ticket_is_opened_with_its_first_message(client_for: Callable[..., Any], user: User) -> None:
    answer = client_for(user).post(TICKETS, {"title": " جايزه ", "content": "کجاست؟"})
    assert answer.status_code == 201
    ticket = Ticket.objects.get()
    assert answer.json() == {
        "id": ticket.pk,
        "title": "جایزه",
        "user": {"id": user.pk, "username": user.username, "profile_picture": None},
        "assignee": None,
        "game": None,
        "tournament": None,
        "match": None,
        "status": "open",
        "rating": None,
        "version": 1,
        "created_at": answer.json()["created_at"],
        "updated_at": answer.json()["updated_at"],
        "closed_at": None,
    }
    assert TicketMessage.objects.get().body == "کجاست؟"


def test_match_brings_its_tournament_and_game(client_for: Callable[..., Any], user: User) -> None:
    match = match_room(user, UserFactory()).match
    client = client_for(user)
    made = client.post(TICKETS, {"title": "t", "content": "c", "match": match.pk}).json()
    assert (made["match"], made["tournament"], made["game"]) == (
        match.pk,
        match.tournament_id,
        match.tournament.game_id,
    )
    elsewhere = {"match": match.pk, "game": GameFactory().pk}
    answer = client.post(TICKETS, {"title": "t", "content": "c", **elsewhere})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["game"])
    elsewhere = {"match": match.pk, "tournament": make_tournament().pk}
    answer = client.post(TICKETS, {"title": "t", "content": "c", **elsewhere})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["tournament"])
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize(("who", "status"), [("stranger", 400), ("creator", 201), ("staff", 201)])
def test_draft_is_named_only_by_who_may_know_it(
    client_for: Callable[..., Any], staff: User, who: str, status: int
) -> None:
    draft = make_tournament(published=False)
    caller = {"stranger": UserFactory(), "creator": draft.creator, "staff": staff}[who]
    answer = client_for(caller).post(TICKETS, {"title": "t", "content": "c", "tournament": draft.pk})
    assert answer.status_code == status
    assert Ticket.objects.count() == (status == 201)


def test_ticket_takes_an_attachment(client_for: Callable[..., Any], user: User) -> None:
    body = {"title": "t", "content": "c", "attachment": video()}
    assert client_for(user).post(TICKETS, body, format="multipart").status_code == 201
    kept = TicketAttachment.objects.get()
    assert (kept.content_type, len(kept.sha256)) == ("video/mp4", 64)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"title": "", "content": "c"},
        {"title": "t", "content": " "},
        {"title": "t" * 201, "content": "c"},
        {"title": "t", "content": "c" * 5001},
        {"title": ["t"], "content": "c"},
        {"title": "t\0", "content": "c"},
        {"title": "t", "content": None},
        {"title": "t", "content": "c", "game": 10**9},
        {"title": "t", "content": "c", "game": "x"},
        {"title": "t", "content": "c", "tournament": 2**70},
        {"title": "t", "content": "c", "match": 10**9},
        {"title": "t", "content": "c", "match": -1},
        {"title": "t", "content": "c", "attachment": "file"},
    ],
)
def test_odd_ticket_is_refused(client_for: Callable[..., Any], user: User, body: dict[str, Any]) -> None:
    assert client_for(user).post(TICKETS, body, format="json").status_code == 400
    assert (Ticket.objects.count(), TicketMessage.objects.count()) == (0, 0)


def test_refused_attachment_opens_no_ticket(client_for: Callable[..., Any], user: User) -> None:
    page = SimpleUploadedFile("a.png", b"<html></html>", "image/png")
    answer = client_for(user).post(TICKETS, {"title": "t", "content": "c", "attachment": page}, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (400, "file_rejected")
    assert Ticket.objects.count() == 0


def test_tickets_per_hour_are_limited(client_for: Callable[..., Any], user: User) -> None:
    client = client_for(user)
    statuses = [client.post(TICKETS, {"title": "t", "content": "c"}).status_code for _ in range(21)]
    assert statuses == [201] * 20 + [429]


def test_list_is_ones_own_and_for_staff_what_is_assigned_or_all(
    client_for: Callable[..., Any], staff: User, ticket: Ticket
) -> None:
    assigned, foreign = TicketFactory(assignee=staff), TicketFactory()

    def ids(who: User, **query: Any) -> list[int]:
        return [row["id"] for row in client_for(who).get(TICKETS, query).json()["results"]]

    assert ids(ticket.user) == ids(ticket.user, all="true") == [ticket.pk]
    assert ids(staff) == [assigned.pk]
    assert ids(staff, all="true") == [foreign.pk, assigned.pk, ticket.pk]
    assert ids(staff, all="true", assignee=staff.pk) == [assigned.pk]
    Ticket.objects.filter(pk=foreign.pk).update(status="pending", game=(game := GameFactory()))
    assert ids(staff, all="true", status="pending") == ids(staff, all="true", game=game.pk) == [foreign.pk]
    assert client_for(staff).get(TICKETS, {"status": "lost"}).status_code == 400


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_the_same_queries_however_long(
    client_for: Callable[..., Any],
    user: User,
    staff: User,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    TicketFactory.create_batch(count, user=user, assignee=staff)
    client = client_for(user)
    with django_assert_num_queries(3):
        assert client.get(TICKETS).json()["count"] == count


@pytest.mark.parametrize("count", [1, 3])
def test_messages_take_the_same_queries_however_many(
    client_for: Callable[..., Any],
    user: User,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    ticket = TicketFactory(user=user)
    for message in TicketMessageFactory.create_batch(count, ticket=ticket):
        TicketAttachment.objects.create(message=message, path="support/a.png", sha256="0", content_type="image/png")
    client = client_for(user)
    with django_assert_num_queries(4):
        assert len(client.get(url(ticket, "messages/")).json()["results"]) == count


def test_answer_of_staff_is_told_and_the_authors_opens_again(
    client_for: Callable[..., Any], staff: User, ticket: Ticket
) -> None:
    answer = client_for(staff).post(url(ticket, "messages/"), {"message": "It is on its way."})
    assert (answer.status_code, answer.json()["is_staff_reply"], state(ticket)[0]) == (201, True, "answered")
    told = Notification.objects.get()
    assert (told.user, told.kind, told.params) == (ticket.user, "ticket_answered", {"ticket": ticket.pk})
    client_for(staff).post(url(ticket, "messages/"), {"message": "One more thing."})
    assert (state(ticket)[0], Notification.objects.count()) == ("answered", 2)

    mine = client_for(ticket.user).post(url(ticket, "messages/"), {"message": "It is not."}).json()
    assert (mine["is_staff_reply"], state(ticket)[0], Notification.objects.count()) == (False, "open", 2)
    said = client_for(ticket.user).get(url(ticket, "messages/")).json()["results"]
    assert [row["message"] for row in said] == ["It is not.", "One more thing.", "It is on its way.", "I won."]


def test_author_leaves_a_pending_ticket_pending(client_for: Callable[..., Any], ticket: Ticket) -> None:
    Ticket.objects.update(status="pending")
    client_for(ticket.user).post(url(ticket, "messages/"), {"message": "And?"})
    assert state(ticket)[0] == "pending"


def test_staff_who_ask_for_themselves_are_authors(client_for: Callable[..., Any], staff: User) -> None:
    own = TicketFactory(user=staff)
    said = client_for(staff).post(url(own, "messages/"), {"message": "Me again."}).json()
    assert (said["is_staff_reply"], state(own)[0]) == (False, "open")


def test_files_come_with_a_text_or_without(client_for: Callable[..., Any], ticket: Ticket) -> None:
    body = {"uploaded_files": [screenshot(), video()]}
    said = client_for(ticket.user).post(url(ticket, "messages/"), body, format="multipart").json()
    assert (said["message"], [file["content_type"] for file in said["attachments"]]) == (
        "",
        ["image/png", "video/mp4"],
    )
    link = said["attachments"][1]["url"]
    assert b"".join(client_for(None).get(link).streaming_content) == VIDEO


@pytest.mark.parametrize(
    ("body", "format_", "code"),
    [
        ({}, "json", "ticket_message_empty"),
        ({"message": " \u202e "}, "json", "ticket_message_empty"),
        ({"message": "x" * 5001}, "json", "invalid"),
        ({"message": None}, "json", "invalid"),
        ({"message": "x", "uploaded_files": "a"}, "json", "invalid"),
        ({"message": "x", "uploaded_files": ["a"]}, "json", "invalid"),
        ({"uploaded_files": [SimpleUploadedFile("a.svg", b"<svg/>")]}, "multipart", "file_rejected"),
        ({"uploaded_files": [SimpleUploadedFile("a", b"x") for _ in range(6)]}, "multipart", "invalid"),
    ],
)
def test_odd_message_is_refused(
    client_for: Callable[..., Any], ticket: Ticket, body: dict[str, Any], format_: str, code: str
) -> None:
    before = state(ticket)
    answer = client_for(ticket.user).post(url(ticket, "messages/"), body, format=format_)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert state(ticket) == before


def test_close_reopen_and_rate(client_for: Callable[..., Any], ticket: Ticket) -> None:
    client = client_for(ticket.user)

    def code(action: str, **body: Any) -> str:
        answer = client.post(url(ticket, f"{action}/"), body)
        return answer.json().get("code") or answer.json()["status"]

    assert code("rate", rating=5) == code("reopen") == "ticket_not_closed"
    assert code("close") == "closed"
    assert code("close") == code("messages", message="x") == "ticket_closed"
    assert client.post(url(ticket, "rate/"), {"rating": "۴"}).json()["rating"] == 4
    ticket.refresh_from_db()
    assert (ticket.rating, ticket.closed_at is not None, ticket.messages.count()) == (4, True, 1)
    assert code("reopen") == "open"
    ticket.refresh_from_db()
    assert ticket.closed_at is None
    actions = AuditEntry.objects.order_by("id").values_list("action", flat=True)
    assert list(actions) == ["ticket.close", "ticket.reopen"]


@pytest.mark.parametrize("rating", [0, 6, "x", None, 4.5, True, 2**70])
def test_odd_rating_is_refused(client_for: Callable[..., Any], ticket: Ticket, rating: Any) -> None:
    Ticket.objects.update(status="closed", closed_at=timezone.now())
    assert client_for(ticket.user).post(url(ticket, "rate/"), {"rating": rating}, format="json").status_code == 400
    ticket.refresh_from_db()
    assert ticket.rating is None


def test_staff_set_to_pending_and_hand_over(client_for: Callable[..., Any], staff: User, ticket: Ticket) -> None:
    colleague = StaffFactory()
    answer = client_for(staff).patch(url(ticket), {"status": "pending", "assignee": colleague.pk})
    assert (answer.status_code, answer.json()["status"]) == (200, "pending")
    assert state(ticket) == ("pending", colleague.pk, 1)
    told = Notification.objects.get()
    assert (told.user, told.kind) == (colleague, "ticket_assigned")
    changes = AuditEntry.objects.get(action="ticket.manage").changes
    assert changes == {"status": ["open", "pending"], "assignee": [None, colleague.pk]}
    client_for(staff).patch(url(ticket), {"assignee": colleague.pk})
    assert Notification.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"status": "closed"}, "invalid"),
        ({"status": "answered"}, "invalid"),
        ({"status": 1}, "invalid"),
        ({"assignee": "player"}, "not_support_staff"),
        ({"assignee": 10**9}, "not_support_staff"),
        ({"assignee": None}, "invalid"),
        ({"status": "pending", "assignee": 10**9}, "not_support_staff"),
    ],
)
def test_odd_change_is_refused(
    client_for: Callable[..., Any], staff: User, ticket: Ticket, body: dict[str, Any], code: str
) -> None:
    if body.get("assignee") == "player":
        body = {"assignee": ticket.user_id}
    before = state(ticket)
    answer = client_for(staff).patch(url(ticket), body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert state(ticket) == before


def test_closed_ticket_is_not_set_to_pending(client_for: Callable[..., Any], staff: User, ticket: Ticket) -> None:
    Ticket.objects.update(status="closed", closed_at=timezone.now())
    assert client_for(staff).patch(url(ticket), {"status": "pending"}).json()["code"] == "ticket_closed"
    assert state(ticket)[0] == "closed"


WHO = ["anonymous", "stranger", "author", "staff"]


@pytest.mark.parametrize(
    ("method", "action", "body", "statuses"),
    [
        ("get", "", None, (401, 404, 200, 200)),
        ("get", "messages/", None, (401, 404, 200, 200)),
        ("post", "messages/", {"message": "x"}, (401, 404, 201, 201)),
        ("post", "close/", None, (401, 404, 200, 200)),
        ("post", "reopen/", None, (401, 404, 200, 200)),
        ("post", "rate/", {"rating": 3}, (401, 404, 200, 403)),
        ("patch", "", {"status": "pending"}, (401, 404, 403, 200)),
    ],
)
@pytest.mark.parametrize("who", WHO)
def test_who_may_do_what_with_a_ticket(
    client_for: Callable[..., Any],
    staff: User,
    ticket: Ticket,
    method: str,
    action: str,
    body: dict[str, Any] | None,
    statuses: tuple[int, ...],
    who: str,
) -> None:
    if action in {"rate/", "reopen/"}:
        Ticket.objects.update(status="closed", closed_at=timezone.now())
    caller = {"anonymous": None, "stranger": UserFactory(), "author": ticket.user, "staff": staff}[who]
    before = state(ticket)
    answer = getattr(client_for(caller), method)(url(ticket, action), body)
    assert answer.status_code == statuses[WHO.index(who)]
    if answer.status_code >= 400:
        assert state(ticket) == before
        assert ticket.rating is None


def test_staff_keep_the_assignments(client_for: Callable[..., Any], staff: User) -> None:
    client, person, game = client_for(staff), StaffFactory(), GameFactory()
    made = client.post(ASSIGNMENTS, {"support_person": person.pk, "game": game.pk})
    assert made.status_code == 201
    assert made.json() == {
        "id": made.json()["id"],
        "support_person": {"id": person.pk, "username": person.username, "profile_picture": None},
        "game": game.pk,
        "game_name": game.name,
        "head_support": False,
    }
    again = client.post(ASSIGNMENTS, {"support_person": person.pk, "game": game.pk})
    assert (again.status_code, again.json()["code"]) == (400, "support_assignment_exists")
    one = f"{ASSIGNMENTS}{made.json()['id']}/"
    assert client.patch(one, {"head_support": True}).json()["head_support"] is True
    assert client.get(one).json() == client.get(ASSIGNMENTS).json()["results"][0]
    assert (client.delete(one).status_code, client.delete(one).status_code) == (204, 404)
    actions = AuditEntry.objects.order_by("id").values_list("action", flat=True)
    assert list(actions) == [f"support_assignment.{what}" for what in ("create", "update", "delete")]


@pytest.mark.parametrize("count", [1, 3])
def test_assignments_list_takes_the_same_queries_however_long(
    client_for: Callable[..., Any], staff: User, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    SupportAssignmentFactory.create_batch(count)
    client = client_for(staff)
    with django_assert_num_queries(3):
        assert client.get(ASSIGNMENTS).json()["count"] == count


@pytest.mark.parametrize("who", ["anonymous", "player"])
def test_assignments_are_none_of_a_players_business(client_for: Callable[..., Any], user: User, who: str) -> None:
    kept = SupportAssignmentFactory()
    client, status = client_for(user if who == "player" else None), 403 if who == "player" else 401
    one, body = f"{ASSIGNMENTS}{kept.pk}/", {"support_person": kept.support_person_id, "game": GameFactory().pk}
    assert [client.get(ASSIGNMENTS).status_code, client.get(one).status_code] == [status] * 2
    assert [client.post(ASSIGNMENTS, body).status_code, client.patch(one, body).status_code] == [status] * 2
    assert client.delete(one).status_code == status
    assert list(SupportAssignment.objects.values_list("pk", "game")) == [(kept.pk, kept.game_id)]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"support_person": "player"}, "not_support_staff"),
        ({"support_person": 10**9}, "invalid"),
        ({"support_person": True}, "invalid"),
        ({"support_person": 2**70}, "invalid"),
        ({"game": None}, "invalid"),
        ({"game": {}}, "invalid"),
        ({"head_support": "perhaps"}, "invalid"),
    ],
)
def test_odd_assignment_is_refused(
    client_for: Callable[..., Any], user: User, staff: User, change: dict[str, Any], code: str
) -> None:
    if change.get("support_person") == "player":
        change = {"support_person": user.pk}
    body = {"support_person": staff.pk, "game": GameFactory().pk, **change}
    answer = client_for(staff).post(ASSIGNMENTS, body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert SupportAssignment.objects.count() == 0
