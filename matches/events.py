from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MatchStarted:
    """Both sides are known and play may begin."""

    match_id: int


@dataclass(frozen=True, slots=True)
class MatchCompleted:
    match_id: int
