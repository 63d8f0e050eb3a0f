"""The format ``swiss_limited``: a stage in which so many wins send an entrant through and so many losses out."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import cast

from tournaments.engine.bracket import Columns
from tournaments.engine.events import RoundPaired
from tournaments.engine.format import Format, Option, Options, RoundPairing, odd_number, one_of, whole_number
from tournaments.engine.match_table import NOWHERE, TBD_CODE, MatchTable, Round, seed_code
from tournaments.engine.types import EntrantId, Explanation, PlaceRange, Standing
from tournaments.engine.view import StageView

from .limited import (
    MAX_ENTRANTS,
    MAX_LIMIT,
    Contender,
    FirstRound,
    PoolPairing,
    Rules,
    limited_best_of,
    limited_rounds,
    limited_standings,
    pair_limited,
)


def plan(options: Options, entrants: int, draw_seed: bytes) -> MatchTable:
    """The matches of every round, pool by pool from the best record down; the pairs of round 1 are known.

    Matches that send somebody through or out are of ``best_of_deciding`` games, the others of ``best_of``.

    :raises EngineError: ``unsupported_entrants`` when a pool would be odd; ``draw_seed_required``,
        ``invalid_draw_seed`` for drawn pairs.
    """
    wins, losses = cast(int, options["wins"]), cast(int, options["losses"])
    rules, first_round = str(options["rules"]), str(options["first_round"])
    lengths = cast(int, options["best_of"]), cast(int, options["best_of_deciding"])
    return _table(entrants, wins, losses, rules, first_round, lengths, draw_seed if rules == Rules.DRAW else b"")


@lru_cache(maxsize=16)
def _table(
    entrants: int, wins: int, losses: int, rules: str, first_round: str, lengths: tuple[int, int], draw_seed: bytes
) -> MatchTable:
    columns = Columns()
    (opening,) = pair_limited(
        [Contender(seed) for seed in range(1, entrants + 1)],
        round_number=1,
        wins=wins,
        losses=losses,
        rules=rules,
        first_round=first_round,
        draw_seed=draw_seed,
    )
    for round_ in limited_rounds(entrants, wins=wins, losses=losses):
        first = 0
        for record, size in round_.pools:
            best_of, deciding = lengths
            games = limited_best_of(record, wins=wins, losses=losses, best_of=best_of, best_of_deciding=deciding)
            count = size // 2
            number = round_.number
            a = b = [TBD_CODE] * count
            if number == 1:
                a, b = [seed_code(high) for high, _ in opening.pairs], [seed_code(low) for _, low in opening.pairs]
            nowhere = [NOWHERE] * count
            label, drawn = f"R{number}.", number > 1
            columns.add(Round("R", number, count, label, games, drawn=drawn, first=first), a, b, nowhere, nowhere)
            first += count
    return MatchTable(columns.rounds, columns.a, columns.b, columns.winner_to, columns.loser_to)


def contenders_of(view: StageView) -> list[Contender]:
    """The records and opponents of all entrants, in seed order; only decided matches count."""
    seed_of = {entrant: seed for seed, entrant in enumerate(view.plan.seeds, start=1)}
    won = [0] * (len(seed_of) + 1)
    met: list[list[int]] = [[] for _ in won]
    for state in view.states.in_order():
        if state.outcome is not None and isinstance(state.a, str) and isinstance(state.b, str):
            a, b = seed_of[state.a], seed_of[state.b]
            met[a].append(b)
            met[b].append(a)
            won[a if state.outcome.winner == state.a else b] += 1
    return [Contender(seed, won[seed], len(met[seed]) - won[seed], tuple(met[seed])) for seed in seed_of.values()]


def entrants_to_pair(view: StageView) -> tuple[EntrantId, ...]:
    """Everybody who is neither through nor out, the best seed first; those who have left are paired, and lose."""
    wins, losses = _limits(view)
    return tuple(
        entrant
        for entrant, one in zip(view.plan.seeds, contenders_of(view), strict=True)
        if one.wins < wins and one.losses < losses
    )


def may_be_paired(view: StageView, pairs: Sequence[tuple[EntrantId, EntrantId]]) -> bool:
    """Whether the pairs stand in the order of the pools, each inside one pool."""
    record = {
        entrant: (one.wins, one.losses) for entrant, one in zip(view.plan.seeds, contenders_of(view), strict=True)
    }
    records = [record[a] for a, b in pairs if record[a] == record[b]]
    return len(records) == len(pairs) and records == sorted(records, reverse=True)


def pair(view: StageView) -> RoundPairing:
    """The next round by the ``rules`` of the stage."""
    options, seeds = view.plan.config.options, view.plan.seeds
    wins, losses = _limits(view)
    round_ = view.round_to_pair or 0
    pools = pair_limited(
        contenders_of(view),
        round_number=round_,
        wins=wins,
        losses=losses,
        rules=str(options["rules"]),
        first_round=str(options["first_round"]),
        draw_seed=view.plan.draw_seed,
    )
    pairs = tuple((seeds[high - 1], seeds[low - 1]) for pool in pools for high, low in pool.pairs)
    return RoundPairing(
        event=RoundPaired(round_, pairs),
        relaxed=any(pool.relaxed for pool in pools),
        why=tuple(_explained(pool) for pool in pools),
    )


def _explained(pool: PoolPairing) -> Explanation:
    return Explanation(pool.why.code, (("wins", pool.record[0]), ("losses", pool.record[1]), *pool.why.params))


def _limits(view: StageView) -> tuple[int, int]:
    options = view.plan.config.options
    return cast(int, options["wins"]), cast(int, options["losses"])


def standings(view: StageView) -> tuple[Standing, ...]:
    """Who is through, who plays, who is out; then wins, losses, difficulty, seed."""
    wins, losses = _limits(view)
    return tuple(
        Standing(
            entrant=view.plan.seeds[row.seed - 1],
            place=row.place,
            tied=False,
            final=view.complete,
            values=(("wins", row.wins), ("losses", row.losses), ("difficulty", row.difficulty), ("seed", row.seed)),
            explain=Explanation(row.explain.code, (("progress", row.progress.value), *row.explain.params)),
        )
        for row in limited_standings(contenders_of(view), wins=wins, losses=losses)
    )


def placements(view: StageView) -> Mapping[EntrantId, PlaceRange]:
    """All places after the last match, none before: the difficulty moves until then."""
    if not view.complete:
        return {}
    return MappingProxyType({row.entrant: PlaceRange(row.place, row.place) for row in standings(view)})


def champion(view: StageView) -> EntrantId | None:
    """The first of the final table."""
    return standings(view)[0].entrant if view.complete else None


SWISS_LIMITED = Format(
    name="swiss_limited",
    min_entrants=2,
    max_entrants=MAX_ENTRANTS,
    options=(
        Option("wins", 3, whole_number(1, MAX_LIMIT)),
        Option("losses", 3, whole_number(1, MAX_LIMIT)),
        Option("rules", Rules.VALVE.value, one_of(*(rules.value for rules in Rules))),
        Option("first_round", FirstRound.SLIDE.value, one_of(*(first.value for first in FirstRound))),
        Option("best_of", 1, odd_number),
        Option("best_of_deciding", 3, odd_number),
    ),
    plan=plan,
    champion=champion,
    placements=placements,
    standings=standings,
    decisive=True,
    entrants_to_pair=entrants_to_pair,
    may_be_paired=may_be_paired,
    pair=pair,
)
