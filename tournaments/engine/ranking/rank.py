"""Standings: the entrants of a table in an order refined metric by metric."""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from tournaments.engine.errors import EngineError, ErrorCode
from tournaments.engine.rng import shuffle
from tournaments.engine.types import Explanation, Standing

from .columns import Number, shown
from .explain import Boundary, explain
from .head_to_head import Cut, Split, by_value
from .index import RULES_2026, Index
from .metrics import Metric
from .presets import LOT, RESIDUALS, Residual, check_metrics, find_rule
from .records import Table
from .unplayed import Ledger

_DECIDES: dict[Residual, tuple[str, ...]] = {"seed": ("SEED",), "lot": (LOT,)}

Values = list[list[tuple[str, Number]]]


def rank(
    table: Table,
    metrics: Sequence[str],
    residual: Residual = "shared",
    draw_seed: bytes = b"",
    *,
    rules: str = RULES_2026,
    draw_purpose: str = "ranking|lot",
) -> tuple[Standing, ...]:
    """The standings of a table, best first; entrants on one place in the order of their seeds.

    Each metric only separates entrants that all metrics before it left level. Places are competition places: 1, 2, 2,
    4. ``residual`` decides what the metrics leave: ``shared``, ``seed``, ``lot`` (drawn from ``draw_seed`` for
    ``draw_purpose``, needed only if a tie is left) or ``playoff_required``. ``rules`` is a version of FIDE C.07.

    ``values`` holds real numbers, half points as fractions: every metric of ``metrics.METRICS`` for everybody, and for
    entrants that were compared by head-to-head or lot their position in it, 1 being the best. Annulled entrants share
    the place behind all others, in the order of their ids. ``final`` is always True: the caller knows whether matches
    are open. ``explain`` is described in ``explain.explain``.

    The cost is the size of the table for each metric, and for head-to-head the rounds of the tied entrants only.

    :raises EngineError: ``invalid_table``, ``duplicate_entrant``, ``unknown_entrant`` as the index does;
        ``unknown_metric``, ``invalid_option`` for metrics, residual or rules; ``invalid_draw_seed``, and
        ``draw_seed_required`` when a lot is needed.
    """
    if not isinstance(residual, str) or residual not in RESIDUALS:
        raise EngineError(ErrorCode.INVALID_OPTION, {"option": "residual"})
    if not isinstance(draw_purpose, str):
        raise EngineError(ErrorCode.INVALID_OPTION, {"option": "draw_purpose"})
    if not isinstance(draw_seed, bytes):
        raise EngineError(ErrorCode.INVALID_DRAW_SEED)
    codes = check_metrics(metrics)
    codes += tuple(code for code in _DECIDES.get(residual, ()) if code not in codes)
    ledger = Ledger(table, rules)
    groups: list[list[int]] = [list(range(ledger.size))] if ledger.size else []
    boundaries: list[Boundary] = []
    values: Values = [[] for _ in range(ledger.size)]
    for level, code in enumerate(codes):
        splits = _splits(ledger, groups, code, values, draw_seed, draw_purpose)
        refined: list[list[int]] = []
        between: list[Boundary] = []
        for position, split in enumerate(splits):
            if position:
                between.append(boundaries[position - 1])
            refined += split.groups
            between += [Boundary(level, cut) for cut in split.cuts]
        groups, boundaries = refined, between
    return _standings(ledger, codes, groups, boundaries, values, residual)


def _splits(
    ledger: Ledger, groups: list[list[int]], code: str, values: Values, draw_seed: bytes, draw_purpose: str
) -> list[Split]:
    """Each group divided by one metric; the values are noted on the way."""
    rule = find_rule(code)
    if isinstance(rule, Metric):
        return _split_by_metric(ledger, groups, code, rule, values)
    compare = rule or _Lots(ledger, draw_seed, draw_purpose)
    splits = []
    for group in groups:
        if len(group) == 1:
            splits.append(Split([group], []))
        else:
            splits.append(compare.split(ledger, group))
            _note_positions(splits[-1], code, values)
    return splits


class _Lots:
    """One lot for every entrant of the table, drawn when the first tie asks for it."""

    def __init__(self, ledger: Ledger, draw_seed: bytes, purpose: str) -> None:
        self._order = cache(lambda: shuffle(range(ledger.size), draw_seed, purpose))

    def split(self, index: Index, tied: Sequence[int]) -> Split:
        members = frozenset(tied)
        order = [[entrant] for entrant in self._order() if entrant in members]
        return Split(order, [Cut(LOT, position, position + 1) for position in range(1, len(order))])


def _split_by_metric(ledger: Ledger, groups: list[list[int]], code: str, metric: Metric, values: Values) -> list[Split]:
    column, scale = metric.column(ledger)
    real = {value: shown(value, scale) for value in set(column)}
    for entrant, value in enumerate(column):
        values[entrant].append((code, real[value]))
    splits = []
    for group in groups:
        if len(group) == 1:
            splits.append(Split([group], []))
            continue
        parts = by_value(group, [column[entrant] for entrant in group], metric.ascending)
        cuts = [Cut(code, real[above], real[below]) for (above, _), (below, _) in pairwise(parts)]
        splits.append(Split([members for _, members in parts], cuts))
    return splits


def _note_positions(split: Split, code: str, values: Values) -> None:
    position = 1
    for group in split.groups:
        for entrant in group:
            values[entrant].append((code, position))
        position += len(group)


def _standings(
    ledger: Ledger,
    codes: tuple[str, ...],
    groups: list[list[int]],
    boundaries: list[Boundary],
    values: Values,
    residual: Residual,
) -> tuple[Standing, ...]:
    names = [record.entrant for record in ledger.records]
    standings: list[Standing] = []
    for number, group in enumerate(groups):
        above = (boundaries[number - 1], names[groups[number - 1][-1]]) if number else None
        below = (boundaries[number], names[groups[number + 1][0]]) if number + 1 < len(groups) else None
        why = explain(codes, above, below, len(group), residual)
        place, tied = len(standings) + 1, len(group) > 1
        standings += [Standing(names[e], place, tied, True, tuple(values[e]), why) for e in group]
    annulled = ledger.table.annulled
    place = len(standings) + 1
    standings += [
        Standing(entrant, place, len(annulled) > 1, True, (), Explanation("annulled")) for entrant in sorted(annulled)
    ]
    return tuple(standings)
