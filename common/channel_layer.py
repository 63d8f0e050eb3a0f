from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry


class ChannelLayer(RedisPubSubChannelLayer):
    """The layer of channels_redis; code without an event loop can publish, too, on a connection that stays open."""

    def __init__(self, *, hosts: list[str], prefix: str, **options: Any) -> None:
        super().__init__(hosts=hosts, prefix=prefix, **options)
        [url] = hosts
        self._prefix = prefix
        # a second try, for a connection that was closed meanwhile
        self._redis = Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2, retry=Retry(NoBackoff(), 1))

    def publish(self, group: str, message: dict[str, Any]) -> None:
        """``group_send``. :raises RedisError: it did not get there."""
        self._redis.publish(f"{self._prefix}__group__{group}", self.serialize(message))
