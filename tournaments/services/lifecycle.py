"""Publish, start, cancel: the steps of a tournament that its organiser takes."""

import secrets
from datetime import datetime

from django.db.models import F

from common import audit
from common.db import use_case
from common.events import publish as publish_event
from common.state import transition
from notifications.services import Notice, notify, notify_many
from tournaments import errors, selectors
from tournaments.engine import shuffle
from tournaments.enums import (
    ENTRANT_TRANSITIONS,
    TRANSITIONS,
    EntrantStatus,
    PrizeSource,
    TournamentStatus,
)
from tournaments.events import TournamentCancelled, TournamentStarted
from tournaments.models import Entrant, Tournament
from tournaments.services import access, credentials, formats, payouts, planning, registration
from users.models import User
from wallet.services import escrow

DRAW_SEED_BYTES = 32


@use_case
def publish(*, tournament_id: int, actor: User, now: datetime) -> Tournament:
    """Show a draft to everybody, and commit to the draw: the hash of its secret is public from here on."""
    tournament = access.for_manager(tournament_id=tournament_id, actor=actor)
    transition(tournament, TournamentStatus.PUBLISHED, TRANSITIONS, error=errors.TournamentStateError)
    tournament.draw_seed = secrets.token_bytes(DRAW_SEED_BYTES)
    tournament.save()
    audit.record(action="tournament.publish", actor=actor, target=tournament, now=now)
    return tournament


@use_case
def start(*, tournament_id: int, actor: User, now: datetime) -> Tournament:
    """Close the field, draw, and let the matches be made.

    Whoever had to check in and did not is dropped and paid back. Seeds that the organiser gave stand; the others are
    drawn by lot from the committed secret.

    :raises TournamentStateError: not published, or started before.
    :raises TooFewEntrants: fewer are ready than ``min_participants``, or than the format needs.
    :raises FormatDoesNotFit: the format with these options cannot be played by so many or so few.
    """
    tournament = access.for_manager(tournament_id=tournament_id, actor=actor)
    transition(tournament, TournamentStatus.ONGOING, TRANSITIONS, error=errors.TournamentStateError)
    ready, absent = _field(tournament)
    least = max(tournament.min_participants, formats.least_entrants(tournament.stages.get().format))
    if len(ready) < least:
        raise errors.TooFewEntrants(least=least, count=len(ready))
    notices = _drop(tournament, absent, actor, now)
    _seed(tournament, ready)
    tournament.started_at = now
    tournament.save()
    planning.fix_plan(tournament)
    if tournament.prize_pool_rial and tournament.prize_source != PrizeSource.ENTRY_POOL:
        escrow.fund_prize(
            tournament_id=tournament.pk,
            source=tournament.prize_source,
            amount_rial=tournament.prize_pool_rial,
            actor=actor,
            now=now,
        )
    audit.record(action="tournament.start", actor=actor, target=tournament, now=now, entrants=len(ready))
    started = Notice(
        kind="tournament_started",
        to=selectors.player_ids(tournament.pk),
        params={"tournament": tournament.name},
        dedupe_key=f"tournament_started:{tournament.pk}",
    )
    # here the feeds of all are locked; the matches that follow tell some of the same people more
    notify_many([*notices, started], now=now)
    publish_event(TournamentStarted(tournament_id=tournament.pk))
    credentials.release_at_start(tournament=tournament, now=now)
    return tournament


def _field(tournament: Tournament) -> tuple[list[Entrant], list[Entrant]]:
    """Who plays, and who does not: not checked in where that was needed, or not paid."""
    entrants = list(Entrant.objects.locked().holding_a_seat().filter(tournament=tournament))
    needed = EntrantStatus.JOINED if tournament.check_in_start_at is None else EntrantStatus.CHECKED_IN
    ready = [entrant for entrant in entrants if entrant.status == needed]
    return ready, [entrant for entrant in entrants if entrant.status != needed]


def _drop(tournament: Tournament, absent: list[Entrant], actor: User, now: datetime) -> list[Notice]:
    if not absent:
        return []
    notices = []
    for to, reason in ((EntrantStatus.DROPPED, "did not check in"), (EntrantStatus.LAPSED, "not paid in time")):
        unpaid = to == EntrantStatus.LAPSED
        dropped = [entrant for entrant in absent if (entrant.status == EntrantStatus.PENDING_PAYMENT) == unpaid]
        _, told = registration.release_seats(
            tournament=tournament, entrants=dropped, to=to, actor=actor, reason=reason, now=now
        )
        notices += told
    # nobody else is at the counter: joining and leaving wait for the tournament's row
    registration.count_out(tournament=tournament, count=len(absent))
    return notices


def _seed(tournament: Tournament, entrants: list[Entrant]) -> None:
    seeded = sorted((entrant for entrant in entrants if entrant.seed), key=lambda entrant: entrant.seed or 0)
    unseeded = [entrant for entrant in entrants if not entrant.seed]
    drawn = shuffle(unseeded, bytes(tournament.draw_seed or b""), planning.SEEDING_PURPOSE) if unseeded else ()
    for number, entrant in enumerate([*seeded, *drawn], start=1):
        transition(entrant, EntrantStatus.PLAYING, ENTRANT_TRANSITIONS)
        entrant.seed = number
    Entrant.objects.bulk_update(entrants, ["seed"])
    playing = Entrant.objects.filter(pk__in=[entrant.pk for entrant in entrants])
    playing.update(status=EntrantStatus.PLAYING, version=F("version") + 1)


@use_case
def cancel(*, tournament_id: int, actor: User, reason: str, now: datetime) -> Tournament:
    """Call a tournament off, also while it runs; every entry fee goes back to who paid it.

    :raises TournamentStateError: it is over already. :raises PrizesPaid: a prize of it was paid.
    """
    tournament = access.for_manager(tournament_id=tournament_id, actor=actor)
    transition(tournament, TournamentStatus.CANCELLED, TRANSITIONS, error=errors.TournamentStateError)
    tournament.save()
    # first, because the matches are locked before any wallet and any feed
    publish_event(TournamentCancelled(tournament_id=tournament.pk))
    payouts.call_off(tournament=tournament)
    players = selectors.player_ids(tournament.pk)
    escrow.refund_all(tournament_id=tournament.pk, reason=reason or "cancelled", actor=actor, now=now)
    audit.record(action="tournament.cancel", actor=actor, target=tournament, now=now, reason=reason)
    notify(
        kind="tournament_cancelled",
        to=players,
        params={"tournament": tournament.name},
        dedupe_key=f"tournament_cancelled:{tournament.pk}",
        now=now,
    )
    return tournament
