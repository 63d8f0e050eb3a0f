"""Buchholz, Sonneborn-Berger and their relatives, with FIDE's rules for unplayed rounds.

Source: FIDE Handbook C.07, articles 8, 9, 14 and 16, as in force from August 2024 and from February 2026. Every value
here is a sum of scores in half points, Sonneborn-Berger a sum of products of two such scores.
"""

from collections.abc import Sequence
from functools import cached_property

from .columns import Column, quotients
from .index import NOBODY, Index
from .records import Meeting, MeetingKind

Share = tuple[int, int, bool]
"""What one round brings: the score of the opponent (or dummy), its contribution, and whether article 16.5 prefers to
cut it because the round was left unplayed voluntarily."""


class Ledger(Index):
    """An index that also knows what each round brings to the tie-breaks of C.07."""

    @cached_property
    def buchholz(self) -> list[list[Share]]:
        """The shares of Buchholz (article 8.1)."""
        return self._shares(fore=False)

    @cached_property
    def fore_buchholz(self) -> list[list[Share]]:
        """The same as if every game paired in the last round were drawn (article 8.3)."""
        return self._shares(fore=True)

    @cached_property
    def sonneborn_berger(self) -> list[list[Share]]:
        """Each score of Buchholz times the points of its round (article 9.1)."""
        rows = []
        for shares, meetings, opponents in zip(self.buchholz, self.meetings, self.opponents, strict=True):
            counted = meetings
            if self.table.all_play_all:
                counted = tuple([m for m, opponent in zip(meetings, opponents, strict=True) if opponent != NOBODY])
            rows.append(
                [
                    (score, score * meeting.points, voluntary)
                    for (score, _, voluntary), meeting in zip(shares, counted, strict=True)
                ]
            )
        return rows

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

    def _shares(self, fore: bool) -> list[list[Share]]:
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
            row: list[Share] = []
            for meeting, opponent in zip(meetings, opponents, strict=True):
                if opponent != NOBODY and (
                    meeting.kind is MeetingKind.PLAYED or all_play_all or (fore and meeting.round == last)
                ):
                    score = adjusted[opponent]
                    row.append((score, score, False))
                elif not all_play_all:
                    score = self._own_score(entrant, fore)
                    if capped:
                        score = min(score, all_drawn if opponent == NOBODY else adjusted[opponent])
                    row.append((score, score, meeting.voluntary))
            rows.append(row)
        return rows


def cut_sum(shares: Sequence[Share], low: int, high: int) -> int:
    """The sum of the contributions without the ``low`` least and the ``high`` most significant ones.

    The least significant is that of the opponent with the lowest score; the lowest contribution of a voluntary
    unplayed round is cut in its place unless it is lower (articles 14.1 and 16.5). The most significant is that of the
    opponent with the highest score.
    """
    kept = list(shares)
    for _ in range(min(low, len(kept))):
        cut = min(kept)
        voluntary = [share for share in kept if share[2]]
        if voluntary:
            candidate = min(voluntary, key=lambda share: (share[1], share[0]))
            if candidate[1] >= cut[1]:
                cut = candidate
        kept.remove(cut)
    for _ in range(min(high, len(kept))):
        kept.remove(max(kept))
    return sum([share[1] for share in kept])


def average_of_buchholz(ledger: Ledger) -> Column:
    """The average Buchholz of the opponents met over the board, 0 without one (article 8.2)."""
    buchholz = [sum([share[1] for share in shares]) for shares in ledger.buchholz]
    met = [
        [
            buchholz[opponent]
            for meeting, opponent in zip(meetings, opponents, strict=True)
            if opponent != NOBODY and (meeting.kind is MeetingKind.PLAYED or ledger.table.all_play_all)
        ]
        for meetings, opponents in zip(ledger.meetings, ledger.opponents, strict=True)
    ]
    return quotients([sum(scores) for scores in met], [len(scores) for scores in met], scale=2)
