from django.db.models import F, FilteredRelation, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce

from chat.enums import ConversationKind
from chat.models import Conversation, ConversationMember, Message
from users.models import User

MEMBERS_SHOWN = 100


def with_summary(conversations: QuerySet[Conversation], user_id: int) -> QuerySet[Conversation]:
    """What a list shows of each, newest activity first: the last message, the other person, what is unread."""
    last = Message.objects.filter(seq=F("conversation__last_seq")).select_related("sender")
    others = ConversationMember.objects.filter(conversation__kind=ConversationKind.DIRECT).exclude(user=user_id)
    return (
        conversations.annotate(
            mine=FilteredRelation("members", condition=Q(members__user=user_id, members__left_at=None)),
            unread_count=F("last_seq") - Coalesce(F("mine__last_read_seq"), F("last_seq")),
            active_at=Coalesce("last_message_at", "created_at"),
        )
        .prefetch_related(  # type: ignore[type-var]
            Prefetch("messages", last, to_attr="last_messages"),
            Prefetch("members", others.select_related("user"), to_attr="others"),
        )
        .order_by("-active_at", "-id")
    )


def members(conversation_id: int) -> QuerySet[User]:
    """Who is in the room, at most MEMBERS_SHOWN."""
    inside = ConversationMember.objects.filter(conversation=conversation_id, left_at=None)
    return User.objects.filter(pk__in=inside.values("user")).order_by("id")[:MEMBERS_SHOWN]


def messages(conversation_id: int) -> QuerySet[Message]:
    return Message.objects.filter(conversation=conversation_id).select_related("sender")


def messages_after(conversation_id: int, seq: int, limit: int) -> list[Message]:
    """What came after ``seq``, oldest first, at most ``limit``."""
    return list(messages(conversation_id).filter(seq__gt=seq).order_by("seq")[:limit])
