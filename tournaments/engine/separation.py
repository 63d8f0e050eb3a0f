"""Keeping entrants of one group apart in an elimination bracket, by changing seeds only among equals."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice

from .errors import EngineError, ErrorCode
from .matching import assignments_by_cost
from .seeding import inner_outer

MAX_DEAD_ENDS = 1000
"""How many dead ends a separation may meet; when every group sends as many and the bracket is full there are none."""


def keep_apart(groups: Sequence[str], ranks: Sequence[int], until: int) -> tuple[int, ...]:
    """For each seed of the bracket, the seed that its new holder had: nobody meets one of his group before round
    ``until``.

    ``groups[i]`` and ``ranks[i]`` belong to the holder of seed i + 1; seeds are exchanged among equal ranks only, and
    no two entrants of one group have the same rank. Ranks are settled from the best down, each with the least sum of
    seeds moved, and of these orders the first: its better seeds keep the holder who was due earlier.

    :raises EngineError: ``infeasible_constraints``: ``group`` has more ``entrants`` than the bracket has ``sections``
        that play each other from that round on, or else, whatever the better ranks do, those of ``rank`` do not fit
        beside them; ``search_too_long`` (1,000 dead ends).
    """
    if until == 1:
        return tuple(range(1, len(groups) + 1))
    size = 1 << max(1, (len(groups) - 1).bit_length())
    sections = max(1, size >> (until - 1))
    for group in dict.fromkeys(groups):
        if groups.count(group) > sections:
            params = {"group": group, "entrants": groups.count(group), "sections": sections}
            raise EngineError(ErrorCode.INFEASIBLE_CONSTRAINTS, params)
    section_of = {seed: at * sections // size for at, seed in enumerate(inner_outer(size))}
    tiers = [[at + 1 for at, its in enumerate(ranks) if its == rank] for rank in sorted(set(ranks))]
    held: set[tuple[int, str]] = set()
    settled: list[list[tuple[int, int]]] = []
    orders = [_orders(tiers[0], section_of, groups, held)]
    deepest = dead_ends = 0
    while len(settled) < len(tiers):
        order = next(orders[-1], None)
        if order is not None:
            tier = tiers[len(settled)]
            settled.append([(seed, tier[column]) for seed, column in zip(tier, order, strict=True)])
            held |= {(section_of[seed], groups[due - 1]) for seed, due in settled[-1]}
            if len(settled) < len(tiers):
                orders.append(_orders(tiers[len(settled)], section_of, groups, held))
            continue
        deepest = max(deepest, len(settled))
        dead_ends += 1
        orders.pop()
        if not orders:
            params = {"rank": ranks[tiers[deepest][0] - 1], "until": until, "sections": sections}
            raise EngineError(ErrorCode.INFEASIBLE_CONSTRAINTS, params)
        if dead_ends == MAX_DEAD_ENDS:
            raise EngineError(ErrorCode.SEARCH_TOO_LONG, {"limit": MAX_DEAD_ENDS})
        held -= {(section_of[seed], groups[due - 1]) for seed, due in settled.pop()}
    had = dict(pair for tier in settled for pair in tier)
    return tuple(had[seed] for seed in range(1, len(groups) + 1))


def _orders(
    seeds: Sequence[int], section_of: Mapping[int, int], groups: Sequence[str], held: Collection[tuple[int, str]]
) -> Iterator[tuple[int, ...]]:
    """The orders of one tier that are legal beside the better ones, in the order of preference."""
    costs = [
        [None if (section_of[seed], groups[due - 1]) in held else abs(seed - due) for due in seeds] for seed in seeds
    ]
    return _as_due_first(costs)


def _as_due_first(costs: Sequence[Sequence[int | None]]) -> Iterator[tuple[int, ...]]:
    """The unchanged order costs nothing and is found without a search."""
    unchanged = all(row[at] is not None for at, row in enumerate(costs))
    if unchanged:
        yield tuple(range(len(costs)))
    yield from islice(assignments_by_cost(costs), 1 if unchanged else 0, None)
