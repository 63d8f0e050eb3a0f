"""What the matches of one tournament say about its entrants and players: runs of wins, and ratings."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from matches.enums import MatchOutcome
from matches.models import Match
from matches.services.rows import RESULTS
from tournaments.engine import EntrantId, MatchId
from tournaments.engine.rating import Glicko2Model, Model, OpenSkillModel, RatedResult, Rating, rate, shown
from tournaments.enums import TournamentType

MODELS: Mapping[str, Model] = {
    TournamentType.INDIVIDUAL: Glicko2Model(),
    TournamentType.TEAM: OpenSkillModel(),
}
LOSERS_BRACKET = "L"


class Meeting(NamedTuple):
    """A match that people decided, by entrants; without a winner it is a draw, or lost by both."""

    match: int
    a: int
    b: int
    winner: int | None
    is_played: bool
    bracket: str


@dataclass(slots=True)
class Run:
    """The matches of one entrant: how many it won in a row at the beginning, at the end and at best."""

    matches: int = 0
    first: int = 0
    last: int = 0
    best: int = 0
    won_among_losers: bool = False

    def add(self, meeting: Meeting, entrant: int) -> None:
        won = meeting.winner == entrant
        self.last = self.last + 1 if won else 0
        self.best = max(self.best, self.last)
        if self.first == self.matches and won:
            self.first += 1
        self.matches += 1
        self.won_among_losers |= won and meeting.bracket == LOSERS_BRACKET


@dataclass(frozen=True, slots=True)
class Rated:
    """A player's rating after a tournament, and by how much the best opponent they beat was rated higher."""

    rating: Rating
    best_upset: int = 0


def meetings(tournament_id: int) -> list[Meeting]:
    """In the order in which they ended."""
    rows = Match.objects.filter(
        tournament=tournament_id, outcome__in=RESULTS, entrant_a__isnull=False, entrant_b__isnull=False
    ).order_by("completed_at", "pk")
    return [
        Meeting(match, a, b, winner, outcome != MatchOutcome.DOUBLE_FORFEIT, bracket)
        for match, a, b, winner, outcome, bracket in rows.values_list(
            "pk", "entrant_a_id", "entrant_b_id", "winner_id", "outcome", "bracket"
        )
    ]


def runs(played: Iterable[Meeting]) -> dict[int, Run]:
    """By entrant id."""
    found: dict[int, Run] = defaultdict(Run)
    for meeting in played:
        for entrant in (meeting.a, meeting.b):
            found[entrant].add(meeting, entrant)
    return found


def rated(
    *, model: Model, played: Iterable[Meeting], rosters: Mapping[int, Sequence[int]], before: Mapping[int, Rating]
) -> dict[int, Rated]:
    """User id → rating after these matches, of everybody who played one that is rated.

    :param before: user id → rating up to now; who is not in it is new.
    """
    ratings = {_key(user): rating for user, rating in before.items()}
    upsets: dict[str, int] = {}
    for meeting in played:
        sides = tuple(tuple(_key(user) for user in rosters[entrant]) for entrant in (meeting.a, meeting.b))
        if not meeting.is_played or not all(sides):
            continue
        ranks = (1, 1) if meeting.winner is None else (1, 2) if meeting.winner == meeting.a else (2, 1)
        if meeting.winner is not None and isinstance(model, Glicko2Model):
            (winner,), (loser,) = sides if ranks == (1, 2) else sides[::-1]
            gap = ratings.get(loser, model.start).value - ratings.get(winner, model.start).value
            upsets[winner] = max(upsets.get(winner, 0), int(gap))
        after = rate(model, ratings, RatedResult(MatchId(str(meeting.match)), sides, ranks))
        ratings |= after
        for user in after:
            upsets.setdefault(user, 0)
    return {int(user): Rated(ratings[EntrantId(user)], upset) for user, upset in upsets.items()}


def worth(model: Model, rating: Rating) -> int:
    """The number that boards are ordered by: what a player is worth with near certainty. So one lucky win of somebody
    unknown does not lead a board: two deviations below the rating for Glicko-2, three for OpenSkill."""
    if isinstance(model, OpenSkillModel):
        return shown(model, rating)
    return max(0, round(rating.value - 2 * rating.deviation))


def _key(user_id: int) -> EntrantId:
    return EntrantId(str(user_id))
