"""Every route of the API, read from the router, and a small world in which each of them leads somewhere."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from django.db import connection
from django.test import TestCase
from django.urls import get_resolver
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from chat.models import Conversation
from chat.services import messages, rooms
from games.models import Game
from matches.models import Match, Report
from notifications.models import Notification
from support.services import tickets
from teams.models import Invitation, Team
from tests.conftest import ApiClient, access_token
from tests.factories.identity import ask, number
from tests.factories.notifications import tell
from tests.factories.payouts import make_destination, make_sheba, request_withdrawal
from tests.factories.support import SupportAssignmentFactory
from tests.factories.teams import InvitationFactory
from tests.factories.tournaments import fill, join, make_team, make_tournament, screenshot, start, submit
from tests.factories.users import StaffFactory, UserFactory
from tests.factories.wallet import make_payment
from tournaments.models import Entrant, Tournament
from tournaments.services import credentials
from users.models import Block, IdentityReview, InGameID, Session, User

READS = {"GET", "HEAD", "OPTIONS"}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Route:
    """One URL pattern of a DRF view: ``path`` has ``{pk}`` where an id belongs, ``actions`` maps GET … to a method."""

    path: str
    view: type
    actions: dict[str, str]

    def __str__(self) -> str:
        return self.path

    @property
    def key(self) -> str:
        """The path without the names of its parameters, as the schema and the router agree on it."""
        return re.sub(r"{\w+}", "{}", self.path)

    def permissions(self, method: str) -> list[Any]:
        view = self.view()
        view.action, view.request = self.actions[method], type("Asked", (), {"method": method})()
        return view.get_permissions()

    def is_public(self, method: str) -> bool:
        return all(
            type(rule).__name__ in {"AllowAny", "IsAuthenticatedOrReadOnly"} for rule in self.permissions(method)
        )


@dataclass(frozen=True)
class Operation:
    route: Route
    method: str

    def __str__(self) -> str:
        return f"{self.method} {self.route.path}"

    @property
    def schema(self) -> dict[str, Any]:
        return operations()[self.route.key, self.method]

    @property
    def reads_body(self) -> bool:
        return "requestBody" in self.schema

    @property
    def properties(self) -> dict[str, Any]:
        """The fields of the body, by name."""
        content = self.schema["requestBody"]["content"]
        shape = next(iter(content.values()))["schema"]
        return schema()["components"]["schemas"][shape["$ref"].rsplit("/", 1)[-1]]["properties"]


def _walk(patterns: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from _walk(pattern.url_patterns, path)
        else:
            yield path, pattern.callback


def _readable(pattern: str) -> str:
    path = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", pattern)
    path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path)
    return "/" + path.replace("^", "").replace("$", "").replace("\\", "")


# Older names of the same operations, which the document leaves out on purpose (tests/users/test_aliases.py).
ALIASES = {
    "POST /api/users/users/send_otp/",
    "POST /api/users/users/verify_otp/",
    "POST /api/token/refresh/",
    "POST /auth/jwt/refresh/",
    "GET /auth/users/me/",
}
ALL_ROUTES = [
    Route(_readable(pattern), callback.cls, {method.upper(): name for method, name in callback.actions.items()})
    for pattern, callback in _walk(get_resolver().url_patterns)
    if getattr(callback, "actions", None)
]
ROUTES = [route for route in ALL_ROUTES if not {f"{method} {route}" for method in route.actions} <= ALIASES]
OPERATIONS = [Operation(route, method) for route in ROUTES for method in METHODS if method in route.actions]
WRITES = [operation for operation in OPERATIONS if operation.method not in READS]


@cache
def schema() -> dict[str, Any]:
    return SchemaGenerator().get_schema(public=True)


@cache
def operations() -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (re.sub(r"{\w+}", "{}", path), method.upper()): operation
        for path, methods in schema()["paths"].items()
        for method, operation in methods.items()
    }


@dataclass
class World:
    """One of everything. ``owner`` has it, ``rival`` is the other side, ``stranger`` has no part in it."""

    owner: User
    rival: User
    stranger: User
    staff: User
    session: Session
    block: Block
    team: Team
    invitation: Invitation
    review: IdentityReview
    draft: Tournament
    open: Tournament
    entrant: Entrant
    running: Tournament
    match: Match
    report: Report
    game: Game
    room: Conversation
    direct: Conversation
    message: Any
    notification: Notification
    payment: Any
    destination: Any
    withdrawal: Any
    ticket: Any
    assignment: Any

    def client(self, user: User | None, **headers: str) -> ApiClient:
        if user is not None:
            headers["HTTP_AUTHORIZATION"] = f"Bearer {access_token(user)}"
        client = ApiClient(TestCase.captureOnCommitCallbacks)
        client.credentials(**{"HTTP_ACCEPT_LANGUAGE": "en"} | headers)
        return client

    def url(self, route: Route) -> str:
        """The route with the owner's things in it."""
        return route.path.format(**self.ids(route))

    def ids(self, route: Route) -> dict[str, Any]:
        path = route.path
        thing: Any = self.entrant
        for part, candidate in {
            "/auth/sessions/": self.session,
            "/users/users/": self.owner,
            "/users/verification/reviews/": self.review,
            "/users/blocks/": self.block,
            "/teams/teams/": self.team,
            "/teams/invitations/": self.invitation,
            "/tournaments/matches/": self.match,
            "/tournaments/reports/": self.report,
            "/tournaments/games/": self.game,
            "/tournaments/tournaments/{pk}": self.tournament_for(path),
            "/tournaments/tournaments/{tournament}/participants/{pk}/disqualify/": self.match.entrant_b,
            "/wallet/payments/": self.payment,
            "/wallet/refund/": self.payment,
            "/wallet/destinations/": self.destination,
            "/wallet/withdrawal-requests/": self.withdrawal,
            "/chat/conversations/": self.room,
            "/chat/messages/": self.message,
            "/notifications/notifications/": self.notification,
            "/support/tickets/": self.ticket,
            "/support/support-assignments/": self.assignment,
        }.items():
            if path.startswith("/api" + part):
                thing = candidate
        return {"pk": thing.pk, "tournament": self.tournament_for(path).pk, "kind": "front"}

    def tournament_for(self, path: str) -> Tournament:
        if path.endswith(("/publish/", "{pk}/")):
            return self.draft
        of_running = ("bracket", "standings", "credentials", "withdraw/", "disqualify", "/players/")
        return self.running if any(part in path for part in of_running) else self.open

    def body(self, operation: Operation) -> dict[str, Any]:
        """What the operation would accept, as far as the world goes."""
        now = timezone.now()
        tournament = {
            "name": "Night Cup",
            "game": self.game.pk,
            "registration_start_date": now.isoformat(),
            "registration_end_date": (now + timedelta(days=1)).isoformat(),
            "start_date": (now + timedelta(days=2)).isoformat(),
        }
        identity = {
            "full_name": "Sara Rezaei",
            "national_id": number(1),
            "birth_date": "2000-02-29",
            "id_card_front": screenshot(),
            "selfie": screenshot(),
        }
        known: dict[str, dict[str, Any]] = {
            "auth_otp_request": {"phone_number": "09121112233"},
            "auth_otp_verify": {"phone_number": "09121112233", "code": "123456"},
            "auth_token_refresh": {"refresh": "x"},
            "auth_step_up": {"code": "123456"},
            "auth_totp_confirm": {"code": "123456"},
            "auth_phone_change": {"phone_number": "09351112233", "code": "123456"},
            "users_me_update": {"full_name": "Sara"},
            "verification_submit_level2": {"code": "123456"},
            "verification_submit_level3": identity,
            "identity_reviews_reject": {"reason": "unreadable"},
            "identity_reviews_revoke": {"reason": "forged"},
            "users_privacy_update": {"history": "nobody"},
            "blocks_create": {"user": self.rival.pk},
            "in_game_ids_set": {"game": self.game.pk, "player_id": "Sara#1"},
            "teams_create": {"name": "Night Foxes"},
            "teams_update": {"name": "Night Foxes"},
            "teams_set_role": {"user_id": self.stranger.pk, "role": "manager"},
            "team_invitations_respond": {"invitation_id": self.invitation.pk, "status": "accepted"},
            "tournaments_create": tournament,
            "tournaments_update": {"version": self.draft.version, "name": "Night Cup"},
            "tournaments_credentials_set": {"lobby_id": "room"},
            "participants_seed": {"order": [self.entrant.pk]},
            "participants_disqualify": {"mode": "forward", "reason": "cheating"},
            "matches_submit_result": {"winner_id": self.owner.pk, "result_proof": screenshot()},
            "matches_dispute_result": {"reason": "no"},
            "matches_resolve": {"winner_id": self.owner.pk},
            "reports_create": {"reported_user": self.rival.pk, "match": self.match.pk, "description": "rude"},
            "wallet_deposit": {"amount": 1},
            "wallet_refund": {"payment": self.payment.pk, "reason": "paid twice"},
            "wallet_refund_decide": {"status": "rejected"},
            "wallet_destinations_create": {"number": make_sheba(), "owner_name": "Sara"},
            "wallet_withdrawal_requests_create": {"amount": 1_000_000, "destination": self.destination.pk},
            "wallet_withdrawal_requests_decide": {"status": "rejected", "reason": "no"},
            "chat_conversations_open": {"kind": "support"},
            "chat_conversations_messages_create": {"content": "hi"},
            "chat_conversations_read": {"seq": 1},
            "chat_messages_create": {"recipient_id": self.rival.pk, "content": "hi"},
            "chat_messages_update": {"content": "hi"},
            "notifications_update": {"is_read": True},
            "support_tickets_create": {"title": "Help", "content": "please"},
            "support_tickets_update": {"status": "pending"},
            "support_tickets_messages_create": {"message": "please"},
            "support_tickets_rate": {"rating": 5},
            "support_assignments_create": {"support_person": self.staff.pk, "game": self.game.pk},
        }
        name = operation.schema["operationId"]
        if name in known:
            return known[name]
        return {"user_id": self.rival.pk} if "user_id" in operation.properties else {}


