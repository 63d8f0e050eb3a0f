from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MatchesStarted:
    """Both sides of each are known and play may begin. The rows are locked by the publisher."""

    match_ids: tuple[int, ...]
