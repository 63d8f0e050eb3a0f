"""A provider that keeps failing is asked last for a while, so that its timeout is not paid for every message."""

from threading import Lock
from time import monotonic

from django.conf import settings


class Breaker:
    """Opens after SMS_BREAKER_FAILURES temporary failures in a row, for SMS_BREAKER_SECONDS; then one try decides.

    Each worker process has its own: what one learns costs the others a few timeouts, and needs no Redis.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._failures = 0
        self._open_until = 0.0

    def lets_through(self) -> bool:
        """True when closed, and to one caller when the pause is over."""
        with self._lock:
            if self._failures < settings.SMS_BREAKER_FAILURES:
                return True
            if monotonic() < self._open_until:
                return False
            self._open_until = monotonic() + settings.SMS_BREAKER_SECONDS
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            self._open_until = monotonic() + settings.SMS_BREAKER_SECONDS
