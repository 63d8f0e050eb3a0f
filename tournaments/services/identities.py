"""Who a player is: the same from check-in to the end, and nobody any more once the account is closed."""

from datetime import datetime

from common.db import needs_transaction
from common.errors import DomainError
from tournaments.enums import GONE, HOLDING_A_SEAT, EntrantStatus, PayoutStatus, Phase, TournamentStatus
from tournaments.errors import InGameIdFrozen, InRunningTournament, OrganisesTournament, PrizeNotPaid
from tournaments.models import Entrant, Payout, RosterMember, Tournament
from users.usernames import of_closed_account

NOT_OVER = (TournamentStatus.PUBLISHED, TournamentStatus.ONGOING)


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


def why_not_leave(*, user_id: int) -> list[DomainError]:
    """What keeps a user from closing the account: play that is not over, a prize on its way, events of their own."""
    rosters = RosterMember.objects.filter(user=user_id, is_active=True, entrant__status__in=HOLDING_A_SEAT)
    playing = rosters.exclude(entrant__status__in=GONE).filter(tournament__status__in=NOT_OVER)
    own = Tournament.objects.filter(creator=user_id, status__in=NOT_OVER)
    due = Payout.objects.filter(
        entrant__roster__user=user_id, entrant__roster__is_active=True, status__in=[PayoutStatus.DUE, PayoutStatus.HELD]
    )
    return [
        *(InRunningTournament(tournament=name) for name in playing.values_list("tournament__name", flat=True)),
        *(OrganisesTournament(tournament=name) for name in own.values_list("name", flat=True)),
        *(PrizeNotPaid(tournament=name) for name in due.values_list("tournament__name", flat=True)),
    ]


@needs_transaction
def forget(*, user_id: int) -> None:
    """The user's entries stay where they are in brackets and tables, under the name of a closed account."""
    Entrant.objects.filter(user=user_id).update(name=of_closed_account(user_id))
