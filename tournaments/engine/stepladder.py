"""Stepladder: the two lowest seeds meet, and each winner climbs to the next better seed, up to the first."""

from collections.abc import Mapping
from functools import lru_cache

from . import elimination
from .bracket import Columns, games
from .elimination import Levels
from .format import Format, Option, Options, odd_best_of
from .match_table import NOWHERE, MatchTable, Round, seed_code, target_code, winner_code
from .types import EntrantId, OptionValue, PlaceRange, Standing
from .view import StageView


def plan(options: Options, entrants: int, draw_seed: bytes) -> MatchTable:
    """The n - 1 matches ``S1``, ``S2`` …; side a is the better seed, which was waiting. ``best_of`` is given from the
    last match backwards. Nothing is random."""
    return _table(entrants, options["best_of"])


@lru_cache(maxsize=16)
def _table(entrants: int, best_of: OptionValue) -> MatchTable:
    columns = Columns()
    steps = entrants - 1
    for step in range(steps):
        challenger = winner_code(step - 1) if step else seed_code(entrants)
        target = target_code(step + 1, "b") if step < steps - 1 else NOWHERE
        round_ = Round("S", step + 1, 1, f"S{step + 1}", games(best_of, steps - 1 - step), alone=True)
        columns.add(round_, [seed_code(steps - step)], [challenger], [target], [NOWHERE])
    return MatchTable(columns.rounds, columns.a, columns.b, columns.winner_to, columns.loser_to)


def _levels(view: StageView) -> Levels:
    steps = len(view.plan.matches)
    return Levels(list(range(1, steps + 1)), list(range(2, steps + 2)), steps + 1)


def champion(view: StageView) -> EntrantId | None:
    """The winner of the last match."""
    outcome = view.states.at(len(view.plan.matches) - 1).outcome
    return None if outcome is None else outcome.winner


def placements(view: StageView) -> Mapping[EntrantId, PlaceRange]:
    """The further one climbed, the better: the loser of the last match is second, of the first one last."""
    return elimination.placements(view, _levels(view))


def standings(view: StageView) -> tuple[Standing, ...]:
    """Everyone, the best first."""
    return elimination.standings(view, _levels(view))


STEPLADDER = Format(
    name="stepladder",
    min_entrants=2,
    max_entrants=64,
    options=(Option("best_of", 1, odd_best_of),),
    plan=plan,
    champion=champion,
    placements=placements,
    standings=standings,
)
