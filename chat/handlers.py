from django.utils import timezone

from chat.services import rooms
from common.events import handles
from matches.events import MatchStarted


@handles(MatchStarted)
def open_match_room(event: MatchStarted) -> None:
    rooms.open_match_room(match_id=event.match_id, now=timezone.now())
