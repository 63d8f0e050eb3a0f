"""Why an entrant stands where it stands, as a code and named values."""

from typing import NamedTuple

from tournaments.engine.types import EntrantId, Explanation

from .columns import Number
from .head_to_head import Cut
from .presets import LOT, Residual


class Boundary(NamedTuple):
    """What separates two neighbours, and how many metrics they were level on before."""

    level: int
    cut: Cut


Neighbour = tuple[Boundary, EntrantId]


def explain(
    codes: tuple[str, ...], above: Neighbour | None, below: Neighbour | None, sharing: int, residual: Residual
) -> Explanation:
    """What separates ``sharing`` entrants on one place from their neighbours.

    Codes: ``only_entrant``; ``separated`` by a metric on either side; ``seed`` or ``lot`` when that decided on one
    side; ``shared`` or ``playoff_required`` when several entrants are level on everything. (``annulled`` stands in the
    standings of a table with annulled entrants.)

    Params, in this order and only where they exist: ``sharing``, the number of entrants on the place; then for the
    next better neighbour ``above`` (its id), ``above_by`` (the code of the metric), ``above_value`` and ``above_own``
    (its value and one's own), ``above_level_on`` (the codes of the metrics before, joined by commas; their values
    stand in ``values``); then the same for the next worse one, ``below…``. A value is an integer, or a string with the
    exact decimal number or else the fraction: 6, "5.5", "7/9".
    """
    params: list[tuple[str, str | int]] = []
    if sharing > 1:
        params.append(("sharing", sharing))
    if above is not None:
        (level, cut), entrant = above
        params += _compared("above", entrant, cut.code, cut.above, cut.below, codes[:level])
    if below is not None:
        (level, cut), entrant = below
        params += _compared("below", entrant, cut.code, cut.below, cut.above, codes[:level])
    if sharing > 1:
        code = "playoff_required" if residual == "playoff_required" else "shared"
    else:
        decided_by = {neighbour[0].cut.code for neighbour in (above, below) if neighbour is not None}
        if not decided_by:
            code = "only_entrant"
        else:
            code = "lot" if LOT in decided_by else "seed" if "SEED" in decided_by else "separated"
    return Explanation(code, tuple(params))


def _compared(
    side: str, entrant: EntrantId, code: str, value: Number, own: Number, before: tuple[str, ...]
) -> list[tuple[str, str | int]]:
    params: list[tuple[str, str | int]] = [
        (side, entrant),
        (f"{side}_by", code),
        (f"{side}_value", printed(value)),
        (f"{side}_own", printed(own)),
    ]
    if before:
        params.append((f"{side}_level_on", ",".join(before)))
    return params


_QUARTERS = (None, ".25", ".5", ".75")


def printed(value: Number) -> str | int:
    """An integer as it is; a fraction as its exact decimal number where quarters suffice, otherwise as "7/9"."""
    if isinstance(value, int):
        return value
    if 4 % value.denominator:
        return f"{value.numerator}/{value.denominator}"
    whole, rest = divmod(abs(value.numerator) * (4 // value.denominator), 4)
    return f"{'-' if value.numerator < 0 else ''}{whole}{_QUARTERS[rest]}"
