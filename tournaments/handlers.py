from django.utils import timezone

from common.events import handles
from tournaments.services import identities
from users.events import InGameIdChanging


@handles(InGameIdChanging)
def keep_ids_of_players(event: InGameIdChanging) -> None:
    """Whoever had none may still give one: the others need to know whom they play."""
    if not event.is_first:
        identities.require_not_playing(user_id=event.user_id, game_id=event.game_id, now=timezone.now())
