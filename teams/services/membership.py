from datetime import datetime

from django.db.models import Q

from common import audit
from common.db import needs_transaction, use_case
from common.state import transition
from notifications.services import notify
from teams import rules, selectors
from teams.enums import INVITATION_TRANSITIONS, InvitationStatus, Role
from teams.errors import AlreadyCaptain, CaptainMustHandOver, NotAMember
from teams.models import Invitation, Team, TeamMember
from teams.services import places, teams
from users.models import User


@use_case
def leave(*, team_id: int, actor: User, now: datetime) -> Team:
    """Leave a team; the last one to leave closes it.

    :raises NotInTeam: the actor is not in it. :raises TeamClosed: it is over.
    :raises CaptainMustHandOver: the captain cannot leave others behind.
    """
    team = places.lock_team(team_id)
    count = places.count_members(team)
    rules.require(rules.why_not_leave(team, selectors.role_of(team, actor.pk), count))
    TeamMember.objects.filter(team=team, user=actor).delete()
    audit.record(action="team.leave", actor=actor, target=team, now=now)
    if count == 1:
        teams.end(team, actor=actor, now=now)
    else:
        places.touch(team)
    return team


@use_case
def remove(*, team_id: int, user_id: int, actor: User, now: datetime) -> Team:
    """Take a member's place away.

    :raises NotTeamCaptain, TeamClosed: the actor may not, or not any more.
    :raises NotAMember: the user is not in the team. :raises CaptainMustHandOver: it is the captain.
    """
    team = places.lock_team(team_id)
    rules.require(rules.why_not_lead(team, selectors.role_of(team, actor.pk)))
    place = _place(team, user_id)
    if place.role == Role.CAPTAIN:
        raise CaptainMustHandOver
    place.delete()
    places.touch(team)
    audit.record(action="team.remove_member", actor=actor, target=team, now=now, user=user_id)
    notify(
        kind="team_member_removed",
        to=[user_id],
        params=teams.about(team),
        dedupe_key=f"team_member_removed:{team.pk}:{team.version}",
        now=now,
    )
    return team


@use_case
def set_role(*, team_id: int, user_id: int, role: Role, actor: User, now: datetime) -> Team:
    """Make a member a manager, who may invite, or a plain member again.

    :raises NotTeamCaptain, TeamClosed: the actor may not, or not any more.
    :raises NotAMember: the user is not in the team. :raises AlreadyCaptain: it is the captain.
    """
    team = places.lock_team(team_id)
    rules.require(rules.why_not_lead(team, selectors.role_of(team, actor.pk)))
    place = _place(team, user_id)
    if place.role == Role.CAPTAIN:
        raise AlreadyCaptain
    before, place.role = place.role, role
    place.save(update_fields=["role"])
    places.touch(team)
    audit.record(action="team.set_role", actor=actor, target=team, now=now, user=user_id, role=[before, role])
    return team


@use_case
def transfer_captaincy(*, team_id: int, user_id: int, actor: User, now: datetime) -> Team:
    """Make another member the captain; the old one stays as a plain member.

    :raises NotTeamCaptain, TeamClosed: the actor may not, or not any more.
    :raises NotAMember: the user is not in the team, or the account is closed.
    :raises AlreadyCaptain: it is the captain.
    """
    team = places.lock_team(team_id)
    rules.require(rules.why_not_lead(team, selectors.role_of(team, actor.pk)))
    place = _place(team, user_id)
    if place.role == Role.CAPTAIN:
        raise AlreadyCaptain
    if not place.user.is_active:
        raise NotAMember
    TeamMember.objects.filter(team=team, role=Role.CAPTAIN).update(role=Role.MEMBER)
    place.role = Role.CAPTAIN
    place.save(update_fields=["role"])
    team.captain = place.user
    places.touch(team)
    audit.record(action="team.transfer", actor=actor, target=team, now=now, captain=[actor.pk, user_id])
    notify(
        kind="team_captain_changed",
        to=selectors.members(team).exclude(pk=actor.pk).values_list("pk", flat=True),
        params=teams.about(team) | {"captain": place.user.username},
        dedupe_key=f"team_captain_changed:{team.pk}:{team.version}",
        now=now,
    )
    return team


def _place(team: Team, user_id: int) -> TeamMember:
    place = TeamMember.objects.select_related("user").filter(team=team, user_id=user_id).first()
    if place is None:
        raise NotAMember
    return place


@needs_transaction
def leave_all(*, user: User, now: datetime) -> None:
    """Out of every team for good, whose last member closes it; open invitations from and to the user are withdrawn.

    The caller has seen to it that the user is captain of nobody else.
    """
    mine = TeamMember.objects.filter(user=user, team__closed_at=None)
    for team in Team.objects.filter(pk__in=mine.values("team")).locked():
        alone = places.count_members(team) == 1
        TeamMember.objects.filter(team=team, user=user).delete()
        audit.record(action="team.leave", actor=user, target=team, now=now)
        if alone:
            teams.end(team, actor=user, now=now)
        else:
            places.touch(team)
    invitations = Invitation.objects.filter(Q(user=user) | Q(inviter=user), status=InvitationStatus.PENDING).locked()
    for invitation in invitations:
        transition(invitation, InvitationStatus.CANCELLED, INVITATION_TRANSITIONS)
        invitation.answered_at = now
        invitation.save()
