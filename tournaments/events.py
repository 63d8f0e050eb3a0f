from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TournamentStarted:
    """The draw is made and the entrants are seeded; matches follow in the same transaction."""

    tournament_id: int


@dataclass(frozen=True, slots=True)
class TournamentCompleted:
    """Places, prizes and scorings stand. Published again when any of them was corrected."""

    tournament_id: int


@dataclass(frozen=True, slots=True)
class TournamentCancelled:
    tournament_id: int
