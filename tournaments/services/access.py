"""The first step of every use case: the tournament's row, locked as the lock order wants it, if the actor may."""

from common.db import needs_transaction
from tournaments import rules
from tournaments.models import Tournament
from users.models import User


@needs_transaction
def for_manager(*, tournament_id: int, actor: User) -> Tournament:
    """Locked FOR UPDATE: nobody joins or leaves meanwhile.

    :raises NotFound: none, or somebody else's draft. :raises NotOrganiser: see ``rules.can_manage``.
    """
    tournament = rules.require_visible(actor, Tournament.objects.locked().filter(pk=tournament_id).first())
    rules.require_manager(actor, tournament)
    return tournament


@needs_transaction
def for_player(*, tournament_id: int, actor: User) -> Tournament:
    """Locked FOR SHARE: many may join at once, but nobody starts or cancels it meanwhile.

    :raises NotFound: none, or somebody else's draft.
    """
    return rules.require_visible(actor, Tournament.objects.shared_row(tournament_id))


@needs_transaction
def for_captain(*, tournament_id: int, actor: User) -> Tournament:
    """Locked FOR UPDATE, for a player whose step moves the whole tournament.

    :raises NotFound: none, or somebody else's draft.
    """
    return rules.require_visible(actor, Tournament.objects.locked().filter(pk=tournament_id).first())
