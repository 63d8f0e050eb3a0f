"""Seasons, and making all standings again. Both only say what is due; recording does the rest."""

from datetime import datetime
from typing import Any

from common import audit
from common.db import needs_transaction, use_case
from common.queue import enqueue_on_commit
from players import rules, tasks
from players.models import PlayedTournament, PlayerStanding, Season, TeamStanding
from players.services import recording
from tournaments.enums import TournamentStatus
from tournaments.models import Tournament
from users.models import User


@needs_transaction
def save(*, season: Season, actor: User, now: datetime) -> None:
    """Announce a season, or change it; the standings follow, also for what is completed already.

    The form of the admin, its only door, has the transaction.

    :raises PermissionDenied: the actor does not keep seasons.
    """
    rules.require_season_keeper(actor)
    # a tournament that is recorded at this moment would miss the change
    recording.alone()
    before = Season.objects.locked().filter(pk=season.pk).first()
    season.save()
    changes: dict[str, Any] = {
        name: [str(getattr(before, name, None)), str(getattr(season, name))]
        for name in ("name", "game_id", "starts_at", "ends_at")
    }
    audit.record(action="season.save", actor=actor, target=season, now=now, **changes)
    for stretch in filter(None, (before, season)):
        _have_recorded_again(stretch)


@needs_transaction
def delete(*, season: Season, actor: User, now: datetime) -> None:
    """Drop a season with its leaderboards; what was played in it stays.

    :raises PermissionDenied: the actor does not keep seasons.
    """
    rules.require_season_keeper(actor)
    recording.alone()
    audit.record(action="season.delete", actor=actor, target=season, now=now, name=season.name)
    season.delete()


@needs_transaction
def _have_recorded_again(season: Season) -> None:
    played = PlayedTournament.objects.filter(completed_at__gte=season.starts_at, completed_at__lt=season.ends_at)
    if season.game_id is not None:
        played = played.filter(game=season.game_id)
    if played.update(is_due=True):
        enqueue_on_commit(tasks.record_due_tournaments)


@use_case
def rebuild(*, actor: User | None, now: datetime) -> int:
    """Have every completed tournament recorded from the beginning; returns how many.

    Readers see the old standings until each is replaced. Nobody is told again of an achievement.

    :raises PermissionDenied: the actor does not keep standings; None is the system itself.
    """
    if actor is not None:
        rules.require_season_keeper(actor)
    recording.alone()
    completed = Tournament.objects.filter(status=TournamentStatus.COMPLETED, completed_at__isnull=False)
    facts: Any = completed.values_list("pk", "game_id", "completed_at").iterator(2000)
    PlayedTournament.objects.bulk_create(
        (PlayedTournament(tournament_id=pk, game_id=game_id, completed_at=at) for pk, game_id, at in facts),
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["tournament"],
        update_fields=["game", "completed_at"],
    )
    due = PlayedTournament.objects.update(is_due=True)
    PlayerStanding.objects.filter(user__contributions=None).delete()
    TeamStanding.objects.filter(team__contributions=None).delete()
    enqueue_on_commit(tasks.record_due_tournaments)
    return due
