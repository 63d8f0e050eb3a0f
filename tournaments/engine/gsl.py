"""The GSL group: four entrants, five matches, two advance; a double elimination without a grand final."""

from collections.abc import Mapping
from functools import lru_cache

from . import elimination
from .bracket import Columns, games
from .elimination import Levels
from .format import Format, Option, Options, odd_best_of
from .match_table import NOWHERE, MatchTable, Round, loser_code, seed_code, target_code, winner_code
from .types import EntrantId, OptionValue, PlaceRange, Standing
from .view import StageView

_OPENING_1, _OPENING_2, _WINNERS, _ELIMINATION, _DECIDER = range(5)


def plan(options: Options, entrants: int, draw_seed: bytes) -> MatchTable:
    """Opening matches ``O1`` (1 against 4) and ``O2`` (2 against 3), winners' match ``WM``, elimination match ``EM``,
    decider match ``DM``. ``best_of`` is given from the decider backwards. Nothing is random."""
    return _table(options["best_of"])


@lru_cache(maxsize=16)
def _table(best_of: OptionValue) -> MatchTable:
    columns = Columns()
    columns.add(
        Round("W", 1, 2, "O", games(best_of, 2)),
        [seed_code(1), seed_code(2)],
        [seed_code(4), seed_code(3)],
        [target_code(_WINNERS, "a"), target_code(_WINNERS, "b")],
        [target_code(_ELIMINATION, "a"), target_code(_ELIMINATION, "b")],
    )
    columns.add(
        Round("W", 2, 1, "WM", games(best_of, 1), alone=True),
        [winner_code(_OPENING_1)],
        [winner_code(_OPENING_2)],
        [NOWHERE],
        [target_code(_DECIDER, "a")],
    )
    columns.add(
        Round("L", 1, 1, "EM", games(best_of, 1), alone=True),
        [loser_code(_OPENING_1)],
        [loser_code(_OPENING_2)],
        [target_code(_DECIDER, "b")],
        [NOWHERE],
    )
    columns.add(
        Round("L", 2, 1, "DM", games(best_of, 0), alone=True),
        [loser_code(_WINNERS)],
        [winner_code(_ELIMINATION)],
        [NOWHERE],
        [NOWHERE],
    )
    return MatchTable(columns.rounds, columns.a, columns.b, columns.winner_to, columns.loser_to)


_LEVELS = Levels(loser=[1, 1, 2, 1, 2], winner=[4, 4, 4, 3, 3], top=4)


def champion(view: StageView) -> EntrantId | None:
    """The winner of the winners' match, who is first whatever comes after; if it has none, of the decider match."""
    outcome = view.states.at(_WINNERS).outcome
    if outcome is not None and outcome.winner is None:
        outcome = view.states.at(_DECIDER).outcome
    return None if outcome is None else outcome.winner


def placements(view: StageView) -> Mapping[EntrantId, PlaceRange]:
    """First the winner of ``WM``, second of ``DM``; third the loser of ``DM``, fourth of ``EM``."""
    return elimination.placements(view, _LEVELS)


def standings(view: StageView) -> tuple[Standing, ...]:
    """Everyone, the best first."""
    return elimination.standings(view, _LEVELS)


GSL = Format(
    name="gsl",
    min_entrants=4,
    max_entrants=4,
    options=(Option("best_of", 1, odd_best_of),),
    plan=plan,
    champion=champion,
    placements=placements,
    standings=standings,
)
