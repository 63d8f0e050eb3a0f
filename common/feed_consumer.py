import asyncio
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from common.errors import InvalidInput, NotFound
from common.realtime import BaseConsumer


class FeedConsumer(BaseConsumer):
    """A socket over a feed whose entries are numbered by ``seq`` in the database: in order, none twice, none lost.

    Out: ``hello`` {head_seq} first, the entries, ``head`` {head_seq} every few seconds, ``resumed`` {head_seq,
    has_more}. In: ``resume`` {after_seq}: what came later, at most ``resume_limit`` entries at a time. A broadcast that
    got lost on the way is filled in from the database, at the latest with the next ``head``.
    """

    commands: ClassVar[dict[str, str]] = {"resume": "resume"}
    resume_limit: ClassVar[int] = 100

    async def head_seq(self) -> int:
        """The newest entry's number. :raises NotFound: the feed is not the caller's to read any more."""
        raise NotImplementedError

    async def entries(self, after_seq: int, limit: int) -> list[dict[str, Any]]:
        """The entries after ``after_seq`` as frames, oldest first."""
        raise NotImplementedError

    def seq_of(self, frame: dict[str, Any]) -> int | None:
        """The number of an entry's frame; None for a frame that is no entry."""
        raise NotImplementedError

    async def begin(self) -> None:
        """Say hello. Called by ``join`` once the group is entered, so that nothing falls between."""
        self._in_order = asyncio.Lock()
        self._shown_seq = await self.head_seq()
        await self.send_frame({"type": "hello", "head_seq": self._shown_seq})

    async def may_stay(self) -> bool:
        try:
            head = await self.head_seq()
        except NotFound:
            return False
        async with self._in_order:
            await self._fill_up_to(head)
        await self.send_frame({"type": "head", "head_seq": head})
        return True

    async def resume(self, content: dict[str, Any]) -> None:
        seq = content.get("after_seq")
        if not isinstance(seq, int) or isinstance(seq, bool) or not 0 <= seq < 2**63:
            raise InvalidInput.of("after_seq", "invalid", _("Enter a whole number."))
        async with self._in_order:
            head = await self.head_seq()
            rows = await self.entries(seq, self.resume_limit + 1)
            for row in rows[: self.resume_limit]:
                await self._show(row)
            has_more = len(rows) > self.resume_limit
            await self.send_frame({"type": "resumed", "head_seq": head, "has_more": has_more})

    async def frame(self, event: dict[str, Any]) -> None:
        content = event["frame"]
        seq = self.seq_of(content)
        if seq is None:
            await super().frame(event)
            return
        async with self._in_order:
            if seq == self._shown_seq + 1:
                await self._show(content)
            else:
                await self._fill_up_to(seq)

    async def _fill_up_to(self, seq: int) -> None:
        """Show everything up to ``seq`` that this socket has not shown; the caller holds ``_in_order``."""
        while self._shown_seq < seq and (rows := await self.entries(self._shown_seq, self.resume_limit)):
            for row in rows:
                await self._show(row)

    async def _show(self, frame: dict[str, Any]) -> None:
        await self.send_frame(frame)
        self._shown_seq = max(self._shown_seq, self.seq_of(frame) or 0)
