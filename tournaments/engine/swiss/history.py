"""What the next Swiss round is paired from, read from the rounds that were played."""

from dataclasses import dataclass
from typing import Literal

from tournaments.engine.points_table import PLAYED, points_of
from tournaments.engine.ranking import Points
from tournaments.engine.types import EntrantId, Kind, Status
from tournaments.engine.view import StageView

from .dutch import DutchPlayer, DutchRound
from .field import Field

_UNPLAYED_WIN = frozenset({Kind.FORFEIT, Kind.NO_SHOW, Kind.WALKOVER, Kind.DQ})


@dataclass(frozen=True, slots=True)
class PastRound:
    """One round as it was paired: the position of its first match, how many matches it has, and who had the bye."""

    start: int
    count: int
    bye: EntrantId | None


def past_rounds(view: StageView) -> tuple[PastRound, ...]:
    """The rounds paired so far; with an odd number the last seed has the bye of round 1."""
    table, seeds = view.plan.matches, view.plan.seeds
    byes = {pairing.round: pairing.bye for pairing in view.pairings}
    byes[1] = seeds[-1] if len(seeds) % 2 else None
    paired = view.pairings[-1].round if view.pairings else 1
    starts = zip(table.rounds, table.starts, strict=False)
    return tuple(
        PastRound(start, round_.count, byes[round_.round]) for round_, start in starts if round_.round <= paired
    )


def field_of(view: StageView, active: tuple[EntrantId, ...], scheme: Points) -> Field:
    """The active entrants (in seed order) as the columns of a field.

    Whoever was paired with somebody has met him, also when the match was not played. Points given or taken outside of
    matches do not change who meets whom.
    """
    number = {entrant: index for index, entrant in enumerate(view.plan.seeds)}
    everybody = len(number)
    points, sides = [0] * everybody, [0] * everybody
    met: list[list[int]] = [[] for _ in range(everybody)]
    no_bye: set[int] = set()
    floats: list[list[int]] = []
    states = list(view.states.in_order())
    for past in past_rounds(view):
        gained = [0] * everybody
        floated = [0] * everybody
        for state in states[past.start : past.start + past.count]:
            if state.outcome is None or not isinstance(state.a, str) or not isinstance(state.b, str):
                continue
            a, b = number[state.a], number[state.b]
            met[a].append(b)
            met[b].append(a)
            sides[a] += 1
            sides[b] -= 1
            if points[a] != points[b]:
                higher = points[a] > points[b]
                floated[a], floated[b] = (-1, 1) if higher else (1, -1)
            if state.status is not Status.VOID:
                winner = state.outcome.winner
                gained[a] = points_of(state.outcome, winner == state.a, scheme)
                gained[b] = points_of(state.outcome, winner == state.b, scheme)
                if winner is not None and state.outcome.kind in _UNPLAYED_WIN:
                    no_bye.add(number[winner])
        if past.bye is not None:
            bye = number[past.bye]
            gained[bye], floated[bye] = scheme.bye, -1
            no_bye.add(bye)
        points = [before + now for before, now in zip(points, gained, strict=True)]
        floats = [*floats[-1:], floated]
    return _of_active(active, number, Columns(points, met, no_bye, floats, sides))


@dataclass(frozen=True, slots=True)
class Columns:
    """Everybody's numbers, by seed from 0; ``floats`` of the round before the last and of the last."""

    points: list[int]
    met: list[list[int]]
    no_bye: set[int]
    floats: list[list[int]]
    sides: list[int]


def _of_active(active: tuple[EntrantId, ...], number: dict[EntrantId, int], columns: Columns) -> Field:
    chosen = [number[entrant] for entrant in active]
    index = {seed: position for position, seed in enumerate(chosen)}
    last = columns.floats[-1]
    before = columns.floats[-2] if len(columns.floats) > 1 else [0] * len(last)
    return Field(
        points=[columns.points[seed] for seed in chosen],
        met=[{index[other] for other in columns.met[seed] if other in index} for seed in chosen],
        no_bye={index[seed] for seed in columns.no_bye if seed in index},
        floats=[(last[seed], before[seed]) for seed in chosen],
        sides=[columns.sides[seed] for seed in chosen],
    )


def dutch_players_of(view: StageView, scheme: Points) -> tuple[DutchPlayer, ...]:
    """All entrants as players of the Dutch system: side a is white, a match that was not played has no opponent."""
    number = {entrant: seed for seed, entrant in enumerate(view.plan.seeds, start=1)}
    rounds: dict[EntrantId, list[DutchRound]] = {entrant: [] for entrant in view.plan.seeds}
    states = list(view.states.in_order())
    for past in past_rounds(view):
        here: dict[EntrantId, DutchRound] = {}
        for state in states[past.start : past.start + past.count]:
            if state.outcome is None or not isinstance(state.a, str) or not isinstance(state.b, str):
                continue
            played = state.status is Status.COMPLETED and state.outcome.kind in PLAYED
            colours: tuple[tuple[EntrantId, EntrantId, Literal["w", "b"]], ...]
            colours = ((state.a, state.b, "w"), (state.b, state.a, "b"))
            for entrant, opponent, colour in colours:
                won = state.outcome.winner == entrant
                points = 0 if state.status is Status.VOID else points_of(state.outcome, won, scheme)
                here[entrant] = DutchRound(number[opponent], colour, points) if played else DutchRound(points=points)
        if past.bye is not None:
            here[past.bye] = DutchRound(points=scheme.bye, bye=True)
        for entrant, so_far in rounds.items():
            so_far.append(here.get(entrant, DutchRound()))
    return tuple(
        DutchPlayer(number[entrant], tuple(played), entrant not in view.gone) for entrant, played in rounds.items()
    )
