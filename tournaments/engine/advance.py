"""The local rule of every linked format: what one decided match does to the matches its two sides go to next.

``fold`` and ``apply`` are built on these two functions alone, and an adapter that stores matches as rows can use them
just so: settle a match when one of its slots changes, advance it when it is decided.
"""

from dataclasses import dataclass

from .errors import EngineError, ErrorCode
from .events import SlotFilled
from .series import check_outcome
from .types import BYE, Bye, Kind, MatchSpec, Occupant, Outcome, SlotState, Status, Tbd


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a match is, given its slots. ``outcome`` is there exactly when the slots alone decide it."""

    status: Status
    outcome: Outcome | None = None


_LOCKED = Settlement(Status.LOCKED)
_READY = Settlement(Status.READY)
_VOID = Settlement(Status.VOID, Outcome(None, Kind.WALKOVER))


def settle(a: SlotState, b: SlotState) -> Settlement:
    """``locked`` while a slot is unknown, ``ready`` between two entrants, ``walkover`` for the only entrant when the
    other slot is dead, ``void`` when both are."""
    if isinstance(a, Tbd) or isinstance(b, Tbd):
        return _LOCKED
    if isinstance(a, Bye):
        return _VOID if isinstance(b, Bye) else Settlement(Status.WALKOVER, Outcome(b, Kind.WALKOVER))
    if isinstance(b, Bye):
        return Settlement(Status.WALKOVER, Outcome(a, Kind.WALKOVER))
    return _READY


def advance(spec: MatchSpec, outcome: Outcome, a: SlotState, b: SlotState) -> tuple[SlotFilled, ...]:
    """Who goes where once the match between ``a`` and ``b`` ended in ``outcome``.

    The winner fills ``winner_to`` and the loser ``loser_to``. A place that nobody has won is filled with BYE: both
    after a double forfeit or a void match, the loser's after a walkover or a disqualification. A match with
    ``moves_if`` sends nobody on unless that side won.

    :raises EngineError: ``match_not_ready`` while a slot is unknown, ``invalid_outcome``, ``draw_not_allowed``,
        ``winner_required``, ``unexpected_winner``, ``winner_not_in_match``, ``invalid_score``, ``invalid_games``.
    """
    if isinstance(a, Tbd) or isinstance(b, Tbd):
        raise EngineError(ErrorCode.MATCH_NOT_READY, {"match": spec.id})
    check_outcome(spec, outcome, a, b)
    return moves_of(spec, outcome, a, b)


def moves_of(spec: MatchSpec, outcome: Outcome, a: Occupant, b: Occupant) -> tuple[SlotFilled, ...]:
    """As ``advance``, of an outcome that is known to be one the match can have."""
    if spec.winner_to is None and spec.loser_to is None:
        return ()
    winner: Occupant = BYE
    loser: Occupant = BYE
    stops = spec.moves_if is not None and outcome.winner != (a if spec.moves_if == "a" else b)
    if outcome.winner is not None and not stops:
        winner = outcome.winner
        if outcome.kind is not Kind.DQ:
            loser = b if winner == a else a
    moves = []
    if spec.winner_to is not None:
        moves.append(SlotFilled(spec.winner_to, winner))
    if spec.loser_to is not None:
        moves.append(SlotFilled(spec.loser_to, loser))
    return tuple(moves)
