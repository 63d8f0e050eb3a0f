"""Leaving a tournament that runs: by oneself, or thrown out. The open matches are walkovers at once."""

from datetime import datetime

from common import audit
from common.db import use_case
from matches.services import progress
from matches.services.stage_rows import StageRows
from tournaments.engine import Disqualification, DqMode, EntrantId, Withdrawal
from tournaments.enums import EntrantStatus
from tournaments.models import Entrant, Tournament
from tournaments.services import access, participation
from users.models import User


@use_case
def withdraw(*, tournament_id: int, actor: User, now: datetime) -> Entrant:
    """The actor's entrant plays no more; its captain decides. Places already safe stay, and so do their prizes.

    :raises NotAParticipant, NotTeamCaptain: it is not the actor's to decide.
    :raises TournamentStateError: the tournament does not run. :raises EntrantIsOut: it has left already.
    """
    tournament = access.for_captain(tournament_id=tournament_id, actor=actor)
    entrant_id = participation.own_entrant(tournament, actor).pk
    return _leave(tournament, entrant_id, EntrantStatus.WITHDRAWN, None, actor=actor, reason="", now=now)


@use_case
def disqualify(
    *, tournament_id: int, entrant_id: int, mode: DqMode, reason: str, actor: User, now: datetime
) -> Entrant:
    """The organiser or staff throw an entrant out; it gets no prize. ``mode`` is what becomes of its matches.

    :raises NotOrganiser: not the actor's tournament. :raises NotFound: no entrant of it.
    :raises TournamentStateError: the tournament does not run. :raises EntrantIsOut: it has left already.
    """
    tournament = access.for_manager(tournament_id=tournament_id, actor=actor)
    return _leave(tournament, entrant_id, EntrantStatus.DISQUALIFIED, mode, actor=actor, reason=reason, now=now)


def _leave(
    tournament: Tournament,
    entrant_id: int,
    to: EntrantStatus,
    mode: DqMode | None,
    *,
    actor: User,
    reason: str,
    now: datetime,
) -> Entrant:
    participation.require_running(tournament)
    # the matches before the entrant, as the lock order wants it
    stage_rows = StageRows(tournament, tournament.stages.get())
    entrant = participation.take_out(tournament=tournament, entrant_id=entrant_id, to=to)
    audit.record(action=f"entrant.{to}", actor=actor, target=entrant, now=now, reason=reason, mode=mode)
    key = EntrantId(str(entrant.pk))
    event = Withdrawal(key) if mode is None else Disqualification(key, mode)
    progress.leave(tournament=tournament, event=event, stage_rows=stage_rows, now=now)
    return entrant
