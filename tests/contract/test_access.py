"""Who sees whose things: every route with the owner's ids, asked by everybody else, byte by byte."""

import json
from typing import Any

import pytest
from django.apps import apps
from django.db import models, transaction
from django.utils.timezone import now

from tests.contract.routes import APPS, OPERATIONS, WRITES, Operation, World, fingerprint
from tests.contract.test_bad_input import as_form
from tests.factories.identity import number
from tournaments.services import credentials
from users.models import User
from wallet import selectors

pytestmark = pytest.mark.django_db

# Route → what owner, rival, stranger, anonymous and staff are answered. Both sides share the match and its room.
WHO = ("owner", "rival", "stranger", None, "staff")
PRIVATE = {
    "GET /api/wallet/refund/": (403, 403, 403, 401, 200),
    "POST /api/wallet/refund/": (403, 403, 403, 401, 403),
    "PATCH /api/wallet/refund/{pk}/": (403, 403, 403, 401, 404),
    "GET /api/wallet/payments/{pk}/": (200, 404, 404, 401, 404),
    "GET /api/wallet/destinations/{pk}/": (200, 404, 404, 401, 404),
    "DELETE /api/wallet/destinations/{pk}/": (204, 404, 404, 401, 404),
    "GET /api/wallet/withdrawal-requests/{pk}/": (200, 404, 404, 401, 200),
    "PATCH /api/wallet/withdrawal-requests/{pk}/": (403, 404, 404, 401, 200),
    "POST /api/wallet/withdrawal-requests/{pk}/cancel/": (200, 404, 404, 401, 404),
    "GET /api/notifications/notifications/{pk}/": (200, 404, 404, 401, 404),
    "GET /api/chat/conversations/{pk}/": (200, 200, 404, 401, 200),
    "GET /api/chat/conversations/{pk}/messages/": (200, 200, 404, 401, 200),
    "GET /api/support/tickets/{pk}/": (200, 404, 404, 401, 200),
    "GET /api/support/tickets/{pk}/messages/": (200, 404, 404, 401, 200),
    "GET /api/support/support-assignments/{pk}/": (403, 403, 403, 401, 200),
    "GET /api/tournaments/reports/{pk}/": (200, 404, 404, 401, 200),
    "GET /api/tournaments/tournaments/{pk}/": (200, 404, 404, 404, 200),
    "GET /api/tournaments/tournaments/{pk}/credentials/": (200, 200, 403, 401, 200),
    "GET /api/users/verification/reviews/": (403, 403, 403, 401, 200),
    "GET /api/users/verification/reviews/{pk}/": (403, 403, 403, 401, 200),
    "POST /api/users/verification/reviews/{pk}/approve/": (403, 403, 403, 401, 200),
    "POST /api/users/verification/reviews/{pk}/reject/": (403, 403, 403, 401, 200),
    "POST /api/users/verification/reviews/{pk}/revoke/": (403, 403, 403, 401, 400),
    "DELETE /api/auth/sessions/{pk}/": (204, 404, 404, 401, 404),
    "DELETE /api/users/blocks/{pk}/": (204, 404, 404, 401, 404),
    "DELETE /api/users/users/me/": (403, 403, 403, 401, 403),
    "GET /api/users/users/me/export/": (404, 404, 404, 401, 404),
    "GET /api/tournaments/tournaments/{tournament}/players/": (200, 200, 403, 401, 200),
    "DELETE /api/teams/invitations/{pk}/": (204, 404, 404, 401, 404),
    "DELETE /api/teams/teams/{pk}/": (204, 403, 403, 401, 403),
    "DELETE /api/chat/messages/{pk}/": (204, 403, 404, 401, 204),
    "PATCH /api/chat/messages/{pk}/": (200, 403, 404, 401, 403),
    "PATCH /api/notifications/notifications/{pk}/": (200, 404, 404, 401, 404),
    "PATCH /api/support/tickets/{pk}/": (403, 404, 404, 401, 200),
    "PATCH /api/teams/teams/{pk}/": (200, 403, 403, 401, 403),
    "PATCH /api/tournaments/tournaments/{pk}/": (200, 404, 404, 401, 200),
    "PUT /api/tournaments/tournaments/{pk}/credentials/": (200, 403, 403, 401, 200),
    "POST /api/chat/conversations/{pk}/messages/": (201, 201, 404, 401, 201),
    "POST /api/chat/conversations/{pk}/read/": (200, 200, 404, 401, 200),
    "POST /api/support/tickets/{pk}/messages/": (201, 404, 404, 401, 201),
    "POST /api/support/tickets/{pk}/close/": (200, 404, 404, 401, 200),
    "POST /api/support/tickets/{pk}/reopen/": (400, 404, 404, 401, 400),
    "POST /api/support/tickets/{pk}/rate/": (400, 404, 404, 401, 403),
    "POST /api/teams/respond-invitation/": (404, 404, 404, 401, 404),
    "POST /api/tournaments/matches/{pk}/submit_result/": (400, 400, 403, 401, 403),
    "POST /api/tournaments/matches/{pk}/confirm_result/": (400, 200, 403, 401, 403),
    "POST /api/tournaments/matches/{pk}/resolve/": (403, 403, 403, 401, 200),
    "POST /api/tournaments/reports/{pk}/resolve/": (403, 404, 404, 401, 200),
    "POST /api/tournaments/reports/{pk}/reject/": (403, 404, 404, 401, 200),
    "POST /api/tournaments/tournaments/{pk}/publish/": (200, 404, 404, 401, 200),
    "POST /api/tournaments/tournaments/{pk}/cancel/": (200, 403, 403, 401, 200),
    "POST /api/tournaments/tournaments/{tournament}/participants/seed/": (204, 403, 403, 401, 204),
    "POST /api/tournaments/tournaments/{tournament}/participants/{pk}/reject/": (200, 403, 403, 401, 200),
    "POST /api/tournaments/tournaments/{tournament}/participants/{pk}/disqualify/": (200, 403, 403, 401, 200),
    "POST /api/tournaments/tournaments/{tournament}/withdraw/": (200, 200, 403, 401, 403),
}


