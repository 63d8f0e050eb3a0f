"""Who may do what in a team: the captain leads, managers invite too, members may leave."""

from typing import Any

from common.actions import describe
from common.errors import DomainError
from teams import errors
from teams.enums import Role
from teams.models import Team

Refusal = type[DomainError] | None


def why_not_lead(team: Team, role: str | None) -> Refusal:
    """Rename or close the team, remove members, give roles, hand over."""
    if role != Role.CAPTAIN:
        return errors.NotTeamCaptain
    return errors.TeamClosed if team.closed_at else None


def why_not_recruit(team: Team, role: str | None) -> Refusal:
    """Withdraw an invitation."""
    if role not in {Role.CAPTAIN, Role.MANAGER}:
        return errors.NotTeamManager
    return errors.TeamClosed if team.closed_at else None


def why_not_invite(team: Team, role: str | None, members_count: int) -> Refusal:
    return why_not_recruit(team, role) or why_not_grow(team, members_count)


def why_not_grow(team: Team, members_count: int) -> Refusal:
    if team.closed_at:
        return errors.TeamClosed
    return errors.TeamFull if members_count >= team.max_members else None


def why_not_leave(team: Team, role: str | None, members_count: int) -> Refusal:
    """The last member may leave; it closes the team."""
    if role is None:
        return errors.NotInTeam
    if team.closed_at:
        return errors.TeamClosed
    return errors.CaptainMustHandOver if role == Role.CAPTAIN and members_count > 1 else None


def require(refusal: Refusal) -> None:
    """:raises DomainError: the refusal, if there is one."""
    if refusal is not None:
        raise refusal


def available_actions(team: Team, role: str | None, members_count: int) -> list[dict[str, Any]]:
    """``[{action, allowed, reason, deadline}]`` for somebody in this role; ``reason`` is an error code."""
    lead = why_not_lead(team, role)
    refusals = {
        "update": lead,
        "close": lead,
        "add_member": why_not_invite(team, role, members_count),
        "remove_member": lead,
        "set_role": lead,
        "transfer_captaincy": lead,
        "leave_team": why_not_leave(team, role, members_count),
    }
    return [describe(action, refusal) for action, refusal in refusals.items()]
