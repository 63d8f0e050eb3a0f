"""The lobby id and password of an event: set by the organiser, sent to every player when it begins."""

import logging
from datetime import datetime, timedelta

from django.conf import settings

from common import audit
from common.db import needs_transaction, use_case
from common.queue import enqueue_on_commit
from notifications.services import notify
from tournaments import errors, rules, selectors, tasks
from tournaments.enums import TournamentStatus
from tournaments.models import Tournament
from tournaments.services import access
from users.models import User

logger = logging.getLogger(__name__)


@use_case
def set_lobby(*, tournament_id: int, actor: User, lobby_id: str, lobby_password: str, now: datetime) -> Tournament:
    """Set or change the lobby. Changed after they were sent, they are sent again.

    :raises NotOrganiser: not the actor's tournament. :raises TournamentStateError: it is over.
    """
    tournament = access.for_manager(tournament_id=tournament_id, actor=actor)
    if tournament.status in {TournamentStatus.COMPLETED, TournamentStatus.CANCELLED}:
        raise errors.TournamentStateError(status=tournament.status)
    tournament.lobby_id, tournament.lobby_password = lobby_id, lobby_password
    tournament.version += 1
    if tournament.status == TournamentStatus.ONGOING:
        _release(tournament, now)
    tournament.save()
    audit.record(action="tournament.set_lobby", actor=actor, target=tournament, now=now)
    return tournament


@use_case
def start_countdown(*, tournament_id: int, actor: User, now: datetime) -> Tournament:
    """Begin the countdown; when it ends, COUNTDOWN_SECONDS later, every player gets the lobby.

    :raises NothingToRelease: no lobby is set. :raises TournamentStateError: not published, or over.
    """
    tournament = access.for_manager(tournament_id=tournament_id, actor=actor)
    if tournament.status not in {TournamentStatus.PUBLISHED, TournamentStatus.ONGOING}:
        raise errors.TournamentStateError(status=tournament.status)
    if not tournament.lobby_id:
        raise errors.NothingToRelease
    tournament.countdown_start_at = now
    tournament.credentials_release_at = now + timedelta(seconds=settings.COUNTDOWN_SECONDS)
    tournament.credentials_sent_at = None
    tournament.version += 1
    tournament.save()
    audit.record(action="tournament.start_countdown", actor=actor, target=tournament, now=now)
    return tournament


@needs_transaction
def release_at_start(*, tournament: Tournament, now: datetime) -> None:
    """The event begins: a lobby that is set goes out, unless a countdown has its own time for it."""
    if tournament.lobby_id and tournament.credentials_release_at is None:
        _release(tournament, now)
        tournament.save(update_fields=["credentials_release_at", "credentials_sent_at"])


def _release(tournament: Tournament, now: datetime) -> None:
    tournament.credentials_release_at, tournament.credentials_sent_at = now, None
    enqueue_on_commit(tasks.send_tournament_credentials, tournament.pk)


@use_case
def send(*, tournament_id: int, now: datetime) -> None:
    """Tell every player the lobby, if it is due and not sent. Safe to call twice."""
    tournament = Tournament.objects.locked().filter(pk=tournament_id).first()
    if tournament is None or tournament.credentials_sent_at or not rules.credentials_are_released(tournament, now):
        return
    notify(
        kind="lobby_credentials",
        to=selectors.player_ids(tournament.pk),
        params={
            "tournament": tournament.name,
            "lobby_id": tournament.lobby_id,
            "lobby_password": tournament.lobby_password,
        },
        dedupe_key=f"lobby_credentials:{tournament.pk}:{tournament.credentials_release_at}",
        now=now,
    )
    tournament.credentials_sent_at = now
    tournament.save(update_fields=["credentials_sent_at"])


def release_due(*, now: datetime) -> int:
    """Send what is due and unsent: countdowns that ended, and whatever a lost task left behind. Returns how many.

    One that cannot be sent now stays due and does not hold up the others.
    """
    due = Tournament.objects.filter(
        credentials_sent_at=None,
        credentials_release_at__lte=now,
        status__in=[TournamentStatus.PUBLISHED, TournamentStatus.ONGOING],
    ).values_list("pk", flat=True)
    done = 0
    for tournament_id in list(due):
        try:
            send(tournament_id=tournament_id, now=now)
            done += 1
        except Exception:
            logger.exception("the lobby of tournament %s could not be sent", tournament_id)
    return done


def read(*, tournament_id: int, actor: User, now: datetime) -> Tournament:
    """The lobby, for the organiser always, for a player from its release on.

    :raises NotAParticipant: neither. :raises CredentialsNotReleased: too early.
    """
    tournament = rules.require_visible(actor, Tournament.objects.filter(pk=tournament_id).first())
    if rules.can_manage(actor, tournament):
        return tournament
    if selectors.entrant_of(tournament.pk, actor) is None:
        raise errors.NotAParticipant
    if not rules.credentials_are_released(tournament, now):
        raise errors.CredentialsNotReleased
    return tournament
