"""Glicko-2: a rating, its deviation and its volatility.

Step by step as in M. E. Glickman, "Example of the Glicko-2 system" (2013); the volatility is found by the Illinois
variant of regula falsi, as there.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from tournaments.engine.errors import EngineError, ErrorCode
from tournaments.engine.types import EntrantId

from .values import MAX_DEVIATION, MAX_RATING, MIN_DEVIATION, RatedResult, Rating, is_real, logistic

_SCALE = 173.7178
"""Points of the Glicko scale in one unit of the Glicko-2 scale (400 / ln 10, as the paper rounds it)."""
_TOLERANCE = 1e-12
_MAX_STEPS = 200


@dataclass(frozen=True, slots=True)
class Glicko2Model:
    """``tau`` limits how fast volatility changes (0.3..1.2 in the paper). A rating counts as settled once its deviation
    is below ``settled_below``; inactivity never raises a deviation above ``deviation``.

    :raises EngineError: ``invalid_model``.
    """

    initial: float = 1500.0
    deviation: float = 350.0
    volatility: float = 0.06
    tau: float = 0.5
    settled_below: float = 110.0
    version: str = "1"

    def __post_init__(self) -> None:
        legal = is_real(self.initial, -MAX_RATING, MAX_RATING) and is_real(self.deviation, MIN_DEVIATION, MAX_DEVIATION)
        legal = legal and is_real(self.volatility, 1e-4, 1) and is_real(self.tau, 0.01, 10)
        if not legal or not is_real(self.settled_below, 0, MAX_DEVIATION) or not isinstance(self.version, str):
            raise EngineError(ErrorCode.INVALID_MODEL, {"model": self.name})

    @property
    def name(self) -> str:
        return "glicko2"

    @property
    def start(self) -> Rating:
        return Rating(self.initial, self.deviation, self.volatility)


def update(rating: Rating, games: Sequence[tuple[Rating, float]], tau: float = 0.5) -> Rating:
    """The rating after one period, in full precision.

    :param games: of this period: the opponent's rating before the period and the own score (1, 0.5 or 0); without any
        the deviation grows by the volatility.
    :raises EngineError: ``invalid_rating`` (a volatility or a deviation of 0, or a result out of range),
        ``invalid_rated_result`` (not games), ``invalid_model`` (tau).
    """
    if not is_real(tau, 0.01, 10):
        raise EngineError(ErrorCode.INVALID_MODEL, {"model": "glicko2"})
    _check(rating)
    phi, sigma = rating.deviation / _SCALE, rating.volatility
    if not isinstance(games, list | tuple):
        raise EngineError(ErrorCode.INVALID_RATED_RESULT)
    if not games:
        return Rating(rating.value, _SCALE * math.hypot(phi, sigma), sigma, rating.games)
    information = gain = 0.0
    for game in games:
        if not isinstance(game, tuple) or len(game) != 2 or not is_real(game[1], 0, 1):
            raise EngineError(ErrorCode.INVALID_RATED_RESULT)
        opponent, score = game
        _check(opponent)
        weight = 1 / math.sqrt(1 + 3 * (opponent.deviation / _SCALE / math.pi) ** 2)
        edge = weight * (rating.value - opponent.value) / _SCALE
        information += weight * weight * logistic(edge) * logistic(-edge)
        gain += weight * (score - logistic(edge))
    variance = 1 / information
    sigma = _volatility(phi, sigma, variance, variance * gain, tau)
    phi = 1 / math.sqrt(1 / (phi * phi + sigma * sigma) + information)
    return Rating(rating.value + _SCALE * phi * phi * gain, _SCALE * phi, sigma, rating.games + len(games))


def rate(
    model: Glicko2Model, ratings: tuple[tuple[Rating, ...], ...], result: RatedResult
) -> tuple[tuple[Rating, ...], ...]:
    """The ratings after a match of two as a rating period of its own, in the teams' order.

    :raises EngineError: ``invalid_rated_result`` unless two single entrants met; ``invalid_rating``.
    """
    if [len(team) for team in ratings] != [1, 1]:
        raise EngineError(ErrorCode.INVALID_RATED_RESULT, {"match": result.match})
    (a,), (b,) = ratings
    score = _score(result)
    return (update(a, [(b, score)], model.tau),), (update(b, [(a, 1 - score)], model.tau),)


def rate_period(
    model: Glicko2Model, before: Mapping[EntrantId, Rating], results: Sequence[RatedResult]
) -> Mapping[EntrantId, Rating]:
    """The stored ratings of everyone after a period with many results, all of them judged by the ratings ``before``.

    Who did not play is in it too, less certain than before but never more uncertain than a new entrant; new entrants
    are added. Unrated results change nothing.

    :raises EngineError: ``invalid_model``, ``invalid_rating``, ``invalid_rated_result``.
    """
    if not isinstance(model, Glicko2Model):
        raise EngineError(ErrorCode.INVALID_MODEL)
    if not isinstance(before, Mapping):
        raise EngineError(ErrorCode.INVALID_RATING)
    if not isinstance(results, list | tuple) or not all(isinstance(result, RatedResult) for result in results):
        raise EngineError(ErrorCode.INVALID_RATED_RESULT)
    games: dict[EntrantId, list[tuple[Rating, float]]] = {entrant: [] for entrant in before}
    for result in results:
        if not result.rated:
            continue
        if [len(team) for team in result.teams] != [1, 1]:
            raise EngineError(ErrorCode.INVALID_RATED_RESULT, {"match": result.match})
        (a,), (b,) = result.teams
        score = _score(result)
        games.setdefault(a, []).append((before.get(b, model.start), score))
        games.setdefault(b, []).append((before.get(a, model.start), 1 - score))
    after = {}
    for entrant, played in games.items():
        rating = before.get(entrant, model.start)
        after[entrant] = (update(rating, played, model.tau) if played else inflate(model, rating, 1)).stored
    return MappingProxyType(after)


def inflate(model: Glicko2Model, rating: Rating, periods: int) -> Rating:
    """The rating after periods without a game: the deviation grows by the volatility, up to that of a new entrant."""
    _check(rating)
    grown = _SCALE * math.hypot(rating.deviation / _SCALE, rating.volatility * math.sqrt(periods))
    deviation = max(rating.deviation, min(grown, model.deviation))
    return Rating(rating.value, deviation, rating.volatility, rating.games)


def _score(result: RatedResult) -> float:
    a, b = result.order
    return 0.5 if a == b else 1.0 if a < b else 0.0


def _check(rating: Rating) -> None:
    if not isinstance(rating, Rating) or rating.deviation < MIN_DEVIATION or rating.volatility < _TOLERANCE:
        raise EngineError(ErrorCode.INVALID_RATING)


def _volatility(phi: float, sigma: float, variance: float, change: float, tau: float) -> float:
    """Step 5: the root of f by the Illinois algorithm.

    :param change: the estimated improvement, Delta.
    """
    start = math.log(sigma * sigma)
    surplus = change * change - phi * phi - variance

    def f(x: float) -> float:
        power = math.exp(x)
        spread = phi * phi + variance + power
        return power * (surplus - power) / (2 * spread * spread) - (x - start) / (tau * tau)

    low = start
    if surplus > 0:
        high = math.log(surplus)
    else:
        step = 1
        while f(start - step * tau) < 0:
            step += 1
        high = start - step * tau
    f_low, f_high = f(low), f(high)
    for _ in range(_MAX_STEPS):
        if abs(high - low) <= _TOLERANCE:
            break
        middle = low + (low - high) * f_low / (f_high - f_low)
        f_middle = f(middle)
        if f_middle * f_high <= 0:
            low, f_low = high, f_high
        else:
            f_low /= 2
        high, f_high = middle, f_middle
    return math.exp(low / 2)
