"""Swiss with a fixed number of rounds: nobody is out, and everybody meets somebody with about as many points."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Literal, cast

from tournaments.engine.bracket import Columns
from tournaments.engine.errors import EngineError, ErrorCode
from tournaments.engine.events import RoundPaired
from tournaments.engine.format import Format, Option, Options, RoundPairing, boolean, one_of, whole_number
from tournaments.engine.match_table import NOWHERE, TBD_CODE, MatchTable, Round, seed_code
from tournaments.engine.points_table import (
    champion_of,
    placements_of,
    points_option,
    ranking_option,
    scheme_of,
    standings_of,
    table_of,
    tie_breaks_option,
    with_rests,
)
from tournaments.engine.types import EntrantId, Explanation, OptionValue, PlaceRange, Standing
from tournaments.engine.view import StageView

from .dutch import MAX_PLAYERS, DutchPlayer, pair_dutch
from .field import Shape
from .history import dutch_players_of, field_of, past_rounds
from .pairing import Method, first_round, pair_round

MOST_ENTRANTS = 16384
MOST_MATCHES = 262_144
"""Of one stage: 32 rounds of 16,384 entrants."""
OPTIMAL, DUTCH = "optimal", "dutch"
_COLOUR: Mapping[OptionValue, Literal["w", "b"]] = {"a": "w", "b": "b"}


def plan(options: Options, entrants: int, draw_seed: bytes) -> MatchTable:
    """Round 1 by ``first_round``; the matches of the later rounds are there, their slots are not known yet.

    ``rounds`` 0 stands for the rounds that a bracket would need, ceil(log2 n). With ``pairing`` "dutch" all rounds are
    paired by the rules of FIDE, side a having white; the first seed starts on ``first_side`` and ``first_round`` is not
    used.

    :raises EngineError: ``invalid_option`` for more rounds than there are opponents, or than ``MOST_MATCHES`` allows;
        ``too_many_entrants`` for more than the Dutch system takes here; ``draw_seed_required``,
        ``invalid_draw_seed`` for a random first round.
    """
    rounds = cast(int, options["rounds"]) or max(1, (entrants - 1).bit_length())
    most = min(entrants - 1 + entrants % 2, MOST_MATCHES // (entrants // 2))
    if rounds > most:
        raise EngineError(ErrorCode.INVALID_OPTION, {"option": "rounds", "maximum": most})
    method = str(options["first_round"])
    if options["pairing"] == DUTCH:
        if entrants > MAX_PLAYERS:
            raise EngineError(ErrorCode.TOO_MANY_ENTRANTS, {"maximum": MAX_PLAYERS, "given": entrants})
        method = DUTCH + str(options["first_side"])
    seed = draw_seed if method == "random" else b""
    return _table(entrants, rounds, method, cast(int, options["best_of"]), bool(options["draws"]), seed)


@lru_cache(maxsize=16)
def _table(entrants: int, rounds: int, method: str, best_of: int, draws: bool, draw_seed: bytes) -> MatchTable:
    columns = Columns()
    if method.startswith(DUTCH):
        players = [DutchPlayer(number) for number in range(1, entrants + 1)]
        pairs = tuple((a - 1, b - 1) for a, b in pair_dutch(players, 1, rounds, _COLOUR[method[-1]]).pairs)
    else:
        pairs = first_round(entrants, cast(Method, method), draw_seed).pairs
    nowhere, unknown = [NOWHERE] * len(pairs), [TBD_CODE] * len(pairs)
    for number in range(1, rounds + 1):
        a = [seed_code(pair[0] + 1) for pair in pairs] if number == 1 else unknown
        b = [seed_code(pair[1] + 1) for pair in pairs] if number == 1 else unknown
        round_ = Round("R", number, len(pairs), f"R{number}.", best_of, draws=draws, drawn=number > 1)
        columns.add(round_, a, b, nowhere, nowhere)
    return MatchTable(columns.rounds, columns.a, columns.b, columns.winner_to, columns.loser_to)


def entrants_to_pair(view: StageView) -> tuple[EntrantId, ...]:
    """Everybody who has not left, the best seed first."""
    return tuple(entrant for entrant in view.plan.seeds if entrant not in view.gone)


def pair(view: StageView) -> RoundPairing:
    """The next round by the criteria of ``pairing.py``, or by the Dutch system. Whoever is left alone has the bye.

    Where the Dutch system has no legal pairing, the round is paired by the criteria and called ``relaxed``: a stage
    never stops halfway. ``why`` then starts with ``no_legal_pairing``.
    """
    round_ = view.round_to_pair or 0
    active = entrants_to_pair(view)
    options = view.plan.config.options
    if len(active) < 2:
        return RoundPairing(RoundPaired(round_, (), *active))
    why: tuple[Explanation, ...] = ()
    if options["pairing"] == DUTCH:
        try:
            return _pair_dutch(view, round_)
        except EngineError as error:
            if error.code is not ErrorCode.NO_LEGAL_PAIRING:
                raise
            why = (Explanation(error.code.value),)
    method = options["first_round"]
    shape: Shape = "fold" if method == "random" else cast(Literal["fold", "slide", "adjacent"], method)
    found = pair_round(field_of(view, active, scheme_of(options["points"])), shape=shape)
    return RoundPairing(
        event=RoundPaired(
            round=round_,
            pairs=tuple((active[a], active[b]) for a, b in found.pairs),
            bye=None if found.bye is None else active[found.bye],
        ),
        floats=tuple((active[index], direction) for index, direction in found.floats),
        relaxed=found.relaxed or bool(why),
        why=why + tuple(_with_entrants(reason, active) for reason in found.why),
    )


def _pair_dutch(view: StageView, round_: int) -> RoundPairing:
    seeds = view.plan.seeds
    options = view.plan.config.options
    scheme = scheme_of(options["points"])
    rounds = view.plan.matches.rounds[-1].round
    players = dutch_players_of(view, scheme)
    found = pair_dutch(players, round_, rounds, _COLOUR[options["first_side"]], scheme.win, scheme.loss)
    points = {player.number: player.points for player in players}
    floats: list[tuple[EntrantId, int]] = []
    for a, b in found.pairs:
        if points[a] != points[b]:
            floats += [
                (seeds[a - 1], 1 if points[a] < points[b] else -1),
                (seeds[b - 1], 1 if points[b] < points[a] else -1),
            ]
    return RoundPairing(
        event=RoundPaired(
            round=round_,
            pairs=tuple((seeds[a - 1], seeds[b - 1]) for a, b in found.pairs),
            bye=None if found.bye is None else seeds[found.bye - 1],
        ),
        floats=tuple(floats),
        why=tuple(_with_entrants(reason, ("", *seeds)) for reason in found.why),
    )


def standings(view: StageView) -> tuple[Standing, ...]:
    """The table after the rounds paired so far, ranked by the ``ranking`` option."""
    options = view.plan.config.options
    past = past_rounds(view)
    paired: dict[int, frozenset[EntrantId]] = {}
    states = list(view.states.in_order())
    for number, round_ in enumerate(past, start=1):
        here = states[round_.start : round_.start + round_.count]
        sides = (side for state in here for side in (state.a, state.b))
        paired[number] = frozenset(side for side in sides if isinstance(side, str))
    byes = {number: round_.bye for number, round_ in enumerate(past, start=1)}
    table = table_of(view, scheme_of(options["points"]), rounds=len(past))
    return standings_of(view, with_rests(table, paired, byes))


def placements(view: StageView) -> Mapping[EntrantId, PlaceRange]:
    """All places after the last round, none before."""
    return placements_of(standings(view)) if view.complete else {}


def champion(view: StageView) -> EntrantId | None:
    """Whoever stands alone at the top after the last round."""
    return champion_of(view, standings(view)) if view.complete else None


def _with_entrants(reason: Explanation, active: Sequence[str]) -> Explanation:
    """The explanation with entrants in the place of their indexes, and points in the place of half points."""
    params: list[tuple[str, str | int | Fraction]] = []
    for name, value in reason.params:
        if name in ("a", "b", "entrant", "opponent", "player") and isinstance(value, int):
            params.append((name, active[value]))
        elif name.endswith("points") and isinstance(value, int):
            params.append((name, Fraction(value, 2)))
        else:
            params.append((name, value))
    return Explanation(reason.code, tuple(params))


SWISS = Format(
    name="swiss",
    min_entrants=2,
    max_entrants=MOST_ENTRANTS,
    options=(
        Option("rounds", 0, whole_number(0, MOST_ENTRANTS)),
        Option("first_round", "fold", one_of("fold", "slide", "adjacent", "random")),
        Option("pairing", OPTIMAL, one_of(OPTIMAL, DUTCH)),
        Option("first_side", "a", one_of("a", "b")),
        Option("best_of", 1, whole_number(1, 99)),
        Option("draws", True, boolean),
        points_option((1, 0.5, 0, 1)),
        ranking_option("esports_swiss"),
        tie_breaks_option(),
    ),
    plan=plan,
    champion=champion,
    placements=placements,
    standings=standings,
    table=True,
    entrants_to_pair=entrants_to_pair,
    pair=pair,
)
