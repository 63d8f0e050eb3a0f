"""The event that is played: the knock-out stage of the World Cup 2018, and the seeds that make an engine draw it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data" / "worldcup2018.json"


@dataclass(frozen=True)
class Squad:
    name: str
    players: tuple[str, ...]


@dataclass(frozen=True)
class Fixture:
    """One match as it was played; ``goals`` are those after extra time."""

    round: str
    team1: str
    team2: str
    goals: tuple[int, int]
    penalties: tuple[int, int] | None = None

    @property
    def winner(self) -> str:
        one, two = self.penalties or self.goals
        return self.team1 if one > two else self.team2

    @property
    def loser(self) -> str:
        return self.team2 if self.winner == self.team1 else self.team1

    @property
    def game(self) -> dict[str, int]:
        """The score as the API takes it."""
        score = {"score1": self.goals[0], "score2": self.goals[1]}
        if self.penalties:
            score |= {"penalties1": self.penalties[0], "penalties2": self.penalties[1]}
        return score

    def score_of(self, team: str) -> str:
        """``"2"``, or ``"1 (4)"`` after a shoot-out."""
        side = 0 if team == self.team1 else 1
        return f"{self.goals[side]} ({self.penalties[side]})" if self.penalties else str(self.goals[side])


@dataclass(frozen=True)
class WorldCup:
    squads: tuple[Squad, ...]
    fixtures: tuple[Fixture, ...]

    def of_round(self, name: str) -> list[Fixture]:
        return [fixture for fixture in self.fixtures if fixture.round == name]

    @property
    def final(self) -> Fixture:
        return self.of_round("final")[0]

    @property
    def third_place(self) -> Fixture:
        return self.of_round("third_place")[0]

    def fixture_between(self, one: str, two: str) -> Fixture | None:
        """The first match of these two, whichever is named first."""
        return next((fixture for fixture in self.fixtures if {fixture.team1, fixture.team2} == {one, two}), None)

    @property
    def ranking(self) -> list[str]:
        """Champion, runner-up, third, fourth."""
        return [self.final.winner, self.final.loser, self.third_place.winner, self.third_place.loser]

    @cached_property
    def slots(self) -> list[str]:
        """The sixteen teams from the top of the bracket to its bottom."""
        return list(self._below(self.final))

    def _below(self, fixture: Fixture) -> Iterator[str]:
        """The first-round teams under a match: those of ``team1``'s way to it, then those of ``team2``'s."""
        for team in (fixture.team1, fixture.team2):
            earlier = self._match_won_before(team, fixture)
            if earlier is None:
                yield team
            else:
                yield from self._below(earlier)

    def _match_won_before(self, team: str, fixture: Fixture) -> Fixture | None:
        played = [earlier for earlier in self.fixtures[: self.fixtures.index(fixture)] if earlier.winner == team]
        return played[-1] if played else None

    @property
    def best_first(self) -> list[str]:
        """The order of seeds with which inner-outer seeding (1–16, 8–9, 4–13 …) draws exactly this bracket."""
        by_seed = dict(zip(inner_outer(len(self.slots)), self.slots, strict=True))
        return [by_seed[seed] for seed in sorted(by_seed)]


def inner_outer(size: int) -> list[int]:
    """The seeds of a bracket from top to bottom: 1, 16, 8, 9, 4, 13, 5, 12, 2, 15, 7, 10, 3, 14, 6, 11 for sixteen."""
    order = [1]
    while len(order) < size:
        order = [seed for upper in order for seed in (upper, 2 * len(order) + 1 - upper)]
    return order


def load(path: Path = DATA) -> WorldCup:
    document = json.loads(path.read_text(encoding="utf-8"))
    return WorldCup(
        squads=tuple(Squad(team["name"], tuple(team["players"])) for team in document["teams"]),
        fixtures=tuple(
            Fixture(match["round"], match["team1"], match["team2"], _pair(match["goals"]), _shoot_out(match))
            for match in document["matches"]
        ),
    )


def _shoot_out(match: dict[str, list[int]]) -> tuple[int, int] | None:
    return _pair(match["penalties"]) if "penalties" in match else None


def _pair(numbers: Sequence[int]) -> tuple[int, int]:
    return numbers[0], numbers[1]
