import asyncio
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from common.errors import InvalidInput
from common.realtime import BaseConsumer, user_group
from notifications import kinds, selectors
from notifications.frames import as_frame
from notifications.models import Notification

RESUME_LIMIT = 200


class NotificationConsumer(BaseConsumer):
    """``/ws/notifications/``: the user's notifications as they come, in order, none twice.

    Out: ``hello`` {head_seq} first, ``notification`` {seq, id, kind, message, params, created_at}, ``head``
    {head_seq} every few seconds, ``resumed`` {head_seq, has_more}. In: ``resume`` {after_seq} asks for what was
    missed, at most RESUME_LIMIT at a time. A frame that got lost on the way is filled in from the database.
    """

    commands = {"resume": "resume"}

    async def join(self) -> None:
        self._in_order = asyncio.Lock()
        self._user_id: int = self.scope["user"].pk
        await self.enter(user_group(self._user_id))
        self._shown_seq = await self._head()
        await self.send_frame({"type": "hello", "head_seq": self._shown_seq})

    async def may_stay(self) -> bool:
        head = await self._head()
        async with self._in_order:
            await self._fill_up_to(head)
        await self.send_frame({"type": "head", "head_seq": head})
        return True

    async def resume(self, content: dict[str, Any]) -> None:
        seq = content.get("after_seq")
        if not isinstance(seq, int) or isinstance(seq, bool) or not 0 <= seq < 2**63:
            raise InvalidInput.of("after_seq", "invalid", _("Enter a whole number."))
        async with self._in_order:
            rows = await self._after(seq, RESUME_LIMIT + 1)
            for row in rows[:RESUME_LIMIT]:
                await self._show(as_frame(row))
            await self.send_frame(
                {"type": "resumed", "head_seq": await self._head(), "has_more": len(rows) > RESUME_LIMIT}
            )

    async def frame(self, event: dict[str, Any]) -> None:
        content = event["frame"]
        if content["type"] != "notification":
            await super().frame(event)
            return
        async with self._in_order:
            if content["seq"] == self._shown_seq + 1:
                await self._show(content)
            else:
                await self._fill_up_to(content["seq"])

    async def _fill_up_to(self, seq: int) -> None:
        """Show everything up to ``seq`` that this socket has not shown; the caller holds ``_in_order``."""
        while self._shown_seq < seq:
            rows = await self._after(self._shown_seq, RESUME_LIMIT)
            if not rows:
                return
            for row in rows:
                await self._show(as_frame(row))

    async def _show(self, content: dict[str, Any]) -> None:
        with translation.override(self.scope.get("language", settings.LANGUAGE_CODE)):
            message = kinds.render(content["kind"], content["params"])
        await self.send_frame(content | {"message": message})
        self._shown_seq = max(self._shown_seq, content["seq"])

    async def _head(self) -> int:
        return await database_sync_to_async(selectors.head_seq)(self._user_id)

    async def _after(self, seq: int, limit: int) -> list[Notification]:
        return await database_sync_to_async(selectors.after)(self._user_id, seq, limit)