def ask(world: World, operation: Operation, who: str | None, body: Any = None) -> Any:
    client = world.client(getattr(world, who) if who else None)
    sent = body if body is not None else (world.body(operation) if operation.reads_body else {})
    if operation.method == "GET":
        return client.get(world.url(operation.route))
    kind = "multipart" if any(hasattr(value, "read") for value in sent.values()) else "json"
    return getattr(client, operation.method.lower())(world.url(operation.route), sent, format=kind)


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("operation", [item for item in OPERATIONS if str(item) in PRIVATE], ids=str)
def test_private_thing_is_answered_by_who_asks(world: World, operation: Operation, who: str | None) -> None:
    before = fingerprint()
    answer = ask(world, operation, who)

    assert answer.status_code == PRIVATE[str(operation)][WHO.index(who)], answer.content[:300]
    if answer.status_code >= 400:
        assert fingerprint() == before


def test_table_names_real_routes() -> None:
    assert set(PRIVATE) - {str(operation) for operation in OPERATIONS} == set()


def secrets(world: World, who: str | None) -> dict[str, str]:
    """What the caller must not find in any answer."""
    hidden = {
        "payment": str(world.payment.amount_rial),
        "authority": world.payment.authority,
        "withdrawal": str(world.withdrawal.amount_rial),
        "reference": world.withdrawal.reference,
        "account": "012345",
        "account owner": "the account owner",
        "name on the card": "the name on the card",
        "national id": number(),
        "ticket": "the ticket t",
        "report": "the report text",
        "draft": "Secret Draft",
    }
    if who != "rival":
        hidden |= {
            "room": world.match.room_id,
            "chat": "the room text",
            "direct chat": "the direct text",
            "lobby": "s3cret-lobby",
            "lobby id": "ROOM-77",
        }
    others = {"owner", "rival", "stranger", "staff"} - {who}
    return hidden | {f"phone of {other}": getattr(world, other).phone_number for other in others}


@pytest.mark.parametrize("who", ["rival", "stranger", None])
@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_no_answer_holds_what_is_anothers(world: World, operation: Operation, who: str | None) -> None:
    answer = ask(world, operation, who)
    text = answer.content.decode()

    assert [name for name, secret in secrets(world, who).items() if secret in text] == []
    if "result_proof" in text and who != "rival" and answer.status_code == 200:
        assert '"result_proof":null' in text
    if operation.method == "GET" and not operation.route.path.endswith(("/matches/{pk}/", "/users/me/")):
        assert "/files/" not in text


@pytest.mark.parametrize(("who", "status"), [("player", 403), ("stranger", 403), (None, 401)])
def test_lobby_is_hidden_until_its_release(world: World, who: str | None, status: int) -> None:
    credentials.set_lobby(
        tournament_id=world.open.pk, actor=world.owner, lobby_id="EARLY", lobby_password="early-s3cret", now=now()
    )
    player = world.entrant.captain if who == "player" else world.stranger
    client = world.client(player if who else None)
    path = f"/api/tournaments/tournaments/{world.open.pk}/"

    assert client.get(f"{path}credentials/").status_code == status
    for page in ("credentials/", "", "participants/", "bracket/"):
        assert b"early" not in client.get(path + page).content.lower()


@pytest.mark.parametrize("path", ["/api/support/tickets/?all=1", "/api/chat/conversations/?all=true"])
@pytest.mark.parametrize("who", ["rival", "stranger"])
def test_all_is_for_staff(world: World, path: str, who: str) -> None:
    text = world.client(getattr(world, who)).get(path).content.decode()

    assert [name for name, secret in secrets(world, who).items() if secret in text] == []


