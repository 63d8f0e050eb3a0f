"""Prize money in whole minor units (Rials): who gets what of a pool, and what a team's members get of it.

No amount is ever made or lost: what is paid and the remainder add up to the pool.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType

from .errors import EngineError, ErrorCode
from .types import EntrantId, PlaceRange

WHOLE = 10_000
"""All of the pool, in basis points."""


@dataclass(frozen=True, slots=True)
class BasisPoints:
    """The share of each place from the first down, in 1/10,000 of the pool; they add up to exactly 10,000."""

    shares: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FixedAmounts:
    """The prize of each place from the first down, in minor units."""

    amounts: tuple[int, ...]


PrizeTable = BasisPoints | FixedAmounts


class TieMode(StrEnum):
    """What entrants who share places get.

    ``pool_average``: the prizes of their places, divided equally (FIDE, US Chess rule 32A); ``hort``: half of the
    prize of one's own place by tie-break, and an equal part of the other halves; ``tiebreak``: the prize of one's own
    place by tie-break.
    """

    POOL_AVERAGE = "pool_average"
    HORT = "hort"
    TIEBREAK = "tiebreak"


@dataclass(frozen=True, slots=True)
class Payouts:
    """``amounts`` holds whoever gets anything, best place first; ``remainder`` is what nobody gets."""

    amounts: Mapping[EntrantId, int]
    remainder: int


def distribute(
    pool: int,
    table: PrizeTable,
    places: Mapping[EntrantId, PlaceRange],
    tie_mode: TieMode = TieMode.POOL_AVERAGE,
    unit: int = 1,
) -> Payouts:
    """Distribute ``pool`` minor units by place, every payout a multiple of ``unit``.

    Shares are rounded by the largest remainder: each place gets its whole units, and the units left over go one each
    to the largest fractions, the better place first among equal ones. Among entrants who share a place the order of
    ``places`` decides: their tie-break order, or simply their seeds. The prizes of places that nobody holds and what
    is less than a unit are the remainder. ``places`` may be a part of all entrants, but only whole groups: a place
    shared by three is given for all three.

    :raises EngineError: ``invalid_amount`` (pool negative or not an integer), ``invalid_unit``,
        ``invalid_tie_mode``, ``invalid_prize_table``, ``amount_not_in_units``, ``prizes_exceed_pool``,
        ``inconsistent_places``.
    """
    if not _is_amount(pool):
        raise EngineError(ErrorCode.INVALID_AMOUNT, {"amount": pool})
    if not _is_amount(unit) or unit == 0:
        raise EngineError(ErrorCode.INVALID_UNIT, {"unit": unit})
    if not isinstance(tie_mode, TieMode):
        raise EngineError(ErrorCode.INVALID_TIE_MODE)
    prizes = _place_prizes(pool, table, unit)
    amounts: dict[EntrantId, int] = {}
    for place, tied in _groups(places):
        held = [prizes[at - 1] if at <= len(prizes) else 0 for at in range(place.first, place.last + 1)]
        amounts.update(zip(tied, _share_out(held, tie_mode, unit), strict=True))
    paid = {entrant: amount for entrant, amount in amounts.items() if amount}
    return Payouts(MappingProxyType(paid), pool - sum(paid.values()))


def distribute_by_kills(pool: int, per_kill: int, kills: Mapping[EntrantId, int], unit: int = 1) -> Payouts:
    """Distribute ``per_kill`` minor units for every kill, as far as ``pool`` reaches.

    If all kills are worth more than the pool, everybody gets the same part of theirs, in multiples of ``unit``,
    rounded by the largest remainder; the earlier in ``kills`` first among equal ones (give the better place first).

    :raises EngineError: ``invalid_amount`` (pool, per_kill or kills negative or not an integer), ``invalid_unit``.
    """
    for number in (pool, per_kill, *kills.values()):
        if not _is_amount(number):
            raise EngineError(ErrorCode.INVALID_AMOUNT, {"amount": number})
    if not _is_amount(unit) or unit == 0:
        raise EngineError(ErrorCode.INVALID_UNIT, {"unit": unit})
    worth = [per_kill * number for number in kills.values()]
    if sum(worth) > pool:
        worth = _rounded([Fraction(pool * amount, sum(worth)) for amount in worth], unit)
    paid = {entrant: amount for entrant, amount in zip(kills, worth, strict=True) if amount}
    return Payouts(MappingProxyType(paid), pool - sum(paid.values()))


def split_team(amount: int, members: Sequence[str], captain: str) -> Mapping[str, int]:
    """Equal parts of ``amount`` for all members; the captain also takes what cannot be divided.

    :raises EngineError: ``invalid_amount``, ``no_members``, ``duplicate_member``, ``captain_not_in_team``.
    """
    if not _is_amount(amount):
        raise EngineError(ErrorCode.INVALID_AMOUNT, {"amount": amount})
    if not members:
        raise EngineError(ErrorCode.NO_MEMBERS)
    part, odd = divmod(amount, len(members))
    parts = dict.fromkeys(members, part)
    if len(parts) != len(members):
        raise EngineError(ErrorCode.DUPLICATE_MEMBER)
    if captain not in parts:
        raise EngineError(ErrorCode.CAPTAIN_NOT_IN_TEAM, {"captain": captain})
    parts[captain] += odd
    return MappingProxyType(parts)


def _is_amount(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _place_prizes(pool: int, table: PrizeTable, unit: int) -> list[int]:
    if not isinstance(table, BasisPoints | FixedAmounts):
        raise EngineError(ErrorCode.INVALID_PRIZE_TABLE)
    numbers = table.shares if isinstance(table, BasisPoints) else table.amounts
    if not all(_is_amount(number) for number in numbers):
        raise EngineError(ErrorCode.INVALID_PRIZE_TABLE)
    if isinstance(table, BasisPoints):
        if sum(numbers) != WHOLE:
            raise EngineError(ErrorCode.INVALID_PRIZE_TABLE, {"sum": sum(numbers), "expected": WHOLE})
        return _rounded([Fraction(pool * share, WHOLE) for share in numbers], unit)
    if any(amount % unit for amount in numbers):
        raise EngineError(ErrorCode.AMOUNT_NOT_IN_UNITS, {"unit": unit})
    if sum(numbers) > pool:
        raise EngineError(ErrorCode.PRIZES_EXCEED_POOL, {"prizes": sum(numbers), "pool": pool})
    return list(numbers)


def _groups(places: Mapping[EntrantId, PlaceRange]) -> list[tuple[PlaceRange, list[EntrantId]]]:
    """Who shares which places, the best first; refuses groups with someone missing and groups that overlap."""
    groups: dict[PlaceRange, list[EntrantId]] = {}
    for entrant, place in places.items():
        groups.setdefault(place, []).append(entrant)
    ordered = sorted(groups.items(), key=lambda group: (group[0].first, group[0].last))
    taken = 0
    for place, tied in ordered:
        if place.first <= taken or len(tied) != place.size:
            raise EngineError(ErrorCode.INCONSISTENT_PLACES, {"first": place.first, "last": place.last})
        taken = place.last
    return ordered


def _share_out(prizes: list[int], mode: TieMode, unit: int) -> list[int]:
    """:param prizes: of the places a tied group holds, best first, multiples of ``unit``."""
    total = sum(prizes)
    if mode is TieMode.TIEBREAK or not total:
        return prizes
    equal = Fraction(total, len(prizes))
    if mode is TieMode.POOL_AVERAGE:
        return _rounded([equal] * len(prizes), unit)
    return _rounded([(prize + equal) / 2 for prize in prizes], unit)


def _rounded(shares: list[Fraction], unit: int) -> list[int]:
    """Multiples of ``unit`` by the largest remainder; they add up to the whole units in the sum of ``shares``."""
    units = [share // unit for share in shares]
    left_over = sum(shares) // unit - sum(units)
    by_fraction = sorted(range(len(shares)), key=lambda index: (units[index] * unit - shares[index], index))
    for index in by_fraction[: int(left_over)]:
        units[index] += 1
    return [count * unit for count in units]
