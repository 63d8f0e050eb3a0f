from django.utils import timezone

from chat.services import rooms
from common.events import handles
from matches.events import MatchesStarted


@handles(MatchesStarted)
def open_match_rooms(event: MatchesStarted) -> None:
    rooms.open_match_rooms(match_ids=event.match_ids, now=timezone.now())
