"""A planned stage: the full list of its matches, and who the seeds are."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .encoding import structure_hash
from .errors import EngineError, ErrorCode
from .match_table import MatchTable
from .types import EntrantId, HeatSpec, MatchId, MatchSpec, StageConfig


@dataclass(frozen=True, slots=True)
class StagePlan:
    """``config`` has every option filled in; ``seeds[i]`` is seed i + 1; ``matches`` come in an order in which no
    match is before one that it waits for; ``heats`` are the games of many entrants. ``draw_seed`` is the secret of the
    random steps: it is not part of what is written down or compared."""

    config: StageConfig
    seeds: tuple[EntrantId, ...]
    matches: MatchTable
    heats: tuple[HeatSpec, ...] = ()
    draw_seed: bytes = field(default=b"", repr=False, compare=False)

    @property
    def positions(self) -> Mapping[MatchId, int]:
        """Match id → index in ``matches``."""
        return self.matches.positions

    @property
    def plan_hash(self) -> str:
        """SHA-256 (hexadecimal) of the canonical JSON of format, options, number of entrants and matches; equal for
        equal structures, whoever the entrants are. Computed at each use, O(matches)."""
        return structure_hash(self.config, len(self.seeds), self.matches, self.heats)

    def match(self, match_id: MatchId) -> MatchSpec:
        """:raises EngineError: ``result_for_unknown_match``."""
        return self.matches[self.position(match_id)]

    def position(self, match_id: MatchId) -> int:
        """Index of the match in ``matches``.

        :raises EngineError: ``result_for_unknown_match``.
        """
        position = self.positions.get(match_id) if isinstance(match_id, str) else None
        if position is None:
            raise EngineError(ErrorCode.RESULT_FOR_UNKNOWN_MATCH, {"match": match_id})
        return position
