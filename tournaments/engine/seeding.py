"""Orders in which seeds or bracket positions are laid out. Each is a permutation of 1..size.

All functions raise ``EngineError("invalid_size")`` for a size below 1 (``inner_outer``: not a power of two).
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from .errors import EngineError, ErrorCode

Order = Callable[[int], tuple[int, ...]]


def _checked(size: int) -> int:
    if size < 1:
        raise EngineError(ErrorCode.INVALID_SIZE, {"size": size})
    return size


def inner_outer(size: int) -> tuple[int, ...]:
    """The bracket order: 1 and 2 can meet only in the final, 1..4 only in the semi-finals, and so on.

    Each doubling turns seed x into the pair (x, 2k + 1 - x): 4 gives 1 4 2 3, 8 gives 1 8 4 5 2 7 3 6.
    """
    if _checked(size) & (size - 1):
        raise EngineError(ErrorCode.INVALID_SIZE, {"size": size})
    order = [1]
    while len(order) < size:
        total = 2 * len(order) + 1
        order = [seed for better in order for seed in (better, total - better)]
    return tuple(order)


def natural(size: int) -> tuple[int, ...]:
    """1 2 3 … size."""
    return tuple(range(1, _checked(size) + 1))


def reverse(size: int) -> tuple[int, ...]:
    """size … 3 2 1."""
    return tuple(range(_checked(size), 0, -1))


def half_shift(size: int) -> tuple[int, ...]:
    """The second half first: 8 gives 5 6 7 8 1 2 3 4."""
    half = _checked(size) // 2
    return (*range(half + 1, size + 1), *range(1, half + 1))


def reverse_half_shift(size: int) -> tuple[int, ...]:
    """Each half backwards: 8 gives 4 3 2 1 8 7 6 5."""
    half = _checked(size) // 2
    return (*range(half, 0, -1), *range(size, half, -1))


def pair_flip(size: int) -> tuple[int, ...]:
    """Neighbours swapped: 8 gives 2 1 4 3 6 5 8 7; with an odd size the last stays."""
    paired = _checked(size) - size % 2
    return (
        *(number + 1 if number % 2 else number - 1 for number in range(1, paired + 1)),
        *range(paired + 1, size + 1),
    )


ORDERS: Mapping[str, Order] = MappingProxyType(
    {
        "inner_outer": inner_outer,
        "natural": natural,
        "reverse": reverse,
        "half_shift": half_shift,
        "reverse_half_shift": reverse_half_shift,
        "pair_flip": pair_flip,
    }
)
