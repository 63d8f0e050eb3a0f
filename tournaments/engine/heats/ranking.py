"""The standings of a stage of heats, each place with its reason."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tournaments.engine.errors import EngineError, ErrorCode
from tournaments.engine.ranking.explain import printed
from tournaments.engine.types import EntrantId, Explanation, Standing

from .points import METRICS, HeatScoring, Points
from .rows import HeatResult
from .scoring import EntrantTotals, HeatAdjustment, totals

Values = tuple[tuple[str, Points], ...]


class RankedRow(NamedTuple):
    """An entrant with its metrics by name (``values``) and as a sort key, the smaller the better (``key``)."""

    key: tuple[Points, ...]
    entrant: EntrantId
    values: Values


def heat_standings(
    entrants: Sequence[EntrantId],
    results: Sequence[HeatResult],
    scoring: HeatScoring,
    adjustments: Iterable[HeatAdjustment] = (),
    headstart: Mapping[EntrantId, int] | None = None,
    complete: bool = False,
) -> tuple[Standing, ...]:
    """All of ``entrants`` (in seed order), the best first, ranked by the metrics of ``scoring.ranking``.

    Metrics: ``points`` (all of them), ``wins`` (first places), ``kills``, ``placement_points``, ``best_game`` and
    ``last_game`` (points of one game), ``games_played``, ``place_sum`` (an absence counts the size of the lobby),
    ``seed``, and the declared extras, such as ``time_alive``. Who is equal in all of them shares a place (competition
    ranks: 1, 2, 2, 4) and is listed by seed. ``values`` holds the metrics of the ranking in its order, then those
    left out of it, the adjustments and the headstart.

    ``explain`` has the codes and params of ``ranking.explain``: ``only_entrant``, ``shared`` or ``separated``, and
    what separates an entrant from its neighbours on either side.

    :param results: in the order in which they were played.
    :param complete: no game is left, so that every place is final.
    :raises EngineError: as ``totals``.
    """
    return placed(ranked_rows(entrants, results, scoring, adjustments, headstart), complete)


def ranked_rows(
    entrants: Sequence[EntrantId],
    results: Sequence[HeatResult],
    scoring: HeatScoring,
    adjustments: Iterable[HeatAdjustment] = (),
    headstart: Mapping[EntrantId, int] | None = None,
) -> list[RankedRow]:
    """All of ``entrants``, the best first, equals by seed.

    :raises EngineError: as ``totals``.
    """
    table = totals(entrants, results, scoring, adjustments, headstart)
    names = [metric.removeprefix("-") for metric in scoring.ranking]
    signs = [1 if metric.startswith("-") else -1 for metric in scoring.ranking]
    rest = [name for name in (*METRICS, *scoring.extras, "adjustment", "headstart") if name not in names]
    rows: list[RankedRow] = []
    for seed, (entrant, total) in enumerate(table.items(), 1):
        counts = _counts(total, seed)
        key = tuple([sign * counts[name] for sign, name in zip(signs, names, strict=True)])
        rows.append(RankedRow(key, entrant, tuple([(name, counts[name]) for name in (*names, *rest)])))
    rows.sort(key=lambda row: row.key)
    return rows


def placed(rows: Sequence[RankedRow], complete: bool, first: int = 1) -> tuple[Standing, ...]:
    """The standings of ``rows`` (sorted); the best gets the place ``first``."""
    starts = [index for index, row in enumerate(rows) if index == 0 or row.key != rows[index - 1].key]
    standings = []
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        params: list[tuple[str, str | int]] = [("sharing", end - start)] if end - start > 1 else []
        if start:
            params += _compared("above", rows[start], rows[start - 1])
        if end < len(rows):
            params += _compared("below", rows[start], rows[end])
        code = "shared" if end - start > 1 else "separated" if len(rows) > 1 else "only_entrant"
        explain = Explanation(code, tuple(params))
        standings += [
            Standing(row.entrant, first + start, end - start > 1, complete, row.values, explain)
            for row in rows[start:end]
        ]
    return tuple(standings)


def rank_rows(standings: Sequence[Standing]) -> tuple[EntrantId, ...]:
    """The entrants of ``standings`` in their order.

    :raises EngineError: ``invalid_entrant``.
    """
    if not isinstance(standings, list | tuple) or not all(isinstance(row, Standing) for row in standings):
        raise EngineError(ErrorCode.INVALID_ENTRANT)
    return tuple(row.entrant for row in standings)


def _counts(total: EntrantTotals, seed: int) -> dict[str, Points]:
    return {
        "points": total.points,
        "wins": total.wins,
        "kills": total.kills,
        "placement_points": total.placement_points,
        "best_game": total.best_game,
        "last_game": total.last_game,
        "games_played": total.games_played,
        "place_sum": total.place_sum,
        "seed": seed,
        "adjustment": total.adjustment,
        "headstart": total.headstart,
        **dict(total.extras),
    }


def _compared(side: str, row: RankedRow, other: RankedRow) -> list[tuple[str, str | int]]:
    at = next(index for index, (own, theirs) in enumerate(zip(row.key, other.key, strict=True)) if own != theirs)
    name, value = row.values[at]
    params: list[tuple[str, str | int]] = [
        (side, other.entrant),
        (f"{side}_by", name),
        (f"{side}_value", printed(other.values[at][1])),
        (f"{side}_own", printed(value)),
    ]
    if at:
        params.append((f"{side}_level_on", ",".join(name for name, _ in row.values[:at])))
    return params
