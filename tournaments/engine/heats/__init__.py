"""Free-for-all: games of many entrants at once, scored by place and kills, as in a battle royale.

Pure functions over rows of results: what games are worth, what they add up to, who stands where and why, who plays in
which lobby, and when a match-point final is over.
"""

from .leaderboard import AttemptRule, leaderboard
from .match_point import ALGS_THRESHOLD, SMASH_MARGIN, MatchPoint, match_point, smash_threshold
from .points import (
    ALGS,
    DEFAULT_RANKING,
    FNCS,
    FREE_FIRE,
    METRICS,
    SCORING_PRESETS,
    SUPER,
    TIME_ALIVE,
    WARZONE,
    HeatScoring,
    Points,
    Ties,
    headstart_points,
    placement_points,
    preset,
)
from .ranking import heat_standings
from .rows import MAX_HEAT, HeatResult, HeatRow, check_rows
from .schedule import Heat, Qualified, group_round_robin, heat_id, lobby_round, qualified, snake
from .scoring import EntrantTotals, HeatAdjustment, totals

__all__ = [
    "ALGS",
    "ALGS_THRESHOLD",
    "DEFAULT_RANKING",
    "FNCS",
    "FREE_FIRE",
    "MAX_HEAT",
    "METRICS",
    "SCORING_PRESETS",
    "SMASH_MARGIN",
    "SUPER",
    "TIME_ALIVE",
    "WARZONE",
    "AttemptRule",
    "EntrantTotals",
    "Heat",
    "HeatAdjustment",
    "HeatResult",
    "HeatRow",
    "HeatScoring",
    "MatchPoint",
    "Points",
    "Qualified",
    "Ties",
    "check_rows",
    "group_round_robin",
    "headstart_points",
    "heat_id",
    "heat_standings",
    "leaderboard",
    "lobby_round",
    "match_point",
    "placement_points",
    "preset",
    "qualified",
    "smash_threshold",
    "snake",
    "totals",
]
