"""Round robin: everybody meets everybody, once or in several legs."""

from collections.abc import Mapping
from functools import lru_cache
from typing import cast

from .bracket import Columns
from .format import Format, Option, Options, boolean, whole_number
from .match_table import NOWHERE, MatchTable, Round, seed_code
from .points_table import (
    champion_of,
    placements_of,
    points_option,
    ranking_option,
    scheme_of,
    standings_of,
    table_of,
    tie_breaks_option,
    withdrawals_settled,
    withdrawn_option,
)
from .types import EntrantId, PlaceRange, Standing
from .view import StageView


def berger_rounds(entrants: int) -> tuple[tuple[tuple[int, int], ...], ...]:
    """The pairs (side a, side b) of each round of one leg, as seeds.

    With m entrants (an odd number is filled up by one who is a rest), i and j below m meet in round r exactly when
    i + j = r + 1 (mod m - 1), and m meets the x with 2x = r + 1 (mod m - 1); nobody has a side more than once oftener
    than the other. Source: the Berger tables, FIDE handbook C.05, annex 1.
    """
    last = entrants + entrants % 2
    cycle = last - 1
    half = last // 2
    rounds = []
    for round_ in range(1, last):
        meets_last = (round_ + 1) * half % cycle or cycle
        pairs = [(meets_last, last) if meets_last <= half else (last, meets_last)] if last == entrants else []
        for step in range(1, half):
            pairs.append(((meets_last + step - 1) % cycle + 1, (meets_last - step - 1) % cycle + 1))
        rounds.append(tuple(pairs))
    return tuple(rounds)


def plan(options: Options, entrants: int, draw_seed: bytes) -> MatchTable:
    """All matches, round by round in the order of the Berger tables; in every second leg with the sides changed.
    Nothing is random: ``draw_seed`` is not used."""
    return _table(entrants, cast(int, options["legs"]), cast(int, options["best_of"]), bool(options["draws"]))


@lru_cache(maxsize=16)
def _table(entrants: int, legs: int, best_of: int, draws: bool) -> MatchTable:
    rounds = berger_rounds(entrants)
    columns = Columns()
    for leg in range(legs):
        for index, pairs in enumerate(rounds, start=1):
            number = leg * len(rounds) + index
            a, b = [seed_code(pair[leg % 2]) for pair in pairs], [seed_code(pair[1 - leg % 2]) for pair in pairs]
            nowhere = [NOWHERE] * len(pairs)
            columns.add(Round("R", number, len(pairs), f"R{number}.", best_of, draws=draws), a, b, nowhere, nowhere)
    return MatchTable(columns.rounds, columns.a, columns.b, columns.winner_to, columns.loser_to)


def standings(view: StageView) -> tuple[Standing, ...]:
    """The table, ranked by the ``ranking`` option."""
    options = view.plan.config.options
    rounds = view.plan.matches.rounds[-1].round
    legs = cast(int, options["legs"])
    table = table_of(view, scheme_of(options["points"]), rounds=rounds, legs=legs, all_play_all=True)
    return standings_of(view, withdrawals_settled(view, table, options["withdrawn"]))


def placements(view: StageView) -> Mapping[EntrantId, PlaceRange]:
    """All places once every match is decided, none before."""
    return placements_of(standings(view)) if view.complete else {}


def champion(view: StageView) -> EntrantId | None:
    """Whoever stands alone at the top of the finished table."""
    return champion_of(view, standings(view)) if view.complete else None


ROUND_ROBIN = Format(
    name="round_robin",
    min_entrants=2,
    max_entrants=64,
    options=(
        Option("legs", 1, whole_number(1, 8)),
        Option("best_of", 1, whole_number(1, 99)),
        Option("draws", True, boolean),
        points_option((3, 1, 0, 3)),
        ranking_option("esports_rr"),
        tie_breaks_option(),
        withdrawn_option(),
    ),
    plan=plan,
    champion=champion,
    placements=placements,
    standings=standings,
    table=True,
)
