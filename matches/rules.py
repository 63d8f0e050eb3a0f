"""Who may do what with a match, and what of it a caller may do now."""

from datetime import datetime
from typing import Any

from common.actions import describe
from common.errors import DomainError
from matches import errors
from matches.enums import MatchStatus
from matches.models import Match
from users import rules as staff
from users.models import User
from users.types import Caller

DECIDABLE = {MatchStatus.ONGOING, MatchStatus.PENDING_CONFIRMATION, MatchStatus.DISPUTED}


def is_referee(caller: Caller, match: Match) -> bool:
    """Administrators and the managers of its game."""
    return staff.manages_game(caller, match.tournament.game_id)


def oversees(caller: Caller, match: Match) -> bool:
    """Sees what otherwise only the players see; referees and support do."""
    return staff.oversees_game(caller, match.tournament.game_id)


def require_side(match: Match, user: User) -> str:
    """The side, ``"a"`` or ``"b"``, on which the user plays. :raises NotParticipant: neither."""
    side = match.side_of(user.pk)
    if not side:
        raise errors.NotParticipant
    return side


def require_referee(match: Match, user: User) -> None:
    """:raises NotReferee: not a referee of its game. :raises OwnMatchNotRulable: a referee, but playing in it."""
    if not is_referee(user, match):
        raise errors.NotReferee
    if match.side_of(user.pk):
        raise errors.OwnMatchNotRulable


def why_not_submit(match: Match) -> type[DomainError] | None:
    return None if match.status == MatchStatus.ONGOING else errors.MatchNotOngoing


def why_not_confirm(match: Match, side: str) -> type[DomainError] | None:
    if match.status != MatchStatus.PENDING_CONFIRMATION:
        return errors.MatchNotPendingConfirmation
    return errors.OwnResultNotConfirmable if match.submitted_side == side else None


def why_not_dispute(match: Match, side: str, now: datetime) -> type[DomainError] | None:
    refusal = why_not_confirm(match, side)
    if refusal is None and match.confirm_deadline_at is not None and match.confirm_deadline_at <= now:
        return errors.ConfirmationTimeOver
    return refusal


def why_not_withdraw(match: Match, side: str) -> type[DomainError] | None:
    if match.status != MatchStatus.PENDING_CONFIRMATION:
        return errors.MatchNotPendingConfirmation
    return None if match.submitted_side == side else errors.NotOwnResult


def available_actions(match: Match, caller: Caller, now: datetime) -> list[dict[str, Any]]:
    """``[{action, allowed, reason, deadline}]`` for the caller; ``reason`` is an error code."""
    if not caller.is_authenticated:
        return []
    actions = []
    side = match.side_of(caller.pk)
    if side:
        actions += [
            describe("submit_result", why_not_submit(match)),
            describe("confirm_result", why_not_confirm(match, side), match.confirm_deadline_at),
            describe("dispute_result", why_not_dispute(match, side, now), match.confirm_deadline_at),
            describe("withdraw_result", why_not_withdraw(match, side), match.confirm_deadline_at),
        ]
    elif is_referee(caller, match):
        actions.append(describe("resolve", None if match.status in DECIDABLE else errors.MatchNotDecidable))
    return actions
