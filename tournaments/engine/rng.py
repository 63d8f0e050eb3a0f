"""Randomness that anyone can repeat: all of it is derived from one secret that is published after the draw.

Publish ``commitment(draw_seed)`` before the draw and ``draw_seed`` after it. Use at least 16 random bytes: a shorter
secret can be guessed from its commitment.
"""

import hashlib
import hmac
from collections.abc import Sequence
from typing import TypeVar

from .errors import EngineError, ErrorCode

T = TypeVar("T")


class DrawRng:
    """A stream of numbers: the n-th is read from HMAC-SHA256(draw_seed, "<purpose>|<n>"), n from 0.

    Equal seeds and purposes give equal streams; different purposes ("stage|round|what") give independent ones.

    :raises EngineError: ``invalid_draw_seed`` when it is not bytes, ``draw_seed_required`` when it is empty.
    """

    def __init__(self, draw_seed: bytes, purpose: str) -> None:
        if not isinstance(draw_seed, bytes):
            raise EngineError(ErrorCode.INVALID_DRAW_SEED)
        if not draw_seed:
            raise EngineError(ErrorCode.DRAW_SEED_REQUIRED)
        self._key = draw_seed
        self._prefix = purpose.encode("utf-8", "surrogatepass") + b"|"
        self._counter = 0

    def below(self, bound: int) -> int:
        """A uniform integer in 0..bound-1: the leading bits of a block, as many as ``bound - 1`` has; a value that is
        too big is thrown away and the next block taken, so no number is favoured.

        :raises EngineError: ``invalid_size`` unless 1 <= bound <= 2**256.
        """
        if not 1 <= bound <= 1 << 256:
            raise EngineError(ErrorCode.INVALID_SIZE, {"size": bound})
        surplus = 256 - (bound - 1).bit_length()
        while True:
            block = hmac.digest(self._key, self._prefix + b"%d" % self._counter, "sha256")
            self._counter += 1
            value = int.from_bytes(block, "big") >> surplus
            if value < bound:
                return value


def shuffle(items: Sequence[T], draw_seed: bytes, purpose: str) -> tuple[T, ...]:
    """The items in an order in which every permutation is equally likely (Fisher-Yates, from the last item down).

    :raises EngineError: ``invalid_draw_seed``, ``draw_seed_required``.
    """
    rng = DrawRng(draw_seed, purpose)
    order = list(items)
    for last in range(len(order) - 1, 0, -1):
        chosen = rng.below(last + 1)
        order[last], order[chosen] = order[chosen], order[last]
    return tuple(order)


def derived(draw_seed: bytes, purpose: str) -> bytes:
    """A secret of its own for a part of the stage: HMAC-SHA256(draw_seed, purpose); none from none."""
    return hmac.digest(draw_seed, purpose.encode(), "sha256") if draw_seed else b""


def commitment(draw_seed: bytes) -> str:
    """What to publish before the draw: SHA-256 of the secret, 64 lower-case hexadecimal digits.

    :raises EngineError: ``invalid_draw_seed``, ``draw_seed_required``.
    """
    if not isinstance(draw_seed, bytes):
        raise EngineError(ErrorCode.INVALID_DRAW_SEED)
    if not draw_seed:
        raise EngineError(ErrorCode.DRAW_SEED_REQUIRED)
    return hashlib.sha256(draw_seed).hexdigest()
