"""Who takes part: thirty-two players in sixteen teams, an organiser, a referee from the staff, a stranger."""

import random
import time
from dataclasses import dataclass

from demo.play.client import Api, Person
from demo.play.worldcup import Squad, WorldCup

PREFIX = "0990"


@dataclass
class Side:
    """A squad with the people who play for it, and what the product calls it."""

    squad: Squad
    captain: Person
    mate: Person
    team_name: str = ""
    team_id: int = 0
    entrant_id: int = 0

    @property
    def country(self) -> str:
        return self.squad.name

    @property
    def players(self) -> tuple[Person, Person]:
        return self.captain, self.mate


@dataclass
class Cast:
    sides: list[Side]
    organiser: Person
    staff: Person
    stranger: Person

    @property
    def players(self) -> list[Person]:
        return [player for side in self.sides for player in side.players]

    @property
    def everybody(self) -> list[Person]:
        return [*self.players, self.organiser, self.staff, self.stranger]

    def side(self, country: str) -> Side:
        return next(side for side in self.sides if side.country == country)


def gather(api: Api, cup: WorldCup, *, staff_number: str, seed: int | None) -> Cast:
    """Give everybody a phone. Without a seed the numbers are new, so that the play can be repeated."""
    first = random.Random(time.time_ns() if seed is None else seed).randrange(10**7)
    numbers = (f"{PREFIX}{(first + step) % 10**7:07d}" for step in range(10**7))
    sides = []
    for squad in cup.squads:
        captain, mate = (Person(api, name, next(numbers)) for name in squad.players)
        sides.append(Side(squad, captain, mate))
    organiser = Person(api, "the organiser", next(numbers))
    stranger = Person(api, "a stranger", next(numbers))
    return Cast(sides, organiser, Person(api, "the referee", staff_number), stranger)
