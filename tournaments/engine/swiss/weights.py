"""The criteria of one pair packed into one integer: adding and comparing integers adds and compares criteria."""

from collections.abc import Sequence
from dataclasses import dataclass

from .field import Columns
from .groups import Groups


@dataclass(frozen=True, slots=True)
class Scale:
    """Where each criterion sits, in bits from the right: every field is wide enough for the sum over a round.

    From the left: blocked pairs, the bye, twice the squared gaps, floats repeated from the last round, from the one
    before, and the distance of floaters from the end of their group at which they should be.
    """

    broken: int
    bye: int
    gaps: int
    repeats: int
    before: int

    def gap_sum(self, total: int) -> int:
        """Twice the squared gaps in a sum of weights."""
        return total >> self.gaps & (1 << self.bye - self.gaps) - 1


def scale(groups: Groups) -> Scale:
    """The scale for a field with these groups; it also has room for the two-sided dummies of a window."""
    entrants = groups.size(0, len(groups.members))
    widest = max(map(len, groups.members))
    edges = 4 * entrants + 16
    before = (edges * widest * widest).bit_length()
    repeats = before + edges.bit_length()
    gaps = repeats + edges.bit_length()
    bye = gaps + (2 * edges * (groups.scores[0] - groups.scores[-1]) ** 2).bit_length()
    return Scale(bye + (2 * len(groups.members) + 1).bit_length(), bye, gaps, repeats, before)


def float_weights(columns: Columns, groups: Groups, bits: Scale, index: int) -> tuple[list[int], list[int], list[int]]:
    """What it costs each member of a group to float down, to float up, to have the bye, apart from the gap."""
    members = groups.members[index]
    last = len(members) - 1
    lowest = last - (groups.taking == index)
    down, up, bye = [], [], []
    for rank, entrant in enumerate(members):
        repeated = _repeats(columns.repeats(entrant, -1), bits)
        down.append(repeated + (lowest - rank) ** 2)
        bye.append(repeated + (last - rank) ** 2)
        up.append(_repeats(columns.repeats(entrant, 1), bits) + rank * rank)
    return down, up, bye


def _repeats(repeated: Sequence[int], bits: Scale) -> int:
    return (repeated[0] << bits.repeats) + (repeated[1] << bits.before)
