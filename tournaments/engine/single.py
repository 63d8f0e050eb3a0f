"""Single elimination: who loses is out. Byes go to the top seeds; a third-place match is optional, and so is seeding
each round anew."""

from collections.abc import Mapping
from functools import lru_cache

from . import elimination
from .bracket import Columns, add_winners_bracket, first_round, games
from .elimination import Levels, losers
from .events import RoundPaired
from .format import Format, Option, Options, RoundPairing, boolean, odd_best_of
from .match_table import NOWHERE, TBD_CODE, MatchTable, Round, loser_code, target_code
from .types import EntrantId, MatchId, OptionValue, PlaceRange, Standing
from .view import StageView

THIRD_PLACE = MatchId("P3")


def plan(options: Options, entrants: int, draw_seed: bytes) -> MatchTable:
    """All matches, round by round, the third-place match (from 4 entrants on) last.

    Winner of match i of a full round goes to match ceil(i / 2) of the next, to side a if i is odd; with ``reseed``
    the rounds between the first and the final are paired as they come. There is nothing random in it: ``draw_seed``
    is not used.
    """
    return _table(entrants, options["best_of"], bool(options["third_place"]), bool(options["reseed"]))


@lru_cache(maxsize=16)
def _table(entrants: int, best_of: OptionValue, third_place: bool, reseed: bool) -> MatchTable:
    first = first_round(entrants)
    rounds = first.size.bit_length() - 1
    lengths = [games(best_of, rounds - number) for number in range(1, rounds + 1)]
    columns = Columns()
    add_winners_bracket(columns, first, lengths)
    if reseed:
        _pair_as_they_come(columns, rounds)
    if third_place and entrants >= 4:
        position = len(columns.a)
        semifinals = (position - 3, position - 2)
        columns.loser_to[semifinals[0]] = target_code(position, "a")
        columns.loser_to[semifinals[1]] = target_code(position, "b")
        columns.add(
            Round("P", rounds, 1, THIRD_PLACE, games(best_of, 1), alone=True),
            [loser_code(semifinals[0])],
            [loser_code(semifinals[1])],
            [NOWHERE],
            [NOWHERE],
        )
    return MatchTable(columns.rounds, columns.a, columns.b, columns.winner_to, columns.loser_to)


def _pair_as_they_come(columns: Columns, rounds: int) -> None:
    """Undo the links between round 1 and the semi-finals; the final follows from the semi-finals in any case."""
    start = columns.rounds[0].count
    if rounds > 2:
        columns.winner_to[:start] = [NOWHERE] * start
    for number in range(2, rounds):
        round_ = columns.rounds[number - 1]
        columns.rounds[number - 1] = Round("W", number, round_.count, round_.label, round_.best_of, drawn=True)
        end = start + round_.count
        columns.a[start:end] = columns.b[start:end] = [TBD_CODE] * round_.count
        if number < rounds - 1:
            columns.winner_to[start:end] = [NOWHERE] * round_.count
        start = end


def _final_position(view: StageView) -> int:
    return len(view.plan.matches) - (2 if view.plan.matches.rounds[-1].bracket == "P" else 1)


def champion(view: StageView) -> EntrantId | None:
    """The winner of the final, also while the third-place match is open."""
    outcome = view.states.at(_final_position(view)).outcome
    return None if outcome is None else outcome.winner


def _levels(view: StageView) -> Levels:
    """Losers of round r are at 4r; the third-place match lifts its loser by 1 and its winner by 2."""
    table = view.plan.matches
    loser: list[int] = []
    winner: list[int | None] = []
    final = max(round_.round for round_ in table.rounds)
    for round_ in table.rounds:
        third = round_.bracket == "P"
        level = 4 * (round_.round - 1) + 1 if third else 4 * round_.round
        loser += [level] * round_.count
        waits = table.winner_to[len(winner)] == NOWHERE and round_.round < final
        winner += [None if waits else level + 1] * round_.count
    return Levels(loser, winner, 4 * final + 1)


def placements(view: StageView) -> Mapping[EntrantId, PlaceRange]:
    """Losers of one round share the places below everyone who survived longer; the third-place match splits 3 and 4.
    Whoever may not play for third place (both sides of a double forfeit) is behind whoever may."""
    return elimination.placements(view, _levels(view))


def standings(view: StageView) -> tuple[Standing, ...]:
    """Everyone, the best first."""
    return elimination.standings(view, _levels(view))


def entrants_to_pair(view: StageView) -> tuple[EntrantId, ...]:
    """Everybody who has not lost yet, the best seed first."""
    out = {loser for state in view.states.in_order() for loser in losers(state)}
    return tuple(entrant for entrant in view.plan.seeds if entrant not in out)


def pair(view: StageView) -> RoundPairing:
    """The best seed left meets the worst, and so on inwards. Of an odd number (after a double forfeit) the best seed
    advances without a match."""
    left = entrants_to_pair(view)
    bye = left[0] if len(left) % 2 else None
    playing = left[1:] if bye else left
    half = len(playing) // 2
    pairs = tuple(zip(playing[:half], reversed(playing[half:]), strict=True))
    return RoundPairing(RoundPaired(view.round_to_pair or 0, pairs, bye))


SINGLE_ELIMINATION = Format(
    name="single_elimination",
    min_entrants=2,
    max_entrants=16384,
    options=(
        Option("third_place", False, boolean),
        Option("best_of", 1, odd_best_of),
        Option("reseed", False, boolean),
    ),
    plan=plan,
    champion=champion,
    placements=placements,
    standings=standings,
    entrants_to_pair=entrants_to_pair,
    pair=pair,
)
