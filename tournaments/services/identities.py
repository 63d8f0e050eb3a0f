"""Who a player is inside the game of a tournament: it stays the same from check-in to the end."""

from datetime import datetime

from common.db import needs_transaction
from tournaments.enums import GONE, HOLDING_A_SEAT, EntrantStatus, Phase, TournamentStatus
from tournaments.errors import InGameIdFrozen
from tournaments.models import RosterMember, Tournament


@needs_transaction
def require_not_playing(*, user_id: int, game_id: int, now: datetime) -> None:
    """Shares the tournaments, so that none of them starts meanwhile.

    :raises InGameIdFrozen: the user plays in a tournament of the game, or has checked in for one.
    """
    rosters = RosterMember.objects.filter(user=user_id, is_active=True, entrant__status__in=HOLDING_A_SEAT)
    status_of = dict(rosters.exclude(entrant__status__in=GONE).values_list("tournament_id", "entrant__status"))
    if not status_of:
        return
    for tournament in Tournament.objects.filter(pk__in=status_of, game=game_id).shared():
        checked_in = status_of[tournament.pk] == EntrantStatus.CHECKED_IN or tournament.phase(now) == Phase.CHECK_IN
        running = tournament.status == TournamentStatus.ONGOING
        if running or (tournament.status == TournamentStatus.PUBLISHED and checked_in):
            raise InGameIdFrozen(tournament=tournament.name)
