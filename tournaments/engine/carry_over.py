"""What entrants take along from one stage into the standings of the next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from .errors import EngineError, ErrorCode
from .types import EntrantId


class CarryOver(StrEnum):
    """``none``; ``points``: all points of the earlier stage; ``head_to_head``: only the matches among those who go on,
    as in a second group stage that does not repeat them."""

    NONE = "none"
    POINTS = "points"
    HEAD_TO_HEAD = "head_to_head"


@dataclass(frozen=True, slots=True)
class EarlierMatch:
    """A match of the earlier stage: points in halves (a win of 1 point is 2) and, if known, the score."""

    a: EntrantId
    b: EntrantId
    points: tuple[int, int]
    score: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Carried:
    """Points in halves of everyone who goes on, in the order given, and the matches that count again."""

    points: Mapping[EntrantId, int]
    matches: tuple[EarlierMatch, ...]


def carry_over(
    mode: CarryOver | str,
    advancing: Sequence[EntrantId],
    points: Mapping[EntrantId, int],
    matches: Sequence[EarlierMatch],
) -> Carried:
    """What ``advancing`` take along. ``points`` are their totals in the earlier stage, used by the mode ``points``;
    ``matches`` are all matches of that stage, used by ``head_to_head``.

    :raises EngineError: ``invalid_option`` (mode), ``invalid_entrant``, ``duplicate_entrant``, ``missing_entrant`` (no
        points known), ``invalid_score`` (points or matches that are not).
    """
    if not isinstance(mode, str) or mode not in tuple(CarryOver):
        raise EngineError(ErrorCode.INVALID_OPTION, {"option": "carry_over"})
    _check(advancing, points, matches)
    if mode == CarryOver.POINTS:
        for entrant in advancing:
            if entrant not in points:
                raise EngineError(ErrorCode.MISSING_ENTRANT, {"entrant": entrant})
        return Carried(MappingProxyType({entrant: points[entrant] for entrant in advancing}), ())
    totals = dict.fromkeys(advancing, 0)
    if mode == CarryOver.NONE:
        return Carried(MappingProxyType(totals), ())
    counted = tuple(match for match in matches if match.a in totals and match.b in totals)
    for match in counted:
        totals[match.a] += match.points[0]
        totals[match.b] += match.points[1]
    return Carried(MappingProxyType(totals), counted)


def _check(advancing: Sequence[EntrantId], points: Mapping[EntrantId, int], matches: Sequence[EarlierMatch]) -> None:
    if not isinstance(advancing, list | tuple) or not all(
        isinstance(entrant, str) and entrant for entrant in advancing
    ):
        raise EngineError(ErrorCode.INVALID_ENTRANT)
    for entrant in advancing:
        if advancing.count(entrant) > 1:
            raise EngineError(ErrorCode.DUPLICATE_ENTRANT, {"entrant": entrant})
    if not isinstance(points, Mapping) or not isinstance(matches, list | tuple):
        raise EngineError(ErrorCode.INVALID_SCORE)
    if not all(map(_is_integer, points.values())) or not all(map(_is_match, matches)):
        raise EngineError(ErrorCode.INVALID_SCORE)


def _is_match(value: object) -> bool:
    return (
        isinstance(value, EarlierMatch)
        and isinstance(value.a, str)
        and isinstance(value.b, str)
        and value.a != value.b
        and isinstance(value.points, tuple)
        and len(value.points) == 2
        and all(map(_is_integer, value.points))
    )


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
