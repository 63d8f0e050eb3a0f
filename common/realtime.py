"""Sockets: what every consumer shares, and how a committed change reaches the ones that listen."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any, ClassVar
from urllib.parse import urlsplit

import orjson
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import DatabaseError, transaction
from django.http.request import validate_host
from django.utils import translation
from redis.exceptions import RedisError

from common.api.exceptions import as_domain_error
from common.api.parsers import load_json
from common.errors import DomainError, InvalidInput, MalformedBody, NotFound, RateLimited, Unauthenticated

logger = logging.getLogger(__name__)

FRAMES_PER_WINDOW = 60
WINDOW_SECONDS = 10.0
CLOSE_CODES = {401: 4401, 403: 4403, 404: 4404}
TRY_AGAIN_LATER = 1013


def session_group(session_id: int) -> str:
    return f"session.{session_id}"


def user_group(user_id: int) -> str:
    return f"user.{user_id}"


def conversation_group(conversation_id: int) -> str:
    return f"conversation.{conversation_id}"


def broadcast_on_commit(group: str, frame: dict[str, Any]) -> None:
    """Send a frame to every socket in the group once the transaction is durable.

    A hint, not the truth: what a client must not miss has a ``seq`` in the database and is fetched by ``resume``.
    """
    transaction.on_commit(lambda: _send(group, {"type": "frame", "frame": frame}))


def close_on_commit(group: str) -> None:
    """Close every socket in the group (its session is revoked) once the transaction is durable."""
    transaction.on_commit(lambda: _send(group, {"type": "session.revoked"}))


def _send(group: str, message: dict[str, Any]) -> None:
    try:
        get_channel_layer().publish(group, message)
    except RedisError as error:
        logger.warning("no live delivery to %s: %s", group, error)


class OriginCheck:
    """A browser may open a socket only from our hosts or an allowed front end; programs send no Origin."""

    def __init__(self, inner: Callable[..., Awaitable[Any]]) -> None:
        self.inner = inner

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        origin = dict(scope["headers"]).get(b"origin", b"").decode("latin-1")
        if origin and not self._allowed(origin):
            return await send({"type": "websocket.close", "code": 4403})
        return await self.inner(scope, receive, send)

    @staticmethod
    def _allowed(origin: str) -> bool:
        if origin in settings.CORS_ALLOWED_ORIGINS:
            return True
        try:
            return validate_host(urlsplit(origin).hostname or "", settings.ALLOWED_HOSTS)
        except ValueError:
            return False


class BaseConsumer(AsyncWebsocketConsumer):
    """Reads frames ``{"type": …}``, makes one call each, answers refusals as ``error`` frames in the one error shape.

    A subclass names its commands and implements ``join`` (authorise, enter groups, send the first frames) and
    ``may_stay`` (authorise again). It is asked every WEBSOCKET_RECHECK_SECONDS, so that a revoked session or a
    removed member is gone within five seconds.
    """

    commands: ClassVar[dict[str, str]] = {}
    needs_user: ClassVar[bool] = True

    async def join(self) -> None:
        raise NotImplementedError

    async def may_stay(self) -> bool:
        return True

    async def connect(self) -> None:
        self._frames: deque[float] = deque()
        self._watch: asyncio.Task[None] | None = None
        await self.accept(self.scope.get("answer_subprotocol"))
        try:
            if self.scope.get("unavailable"):
                raise self.scope["unavailable"]
            if self.needs_user and not self.scope["user"].is_authenticated:
                raise Unauthenticated
            if self.scope.get("session_id"):
                await self.enter(session_group(self.scope["session_id"]))
            await self.join()
        except Exception as error:
            known = as_domain_error(error)
            if known is None:
                raise
            await self.send_error(known)
            await self.close(CLOSE_CODES.get(known.status, TRY_AGAIN_LATER))
            return
        self._watch = asyncio.create_task(self._recheck())

    async def enter(self, group: str) -> None:
        await self.channel_layer.group_add(group, self.channel_name)
        self.groups.append(group)

    async def disconnect(self, code: int) -> None:
        watch: asyncio.Task[None] | None = getattr(self, "_watch", None)
        if watch:
            watch.cancel()

    async def _recheck(self) -> None:
        while True:
            await asyncio.sleep(settings.WEBSOCKET_RECHECK_SECONDS)
            try:
                alive = self.scope.get("session_alive")
                stays = (alive is None or await alive()) and await self.may_stay()
            except DatabaseError as error:
                logger.warning("a socket could not be re-checked: %s", error)
                continue
            except OSError:
                return  # the client left while it was being sent to; disconnect() follows
            if not stays:
                await self.close(4401)
                return

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            command, content = self._parse(text_data)
            await getattr(self, self.commands[command])(content)
        except Exception as error:
            known = as_domain_error(error)
            if known is None:
                raise
            await self.send_error(known)

    def _parse(self, text: str | None) -> tuple[str, dict[str, Any]]:
        moment = monotonic()
        while self._frames and self._frames[0] < moment - WINDOW_SECONDS:
            self._frames.popleft()
        self._frames.append(moment)
        if len(self._frames) > FRAMES_PER_WINDOW:
            raise RateLimited(retry_after=int(WINDOW_SECONDS))
        if text is None or len(text.encode("utf-8", "surrogatepass")) > settings.WEBSOCKET_MAX_BYTES:
            raise MalformedBody
        content = load_json(text)
        if not isinstance(content, dict):
            raise MalformedBody
        command = content.get("type")
        if not isinstance(command, str) or command not in self.commands:
            raise InvalidInput.of("type", "unknown_type", "One of: " + ", ".join(self.commands))
        return command, content

    async def send_frame(self, frame: dict[str, Any]) -> None:
        await self.send(text_data=orjson.dumps(frame, default=str).decode())

    async def send_error(self, error: DomainError) -> None:
        with translation.override(self.scope.get("language", settings.LANGUAGE_CODE)):
            body = error.as_dict()
        await self.send_frame({"type": "error", **body})

    async def frame(self, event: dict[str, Any]) -> None:
        await self.send_frame(event["frame"])

    async def session_revoked(self, event: dict[str, Any]) -> None:
        await self.close(4401)


class UnknownSocket(BaseConsumer):
    """Answers a path that leads nowhere, which URLRouter alone would turn into a traceback."""

    needs_user = False

    async def join(self) -> None:
        raise NotFound
