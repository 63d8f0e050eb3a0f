"""The rounds of simulated Swiss tournaments: the same for everybody who pairs them, and the same in every run."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

from tournaments.engine.swiss.pairing import Field, Pairing, pair_round

DRAWS = 0.1


class Position(NamedTuple):
    """Everybody before a round, best seed first: half points, whom they met, the last two floats, side balance."""

    points: list[int]
    met: list[list[int]]
    floats: list[tuple[int, int]]
    sides: list[int]

    def field(self) -> Field:
        return Field(self.points, [set(row) for row in self.met], (), self.floats, self.sides)


class Decided(NamedTuple):
    """A pair (side a, side b) and the half points of side a."""

    a: int
    b: int
    points: int


def rounds_of(entrants: int) -> int:
    """ceil(log2 n): as many rounds as a bracket would have."""
    return (entrants - 1).bit_length()


def tournament(entrants: int) -> Iterator[tuple[Position, list[Decided]]]:
    """Each position, and how the round ended that the engine paired in it. One game in ten is drawn, the rest are
    thrown like coins.

    :param entrants: an even number.
    """
    random = Random(f"swiss {entrants}")  # noqa: S311
    position = Position([0] * entrants, [[] for _ in range(entrants)], [(0, 0)] * entrants, [0] * entrants)
    for _ in range(rounds_of(entrants)):
        pairing = pair_round(position.field())
        decided = [Decided(a, b, half_points(random)) for a, b in pairing.pairs]
        yield position, decided
        position = _after(position, pairing, decided)


def half_points(random: Random) -> int:
    """The half points of side a."""
    return 1 if random.random() < DRAWS else 2 * int(random.random() < 0.5)


def _after(position: Position, pairing: Pairing, decided: list[Decided]) -> Position:
    points, sides = list(position.points), list(position.sides)
    met = [list(row) for row in position.met]
    last = dict(pairing.floats)
    for a, b, won in decided:
        points[a] += won
        points[b] += 2 - won
        met[a].append(b)
        met[b].append(a)
        sides[a] += 1
        sides[b] -= 1
    return Position(points, met, [(last.get(at, 0), before[0]) for at, before in enumerate(position.floats)], sides)


def write(entrants: int, path: Path) -> None:
    """One line of JSON for each position."""
    with path.open("w") as file:
        for position, _ in tournament(entrants):
            file.write(json.dumps(position._asdict(), separators=(",", ":")) + "\n")


def read(path: Path) -> Iterator[Position]:
    """What ``write`` wrote, one position at a time."""
    with path.open() as file:
        for line in file:
            data = json.loads(line)
            floats = [(last, before) for last, before in data["floats"]]
            yield Position(data["points"], data["met"], floats, data["sides"])
