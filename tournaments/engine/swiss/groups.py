"""Score groups: who has equal points, how many must float between neighbours, who may take the bye."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .field import Columns


@dataclass(frozen=True, slots=True)
class Groups:
    """The score groups, best first, each in seed order.

    ``odd[k]``: the groups 0..k (without the bye) are an odd number of entrants, so an odd number of pairs joins them
    to the groups below. ``steps[k]`` is the difference of points between group k and the next. ``takers`` are the
    entrants of the group ``taking`` that may have the bye; they are still in ``members``.
    """

    members: Sequence[Sequence[int]]
    scores: Sequence[int]
    steps: Sequence[int]
    odd: Sequence[bool]
    taking: int | None
    takers: Sequence[int]

    def size(self, first: int, last: int) -> int:
        """How many entrants the groups first..last have together."""
        return sum(map(len, self.members[first : last + 1]))


def score_groups(columns: Columns) -> Groups:
    """The groups of the whole field. The bye goes to the lowest group that has somebody who had none before."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for entrant, points in enumerate(columns.points):
        found[points].append(entrant)
    scores = sorted(found, reverse=True)
    members = [found[score] for score in scores]
    if len(columns.points) % 2 == 0:
        return _groups(members, scores, None, ())
    for index in range(len(members) - 1, -1, -1):
        takers = [entrant for entrant in members[index] if entrant not in columns.no_bye]
        if takers:
            return _groups(members, scores, index, takers)
    return _groups(members, scores, len(members) - 1, members[-1])


def without_taker(groups: Groups, taker: int) -> Groups:
    """The groups once it is settled who has the bye."""
    rest = [[entrant for entrant in group if entrant != taker] for group in groups.members]
    kept = [index for index, group in enumerate(rest) if group]
    return _groups([rest[index] for index in kept], [groups.scores[index] for index in kept], None, ())


def _groups(
    members: Sequence[Sequence[int]], scores: Sequence[int], taking: int | None, takers: Sequence[int]
) -> Groups:
    odd = []
    total = 0
    for index, group in enumerate(members):
        total += len(group) - (index == taking)
        odd.append(total % 2 == 1)
    return Groups(members, scores, [upper - lower for upper, lower in pairwise(scores)], odd, taking, takers)
