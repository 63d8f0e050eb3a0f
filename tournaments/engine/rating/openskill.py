"""Ratings of players in teams of any number and size: the Plackett-Luce and the full Bradley-Terry model.

Algorithms 1 and 4 of R. C. Weng and C.-J. Lin, "A Bayesian Approximation Method for Online Ranking", Journal of Machine
Learning Research 12 (2011), with the additions of the OpenSkill library, version 6: tau, limit_sigma, weights and
margins. Its published vectors are met in full.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

from tournaments.engine.errors import EngineError, ErrorCode

from .values import MAX_DEVIATION, MAX_RATING, MIN_DEVIATION, RatedResult, Rating, is_real, logistic

Teams = tuple[tuple[Rating, ...], ...]


class Comparison(StrEnum):
    """How teams are compared: as one ranking (``plackett_luce``), or each with each (``bradley_terry_full``)."""

    PLACKETT_LUCE = "plackett_luce"
    BRADLEY_TERRY_FULL = "bradley_terry_full"


@dataclass(frozen=True, slots=True)
class OpenSkillModel:
    """``mu`` and ``sigma`` of a new player; ``beta``: how much skill one performance varies; ``kappa``: what part of
    the variance a result leaves at least; ``tau``: the uncertainty that comes before each result.

    With ``limit_sigma`` no result makes a rating less certain. With a ``margin`` above 0, score differences beyond it
    change how far a result moves ratings (scores are needed for that). ``inactivity``: the uncertainty that a period
    without a game adds, never beyond ``sigma``. A rating is settled once its sigma is below ``settled_below``. Players
    see ``shown_base + shown_factor * (mu - 3 sigma)``.

    :raises EngineError: ``invalid_model``.
    """

    comparison: Comparison = Comparison.PLACKETT_LUCE
    mu: float = 25.0
    sigma: float = 25.0 / 3
    beta: float = 25.0 / 6
    kappa: float = 0.0001
    tau: float = 25.0 / 300
    limit_sigma: bool = False
    margin: float = 0.0
    inactivity: float = 25.0 / 300
    settled_below: float = 25.0 / 6
    shown_base: int = 1000
    shown_factor: int = 40
    version: str = "1"

    def __post_init__(self) -> None:
        legal = isinstance(self.comparison, Comparison) and is_real(self.mu, -MAX_RATING, MAX_RATING)
        legal = legal and all(is_real(one, MIN_DEVIATION, MAX_DEVIATION) for one in (self.sigma, self.beta))
        legal = legal and is_real(self.kappa, 1e-9, 1) and isinstance(self.limit_sigma, bool)
        others = (self.tau, self.inactivity, self.settled_below, self.margin)
        legal = legal and all(is_real(one, 0, MAX_DEVIATION) for one in others)
        shown = (self.shown_base, self.shown_factor)
        if not legal or not all(type(one) is int and 0 <= one <= 10**6 for one in shown):
            raise EngineError(ErrorCode.INVALID_MODEL)
        if not isinstance(self.version, str):
            raise EngineError(ErrorCode.INVALID_MODEL, {"model": self.name})

    @property
    def name(self) -> str:
        return self.comparison.value

    @property
    def start(self) -> Rating:
        return Rating(self.mu, self.sigma)


@dataclass(frozen=True, slots=True)
class _Team:
    mu: float
    variance: float
    rank: int
    score: int | None


def rate(model: OpenSkillModel, ratings: Teams, result: RatedResult) -> Teams:
    """The ratings after the result in full precision, in the order of the teams and their members.

    :raises EngineError: ``invalid_rating`` (a sigma of 0, or a result out of range).
    """
    if any(rating.deviation < MIN_DEVIATION for rating in chain.from_iterable(ratings)):
        raise EngineError(ErrorCode.INVALID_RATING)
    variances = [[rating.deviation**2 + model.tau**2 for rating in team] for team in ratings]
    teams = [
        _Team(sum(rating.value for rating in team), sum(spread), rank, result.scores[index] if result.scores else None)
        for index, (team, spread, rank) in enumerate(zip(ratings, variances, result.order, strict=True))
    ]
    step = _plackett_luce if model.comparison is Comparison.PLACKETT_LUCE else _bradley_terry
    moves = step(model, teams)
    shares = [_normalised(weights) for weights in result.weights] or [[1.0] * len(team) for team in ratings]
    return tuple(
        tuple(
            _moved(model, rating, variance, variance / team.variance, move, weight)
            for rating, variance, weight in zip(members, spread, weights, strict=True)
        )
        for members, spread, weights, team, move in zip(ratings, variances, shares, teams, moves, strict=True)
    )


def inflate(model: OpenSkillModel, rating: Rating, periods: int) -> Rating:
    """The rating after periods without a game: sigma grows, up to that of a new player."""
    grown = math.sqrt(rating.deviation**2 + periods * model.inactivity**2)
    return Rating(rating.value, max(rating.deviation, min(grown, model.sigma)), rating.volatility, rating.games)


def _moved(
    model: OpenSkillModel, rating: Rating, variance: float, share: float, move: tuple[float, float], weight: float
) -> Rating:
    """:param move: Omega and Delta of the team; a member with a higher weight gains more and loses less."""
    omega, delta = move
    factor = weight if omega >= 0 else 1 / weight
    sigma = math.sqrt(variance * max(1 - share * delta * factor, model.kappa))
    if model.limit_sigma:
        sigma = min(sigma, rating.deviation)
    return Rating(rating.value + share * omega * factor, sigma, rating.volatility, rating.games + 1)


def _plackett_luce(model: OpenSkillModel, teams: list[_Team]) -> list[tuple[float, float]]:
    """Omega and Delta of each team.

    Each team that does not stand behind another takes part in the choice of that place: ``logs[q]`` is the logarithm
    of the summed strengths of all that compete for the place of team q.
    """
    c = math.sqrt(sum(team.variance + model.beta**2 for team in teams))
    strengths = [mu / c for mu in _margin_adjusted(model, teams)]
    logs = [_log_sum([strengths[i] for i, one in enumerate(teams) if one.rank >= place.rank]) for place in teams]
    sharing = [sum(1 for one in teams if one.rank == place.rank) for place in teams]
    moves = []
    for i, team in enumerate(teams):
        omega = delta = 0.0
        for q, place in enumerate(teams):
            if place.rank <= team.rank:
                chance = math.exp(strengths[i] - logs[q])
                omega += ((1.0 if q == i else 0.0) - chance) / sharing[q]
                delta += chance * (1 - chance) / sharing[q]
        gamma = math.sqrt(team.variance) / c
        moves.append((omega * team.variance / c, gamma * delta * team.variance / c**2))
    return moves


def _bradley_terry(model: OpenSkillModel, teams: list[_Team]) -> list[tuple[float, float]]:
    """Omega and Delta of each team, summed over its pairs."""
    moves = []
    for team in teams:
        omega = delta = 0.0
        for other in teams:
            if other is team:
                continue
            c = math.sqrt(team.variance + other.variance + 2 * model.beta**2)
            chance = logistic((team.mu - other.mu) / _margin_factor(model, team, other) / c)
            score = 1.0 if team.rank < other.rank else 0.5 if team.rank == other.rank else 0.0
            omega += team.variance / c * (score - chance)
            gamma = math.sqrt(team.variance) / c
            delta += gamma * team.variance / c**2 * chance * (1 - chance)
        moves.append((omega, delta))
    return moves


def _margin_adjusted(model: OpenSkillModel, teams: list[_Team]) -> list[float]:
    """Each team's mu, moved against the others by their margins (on average over those with another score)."""
    if not model.margin:
        return [team.mu for team in teams]
    adjusted = []
    for team in teams:
        others = [other for other in teams if other.score != team.score]
        moved = sum((other.mu - team.mu) * (_margin_factor(model, team, other) - 1) for other in others)
        adjusted.append(team.mu + (moved / len(others) if others else 0.0))
    return adjusted


def _margin_factor(model: OpenSkillModel, team: _Team, other: _Team) -> float:
    """ln(1 + difference / margin) for a difference of scores above the margin, else 1."""
    if team.score is None or other.score is None or not model.margin:
        return 1.0
    difference = abs(team.score - other.score)
    return math.log1p(difference / model.margin) if difference > model.margin else 1.0


def _normalised(weights: tuple[float, ...]) -> list[float]:
    """Weights scaled to 1..2 inside a team; 2 for a team of one, 1 for each of equals."""
    if len(weights) == 1:
        return [2.0]
    least, spread = min(weights), max(weights) - min(weights)
    return [1 + (weight - least) / spread if spread else 1.0 for weight in weights]


def _log_sum(logs: list[float]) -> float:
    most = max(logs)
    return most + math.log(sum(math.exp(one - most) for one in logs))
