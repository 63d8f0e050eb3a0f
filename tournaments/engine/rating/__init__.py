"""Ratings: Elo and Glicko-2 for matches of two, OpenSkill's Plackett-Luce and Bradley-Terry for any number of teams.

Floating-point numbers, unlike everywhere else in the engine; what is stored is rounded (``Rating.stored``).
"""

from .elo import EloModel, expected, margin_factor
from .glicko2 import Glicko2Model, rate_period, update
from .ledger import (
    Cause,
    Model,
    RatingEvent,
    Ratings,
    inflate,
    is_provisional,
    rate,
    ratings_after,
    recompute,
    record,
    shown,
)
from .openskill import Comparison, OpenSkillModel
from .values import RATED_KINDS, Inactivity, RatedResult, Rating, heat_result, match_result

__all__ = [
    "RATED_KINDS",
    "Cause",
    "Comparison",
    "EloModel",
    "Glicko2Model",
    "Inactivity",
    "Model",
    "OpenSkillModel",
    "RatedResult",
    "Rating",
    "RatingEvent",
    "Ratings",
    "expected",
    "heat_result",
    "inflate",
    "is_provisional",
    "margin_factor",
    "match_result",
    "rate",
    "rate_period",
    "ratings_after",
    "recompute",
    "record",
    "shown",
    "update",
]
