from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.utils import translation

from common.feed_consumer import FeedConsumer
from common.realtime import user_group
from notifications import kinds, selectors
from notifications.frames import as_frame


class NotificationConsumer(FeedConsumer):
    """``/ws/notifications/``: the user's notifications as they come.

    An entry is ``notification`` {seq, id, kind, message, params, created_at}; ``message`` is in the language of the
    connection.
    """

    resume_limit = 200

    async def join(self) -> None:
        self._user_id: int = self.scope["user"].pk
        await self.enter(user_group(self._user_id))
        await self.begin()

    async def head_seq(self) -> int:
        return int(await database_sync_to_async(selectors.head_seq)(self._user_id))

    async def entries(self, after_seq: int, limit: int) -> list[dict[str, Any]]:
        rows = await database_sync_to_async(selectors.after)(self._user_id, after_seq, limit)
        return [as_frame(row) for row in rows]

    def seq_of(self, frame: dict[str, Any]) -> int | None:
        return int(frame["seq"]) if frame["type"] == "notification" else None

    async def send_frame(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "notification":
            with translation.override(self.scope.get("language", settings.LANGUAGE_CODE)):
                frame = frame | {"message": kinds.render(frame["kind"], frame["params"])}
        await super().send_frame(frame)
