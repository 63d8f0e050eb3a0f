"""What a finished round costs, and why it deviates from pairing equals."""

from bisect import bisect_left
from collections.abc import Sequence

from tournaments.engine.types import Explanation

from .field import Columns, Cost, Pair
from .groups import Groups
from .sweep import Result


def cost_of(columns: Columns, result: Result, pairs: Sequence[Pair]) -> Cost:
    """The cost of a round; ``pairs`` are all its pairs with side a first."""
    points, bye = columns.points, result.bye
    broken = sum(part.broken for part in result.inside)
    gaps = repeats = before = 0
    floaters = [(entrant, way) for pair in result.across for entrant, way in zip(pair, (-1, 1), strict=True)]
    for upper, lower in result.across:
        gaps += (points[upper] - points[lower]) ** 2
        broken += lower in columns.blocked[upper]
    if bye is not None:
        floaters.append((bye, -1))
    for entrant, direction in floaters:
        last, earlier = columns.repeats(entrant, direction)
        repeats += last
        before += earlier
    shape = sum(part.shape for part in result.inside) + _floating_shape(columns, result.groups, floaters, bye)
    again = int(bye in columns.no_bye)
    above_lowest = 0 if bye is None else points[bye] - min(points)
    return Cost(broken, again, above_lowest, gaps, repeats, before, shape, _side_cost(columns, pairs, bye))


def _floating_shape(columns: Columns, groups: Groups, floaters: Sequence[Pair], bye: int | None) -> int:
    """Squared ranks from each floater to the end of its group: the first floats up, the last (after the bye) down."""
    members = dict(zip(groups.scores, groups.members, strict=True))
    total = 0
    if bye is not None:
        score = columns.points[bye]
        rest = [entrant for entrant in members.get(score, ()) if entrant != bye]
        members[score] = rest
        total += (len(rest) - bisect_left(rest, bye)) ** 2
    for entrant, direction in floaters:
        if entrant != bye:
            group = members[columns.points[entrant]]
            rank = bisect_left(group, entrant)
            total += (rank if direction > 0 else len(group) - 1 - rank) ** 2
    return total


def _side_cost(columns: Columns, pairs: Sequence[Pair], bye: int | None) -> int:
    sides = columns.sides
    if not sides:
        return 0
    rest = 0 if bye is None else sides[bye] ** 2
    return rest + sum((sides[one] + 1) ** 2 + (sides[two] - 1) ** 2 for one, two in pairs)


def explain(
    columns: Columns, across: Sequence[Pair], broken: Sequence[Pair], bye: int | None
) -> tuple[Explanation, ...]:
    """Why: each blocked pair, the bye, then each pair across score groups from the top.

    ``rematch_unavoidable`` (a, b); ``bye_lowest_group``, ``bye_next_group`` (everybody lower has had one, or cannot
    have it) and ``bye_again`` (entrant, points); ``float_odd_group`` (entrant, opponent, points, opponent_points: the
    better group is left with an odd number) and ``float_no_opponent`` (the better entrant has no opponent left among
    equals).
    """
    points = columns.points
    why = [Explanation("rematch_unavoidable", (("a", one), ("b", two))) for one, two in broken]
    if bye is not None:
        lowest = points[bye] == min(points)
        code = "bye_again" if bye in columns.no_bye else "bye_lowest_group" if lowest else "bye_next_group"
        why.append(Explanation(code, (("entrant", bye), ("points", points[bye]))))
    left: dict[int, int] = {}
    for upper, _ in across:
        left[points[upper]] = left.get(points[upper], 0) + 1
    for upper, lower in across:
        code = "float_odd_group" if left[points[upper]] == 1 else "float_no_opponent"
        params = (
            ("entrant", upper), ("opponent", lower), ("points", points[upper]), ("opponent_points", points[lower]),
        )  # fmt: skip
        why.append(Explanation(code, params))
    return tuple(why)
