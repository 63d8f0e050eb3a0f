"""Elo ratings: one number, moved by what a result differs from what was expected.

The expected score and the K of 40, 20 and 10 are those of the FIDE Rating Regulations (B.02), without their cap on
differences of 400 points. The optional margin is that of the World Football Elo Ratings.
"""

import math
from dataclasses import dataclass, replace
from fractions import Fraction

from tournaments.engine.errors import EngineError, ErrorCode

from .values import MAX_RATING, RatedResult, Rating, is_real, logistic


@dataclass(frozen=True, slots=True)
class EloModel:
    """``scale`` rating points ahead mean odds of 10 to 1. K is ``k_new`` for the first ``new_games`` games, then
    ``k_top`` above ``top`` points and ``k`` up to there. With ``margin`` a win by two games moves ratings 3/2 as far
    as a win by one, a win by d > 2 games (11 + d) / 8 times.

    :raises EngineError: ``invalid_model``.
    """

    initial: float = 1500.0
    scale: float = 400.0
    k_new: float = 40.0
    k: float = 20.0
    k_top: float = 10.0
    new_games: int = 30
    top: float = 2400.0
    margin: bool = False
    version: str = "1"

    def __post_init__(self) -> None:
        legal = is_real(self.initial, -MAX_RATING, MAX_RATING) and is_real(self.scale, 1, MAX_RATING)
        legal = legal and all(is_real(k, 0, 1000) for k in (self.k_new, self.k, self.k_top))
        legal = legal and is_real(self.top, -MAX_RATING, MAX_RATING) and isinstance(self.margin, bool)
        legal = legal and type(self.new_games) is int and self.new_games >= 0
        if not legal or not isinstance(self.version, str):
            raise EngineError(ErrorCode.INVALID_MODEL, {"model": self.name})

    @property
    def name(self) -> str:
        return "elo"

    @property
    def start(self) -> Rating:
        return Rating(self.initial)

    def k_of(self, rating: Rating) -> float:
        """How far one result can move this rating."""
        if rating.games < self.new_games:
            return self.k_new
        return self.k_top if rating.value > self.top else self.k


def expected(a: float, b: float, scale: float = 400.0) -> float:
    """The score that an entrant rated ``a`` is expected to make against one rated ``b``: 0..1."""
    return logistic((a - b) / scale * math.log(10))


def margin_factor(difference: int) -> Fraction:
    """How much further a win by so many games moves the ratings."""
    if difference < 2:
        return Fraction(1)
    return Fraction(3, 2) if difference == 2 else Fraction(11 + difference, 8)


def rate(
    model: EloModel, ratings: tuple[tuple[Rating, ...], ...], result: RatedResult
) -> tuple[tuple[Rating, ...], ...]:
    """The ratings after a match of two, in the teams' order. With equal K one gains exactly what the other loses, in
    stored (rounded) points.

    :raises EngineError: ``invalid_rated_result`` unless two single entrants met.
    """
    if [len(team) for team in ratings] != [1, 1]:
        raise EngineError(ErrorCode.INVALID_RATED_RESULT, {"match": result.match})
    (a,), (b,) = ratings
    better, worse = result.order
    score = 0.5 if better == worse else 1.0 if better < worse else 0.0
    factor = Fraction(1)
    if model.margin and result.scores:
        factor = margin_factor(abs(result.scores[0] - result.scores[1]))
    surprise = score - expected(a.value, b.value, model.scale)
    moved = [_moved(rating, model.k_of(rating) * float(factor) * sign * surprise) for rating, sign in ((a, 1), (b, -1))]
    return (moved[0],), (moved[1],)


def _moved(rating: Rating, change: float) -> Rating:
    return replace(rating, value=rating.value + Rating(change).stored.value, games=rating.games + 1)
