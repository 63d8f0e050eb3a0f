"""What a ranking is computed from: who met whom, with what result, round by round.

Points are integers and count half points: a draw of a ½ is stored as 1, a win of 1 as 2, a win of 3 as 6.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple

from tournaments.engine.types import EntrantId, Side


class MeetingKind(StrEnum):
    """How one round of one entrant went.

    ``played``: a game was played. ``forfeit``: one of two paired entrants forfeited, did not come or was disqualified.
    ``double_forfeit``: both did. ``bye``: the pairing left the entrant without an opponent. ``requested_bye``: the
    entrant asked not to be paired, for the points of a draw or nothing. ``absent``: not paired, because it had
    withdrawn or had not yet entered.
    """

    PLAYED = "played"
    FORFEIT = "forfeit"
    DOUBLE_FORFEIT = "double_forfeit"
    BYE = "bye"
    REQUESTED_BYE = "requested_bye"
    ABSENT = "absent"


class Meeting(NamedTuple):
    """One decided round of one entrant, seen from its side.

    ``points`` counts half points, as the stage scored them. ``opponent`` is None exactly for ``bye``,
    ``requested_bye`` and ``absent``; then ``result`` is "none", and the points alone say what the round brought. Both
    sides of a double forfeit have the result "loss". ``games_*`` count the games (maps) of a series, ``score_*`` the
    goals, rounds or points inside them; both are 0 when they are not known. ``side`` is the side of the match plan.
    """

    round: int
    opponent: EntrantId | None
    kind: MeetingKind
    points: int
    result: Literal["win", "draw", "loss", "none"]
    games_for: int = 0
    games_against: int = 0
    score_for: int = 0
    score_against: int = 0
    side: Side | None = None

    @property
    def voluntary(self) -> bool:
        """Whether this is a voluntary unplayed round of FIDE C.07: a requested bye, an absence or a lost forfeit."""
        kind = self.kind
        if kind is MeetingKind.FORFEIT:
            return self.result == "loss"
        return kind in (MeetingKind.REQUESTED_BYE, MeetingKind.ABSENT, MeetingKind.DOUBLE_FORFEIT)


@dataclass(frozen=True, slots=True)
class Record:
    """Everything one entrant did in the stage, ``meetings`` in round order and only the decided ones.

    ``adjustment`` is added to the points of the entrant itself (in half points, may be negative) and to nobody's
    tie-breaks. ``penalty`` counts disciplinary points, 0 or more, fewer are better.
    """

    entrant: EntrantId
    seed: int
    meetings: tuple[Meeting, ...] = ()
    rating: int | None = None
    adjustment: int = 0
    penalty: int = 0
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Points:
    """What a result is worth, in half points: the default is 1, ½, 0 and 1 for a bye."""

    win: int = 2
    draw: int = 1
    loss: int = 0
    bye: int = 2


@dataclass(frozen=True, slots=True)
class Table:
    """The records of one group or one stage.

    ``rounds`` is the number of rounds the table covers: those begun so far, in the end all of them. A round that an
    entrant has no meeting for is not decided yet; an entrant that was not paired needs an ``absent`` meeting for it.
    ``legs`` is how often two entrants meet at most. ``all_play_all`` says that every pair is meant to meet: in a round
    robin FIDE C.07 lets an unplayed game count like a played one. ``annulled`` entrants rank last, without a record.
    """

    records: tuple[Record, ...]
    rounds: int
    scheme: Points = Points()
    legs: int = 1
    all_play_all: bool = False
    annulled: tuple[EntrantId, ...] = ()
