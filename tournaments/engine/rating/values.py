"""What every rating model takes and gives: a rating, and a result that can be rated."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tournaments.engine.errors import EngineError, ErrorCode
from tournaments.engine.heats import HeatResult
from tournaments.engine.types import EntrantId, Kind, MatchId, Outcome

RATED_KINDS = frozenset({Kind.PLAYED, Kind.DRAW, Kind.ADMIN})
"""How a match must have ended to be rated. Forfeits, no-shows, walkovers and disqualifications are not; a referee's
ruling on a match is."""
MAX_TEAMS = 128
MAX_MEMBERS = 64
MAX_RATING = 10_000.0
MAX_DEVIATION = 1_000.0
MIN_DEVIATION = 1e-6
_MAX_SCORE = 10**9
_DECIMALS = 6
_VOLATILITY_DECIMALS = 10


def is_real(value: object, least: float, most: float) -> bool:
    """A finite number (not a boolean) in ``least..most``."""
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


@dataclass(frozen=True, slots=True)
class Rating:
    """How strong an entrant is thought to be (``value``) and how uncertain that is (``deviation``).

    Elo: the rating, and 0. Glicko-2: rating, rating deviation and ``volatility``. OpenSkill: mu and sigma. ``games``
    counts the rated results.

    :raises EngineError: ``invalid_rating`` unless -10,000 <= value <= 10,000, 0 <= deviation <= 1,000,
        0 <= volatility <= 10 and games is a whole number from 0.
    """

    value: float
    deviation: float = 0.0
    volatility: float = 0.0
    games: int = 0

    def __post_init__(self) -> None:
        legal = is_real(self.value, -MAX_RATING, MAX_RATING) and is_real(self.deviation, 0.0, MAX_DEVIATION)
        if not legal or not is_real(self.volatility, 0.0, 10.0) or type(self.games) is not int or self.games < 0:
            raise EngineError(ErrorCode.INVALID_RATING)

    @property
    def stored(self) -> "Rating":
        """This rating as it is kept: value and deviation rounded to 6 decimals, the volatility to 10 (ties to even).

        Machines may differ in the last bits of a logarithm or a power. Rounding after every result keeps such
        differences from adding up.
        """
        return replace(
            self,
            value=round(self.value, _DECIMALS) + 0.0,
            deviation=round(self.deviation, _DECIMALS),
            volatility=round(self.volatility, _VOLATILITY_DECIMALS),
        )


@dataclass(frozen=True, slots=True)
class RatedResult:
    """One result as ratings see it: teams of rated entrants, and who was better.

    Give ``ranks`` (1 is the best, equal numbers are a draw) or ``scores`` (more is better), one for each team.
    ``weights`` say how much each member of each team took part; they only count in relation to each other.

    :raises EngineError: ``invalid_rated_result`` unless there are 2..128 teams of 1..64 different entrants, either
        ranks or scores as whole numbers, and weights, if any, from 0 to 1,000,000 for everyone; or a kind that is none.
    """

    match: MatchId
    teams: tuple[tuple[EntrantId, ...], ...]
    ranks: tuple[int, ...] = ()
    scores: tuple[int, ...] = ()
    weights: tuple[tuple[float, ...], ...] = ()
    kind: Kind = Kind.PLAYED
    order: tuple[int, ...] = field(init=False, repr=False, compare=False, default=())
    """The competition rank of each team, from the ranks or the scores."""

    def __post_init__(self) -> None:
        legal = isinstance(self.match, str) and self.match != "" and isinstance(self.kind, Kind)
        if not legal or not _are_teams(self.teams) or not self._are_numbers() or not self._are_weights():
            raise EngineError(ErrorCode.INVALID_RATED_RESULT, {"match": self.match})
        keys = self.ranks or tuple(-score for score in self.scores)
        object.__setattr__(self, "order", tuple(1 + sum(1 for other in keys if other < key) for key in keys))

    @property
    def rated(self) -> bool:
        """Whether it changes ratings at all."""
        return self.kind in RATED_KINDS

    def _are_numbers(self) -> bool:
        if (
            not isinstance(self.ranks, tuple)
            or not isinstance(self.scores, tuple)
            or bool(self.ranks) == bool(self.scores)
        ):
            return False
        numbers = self.ranks or self.scores
        whole = all(type(number) is int and abs(number) <= _MAX_SCORE for number in numbers)
        return whole and len(numbers) == len(self.teams)

    def _are_weights(self) -> bool:
        if self.weights == ():
            return True
        if not isinstance(self.weights, tuple) or len(self.weights) != len(self.teams):
            return False
        return all(
            isinstance(weights, tuple) and len(weights) == len(team) and all(is_real(one, 0, 1e6) for one in weights)
            for weights, team in zip(self.weights, self.teams, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Inactivity:
    """The event "these entrants did not play for so many rating periods".

    :raises EngineError: ``invalid_rated_result`` (no or repeated entrants, periods not in 1..10,000).
    """

    entrants: tuple[EntrantId, ...]
    periods: int = 1

    def __post_init__(self) -> None:
        legal = type(self.periods) is int and 1 <= self.periods <= 10_000
        if not legal or not _are_different(self.entrants):
            raise EngineError(ErrorCode.INVALID_RATED_RESULT)


Rosters = Mapping[EntrantId, tuple[EntrantId, ...]]
"""Who is rated for a team; an entrant that is left out is rated itself."""


def match_result(
    match: MatchId, a: EntrantId, b: EntrantId, outcome: Outcome, rosters: Rosters | None = None
) -> RatedResult:
    """The result of a match of two as ratings see it: the score where it tells the winner, else only who won.

    :raises EngineError: ``invalid_outcome``, ``winner_not_in_match``, ``invalid_rated_result``.
    """
    if not isinstance(outcome, Outcome):
        raise EngineError(ErrorCode.INVALID_OUTCOME, {"match": match})
    if outcome.winner not in (a, b, None):
        raise EngineError(ErrorCode.WINNER_NOT_IN_MATCH, {"match": match, "winner": outcome.winner})
    ranks = (1, 1) if outcome.winner is None else (1, 2) if outcome.winner == a else (2, 1)
    teams = (_members(a, rosters), _members(b, rosters))
    plain = RatedResult(match, teams, ranks, kind=outcome.kind)
    if outcome.score is None:
        return plain
    scored = RatedResult(match, teams, scores=outcome.score, kind=outcome.kind)
    return scored if scored.order == plain.order else plain


def heat_result(result: HeatResult, rosters: Rosters | None = None) -> RatedResult:
    """The result of a heat as ratings see it: the places of those who played.

    With fewer than two of them its kind is ``walkover``, which is not rated.

    :raises EngineError: ``invalid_heat``, ``invalid_rated_result``.
    """
    if not isinstance(result, HeatResult):
        raise EngineError(ErrorCode.INVALID_HEAT)
    played = [row for row in result.rows if not row.absent]
    kind = Kind.PLAYED if len(played) > 1 else Kind.WALKOVER
    rows = sorted(played if len(played) > 1 else result.rows, key=lambda row: (row.place, row.entrant))
    return RatedResult(
        result.heat_id,
        tuple(_members(row.entrant, rosters) for row in rows),
        tuple(row.place for row in rows),
        kind=kind,
    )


def logistic(x: float) -> float:
    """1 / (1 + e^-x), for any finite x."""
    small = math.exp(-abs(x))
    return (1.0 if x >= 0 else small) / (1.0 + small)


def _members(entrant: EntrantId, rosters: Rosters | None) -> tuple[EntrantId, ...]:
    if rosters is None:
        return (entrant,)
    if not isinstance(rosters, Mapping) or not isinstance(entrant, str):
        raise EngineError(ErrorCode.INVALID_RATED_RESULT)
    return rosters.get(entrant, (entrant,))


def _are_teams(teams: object) -> bool:
    if not isinstance(teams, tuple) or not 2 <= len(teams) <= MAX_TEAMS:
        return False
    if not all(isinstance(team, tuple) and 1 <= len(team) <= MAX_MEMBERS for team in teams):
        return False
    return _are_different(tuple(member for team in teams for member in team))


def _are_different(entrants: object) -> bool:
    if not isinstance(entrants, tuple) or not entrants:
        return False
    return all(isinstance(entrant, str) and entrant for entrant in entrants) and len(set(entrants)) == len(entrants)
