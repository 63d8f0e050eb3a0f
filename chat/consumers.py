import logging
from typing import Any

from channels.db import database_sync_to_async
from django.utils import timezone, translation
from redis.exceptions import RedisError
from rest_framework.serializers import Serializer

from chat import rules, selectors, serializers
from chat.models import Conversation
from chat.services import messages
from common.feed_consumer import FeedConsumer
from common.realtime import conversation_group
from users.models import User

logger = logging.getLogger(__name__)


class ChatConsumer(FeedConsumer):
    """``/ws/chat/<conversation_id>/``: one room.

    Out, beside what every feed sends: entries are ``new_message`` {message}; ``message_edited`` {message},
    ``message_deleted`` {message_id, seq}, ``user_typing`` {user_id, username, is_typing}, ``read`` {user_id, seq},
    ``presence`` {user_id, online}.
    In: ``chat_message`` {content, client_id?, reply_to?}, ``edit_message`` {message_id, content}, ``delete_message``
    {message_id}, ``typing`` {is_typing}, ``read`` {seq}, ``resume`` {after_seq}.
    """

    commands = {
        "chat_message": "chat_message",
        "edit_message": "edit_message",
        "delete_message": "delete_message",
        "typing": "typing",
        "read": "read",
        "resume": "resume",
    }
    present = False

    async def join(self) -> None:
        self._user: User = self.scope["user"]
        self._conversation_id: int = self.scope["url_route"]["kwargs"]["conversation_id"]
        self._group = conversation_group(self._conversation_id)
        await self._require_open()
        await self.enter(self._group)
        self.present = True
        await self._tell_presence(online=True, newcomer=self.channel_name)
        await self.begin()

    async def head_seq(self) -> int:
        return (await self._require_open()).last_seq

    async def entries(self, after_seq: int, limit: int) -> list[dict[str, Any]]:
        rows = await database_sync_to_async(selectors.messages_after)(self._conversation_id, after_seq, limit)
        return [{"type": "new_message", "message": serializers.MessageSerializer(row).data} for row in rows]

    def seq_of(self, frame: dict[str, Any]) -> int | None:
        return int(frame["message"]["seq"]) if frame["type"] == "new_message" else None

    async def disconnect(self, code: int) -> None:
        await super().disconnect(code)
        if self.present:
            await self._tell_presence(online=False)

    async def chat_message(self, content: dict[str, Any]) -> None:
        data = self._input(serializers.RoomMessageInput, content)
        await database_sync_to_async(messages.send)(
            conversation_id=self._conversation_id, actor=self._user, now=timezone.now(), **data
        )

    async def edit_message(self, content: dict[str, Any]) -> None:
        data = self._input(serializers.EditFrame, content)
        await database_sync_to_async(messages.edit)(actor=self._user, now=timezone.now(), **data)

    async def delete_message(self, content: dict[str, Any]) -> None:
        data = self._input(serializers.DeleteFrame, content)
        await database_sync_to_async(messages.delete)(actor=self._user, now=timezone.now(), **data)

    async def read(self, content: dict[str, Any]) -> None:
        data = self._input(serializers.ReadInput, content)
        await database_sync_to_async(messages.mark_read)(
            conversation_id=self._conversation_id, actor=self._user, **data
        )

    async def typing(self, content: dict[str, Any]) -> None:
        data = self._input(serializers.TypingFrame, content)
        await self._require_open()
        about = {"user_id": self._user.pk, "username": self._user.username, **data}
        await self.channel_layer.group_send(self._group, {"type": "frame", "frame": {"type": "user_typing", **about}})

    async def frame(self, event: dict[str, Any]) -> None:
        content = event["frame"]
        if content["type"] != "user_typing" or content["user_id"] != self._user.pk:
            await super().frame(event)

    async def presence(self, event: dict[str, Any]) -> None:
        """Somebody came or went. A newcomer is told by everybody that they are here; nobody knows the whole list."""
        user_id, newcomer = event["user_id"], event["newcomer"]
        if newcomer == self.channel_name:
            return
        if user_id == self._user.pk:
            if not event["online"]:
                await self._tell_presence(online=True)
            return
        await self.send_frame({"type": "presence", "user_id": user_id, "online": event["online"]})
        if newcomer:
            await self.channel_layer.send(newcomer, self._presence(online=True))

    def _presence(self, *, online: bool, newcomer: str = "") -> dict[str, Any]:
        return {"type": "presence", "user_id": self._user.pk, "online": online, "newcomer": newcomer}

    async def _tell_presence(self, *, online: bool, newcomer: str = "") -> None:
        try:
            await self.channel_layer.group_send(self._group, self._presence(online=online, newcomer=newcomer))
        except (RedisError, OSError) as error:
            logger.warning("no presence in %s: %s", self._group, error)

    async def _require_open(self) -> Conversation:
        return await database_sync_to_async(rules.require_open)(
            conversation_id=self._conversation_id, user_id=self._user.pk
        )

    def _input(self, serializer_class: type[Serializer], content: dict[str, Any]) -> dict[str, Any]:
        """:raises ValidationError: the frame is not of the serializer's shape."""
        with translation.override(self.scope["language"]):
            serializer = serializer_class(data=content)
            serializer.is_valid(raise_exception=True)
        return serializer.validated_data
