"""Buchholz, Sonneborn-Berger and their relatives, with FIDE's rules for unplayed rounds.

Source: FIDE Handbook C.07, articles 8, 9, 14 and 16, as in force from August 2024 and from February 2026. Every value
here is a sum of scores in half points, Sonneborn-Berger a sum of products of two such scores.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from .columns import Column, quotients
from .index import NOBODY, Index
from .records import Meeting, MeetingKind


class Shares(NamedTuple):
    """What the rounds of one entrant bring to its tie-breaks, position by position.

    ``scores``: of the opponent, or of the dummy of an unplayed round. ``earned``: the points of the round.
    ``voluntary``: the positions of the voluntary unplayed rounds, which article 16.5 prefers to cut.
    """

    scores: list[int]
    earned: list[int]
    voluntary: tuple[int, ...]


class Ledger(Index):
    """An index that also knows what each round brings to the tie-breaks of C.07."""

    @cached_property
    def shares(self) -> list[Shares]:
        """The shares of Buchholz and Sonneborn-Berger (articles 8.1 and 9.1)."""
        return self._shares(fore=False)

    @cached_property
    def fore_shares(self) -> list[Shares]:
        """The same as if every game paired in the last round were drawn (article 8.3)."""
        return self._shares(fore=True)

    def _last_pairings(self, entrant: int) -> list[Meeting]:
        return [
            meeting
            for meeting, opponent in zip(self.meetings[entrant], self.opponents[entrant], strict=True)
            if opponent != NOBODY and meeting.round == self.rounds
        ]

    def _own_score(self, entrant: int, fore: bool) -> int:
        own = self.points[entrant]
        if fore:
            own += sum(self.scheme.draw - meeting.points for meeting in self._last_pairings(entrant))
        return own

    def _adjusted_score(self, entrant: int, fore: bool) -> int:
        """The score as the tie-breaks of the opponents see it (article 16.3).

        In a Swiss the requested byes and absences after the last round the entrant was there for count as draws.
        """
        score, meetings = self._own_score(entrant, fore), self.meetings[entrant]
        if self.table.all_play_all or not meetings or meetings[-1].round != self.rounds:
            return score
        if fore and self._last_pairings(entrant):
            return score
        for meeting in reversed(meetings):
            if meeting.kind is MeetingKind.PLAYED or not meeting.voluntary:
                break
            if meeting.opponent is None:
                score += self.scheme.draw - meeting.points
        return score

    def _shares(self, fore: bool) -> list[Shares]:
        """What every round brings: the adjusted score of the opponent, or for an unplayed round that of a dummy.

        The dummy has the entrant's own score (article 16.4). Under the rules of 2026 it has at most the adjusted score
        of the opponent that was paired, or without one the score of a draw in every round. A round robin has no
        dummies: its unplayed games count like played ones, and a round without an opponent counts nothing.
        """
        adjusted = [self._adjusted_score(entrant, fore) for entrant in range(self.size)]
        all_play_all, capped, last = self.table.all_play_all, self.capped, self.rounds
        all_drawn = self.rounds * self.scheme.draw
        rows = []
        for entrant, (meetings, opponents) in enumerate(zip(self.meetings, self.opponents, strict=True)):
            scores: list[int] = []
            earned: list[int] = []
            voluntary: tuple[int, ...] = ()
            for meeting, opponent in zip(meetings, opponents, strict=True):
                if opponent != NOBODY and (
                    meeting.kind is MeetingKind.PLAYED or all_play_all or (fore and meeting.round == last)
                ):
                    scores.append(adjusted[opponent])
                elif all_play_all:
                    continue
                else:
                    if meeting.voluntary:
                        voluntary += (len(scores),)
                    score = self._own_score(entrant, fore)
                    if capped:
                        score = min(score, all_drawn if opponent == NOBODY else adjusted[opponent])
                    scores.append(score)
                earned.append(meeting.points)
            rows.append(Shares(scores, earned, voluntary))
        return rows


def buchholz(shares: Shares, low: int, high: int) -> int:
    """The sum of the scores, cut as by :func:`cut_sum`."""
    return cut_sum(shares.scores, shares.scores, shares.voluntary, low, high)


def sonneborn_berger(shares: Shares, low: int, high: int) -> int:
    """The sum of each score times the points earned against it, cut as by :func:`cut_sum`."""
    products = [score * points for score, points in zip(shares.scores, shares.earned, strict=True)]
    return cut_sum(shares.scores, products, shares.voluntary, low, high)


def cut_sum(scores: Sequence[int], contributions: Sequence[int], voluntary: Sequence[int], low: int, high: int) -> int:
    """The sum of the contributions without the ``low`` least and the ``high`` most significant ones.

    The least significant is that of the opponent with the lowest score; the lowest contribution of a voluntary
    unplayed round is cut in its place unless it is lower (articles 14.1 and 16.5). The most significant is that of the
    opponent with the highest score.
    """
    if not low and not high:
        return sum(contributions)
    kept = sorted(zip(scores, contributions, range(len(scores)), strict=True))
    for _ in range(min(low, len(kept))):
        cut = kept[0]
        preferred = [share for share in kept if share[2] in voluntary] if voluntary else ()
        if preferred:
            candidate = min(preferred, key=lambda share: (share[1], share[0]))
            if candidate[1] >= cut[1]:
                cut = candidate
        kept.remove(cut)
    return sum([contribution for _, contribution, _ in kept[: max(0, len(kept) - high)]])


def average_of_buchholz(ledger: Ledger) -> Column:
    """The average Buchholz of the opponents met over the board, 0 without one (article 8.2)."""
    scores = [sum(shares.scores) for shares in ledger.shares]
    met = [
        [
            scores[opponent]
            for meeting, opponent in zip(meetings, opponents, strict=True)
            if opponent != NOBODY and (meeting.kind is MeetingKind.PLAYED or ledger.table.all_play_all)
        ]
        for meetings, opponents in zip(ledger.meetings, ledger.opponents, strict=True)
    ]
    return quotients([sum(others) for others in met], [len(others) for others in met], scale=2)
