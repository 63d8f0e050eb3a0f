import asyncio
import logging
from typing import Any

from channels.db import database_sync_to_async
from django.utils import timezone, translation
from redis.exceptions import RedisError
from rest_framework.serializers import Serializer

from chat import rules, selectors, serializers
from chat.models import Conversation, Message
from chat.services import messages
from common.errors import NotFound
from common.realtime import BaseConsumer, conversation_group
from users.models import User

logger = logging.getLogger(__name__)

RESUME_LIMIT = 100


class ChatConsumer(BaseConsumer):
    """``/ws/chat/<conversation_id>/``: one room, its messages in the order of ``seq``, none twice.

    Out: ``hello`` {head_seq} first, ``new_message`` and ``message_edited`` {message}, ``message_deleted``
    {message_id, seq}, ``user_typing`` {user_id, username, is_typing}, ``read`` {user_id, seq}, ``presence``
    {user_id, online}, ``head`` {head_seq} every few seconds, ``resumed`` {head_seq, has_more}.
    In: ``chat_message`` {content, client_id?, reply_to?}, ``edit_message`` {message_id, content}, ``delete_message``
    {message_id}, ``typing`` {is_typing}, ``read`` {seq}, ``resume`` {after_seq}: what came later, at most RESUME_LIMIT
    messages at a time. A message whose broadcast got lost on the way is filled in from the database.
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
        self._in_order = asyncio.Lock()
        self._user: User = self.scope["user"]
        self._conversation_id: int = self.scope["url_route"]["kwargs"]["conversation_id"]
        self._group = conversation_group(self._conversation_id)
        await self._require_open()
        await self.enter(self._group)
        # read after entering, so that nothing falls between
        self._shown_seq = (await self._require_open()).last_seq
        self.present = True
        await self._tell_presence(online=True, newcomer=self.channel_name)
        await self.send_frame({"type": "hello", "head_seq": self._shown_seq})

    async def may_stay(self) -> bool:
        try:
            head = (await self._require_open()).last_seq
        except NotFound:
            return False
        async with self._in_order:
            await self._fill_up_to(head)
        await self.send_frame({"type": "head", "head_seq": head})
        return True

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

    async def resume(self, content: dict[str, Any]) -> None:
        seq = self._input(serializers.ResumeFrame, content)["after_seq"]
        async with self._in_order:
            head = (await self._require_open()).last_seq
            rows = await self._after(seq, RESUME_LIMIT + 1)
            for row in rows[:RESUME_LIMIT]:
                await self._show(serializers.MessageSerializer(row).data)
            await self.send_frame({"type": "resumed", "head_seq": head, "has_more": len(rows) > RESUME_LIMIT})

    async def frame(self, event: dict[str, Any]) -> None:
        content = event["frame"]
        if content["type"] == "new_message":
            await self._receive_message(content["message"])
        elif content["type"] != "user_typing" or content["user_id"] != self._user.pk:
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

    async def _receive_message(self, message: dict[str, Any]) -> None:
        async with self._in_order:
            if message["seq"] == self._shown_seq + 1:
                await self._show(message)
            else:
                await self._fill_up_to(message["seq"])

    async def _fill_up_to(self, seq: int) -> None:
        """Show everything up to ``seq`` that this socket has not shown; the caller holds ``_in_order``."""
        while self._shown_seq < seq and (rows := await self._after(self._shown_seq, RESUME_LIMIT)):
            for row in rows:
                await self._show(serializers.MessageSerializer(row).data)

    async def _show(self, message: dict[str, Any]) -> None:
        await self.send_frame({"type": "new_message", "message": message})
        self._shown_seq = max(self._shown_seq, message["seq"])

    async def _require_open(self) -> Conversation:
        return await database_sync_to_async(rules.require_open)(
            conversation_id=self._conversation_id, user_id=self._user.pk
        )

    async def _after(self, seq: int, limit: int) -> list[Message]:
        return await database_sync_to_async(selectors.messages_after)(self._conversation_id, seq, limit)

    def _input(self, serializer_class: type[Serializer], content: dict[str, Any]) -> dict[str, Any]:
        """:raises ValidationError: the frame is not of the serializer's shape."""
        with translation.override(self.scope["language"]):
            serializer = serializer_class(data=content)
            serializer.is_valid(raise_exception=True)
        return serializer.validated_data
