"""The standings of a stage of heats, each place with its reason."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tournaments.engine.errors import EngineError, ErrorCode
from tournaments.engine.types import EntrantId, Explanation, Standing

from .points import METRICS, HeatScoring, Points
from .rows import HeatResult
from .scoring import Adjustment, EntrantTotals, totals

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
    adjustments: Iterable[Adjustment] = (),
    headstart: Mapping[EntrantId, int] | None = None,
    complete: bool = False,
) -> tuple[Standing, ...]:
    """All of ``entrants`` (in seed order), the best first, ranked by the metrics of ``scoring.ranking``.

    Metrics: ``points`` (all of them), ``wins`` (first places), ``kills``, ``placement_points``, ``best_game`` and
    ``last_game`` (points of one game), ``games_played``, ``place_sum`` (an absence counts the size of the lobby),
    ``seed``, and the declared extras, such as ``time_alive``. Who is equal in all of them shares a place (competition
    ranks: 1, 2, 2, 4) and is listed by seed. ``values`` holds the metrics of the ranking in its order, then those
    left out of it, the adjustments and the headstart.

    ``explain`` names the first metric that separates an entrant from the next group behind it (``ahead``; ``behind``
    the group before for the last one): ``metric``, the entrant's own ``value``, that of the ``other``, and the
    metrics before it, in which they are ``level``, joined by commas. ``shared`` gives the number of entrants that
    hold the place. ``alone``: there is nobody to compare with.

    :param results: in the order in which they were played.
    :param complete: no game is left, so that every place is final.
    :raises EngineError: as ``totals``.
    """
    return placed(ranked_rows(entrants, results, scoring, adjustments, headstart), complete)


def ranked_rows(
    entrants: Sequence[EntrantId],
    results: Sequence[HeatResult],
    scoring: HeatScoring,
    adjustments: Iterable[Adjustment] = (),
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
        for row in rows[start:end]:
            if end - start > 1:
                explain = Explanation("shared", (("entrants", end - start),))
            elif len(rows) == 1:
                explain = Explanation("alone")
            elif end < len(rows):
                explain = _separated("ahead", row, rows[end])
            else:
                explain = _separated("behind", row, rows[start - 1])
            standings.append(Standing(row.entrant, first + start, end - start > 1, complete, row.values, explain))
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


def _separated(code: str, row: RankedRow, other: RankedRow) -> Explanation:
    at = next(index for index, (own, theirs) in enumerate(zip(row.key, other.key, strict=True)) if own != theirs)
    name, value = row.values[at]
    return Explanation(
        code,
        (
            ("metric", name),
            ("value", shown(value)),
            ("other_value", shown(other.values[at][1])),
            ("other", other.entrant),
            ("level", ",".join(name for name, _ in row.values[:at])),
        ),
    )


def shown(value: Points) -> int | str:
    """A value for an explanation; a fraction as text (``25/4``)."""
    return value if isinstance(value, int) else str(value)
