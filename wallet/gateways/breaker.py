"""Stops calls that cannot succeed: while the gateway refuses our configuration, asking more makes nothing better."""

import logging

from django.core.cache import cache
from redis.exceptions import RedisError

OPEN_SECONDS = 30
_KEY = "wallet:gateway-breaker"
logger = logging.getLogger(__name__)


def trip() -> None:
    try:
        cache.set(_KEY, True, timeout=OPEN_SECONDS)
    except RedisError as error:
        logger.warning("the breaker could not be kept: %s", error)


def is_open() -> bool:
    try:
        return bool(cache.get(_KEY))
    except RedisError:
        return False