@pytest.mark.parametrize("who", ["rival", "stranger"])
def test_refused_tickets_and_drafts_are_told_like_what_does_not_exist(world: World, who: str) -> None:
    client = world.client(getattr(world, who))
    hidden = [item for item in OPERATIONS if PRIVATE.get(str(item), [0] * 5)[WHO.index(who)] == 404]
    for operation in [item for item in hidden if item.route.path.count("{") == 1]:
        body = world.body(operation) if operation.reads_body else {}
        there = client.generic(operation.method, world.url(operation.route), json.dumps(body))
        nowhere = client.generic(operation.method, operation.route.path.format(pk=987654321), json.dumps(body))
        assert without_id(there) == without_id(nowhere), str(operation)


def without_id(answer: Any) -> dict[str, Any]:
    return {name: value for name, value in answer.json().items() if name != "request_id"}


# Names of model fields that a client may really send somewhere.
FORBIDDEN: dict[str, Any] = {
    "is_staff": True, "is_superuser": True, "is_active": False, "balance_rial": 10**9, "balance": 10**9,
    "prize_rial": 10**9, "creator": 0, "creator_id": 0, "captain_id": 0, "user": 0, "sender": 0, "reporter": 0,
    "winner": 0, "is_confirmed": True, "is_disputed": False, "ref_id": 1, "settled_at": "2026-01-01",
    "completed_at": "2026-01-01T00:00:00Z", "started_at": "2026-01-01T00:00:00Z", "resolved_by": 0, "id": 1, "pk": 1,
    "last_seq": 99, "draw_seed": "00", "taken": 99, "place_first": 1, "checked_in_at": "x",
}  # fmt: skip


def sensitive(world: World) -> dict[str, Any]:
    """What no request body may decide, of every row that was there before."""
    rows: dict[str, Any] = {}
    for model in apps.get_models():
        if model._meta.app_label not in APPS - {"common"}:
            continue
        names = [field.attname for field in model._meta.concrete_fields if field.attname in GUARDED]
        rows[model.__name__] = {
            row[0]: tuple(drawn(name, value) for name, value in zip(names, row[1:], strict=True))
            for row in model._default_manager.values_list("pk", *names)
        }
    return rows


def drawn(name: str, value: Any) -> Any:
    """A seed is another one each time; what matters is that it is not the one that was sent."""
    return value == FORBIDDEN[name] if name == "draw_seed" else value


GUARDED = {
    "is_staff", "is_superuser", "is_active", "phone_number", "password", "balance_rial", "allow_negative", "prize_rial",
    "creator_id", "captain_id", "user_id", "sender_id", "reporter_id", "author_id", "owner_id", "winner_id", "ref_id",
    "settled_at", "resolved_by_id", "draw_seed", "taken", "capacity", "place_first", "checked_in_at", "amount_rial",
    "refresh_jti", "direct_key", "entrant_a_id", "entrant_b_id", "room_id",
}  # fmt: skip


BODIES = [item for item in WRITES if item.method != "DELETE"]


@pytest.mark.parametrize("operation", BODIES, ids=str)
def test_fields_that_a_body_must_not_set_are_not_set(world: World, operation: Operation) -> None:
    """The same request with every model's field names added changes what it would have changed without them."""
    who = "staff" if "staff" in operation.schema["summary"].lower() else "owner"
    plain = outcome(world, operation, who, {})

    assert outcome(world, operation, who, foreign_fields(operation)) == plain


def foreign_fields(operation: Operation) -> dict[str, Any]:
    """A value for each field of each model, by name and by column, but for what the body may hold anyway."""
    somebody = User.objects.latest("pk").pk
    fields = [field for model in apps.get_models() for field in model._meta.concrete_fields]
    values = {name: value_for(field, somebody) for field in fields for name in (field.name, field.attname)}
    known = operation.properties if operation.reads_body else {}
    return {name: value for name, value in (values | FORBIDDEN).items() if name not in known}


def outcome(world: World, operation: Operation, who: str, extra: dict[str, Any]) -> Any:
    savepoint = transaction.atomic()
    savepoint._from_testcase = True
    with savepoint:
        body = (world.body(operation) if operation.reads_body else {}) | extra
        if any(hasattr(value, "read") for value in body.values()):
            body = as_form(body)
        status = ask(world, operation, who, body).status_code
        existing = sensitive(world)
        total = selectors.balances(world.owner).total
        transaction.set_rollback(True)
    known = {name: {pk: row for pk, row in rows.items() if pk in EXISTING[name]} for name, rows in existing.items()}
    return status, known, total


EXISTING: dict[str, set[Any]] = {}


@pytest.fixture(autouse=True)
def remember_rows(world: World) -> None:
    EXISTING.clear()
    EXISTING.update({name: set(rows) for name, rows in sensitive(world).items()})


def value_for(field: Any, somebody: int) -> Any:
    if isinstance(field, models.BooleanField):
        return True
    if isinstance(field, models.ForeignKey):
        return somebody if field.related_model is User else 1
    if isinstance(field, models.DateTimeField):
        return "2026-01-01T00:00:00Z"
    if isinstance(field, models.IntegerField):
        return 77
    return "x"
