from django.utils import timezone

from chat.models import ConversationMember, Message
from chat.services import rooms
from common.events import handles
from matches.events import MatchesStarted
from users.events import AccountClosed
from users.models import User
from users.services.personal_data import Part, exports, rows


@handles(MatchesStarted)
def open_match_rooms(event: MatchesStarted) -> None:
    rooms.open_match_rooms(match_ids=event.match_ids, now=timezone.now())


@handles(AccountClosed)
def leave_rooms(event: AccountClosed) -> None:
    rooms.leave_all(user_id=event.user_id, now=timezone.now())


@exports("chat", ConversationMember, Message)
def export_chat(user: User) -> Part:
    sent = Message.objects.filter(sender=user)
    return Part(
        {
            "rooms": rows(
                ConversationMember.objects.filter(user=user),
                "conversation_id", "conversation__kind", "conversation__title", "joined_at", "left_at",
            ),
            "messages": rows(
                sent, "id", "conversation_id", "content", "attachment", "created_at", "edited_at", "deleted_at"
            ),
        },
        files=list(sent.exclude(attachment="").values_list("attachment", flat=True)),
    )  # fmt: skip
