"""Ties broken by the meetings of the tied entrants among themselves.

| code | rule |
|---|---|
| H2H | points in the mini-table of the tied entrants |
| H2H:POINTS+SCORE_DIFF | these metrics of the mini-table, in this order |
| H2H_RESTART… | the same; whoever is still level afterwards is compared again in a mini-table of its own |
| DE | direct encounter of FIDE C.07 article 6: average points per opponent, restarted, without forfeits in a Swiss |

In a table that is not ``all_play_all`` the tied entrants may not all have met. Then only those are separated, from the
top, who have more points than anybody below them could still have had by winning every missing game (article 6.3).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import NamedTuple, TypeVar

from .columns import Number, shown
from .index import Index
from .metrics import TALLIES
from .records import Meeting, MeetingKind

N = TypeVar("N", int, Number)


class Cut(NamedTuple):
    """What separates two neighbouring groups: a code and the value of the group above and of the group below."""

    code: str
    above: Number
    below: Number


class Split(NamedTuple):
    """Groups from the best to the worst; ``cuts[k]`` stands between ``groups[k]`` and ``groups[k + 1]``."""

    groups: list[list[int]]
    cuts: list[Cut]


MiniTable = dict[int, list[Meeting]]


@dataclass(frozen=True, slots=True)
class HeadToHead:
    """One way of comparing tied entrants by their own meetings; ``criteria`` are codes of ``TALLIES``."""

    code: str
    criteria: tuple[str, ...]
    restart: bool
    direct_encounter: bool

    def split(self, index: Index, tied: Sequence[int]) -> Split:
        """The tied entrants in groups; inside a group they stay in the order given."""
        groups: list[list[int]] = []
        cuts: list[Cut] = []
        open_groups: list[tuple[list[int], Cut | None]] = [(list(tied), None)]
        while open_groups:
            group, above = open_groups.pop()
            if above is not None:
                cuts.append(above)
            found = self._compared(index, group) if len(group) > 1 else Split([group], [])
            if self.restart and len(found.groups) > 1:
                open_groups += reversed(list(zip(found.groups, (None, *found.cuts), strict=True)))
            else:
                groups += found.groups
                cuts += found.cuts
        return Split(groups, cuts)

    def _compared(self, index: Index, tied: Sequence[int]) -> Split:
        """The tied entrants by one mini-table."""
        meetings = self._mini_table(index, tied)
        opponents = {entrant: {meeting.opponent for meeting in meetings[entrant]} for entrant in tied}
        if not index.table.all_play_all and any(len(met) < len(tied) - 1 for met in opponents.values()):
            missing = {entrant: len(tied) - 1 - len(met) for entrant, met in opponents.items()}
            return self._peeled(tied, meetings, missing, index.scheme.win)
        split = Split([list(tied)], [])
        for criterion in self.criteria:
            split = self._refined(split, criterion, meetings)
        return split

    def _mini_table(self, index: Index, tied: Sequence[int]) -> MiniTable:
        members = frozenset(tied)
        forfeits = index.table.all_play_all or not self.direct_encounter
        return {
            entrant: [
                meeting
                for meeting, opponent in zip(index.meetings[entrant], index.opponents[entrant], strict=True)
                if opponent in members and (forfeits or meeting.kind is MeetingKind.PLAYED)
            ]
            for entrant in tied
        }

    def _code_of(self, criterion: str) -> str:
        family, colon, _ = self.code.partition(":")
        return f"{family}:{criterion}" if colon else family

    def _points(self, meetings: Sequence[Meeting]) -> Number:
        if not self.direct_encounter:
            return TALLIES["POINTS"].count(meetings)
        scores: dict[str | None, list[int]] = {}
        for meeting in meetings:
            scores.setdefault(meeting.opponent, []).append(meeting.points)
        return sum([Fraction(sum(points), len(points)) for points in scores.values()])

    def _refined(self, split: Split, criterion: str, meetings: MiniTable) -> Split:
        tally = TALLIES[criterion]
        count = self._points if criterion == "POINTS" else tally.count
        code = self._code_of(criterion)
        groups: list[list[int]] = []
        cuts: list[Cut] = []
        for position, group in enumerate(split.groups):
            if position:
                cuts.append(split.cuts[position - 1])
            parts = by_value(group, [count(meetings[entrant]) for entrant in group], tally.ascending)
            for number, (value, members) in enumerate(parts):
                if number:
                    cuts.append(Cut(code, shown(parts[number - 1][0], tally.scale), shown(value, tally.scale)))
                groups.append(members)
        return Split(groups, cuts)

    def _peeled(self, tied: Sequence[int], meetings: MiniTable, missing: dict[int, int], win: int) -> Split:
        scale = TALLIES["POINTS"].scale
        achieved = {entrant: self._points(meetings[entrant]) for entrant in tied}
        order = sorted(tied, key=lambda entrant: -achieved[entrant])
        possible = [achieved[entrant] + missing[entrant] * win for entrant in order]
        best_behind = list(accumulate(reversed(possible[1:]), max))[::-1]
        safe = 0
        while safe < len(best_behind) and achieved[order[safe]] > best_behind[safe]:
            safe += 1
        remaining = frozenset(order[safe:])
        groups = [[entrant] for entrant in order[:safe]]
        groups.append([entrant for entrant in tied if entrant in remaining])
        code = self._code_of("POINTS")
        return Split(
            groups,
            [
                Cut(code, shown(achieved[above], scale), shown(achieved[below], scale))
                for above, below in pairwise(order[: safe + 1])
            ],
        )


def by_value(group: Sequence[int], values: Sequence[N], ascending: bool) -> list[tuple[N, list[int]]]:
    """The members in parts of equal value, the best value first; inside a part they keep their order."""
    parts: dict[N, list[int]] = {}
    for entrant, value in zip(group, values, strict=True):
        parts.setdefault(value, []).append(entrant)
    return sorted(parts.items(), key=lambda part: part[0], reverse=not ascending)


def find_head_to_head(code: str) -> HeadToHead | None:
    """The comparison of a code, None for an unknown one."""
    if code == "DE":
        return HeadToHead(code, ("POINTS",), restart=True, direct_encounter=True)
    family, colon, listed = code.partition(":")
    if family not in ("H2H", "H2H_RESTART"):
        return None
    criteria = tuple(listed.split("+")) if colon else ("POINTS",)
    if len(set(criteria)) != len(criteria) or any(criterion not in TALLIES for criterion in criteria):
        return None
    return HeadToHead(code, criteria, family == "H2H_RESTART", direct_encounter=False)
