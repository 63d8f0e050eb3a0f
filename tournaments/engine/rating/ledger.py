"""The one door to all rating models, and the append-only log that any rating can be computed from again."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tournaments.engine.errors import EngineError, ErrorCode
from tournaments.engine.types import EntrantId, MatchId

from . import elo, glicko2, openskill
from .elo import EloModel
from .glicko2 import Glicko2Model
from .openskill import OpenSkillModel
from .values import Inactivity, RatedResult, Rating

Model = EloModel | Glicko2Model | OpenSkillModel
Cause = RatedResult | Inactivity
Ratings = Mapping[EntrantId, Rating]


@dataclass(frozen=True, slots=True)
class RatingEvent:
    """One step of a rating log: what happened, and the ratings of those concerned before and after it.

    ``model`` and ``version`` name the rules it was computed by. An unrated result has no ratings.
    """

    model: str
    version: str
    cause: Cause
    before: tuple[tuple[EntrantId, Rating], ...]
    after: tuple[tuple[EntrantId, Rating], ...]

    @property
    def match(self) -> MatchId | None:
        """The match or heat; None for inactivity."""
        return self.cause.match if isinstance(self.cause, RatedResult) else None


def rate(model: Model, before: Ratings, result: RatedResult) -> Ratings:
    """The stored ratings of everyone in ``result`` after it, team by team; nobody when it is not rated.

    Who is not in ``before`` starts as the model says. Elo and Glicko-2 rate matches of two entrants, Glicko-2 each as a
    rating period of its own (``glicko2.rate_period`` takes many at once).

    :raises EngineError: ``invalid_model``, ``invalid_rating``, ``invalid_rated_result``.
    """
    _check(model, before)
    if not isinstance(result, RatedResult):
        raise EngineError(ErrorCode.INVALID_RATED_RESULT)
    if not result.rated:
        return MappingProxyType({})
    teams = tuple(tuple(_of(model, before, member) for member in team) for team in result.teams)
    if isinstance(model, EloModel):
        after = elo.rate(model, teams, result)
    elif isinstance(model, Glicko2Model):
        after = glicko2.rate(model, teams, result)
    else:
        after = openskill.rate(model, teams, result)
    return MappingProxyType(
        {
            member: rating.stored
            for team, ratings in zip(result.teams, after, strict=True)
            for member, rating in zip(team, ratings, strict=True)
        }
    )


def inflate(model: Model, before: Ratings, inactivity: Inactivity) -> Ratings:
    """The stored ratings of inactive entrants: as strong, less certain. Elo has no uncertainty and does not change.

    :raises EngineError: ``invalid_model``, ``invalid_rating``, ``invalid_rated_result``.
    """
    _check(model, before)
    if not isinstance(inactivity, Inactivity):
        raise EngineError(ErrorCode.INVALID_RATED_RESULT)
    after: dict[EntrantId, Rating] = {}
    for entrant in inactivity.entrants:
        rating = _of(model, before, entrant)
        if isinstance(model, Glicko2Model):
            rating = glicko2.inflate(model, rating, inactivity.periods)
        elif isinstance(model, OpenSkillModel):
            rating = openskill.inflate(model, rating, inactivity.periods)
        after[entrant] = rating.stored
    return MappingProxyType(after)


def is_provisional(model: Model, rating: Rating) -> bool:
    """Whether too little is known to show the rating as settled: fewer than ``new_games`` games (Elo), or a deviation
    not below ``settled_below``.

    :raises EngineError: ``invalid_model``, ``invalid_rating``.
    """
    _check(model, {}, rating)
    if isinstance(model, EloModel):
        return rating.games < model.new_games
    return rating.deviation >= model.settled_below


def shown(model: Model, rating: Rating) -> int:
    """The number that people see: the rating, for OpenSkill ``shown_base + shown_factor * (mu - 3 sigma)``, rounded to
    the nearest integer (halves up) and never below 0.

    :raises EngineError: ``invalid_model``, ``invalid_rating``.
    """
    _check(model, {}, rating)
    value = rating.value
    if isinstance(model, OpenSkillModel):
        value = model.shown_base + model.shown_factor * (rating.value - 3 * rating.deviation)
    return max(0, math.floor(value + 0.5))


def record(model: Model, ratings: Ratings, cause: Cause) -> RatingEvent:
    """The event to append to the log for ``cause``, given everyone's ratings up to it.

    :raises EngineError: as ``rate``.
    """
    after = inflate(model, ratings, cause) if isinstance(cause, Inactivity) else rate(model, ratings, cause)
    before = tuple((entrant, _of(model, ratings, entrant)) for entrant in after)
    return RatingEvent(model.name, model.version, cause, before, tuple(after.items()))


def ratings_after(events: Iterable[RatingEvent], start: Ratings | None = None) -> Ratings:
    """Everyone's ratings at the end of a log that began with ``start``.

    :raises EngineError: ``invalid_event``, ``invalid_rating``.
    """
    ratings = dict(_checked_start(start))
    for event in _checked_events(events):
        ratings.update(event.after)
    return MappingProxyType(ratings)


def recompute(model: Model, events: Iterable[RatingEvent], start: Ratings | None = None) -> tuple[RatingEvent, ...]:
    """The same log computed anew from the causes of its events, in their order.

    A log recorded by ``model`` comes out equal. After a correction, exchange the cause of its event (and only that)
    and recompute from there on, with the ratings before it as ``start``.

    :raises EngineError: ``invalid_event``, ``match_already_decided`` for a match that stands in the log twice, and as
        ``record``.
    """
    ratings = dict(_checked_start(start))
    _check(model, ratings)
    seen: set[MatchId] = set()
    log: list[RatingEvent] = []
    for event in _checked_events(events):
        if event.match is not None and event.match in seen:
            raise EngineError(ErrorCode.MATCH_ALREADY_DECIDED, {"match": event.match})
        if event.match is not None:
            seen.add(event.match)
        log.append(record(model, ratings, event.cause))
        ratings.update(log[-1].after)
    return tuple(log)


def _of(model: Model, ratings: Ratings, entrant: EntrantId) -> Rating:
    rating = ratings.get(entrant)
    if rating is None:
        return model.start
    if not isinstance(rating, Rating):
        raise EngineError(ErrorCode.INVALID_RATING, {"entrant": entrant})
    return rating


def _check(model: object, ratings: object, *more: object) -> None:
    if not isinstance(model, EloModel | Glicko2Model | OpenSkillModel):
        raise EngineError(ErrorCode.INVALID_MODEL)
    if not isinstance(ratings, Mapping) or not all(isinstance(rating, Rating) for rating in more):
        raise EngineError(ErrorCode.INVALID_RATING)


def _checked_start(start: Ratings | None) -> Ratings:
    if start is None:
        return {}
    if not isinstance(start, Mapping):
        raise EngineError(ErrorCode.INVALID_RATING)
    return start


def _checked_events(events: Iterable[RatingEvent]) -> tuple[RatingEvent, ...]:
    given = tuple(events) if isinstance(events, Iterable) else ()
    if not isinstance(events, Iterable) or not all(isinstance(event, RatingEvent) for event in given):
        raise EngineError(ErrorCode.INVALID_EVENT)
    return given
