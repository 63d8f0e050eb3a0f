"""Places in formats whose matches are linked: whoever has no match left is placed by where the last one was."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from .match_table import NOWHERE
from .types import EntrantId, Explanation, MatchState, PlaceRange, Standing, Status
from .view import StageView


@dataclass(frozen=True, slots=True)
class Levels:
    """How far one gets: a number for each match, higher is better, equal shares a place.

    ``loser[i]`` is the level of a loser of match i who plays no more after it, ``winner[i]`` of such a winner; None
    where a winner waits for the next round to be paired.
    """

    loser: list[int]
    winner: list[int | None]
    top: int


@dataclass(frozen=True, slots=True)
class _Reach:
    """An entrant's worst and best level. They are equal exactly when it has no match left."""

    worst: int
    best: int
    position: int | None


def _reaches(view: StageView, levels: Levels) -> dict[EntrantId, _Reach]:
    table = view.plan.matches
    worst, best = _bounds(view, levels)
    lowest = min(levels.loser)
    reaches = {entrant: _Reach(lowest, levels.top, None) for entrant in view.plan.seeds}
    for position in range(len(table)):
        state = view.states.at(position)
        for entrant in (state.a, state.b):
            if not isinstance(entrant, str):
                continue
            if state.outcome is None:
                reaches[entrant] = _Reach(worst[position], best[position], position)
                continue
            won = state.outcome.winner == entrant
            level = levels.winner[position] if won else levels.loser[position]
            if level is None:
                reaches[entrant] = _Reach(levels.loser[position] + 1, levels.top, position)
            else:
                reaches[entrant] = _Reach(level, level, position)
    return reaches


def _bounds(view: StageView, levels: Levels) -> tuple[list[int], list[int]]:
    """The worst and the best level that can be reached from each match by whoever plays in it."""
    table = view.plan.matches
    worst, best = list(levels.loser), list(levels.loser)
    for position in reversed(range(len(table))):
        winner = levels.winner[position]
        best[position] = levels.top if winner is None else max(best[position], winner)
        for target in (table.winner_to[position], table.loser_to[position]):
            if target != NOWHERE:
                worst[position] = min(worst[position], worst[target >> 1])
                best[position] = max(best[position], best[target >> 1])
    return worst, best


@dataclass(frozen=True, slots=True)
class _Tier:
    """Entrants who share a place, by seed."""

    place: PlaceRange
    entrants: tuple[EntrantId, ...]
    final: bool


def _tiers(view: StageView, reaches: Mapping[EntrantId, _Reach]) -> list[_Tier]:
    """All entrants, the best first; those in play stand as well as they can still get."""
    by_level: dict[int, list[EntrantId]] = {}
    for entrant in view.plan.seeds:
        by_level.setdefault(reaches[entrant].best, []).append(entrant)
    open_ranges = {(reach.worst, reach.best) for reach in reaches.values() if reach.worst != reach.best}
    tiers = []
    ahead = 0
    for level in sorted(by_level, reverse=True):
        entrants = tuple(by_level[level])
        final = not any(worst <= level <= best for worst, best in open_ranges)
        tiers.append(_Tier(PlaceRange(ahead + 1, ahead + len(entrants)), entrants, final))
        ahead += len(entrants)
    return tiers


def placements(view: StageView, levels: Levels) -> Mapping[EntrantId, PlaceRange]:
    """Entrants who leave at the same level share the places below everybody who gets further.

    Source: competition ranks as used by start.gg and FIDE (1, 2, 3, 3, 5, 5, 5, 5).
    """
    tiers = _tiers(view, _reaches(view, levels))
    return MappingProxyType({entrant: tier.place for tier in tiers if tier.final for entrant in tier.entrants})


def standings(view: StageView, levels: Levels) -> tuple[Standing, ...]:
    """Everyone, the best first; entrants still in play share the best place they can get for the time being."""
    reaches = _reaches(view, levels)
    wins, losses = _records(view)
    return tuple(
        Standing(
            entrant=entrant,
            place=tier.place.first,
            tied=len(tier.entrants) > 1,
            final=tier.final,
            values=(("wins", wins[entrant]), ("losses", losses[entrant])),
            explain=_explain(view, entrant, reaches[entrant].position),
        )
        for tier in _tiers(view, reaches)
        for entrant in tier.entrants
    )


def losers(state: MatchState) -> tuple[EntrantId, ...]:
    """Who lost a decided match: both sides when nobody won, nobody when no match was needed."""
    if state.outcome is None:
        return ()
    sides = (state.a, state.b)
    return tuple(side for side in sides if isinstance(side, str) and side != state.outcome.winner)


def _records(view: StageView) -> tuple[dict[EntrantId, int], dict[EntrantId, int]]:
    wins = dict.fromkeys(view.plan.seeds, 0)
    lost = dict.fromkeys(view.plan.seeds, 0)
    for state in view.states.in_order():
        if state.status is Status.COMPLETED and state.outcome is not None:
            if state.outcome.winner is not None:
                wins[state.outcome.winner] += 1
            for loser in losers(state):
                lost[loser] += 1
    return wins, lost


def _explain(view: StageView, entrant: EntrantId, position: int | None) -> Explanation:
    """``in_play``, ``won`` or ``lost``, with the last match of the entrant if it has one yet."""
    if position is None:
        return Explanation("in_play")
    spec, state = view.plan.matches[position], view.states.at(position)
    where: tuple[tuple[str, str | int], ...] = (("match", spec.id), ("bracket", spec.bracket), ("round", spec.round))
    if state.outcome is None:
        return Explanation("in_play", where)
    how = (*where, ("kind", state.outcome.kind.value))
    return Explanation("won" if state.outcome.winner == entrant else "lost", how)
