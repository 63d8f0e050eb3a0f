"""What completed tournaments brought to players and teams is written down here, once each and in their order.

A contribution depends on the tournament and, by its ratings, on the tournaments of the same game before it. So whoever
records does it alone, takes what is due in the order of completion, and has what comes later done again when ratings
changed before it. Standings and achievements follow from the contributions of those concerned.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import connection

from common.db import needs_transaction, use_case
from common.queue import enqueue_on_commit
from players import tasks
from players.models import PlayedTournament, PlayerContribution, TeamContribution
from players.services import awards, contributions, standings
from tournaments.enums import TournamentStatus
from tournaments.models import Tournament

logger = logging.getLogger(__name__)

PLAYERS_LOCK = 7_265_301
"""The advisory lock of whoever writes contributions and standings."""
NUMBERS = ["game", "completed_at", "counts", "place", "is_title", "points", "winnings_rial", "wins", "draws", "losses",
           "last_wins", "best_wins", "first_wins"]  # fmt: skip
RATING = ["rating_value", "rating_deviation", "rating_volatility", "rated_matches", "best_upset"]


@needs_transaction
def mark_due(*, tournament_id: int) -> None:
    """Have a tournament recorded once this transaction is done, or again: it was completed, corrected or called off."""
    tournament = Tournament.objects.get(pk=tournament_id)
    if tournament.status != TournamentStatus.COMPLETED:
        is_changed = PlayedTournament.objects.filter(pk=tournament_id).update(is_due=True) > 0
    else:
        facts = {"game_id": tournament.game_id, "completed_at": tournament.completed_at, "is_due": True}
        PlayedTournament.objects.update_or_create(tournament=tournament, defaults=facts)
        is_changed = True
    if is_changed:
        enqueue_on_commit(tasks.record_due_tournaments)


def record_due(*, now: datetime, limit: int | None = None) -> int:
    """Record what is due, the first completed first, each in a transaction of its own; returns how many.

    One that cannot be recorded now stays due and does not hold up the others. Safe to run twice and at once.
    """
    done = 0
    failed: set[int] = set()
    while done < (limit or settings.LEADERBOARD_RECORD_AT_ONCE):
        due = PlayedTournament.objects.filter(is_due=True).exclude(pk__in=failed)
        first = due.order_by("completed_at", "tournament").first()
        if first is None:
            break
        try:
            done += record(tournament_id=first.pk, now=now)
        except Exception:
            logger.exception("tournament %s could not be recorded", first.pk)
            failed.add(first.pk)
    return done


@use_case
def record(*, tournament_id: int, now: datetime) -> bool:
    """Write down what one tournament brought, if it is due. Safe to call twice."""
    alone()
    played = PlayedTournament.objects.locked().filter(pk=tournament_id, is_due=True).first()
    if played is None:
        return False
    tournament = Tournament.objects.get(pk=tournament_id)
    mine, theirs = contributions.made_by(tournament, played)
    before = list(PlayerContribution.objects.filter(tournament=played))
    teams_before = set(TeamContribution.objects.filter(tournament=played).values_list("team_id", flat=True))
    _write(played, mine, theirs)
    if _ratings(before) != _ratings(mine):
        since = min(one.completed_at for one in [*before, *mine])
        others = PlayedTournament.objects.filter(game=played.game_id, completed_at__gte=since, is_due=False)
        others.exclude(pk=played.pk).update(is_due=True)
    if tournament.status == TournamentStatus.COMPLETED:
        played.is_due = False
        played.save()
    else:
        played.delete()
    users = {one.user_id for one in before} | {one.user_id for one in mine}
    standings.project_players(user_ids=users, game_id=played.game_id)
    standings.project_teams(team_ids=teams_before | {one.team_id for one in theirs}, game_id=played.game_id)
    awards.award(user_ids=users, now=now)
    return True


@needs_transaction
def alone() -> None:
    """Wait until nobody else writes contributions or standings, and keep others out until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PLAYERS_LOCK])


def _ratings(contributions: Sequence[PlayerContribution]) -> dict[int, tuple[object, ...]]:
    return {
        one.user_id: (one.game_id, one.completed_at, *(getattr(one, name) for name in RATING))
        for one in contributions
        if one.rating_value is not None
    }


def _write(played: PlayedTournament, mine: Sequence[PlayerContribution], theirs: Sequence[TeamContribution]) -> None:
    PlayerContribution.objects.filter(tournament=played).exclude(user__in=[one.user_id for one in mine]).delete()
    PlayerContribution.objects.bulk_create(
        mine,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["tournament", "user"],
        update_fields=[*NUMBERS, *RATING, "type", "is_comeback"],
    )
    TeamContribution.objects.filter(tournament=played).exclude(team__in=[one.team_id for one in theirs]).delete()
    TeamContribution.objects.bulk_create(
        theirs, batch_size=1000, update_conflicts=True, unique_fields=["tournament", "team"], update_fields=NUMBERS
    )
