"""Secrets that must be read again (unlike a password): encrypted at rest under a key that is not in the database."""

import base64
import hashlib
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


def seal(plain: bytes) -> bytes:
    """Encrypted and authenticated under the first of ENCRYPTION_KEYS."""
    return _box(tuple(settings.ENCRYPTION_KEYS)).encrypt(plain)


def unseal(sealed: bytes) -> bytes:
    """What was sealed under any of ENCRYPTION_KEYS: a new key goes in front of the old ones.

    :raises ValueError: forged, cut, or sealed under a key that is gone.
    """
    try:
        return _box(tuple(settings.ENCRYPTION_KEYS)).decrypt(sealed)
    except InvalidToken as error:
        raise ValueError("sealed under no known key") from error


@cache
def _box(keys: tuple[str, ...]) -> MultiFernet:
    """Each key may be any text of enough randomness: its hash is the key."""
    return MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())) for key in keys])
