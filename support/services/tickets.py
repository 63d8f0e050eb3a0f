"""Tickets: open, answer, hand over, close, reopen, rate."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from common import audit, uploads
from common.db import needs_transaction, use_case
from common.errors import InvalidInput, NotFound, PermissionDenied
from common.limits import hit
from common.state import transition
from common.text import clean_name, clean_text
from games.models import Game
from matches.models import Match
from notifications.services import notify
from support import rules
from support.enums import TRANSITIONS, TicketStatus
from support.errors import NotSupportStaff, TicketClosed, TicketMessageEmpty, TicketNotClosed
from support.models import Ticket, TicketAttachment, TicketMessage
from support.services import routing
from tournaments.models import Tournament
from users.models import User

HOUR = 3600
TICKETS_PER_HOUR = 20
MESSAGES_PER_HOUR = 120


@use_case
def create(
    *,
    actor: User,
    title: str,
    content: str,
    game_id: int | None = None,
    tournament_id: int | None = None,
    match_id: int | None = None,
    files: Sequence[UploadedFile] = (),
    now: datetime,
) -> Ticket:
    """Open a ticket; it goes to whom ``routing`` names, who is told. A match brings its tournament, that its game.

    :raises InvalidInput: the game, tournament or match does not exist (for the actor), or they do not belong together.
    :raises TicketMessageEmpty: nothing is said. :raises FileRejected: neither picture nor video.
    :raises RateLimited: over TICKETS_PER_HOUR.
    """
    hit(key=f"ticket:{actor.pk}", limit=TICKETS_PER_HOUR, window_seconds=HOUR, now=now)
    game, tournament, match = _subject(actor, game_id, tournament_id, match_id)
    stored = _keep(files)
    assignee = routing.choose_assignee(game_id=game.pk if game else None, author_id=actor.pk)
    ticket = Ticket.objects.create(
        user=actor,
        title=clean_name(title),
        game=game,
        tournament=tournament,
        match=match,
        assignee=assignee,
        created_at=now,
        updated_at=now,
    )
    _say(ticket, actor, content, stored, is_staff_reply=False, now=now)
    _tell_assignee(ticket, now)
    return ticket


@use_case
def reply(
    *, ticket_id: int, actor: User, message: str, files: Sequence[UploadedFile] = (), now: datetime
) -> TicketMessage:
    """Write into a ticket. An answer of staff makes it answered and tells the author; the author's makes it open again.

    :raises NotFound: not the actor's, who is no staff. :raises TicketClosed: it must be reopened first.
    :raises TicketMessageEmpty: neither text nor file. :raises FileRejected: neither picture nor video.
    :raises RateLimited: over MESSAGES_PER_HOUR.
    """
    hit(key=f"ticket-message:{actor.pk}", limit=MESSAGES_PER_HOUR, window_seconds=HOUR, now=now)
    if not rules.visible_to(actor).filter(pk=ticket_id).exists():
        raise NotFound
    stored = _keep(files)
    ticket = _locked(ticket_id, actor)
    if ticket.status == TicketStatus.CLOSED:
        raise TicketClosed
    by_staff = rules.answers_as_staff(ticket, actor)
    if by_staff and ticket.status != TicketStatus.ANSWERED:
        transition(ticket, TicketStatus.ANSWERED, TRANSITIONS)
    elif not by_staff and ticket.status == TicketStatus.ANSWERED:
        transition(ticket, TicketStatus.OPEN, TRANSITIONS)
    said = _say(ticket, actor, message, stored, is_staff_reply=by_staff, now=now)
    _save(ticket, now)
    if by_staff:
        notify(
            kind="ticket_answered",
            to=[ticket.user_id],
            params={"ticket": ticket.pk},
            dedupe_key=f"ticket_answered:{said.pk}",
            now=now,
        )
    return said


@use_case
def manage(
    *,
    ticket_id: int,
    actor: User,
    status: TicketStatus | None = None,
    assignee_id: int | None = None,
    now: datetime,
) -> Ticket:
    """Staff set a ticket to pending or open, and hand it to one of them, who is told.

    :raises NotFound, PermissionDenied: the actor is not staff. :raises IllegalTransition: the status does not allow it.
    :raises NotSupportStaff: the assignee is no active staff.
    """
    ticket = _locked(ticket_id, actor)
    if not rules.may_manage(actor):
        raise PermissionDenied
    before = {"status": ticket.status, "assignee": ticket.assignee_id}
    if status is not None and status != ticket.status:
        if ticket.status == TicketStatus.CLOSED:
            raise TicketClosed
        transition(ticket, status, TRANSITIONS)
    if assignee_id is not None and assignee_id != ticket.assignee_id:
        person = User.objects.filter(pk=assignee_id).first()
        if person is None or not rules.may_be_assigned(person):
            raise NotSupportStaff
        ticket.assignee = person
        ticket.version += 1
        _tell_assignee(ticket, now)
    _save(ticket, now)
    after = {"status": ticket.status, "assignee": ticket.assignee_id}
    changed: dict[str, Any] = {name: [old, after[name]] for name, old in before.items() if old != after[name]}
    audit.record(action="ticket.manage", actor=actor, target=ticket, now=now, **changed)
    return ticket


@use_case
def close(*, ticket_id: int, actor: User, now: datetime) -> Ticket:
    """The author or staff are done with it. :raises NotFound: not theirs. :raises TicketClosed: it is closed."""
    ticket = _locked(ticket_id, actor)
    if ticket.status == TicketStatus.CLOSED:
        raise TicketClosed
    transition(ticket, TicketStatus.CLOSED, TRANSITIONS)
    ticket.closed_at = now
    _save(ticket, now)
    audit.record(action="ticket.close", actor=actor, target=ticket, now=now)
    return ticket


@use_case
def reopen(*, ticket_id: int, actor: User, now: datetime) -> Ticket:
    """It was not done after all. :raises NotFound: not theirs. :raises TicketNotClosed: it is not closed."""
    ticket = _locked(ticket_id, actor)
    if ticket.status != TicketStatus.CLOSED:
        raise TicketNotClosed
    transition(ticket, TicketStatus.OPEN, TRANSITIONS)
    ticket.closed_at = None
    _save(ticket, now)
    audit.record(action="ticket.reopen", actor=actor, target=ticket, now=now)
    return ticket


@use_case
def rate(*, ticket_id: int, actor: User, rating: int, now: datetime) -> Ticket:
    """The author says how it went, 1 to 5; the last word counts.

    :raises NotFound: not the actor's, who is no staff. :raises PermissionDenied: the actor is not the author.
    :raises TicketNotClosed: it is not closed yet.
    """
    ticket = _locked(ticket_id, actor)
    if not rules.may_rate(ticket, actor):
        raise PermissionDenied
    if ticket.status != TicketStatus.CLOSED:
        raise TicketNotClosed
    ticket.rating = rating
    ticket.version += 1
    _save(ticket, now)
    return ticket


@needs_transaction
def _locked(ticket_id: int, actor: User) -> Ticket:
    ticket = rules.visible_to(actor).filter(pk=ticket_id).locked().first()
    if ticket is None:
        raise NotFound
    return ticket


def _save(ticket: Ticket, now: datetime) -> None:
    ticket.updated_at = now
    ticket.save(update_fields=["status", "assignee", "rating", "version", "updated_at", "closed_at"])


def _subject(
    actor: User, game_id: int | None, tournament_id: int | None, match_id: int | None
) -> tuple[Game | None, Tournament | None, Match | None]:
    game = tournament = match = None
    if match_id is not None:
        known = rules.tournaments_known_to(actor)
        match = Match.objects.select_related("tournament__game").filter(pk=match_id, tournament__in=known).first()
        if match is None:
            raise _no_such("match")
        tournament = match.tournament
    if tournament_id is not None:
        named = rules.tournaments_known_to(actor).select_related("game").filter(pk=tournament_id).first()
        if named is None or tournament not in (None, named):
            raise _no_such("tournament")
        tournament = named
    if tournament is not None:
        game = tournament.game
    if game_id is not None:
        named_game = Game.objects.filter(pk=game_id).first()
        if named_game is None or game not in (None, named_game):
            raise _no_such("game")
        game = named_game
    return game, tournament, match


def _no_such(field: str) -> InvalidInput:
    return InvalidInput.of(field, "does_not_exist", _("There is no such thing here."))


def _keep(files: Sequence[UploadedFile]) -> list[uploads.StoredFile]:
    """Reading files takes time, so it comes before any lock."""
    return [uploads.store_evidence(file, folder="support") for file in files]


@needs_transaction
def _say(
    ticket: Ticket,
    actor: User,
    text: str,
    stored: list[uploads.StoredFile],
    *,
    is_staff_reply: bool,
    now: datetime,
) -> TicketMessage:
    body = clean_text(text)
    if not body and not stored:
        raise TicketMessageEmpty
    message = TicketMessage.objects.create(
        ticket=ticket, author=actor, body=body, is_staff_reply=is_staff_reply, created_at=now
    )
    TicketAttachment.objects.bulk_create(
        TicketAttachment(message=message, path=file.path, sha256=file.sha256, content_type=file.content_type)
        for file in stored
    )
    return message


def _tell_assignee(ticket: Ticket, now: datetime) -> None:
    if ticket.assignee_id is None:
        return
    notify(
        kind="ticket_assigned",
        to=[ticket.assignee_id],
        params={"ticket": ticket.pk},
        dedupe_key=f"ticket_assigned:{ticket.pk}:{ticket.version}",
        now=now,
    )


@needs_transaction
def erase_texts(*, user_id: int) -> None:
    """Whatever was written and sent in a user's tickets is gone, the answers with it; that there were tickets stays."""
    mine = TicketMessage.objects.filter(ticket__user=user_id)
    for path in TicketAttachment.objects.filter(message__in=mine).values_list("path", flat=True):
        uploads.delete_on_commit(path)
    TicketAttachment.objects.filter(message__in=mine).delete()
    mine.update(body="")
    Ticket.objects.filter(user=user_id).update(title="")
