"""The words of the engine: entrants, slots, matches, outcomes, places. Values only; every rule lives elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Literal, NewType

EntrantId = NewType("EntrantId", str)
MatchId = NewType("MatchId", str)
Side = Literal["a", "b"]
OptionValue = tuple["OptionValue", ...] | bool | int | float | str


@dataclass(frozen=True, slots=True)
class Seed:
    """The entrant seeded ``number``, 1 is the best."""

    number: int


@dataclass(frozen=True, slots=True)
class WinnerOf:
    """Whoever wins the match."""

    match_id: MatchId


@dataclass(frozen=True, slots=True)
class LoserOf:
    """Whoever loses the match."""

    match_id: MatchId


@dataclass(frozen=True, slots=True)
class Bye:
    """Nobody, and nobody will come: the opponent advances without a match."""


@dataclass(frozen=True, slots=True)
class Tbd:
    """Not known yet."""


BYE = Bye()
TBD = Tbd()
Slot = Seed | WinnerOf | LoserOf | Bye | Tbd
Occupant = EntrantId | Bye
SlotState = EntrantId | Bye | Tbd


@dataclass(frozen=True, slots=True)
class Target:
    """One side of one match: where a winner or a loser goes next."""

    match_id: MatchId
    side: Side


@dataclass(frozen=True, slots=True)
class MatchSpec:
    """One planned match of two opponents.

    ``id`` is textual and stable (``W1.1``, ``P3``); ``number`` counts the real matches of a round from 1, in bracket
    order. ``winner_to`` and ``loser_to`` repeat the slots of the later matches from this end, so that one result can
    be advanced without looking at the rest of the plan. ``best_of`` 1 means that the score is the score of the one
    game; otherwise it counts games. ``draws`` says whether the match may end without a winner. ``advantage`` is the
    number of games that side a has won before the first is played; the score includes them, the list of games does
    not. If ``moves_if`` names a side, winner and loser go on only when that side won, and nobody goes on otherwise;
    ``conditional`` is the match whose result decides whether this one is played at all.
    """

    id: MatchId
    bracket: str
    round: int
    number: int
    a: Slot
    b: Slot
    best_of: int
    winner_to: Target | None
    loser_to: Target | None
    draws: bool = False
    advantage: int = 0
    moves_if: Side | None = None
    conditional: MatchId | None = None


@dataclass(frozen=True, slots=True)
class HeatSpec:
    """One planned game of many entrants: game ``game`` of lobby ``lobby``, played by these seeds. ``round`` is 0 in a
    stage with a single round of lobbies."""

    id: MatchId
    round: int
    lobby: int
    game: int
    seeds: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StageConfig:
    """A format name and its options; options left out take the format's defaults when the stage is planned."""

    format: str
    options: Mapping[str, OptionValue] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if isinstance(self.options, Mapping):
            object.__setattr__(self, "options", MappingProxyType(dict(self.options)))


class Kind(StrEnum):
    """How a match was decided. ``dq`` throws the loser out of the stage, every other kind costs only this match."""

    PLAYED = "played"
    FORFEIT = "forfeit"
    NO_SHOW = "no_show"
    WALKOVER = "walkover"
    DOUBLE_FORFEIT = "double_forfeit"
    DRAW = "draw"
    DQ = "dq"
    ADMIN = "admin"


class Status(StrEnum):
    """Where a match stands.

    ``locked``: a slot is not known yet; ``ready``: both opponents are known; ``completed``: a result was recorded;
    ``walkover``: one slot is dead, the other side advanced without a result; ``void``: both slots are dead.
    """

    LOCKED = "locked"
    READY = "ready"
    COMPLETED = "completed"
    WALKOVER = "walkover"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Game:
    """One game (map) of a series: the side that won it and, if known, its score (side a, side b)."""

    winner: Side
    score: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one match. ``score`` is (side a, side b); ``winner`` is None when nobody won."""

    winner: EntrantId | None
    kind: Kind = Kind.PLAYED
    score: tuple[int, int] | None = None
    games: tuple[Game, ...] = ()


@dataclass(frozen=True, slots=True)
class MatchState:
    """One match at one moment. ``outcome`` is None exactly while the match is locked or ready."""

    a: SlotState
    b: SlotState
    status: Status
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class PlaceRange:
    """The places ``first``..``last`` (1 is the best), shared by ``last - first + 1`` entrants."""

    first: int
    last: int

    @property
    def size(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an entrant stands where it stands: a code and its named values, for the caller to put into words."""

    code: str
    params: tuple[tuple[str, str | int | Fraction], ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """One row of the standings. ``final``: no unplayed match can change the place any more. ``values`` are the numbers
    the place comes from, exact, by name."""

    entrant: EntrantId
    place: int
    tied: bool
    final: bool
    values: tuple[tuple[str, int | Fraction], ...]
    explain: Explanation
