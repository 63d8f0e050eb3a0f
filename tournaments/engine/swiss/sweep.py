"""From the best score group down: the plain way inside each group, an exact window where it does not do."""

from collections.abc import Collection, Sequence
from itertools import islice, product
from typing import NamedTuple

from .field import Columns, Pair, Shape
from .fold import Inside, distance, pair_inside
from .groups import Groups, score_groups, without_taker
from .window import Wider, Window, solve_window

_SMALL_FIELD = 48
_CHOICES = 4
_TRIES, _TRIES_IF_LARGE, _LARGE = 12, 3, 64


class Block(NamedTuple):
    """One score group at the lower bound: who floats up, who floats down, who has the bye, and the rest."""

    inside: Inside
    up: int | None
    down: int | None
    bye: int | None


class Result(NamedTuple):
    """The score groups (with or without who has the bye), the pairs inside each, the pairs across groups (better group
    first), the bye; ``exact`` if a window was used."""

    groups: Groups
    inside: list[Inside]
    across: list[Pair]
    bye: int | None
    exact: bool


class Sweep:
    """Pair all groups.

    A group at the lower bound sends at most one entrant over each of its boundaries, as parity demands, and those with
    the fewest repeated floats among its members. A group that cannot do so becomes a window, and windows grow until
    they are proven or hold the whole field.
    """

    def __init__(self, columns: Columns, shape: Shape) -> None:
        self._columns = columns
        self._shape: Shape = shape
        self._field = score_groups(columns)
        self._taker = self._field.takers[0] if len(self._field.takers) == 1 else None
        self._groups = self._field if self._taker is None else without_taker(self._field, self._taker)
        count = len(self._groups.members)
        self._blocks: list[Block | None] = [None] * count
        self._windows: list[Window | None] = [None] * count
        self._spent = 0

    def run(self) -> Result:
        """The pairing of the field."""
        index = 0
        while index < len(self._blocks):
            window = self._windows[index]
            proven: Window | None
            if window is not None:
                above = self._windows[window.first - 1] if window.first else None
                if above is None or self._fit(above, window):
                    index = window.last + 1
                    continue
                proven = self._prove(above.first, window.last)
            else:
                self._blocks[index] = self._block(index)
                if self._blocks[index] is not None:
                    index += 1
                    continue
                proven = self._prove(*self._around(index))
            if proven is None:
                return self._whole()
            index = self._start_above(proven)
        return self._joined()

    def _around(self, index: int) -> tuple[int, int]:
        """A group and the windows next to it."""
        above = self._windows[index - 1] if index else None
        below = self._windows[index + 1] if index + 1 < len(self._windows) else None
        return (above.first if above else index), (below.last if below else index)

    def _start_above(self, window: Window) -> int:
        """Where to go on once there is a new window: at what stands above it, for its floater must suit the window."""
        index = max(0, window.first - 1)
        above = self._windows[index]
        return above.first if above else index

    def _fit(self, above: Window, below: Window) -> bool:
        """Whether the pair that joins two windows is allowed, and costs no more than their shares of it."""
        if above.down is None or below.up is None:
            return True
        points, scores = self._columns.points, self._groups.scores
        flush = points[above.down] == scores[above.last] or points[below.up] == scores[below.first]
        return flush and below.up not in self._columns.blocked[above.down]

    def _prove(self, first: int, last: int) -> Window | None:
        """A proven window around the groups; None if it would be most of the field, or all windows more than that."""
        entrants = len(self._columns.points)
        while True:
            upper, lower = self._windows[first], self._windows[last]
            first, last = (upper.first if upper else first), (lower.last if lower else last)
            size = self._groups.size(first, last)
            self._spent += size
            if entrants <= _SMALL_FIELD or self._spent > entrants or 3 * size > 2 * entrants:
                return None
            answer = solve_window(self._columns, self._groups, first, last)
            if isinstance(answer, Window):
                self._windows[first : last + 1] = [answer] * (last + 1 - first)
                return answer
            first, last = self._widened(first, last, answer)

    def _widened(self, first: int, last: int, wider: Wider) -> tuple[int, int]:
        """At least half as many entrants again, in the directions asked for."""
        goal = self._groups.size(first, last) * 3 // 2
        while True:
            first -= wider.above and first > 0
            last += wider.below and last < len(self._blocks) - 1
            at_end = (not wider.above or first == 0) and (not wider.below or last == len(self._blocks) - 1)
            if at_end or self._groups.size(first, last) > goal:
                return first, last

    def _block(self, index: int) -> Block | None:
        groups, blocked = self._groups, self._columns.blocked
        members = groups.members[index]
        rising = index > 0 and groups.odd[index - 1]
        if not rising and not groups.odd[index] and groups.taking != index:
            return self._rest(members, (None, None, None))
        above = self._floating_from_above(index) if rising else None
        below = self._windows[index + 1] if index + 1 < len(self._windows) else None
        after = below.up if below else None
        nobody: Sequence[int | None] = (None,)
        lowest_first = members[::-1]
        byes = self._least(groups.takers[::-1], -1, ()) if groups.taking == index else nobody
        downs = nobody
        if groups.odd[index]:
            downs = self._least(lowest_first, -1, () if after is None else blocked[after])
        ups = self._least(members, 1, () if above is None else blocked[above]) if rising else nobody
        for bye, down, up in islice(product(byes, downs, ups), _TRIES_IF_LARGE if len(members) > _LARGE else _TRIES):
            chosen = [entrant for entrant in (bye, down, up) if entrant is not None]
            if len(set(chosen)) == len(chosen):
                rest = [entrant for entrant in members if entrant not in chosen]
                block = self._rest(rest, (up, down, bye))
                if block is not None:
                    return block
        return None

    def _least(self, order: Sequence[int], direction: int, barred: Collection[int]) -> list[int]:
        """The first few of those with the fewest repeated floats, without those that are barred."""
        columns = self._columns
        if columns.floats:
            fresh = (one for one in order if direction not in columns.floats[one] and one not in barred)
            found = list(islice(fresh, _CHOICES))
            if found:
                return found
            repeats = {one: columns.repeats(one, direction) for one in order}
            least = min(repeats.values())
            order = [one for one in order if repeats[one] == least]
        return list(islice((one for one in order if one not in barred), _CHOICES))

    def _floating_from_above(self, index: int) -> int | None:
        window, block = self._windows[index - 1], self._blocks[index - 1]
        if window is not None:
            return window.down
        return None if block is None else block.down

    def _rest(self, rest: Sequence[int], floaters: tuple[int | None, int | None, int | None]) -> Block | None:
        inside = pair_inside(rest, self._columns, self._shape)
        return None if inside.broken else Block(inside, *floaters)

    def _joined(self) -> Result:
        inside: list[Inside] = []
        across: list[Pair] = []
        bye = self._taker
        down: int | None = None
        index = 0
        while index < len(self._blocks):
            part = self._windows[index] or self._blocks[index]
            if part is None:
                raise RuntimeError("the sweep ends when every group is paired")
            if down is not None and part.up is not None:
                across.append((down, part.up))
            down = part.down
            bye = part.bye if bye is None else bye
            if isinstance(part, Window):
                within, between = self._refolded(part, self._groups)
                inside += within
                across += between
                index = part.last + 1
            else:
                inside.append(part.inside)
                index += 1
        return Result(self._groups, inside, across, bye, any(self._windows))

    def _whole(self) -> Result:
        window = solve_window(self._columns, self._field, 0, len(self._field.members) - 1)
        if isinstance(window, Wider):
            raise RuntimeError("the whole field cannot widen")
        return Result(self._field, *self._refolded(window, self._field), window.bye, True)

    def _refolded(self, window: Window, groups: Groups) -> tuple[list[Inside], list[Pair]]:
        """The pairs of a window by group, paired again in the shape asked for, and those across groups."""
        points = self._columns.points
        found: dict[int, list[Pair]] = {groups.scores[index]: [] for index in range(window.first, window.last + 1)}
        across = []
        for one, two in window.pairs:
            if points[one] == points[two]:
                found[points[one]].append((one, two))
            else:
                across.append((one, two))
        return [self._again(pairs) for pairs in found.values()], across

    def _again(self, pairs: list[Pair]) -> Inside:
        broken = sum(two in self._columns.blocked[one] for one, two in pairs)
        members = sorted(entrant for pair in pairs for entrant in pair)
        folded = pair_inside(members, self._columns, self._shape, broken)
        if folded.broken <= broken:
            return folded
        return Inside(sorted(pairs), distance(pairs, self._shape), broken)
