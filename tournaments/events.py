from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TournamentStarted:
    """The draw is made and the entrants are seeded; matches follow in the same transaction."""

    tournament_id: int


@dataclass(frozen=True, slots=True)
class EntryAsked:
    """May these users enter a tournament that asks for a rank? A handler refuses by raising ``RankNotAllowed``."""

    tournament_id: int
    user_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TournamentCompleted:
    """Places, prizes and scorings stand. Published again when any of them was corrected."""

    tournament_id: int


@dataclass(frozen=True, slots=True)
class TournamentCancelled:
    tournament_id: int