def build_world() -> World:
    now = timezone.now()
    owner, rival, stranger = UserFactory.create_batch(3)
    staff = StaffFactory()
    running = make_tournament(creator=owner, name="Played Cup")
    first, _ = join(running, owner), join(running, rival)
    running = credentials.set_lobby(
        tournament_id=running.pk, actor=owner, lobby_id="ROOM-77", lobby_password="s3cret-lobby", now=now
    )
    start(running)
    match = submit(running.matches.get(), first)
    open_ = make_tournament(creator=owner, name="Open Cup", type="team", team_size=2)
    (entrant,) = fill(open_, 1)
    team = make_team(2, captain=owner, name="Owners")
    InGameID.objects.create(user=rival, game=running.game, player_id="Rival#1")
    return World(
        owner=owner,
        rival=rival,
        stranger=stranger,
        staff=staff,
        session=_session(owner),
        block=Block.objects.create(user=owner, blocked=UserFactory(), created_at=now),
        team=team,
        invitation=InvitationFactory(team=team, user=UserFactory()),
        review=ask(owner, full_name="the name on the card"),
        draft=make_tournament(creator=owner, published=False, name="Secret Draft"),
        open=open_,
        entrant=entrant,
        running=running,
        match=match,
        report=Report.objects.create(
            reporter=owner, reported_user=rival, match=match, description="the report text", created_at=now
        ),
        game=running.game,
        room=Conversation.objects.get(match=match),
        direct=_direct(owner, rival),
        message=messages.send(
            conversation_id=Conversation.objects.get(match=match).pk, actor=owner, content="the room text", now=now
        ),
        notification=tell(owner)[0],
        payment=make_payment(owner, 77_777_777),
        destination=make_destination(owner, number="IR84 0120 0000 0000 0123 4567 89", owner_name="the account owner"),
        withdrawal=request_withdrawal(owner, 7_654_321),
        ticket=tickets.create(
            actor=owner, title="the ticket title", content="the ticket text", game_id=None, tournament_id=None,
            match_id=None, files=[screenshot()], now=now,
        ),
        assignment=SupportAssignmentFactory(support_person=staff),
    )  # fmt: skip


def _session(user: User) -> Session:
    access_token(user)
    return user.sessions.get()


def _direct(owner: User, rival: User) -> Conversation:
    sent = messages.send_direct(actor=owner, recipient_id=rival.pk, content="the direct text", now=timezone.now())
    rooms.open_support_room(actor=owner, now=timezone.now())
    return sent.conversation


UNCOUNTED = {"common_ratecounter", "common_idempotencykey", "users_session", "users_otpcode"}


@cache
def _fingerprint_query() -> str:
    tables = [name for name in connection.introspection.table_names() if name.split("_")[0] in APPS]
    return " UNION ALL ".join(
        f"SELECT '{name}', md5(string_agg(t::text, '' ORDER BY t::text)) FROM {name} t"
        for name in sorted({*tables} - UNCOUNTED)
    )


def fingerprint() -> dict[str, str]:
    """What stands in every table: the same before and after whatever was refused."""
    with connection.cursor() as cursor:
        cursor.execute(_fingerprint_query())
        return dict(cursor.fetchall())


APPS = {
    "chat", "common", "games", "matches", "notifications", "players", "support", "teams", "tournaments", "users",
    "wallet",
}  # fmt: skip
