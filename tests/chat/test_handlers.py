from chat.models import Conversation
from common.events import publish
from matches.events import MatchesStarted
from tests.factories.chat import match_room
from tests.factories.users import UserFactory
from tournaments.models import RosterMember


def test_match_that_starts_gets_a_room_with_exactly_its_players(db: None) -> None:
    first, second = UserFactory(username="ali"), UserFactory(username="sara")
    room = match_room(first, second)
    assert (room.kind, room.title) == ("match", "ali – sara")
    assert set(room.members.values_list("user_id", flat=True)) == {first.pk, second.pk}


def test_match_that_starts_again_keeps_its_room_and_renews_the_members(db: None) -> None:
    first, second = UserFactory(), UserFactory()
    room = match_room(first, second)

    def members() -> list[int]:
        publish(MatchesStarted(match_ids=(room.match_id,)))
        assert Conversation.objects.get() == room
        return list(room.members.filter(left_at=None).order_by("pk").values_list("user_id", flat=True))

    RosterMember.objects.filter(user=second).update(is_active=False)
    assert members() == [first.pk]
    RosterMember.objects.filter(user=second).update(is_active=True)
    assert members() == [first.pk, second.pk]
