"""Who may see what somebody has played, who may enter with which rank, and who keeps seasons and standings."""

from collections.abc import Sequence

from common.errors import NotFound, PermissionDenied
from players import errors, selectors
from tournaments.errors import RankNotAllowed
from tournaments.models import Tournament
from users.models import User
from users.rules import may_see_history
from users.types import Caller


def require_history(viewer: Caller, user_id: int) -> User:
    """The user whose history the viewer may see.

    :raises NotFound: no such active user. :raises HistoryHidden: it is not shown to the viewer.
    """
    owner = User.objects.filter(pk=user_id, is_active=True).first()
    if owner is None:
        raise NotFound
    if not may_see_history(viewer, owner):
        raise errors.HistoryHidden
    return owner


def require_season_keeper(actor: User) -> None:
    """:raises PermissionDenied: the actor may not change seasons."""
    if not (actor.is_active and actor.has_perm("players.change_season")):
        raise PermissionDenied


def require_rank(tournament: Tournament, user_ids: Sequence[int]) -> None:
    """By the score in the tournament's game, of all time; who has not played yet has 0.

    :raises RankNotAllowed: somebody has less or more than the tournament asks for.
    """
    least, most = tournament.min_rank or 0, tournament.max_rank
    scores = selectors.scores(user_ids, tournament.game_id)
    unfit = [pk for pk, score in scores.items() if score < least or (most is not None and score > most)]
    if unfit:
        people = list(User.objects.filter(pk__in=unfit).order_by("pk").values("id", "username"))
        raise RankNotAllowed(users=people, names=", ".join(person["username"] for person in people))
