"""Leaderboards: everyone plays alone, as often as the rules allow, for a time or a score."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from tournaments.engine.errors import EngineError, ErrorCode
from tournaments.engine.types import EntrantId, Standing

from .ranking import RankedRow, placed
from .rows import MAX_NUMBER, check_entrants, is_number


class AttemptRule(StrEnum):
    """What counts of an entrant's attempts: the ``best`` one, the sum of the best k, or the ``last`` one."""

    BEST = "best"
    SUM_OF_BEST = "sum_of_best"
    LAST = "last"


def leaderboard(
    entrants: Sequence[EntrantId],
    attempts: Mapping[EntrantId, Sequence[int]],
    rule: AttemptRule = AttemptRule.BEST,
    best_of: int = 1,
    lowest_wins: bool = False,
    complete: bool = False,
) -> tuple[Standing, ...]:
    """All of ``entrants`` (in seed order), the best first, by the result that ``rule`` makes of their attempts.

    Who has more counted attempts stands before who has fewer (a sum of two times is no match for a sum of three);
    those without any share the last place. ``values``: ``counted`` (attempts), ``result`` (their sum, 0 for none).
    ``explain`` is as in ``heat_standings``.

    :param attempts: whole numbers (points, or milliseconds) in the order in which they were made.
    :param best_of: k of ``sum_of_best``; otherwise 1.
    :param lowest_wins: true for times.
    :raises EngineError: ``invalid_entrant``, ``duplicate_entrant``, ``unknown_entrant``, ``invalid_score``,
        ``invalid_option`` (``attempts``, ``rule``, ``best_of``, ``lowest_wins``).
    """
    check_entrants(entrants)
    _check_options(attempts, rule, best_of, lowest_wins)
    known = set(entrants)
    for entrant, scores in attempts.items():
        if entrant not in known:
            raise EngineError(ErrorCode.UNKNOWN_ENTRANT, {"entrant": entrant})
        legal = isinstance(scores, list | tuple)
        if not legal or not all(is_number(score, -MAX_NUMBER) for score in scores):
            raise EngineError(ErrorCode.INVALID_SCORE, {"entrant": entrant})
    rows = []
    for entrant in entrants:
        counted = _counted(attempts.get(entrant, ()), rule, best_of, lowest_wins)
        result = sum(counted)
        key = (-len(counted), result if lowest_wins else -result)
        rows.append(RankedRow(key, entrant, (("counted", len(counted)), ("result", result))))
    rows.sort(key=lambda row: row.key)
    return placed(rows, complete)


def _counted(scores: Sequence[int], rule: AttemptRule, best_of: int, lowest_wins: bool) -> Sequence[int]:
    if rule is AttemptRule.LAST:
        return scores[-1:]
    return sorted(scores, reverse=not lowest_wins)[:best_of]


def _check_options(attempts: object, rule: object, best_of: object, lowest_wins: object) -> None:
    legal = {
        "attempts": isinstance(attempts, Mapping),
        "rule": isinstance(rule, AttemptRule),
        "best_of": is_number(best_of, 1) and (best_of == 1 or rule is AttemptRule.SUM_OF_BEST),
        "lowest_wins": isinstance(lowest_wins, bool),
    }
    for option, is_legal in legal.items():
        if not is_legal:
            raise EngineError(ErrorCode.INVALID_OPTION, {"option": option})
