from datetime import datetime

from common import audit
from common.db import needs_transaction
from common.events import publish
from games.models import Game
from users import player_ids
from users.events import InGameIdChanging
from users.models import InGameID, InGameIDChange, User


@needs_transaction
def change(*, user: User, game: Game, player_id: str, actor: User, now: datetime) -> None:
    """Set a locked user's id in a game; an empty one removes it. The same id again is no change.

    :raises PlayerIdInvalid: it does not fit the game. :raises PlayerIdTaken: (by constraint) it is somebody else's.
    :raises DomainError: whoever handles ``InGameIdChanging`` refuses.
    """
    wanted = player_ids.check(game, player_id) if player_id.strip() else ""
    entry = InGameID.objects.filter(user=user, game=game).locked().first()
    before = entry.player_id if entry else ""
    if wanted == before:
        return
    publish(InGameIdChanging(user_id=user.pk, game_id=game.pk, is_first=entry is None))
    if entry is None:
        InGameID.objects.create(user=user, game=game, player_id=wanted)
    elif wanted:
        entry.player_id = wanted
        entry.save()
    else:
        entry.delete()
    InGameIDChange.objects.create(user=user, game=game, actor=actor, before=before, after=wanted, changed_at=now)
    audit.record(
        action="in_game_id.change", actor=actor, target=user, now=now, game=game.pk, player_id=[before, wanted]
    )
