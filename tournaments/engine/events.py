"""What can happen to a stage (events, kept in its log) and what that changes (effects, for whoever stores matches)."""

from dataclasses import dataclass
from enum import StrEnum

from .heats.rows import HeatResult
from .types import EntrantId, MatchId, Occupant, Outcome, Status, Target


@dataclass(frozen=True, slots=True)
class Result:
    """The event "this match ended so"."""

    match_id: MatchId
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class RoundPaired:
    """The event "these meet in this round", of formats that pair round by round.

    ``pairs`` are (side a, side b) in match order; ``bye`` sits out, or advances without a match where losers are out.
    """

    round: int
    pairs: tuple[tuple[EntrantId, EntrantId], ...]
    bye: EntrantId | None = None


class DqMode(StrEnum):
    """What becomes of the matches of an entrant who is thrown out.

    ``forward``: the remaining ones are lost; ``void_unplayed``: the remaining ones are not played and count for nobody;
    ``void_all``: the played ones do not count either. A bracket is never rewritten backwards and its next round needs
    somebody, so there every mode acts as ``forward``.
    """

    FORWARD = "forward"
    VOID_UNPLAYED = "void_unplayed"
    VOID_ALL = "void_all"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """The event "this entrant plays no more": all open and future matches are walkovers for the opponents."""

    entrant: EntrantId


@dataclass(frozen=True, slots=True)
class Disqualification:
    """The event "this entrant is thrown out of the stage"."""

    entrant: EntrantId
    mode: DqMode = DqMode.FORWARD


MOST_POINTS = 2_000_000


@dataclass(frozen=True, slots=True)
class Adjustment:
    """The event "this entrant gets or loses points outside of any match", for a reason that people can read.

    ``points`` are half points: 2 is one point, -6 takes three away. ``penalty`` adds disciplinary points (cards), of
    which fewer are better; it may take back what was added before. Neither is above ``MOST_POINTS``, with any sign.
    """

    entrant: EntrantId
    points: int
    reason: str
    penalty: int = 0


class Policy(StrEnum):
    """What a correction may do to later matches whose sides it changes.

    ``safe``: nothing, it is refused when one of them has a result; ``cascade``: their results are dropped and they are
    played again; ``keep``: it is refused unless every later match keeps its sides and its result.
    """

    SAFE = "safe"
    CASCADE = "cascade"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Correction:
    """The event "the recorded result of this match was wrong"."""

    match_id: MatchId
    outcome: Outcome
    policy: Policy = Policy.SAFE


Event = Result | HeatResult | RoundPaired | Withdrawal | Disqualification | Adjustment | Correction


@dataclass(frozen=True, slots=True)
class SlotFilled:
    """Effect: the occupant now stands in the target slot; BYE means that the slot is dead."""

    target: Target
    occupant: Occupant


@dataclass(frozen=True, slots=True)
class MatchOpened:
    """Effect: both opponents of the match are known."""

    match_id: MatchId


@dataclass(frozen=True, slots=True)
class MatchDecided:
    """Effect: the match is over, by a result or because a slot is dead."""

    match_id: MatchId
    status: Status
    outcome: Outcome


Effect = SlotFilled | MatchOpened | MatchDecided
