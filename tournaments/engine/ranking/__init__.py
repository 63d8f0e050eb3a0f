"""Ranking and tie-breaks: standings from records by a list of metrics.

``rank(table, metrics, residual)`` is the whole of it; ``PRESETS`` holds ready lists, ``metrics`` and ``head_to_head``
list every code.
"""

from .index import RULES, RULES_2024, RULES_2026
from .presets import PRESETS, RESIDUALS, Preset, Residual, parse_ranking, ranking_of
from .rank import rank
from .records import Meeting, MeetingKind, Points, Record, Table
from .withdrawals import annul, settle_withdrawals

__all__ = [
    "PRESETS",
    "RESIDUALS",
    "RULES",
    "RULES_2024",
    "RULES_2026",
    "Meeting",
    "MeetingKind",
    "Points",
    "Preset",
    "Record",
    "Residual",
    "Table",
    "annul",
    "parse_ranking",
    "rank",
    "ranking_of",
    "settle_withdrawals",
]
