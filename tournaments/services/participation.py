"""An entrant while its tournament runs."""

from common.db import needs_transaction
from common.errors import NotFound
from common.state import transition
from teams.errors import NotTeamCaptain
from tournaments import errors, selectors
from tournaments.enums import ENTRANT_TRANSITIONS, EntrantStatus, TournamentStatus
from tournaments.models import Entrant, Tournament
from users.models import User


def own_entrant(tournament: Tournament, actor: User) -> Entrant:
    """:raises NotAParticipant: the actor has none. :raises NotTeamCaptain: it is not the actor's to decide."""
    entrant = selectors.entrant_of(tournament.pk, actor)
    if entrant is None:
        raise errors.NotAParticipant
    if entrant.captain_id != actor.pk:
        raise NotTeamCaptain
    return entrant


def require_running(tournament: Tournament) -> None:
    """:raises TournamentStateError: it has not started, or is over."""
    if tournament.status != TournamentStatus.ONGOING:
        raise errors.TournamentStateError(status=tournament.status)


@needs_transaction
def take_out(*, tournament: Tournament, entrant_id: int, to: EntrantStatus) -> Entrant:
    """Mark an entrant of a locked, running tournament as one that plays no more.

    :raises NotFound: no entrant of it. :raises EntrantIsOut: it has left already.
    """
    entrant = Entrant.objects.locked().holding_a_seat().filter(pk=entrant_id, tournament=tournament).first()
    if entrant is None:
        raise NotFound
    transition(entrant, to, ENTRANT_TRANSITIONS, error=errors.EntrantIsOut)
    entrant.save()
    return entrant
