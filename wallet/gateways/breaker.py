"""Stops calls that cannot succeed: while a gateway refuses our configuration, asking more makes nothing better."""

import logging

from django.core.cache import cache
from redis.exceptions import RedisError

OPEN_SECONDS = 30
_KEY = "wallet:gateway-breaker:{}"
logger = logging.getLogger(__name__)


def trip(gateway: str) -> None:
    try:
        cache.set(_KEY.format(gateway), True, timeout=OPEN_SECONDS)
    except RedisError as error:
        logger.warning("the breaker could not be kept: %s", error)


def is_open(gateway: str) -> bool:
    try:
        return bool(cache.get(_KEY.format(gateway)))
    except RedisError:
        return False
