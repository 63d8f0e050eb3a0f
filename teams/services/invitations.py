from datetime import datetime, timedelta

from django.conf import settings

from common import audit
from common.db import needs_transaction, use_case
from common.errors import NotFound
from common.limits import hit
from common.state import transition
from notifications.services import notify
from teams import rules, selectors
from teams.enums import INVITATION_TRANSITIONS, InvitationStatus, Role
from teams.errors import AlreadyInvited, AlreadyMember, CannotInviteSelf, InvitationExpired, InvitationNotPending
from teams.models import Invitation, Team, TeamMember
from teams.services import places, teams
from users.models import User
from users.rules import require_contact

INVITES_PER_HOUR = 60
INVITES_OF_ONE_USER_PER_DAY = 3
HOUR, DAY = 3600, 86_400


@use_case
def invite(*, team_id: int, user_id: int, actor: User, now: datetime) -> Invitation:
    """Offer a user a place for INVITATION_DAYS; the place is not reserved.

    :raises NotTeamManager, TeamClosed, TeamFull: the actor may not, or not now.
    :raises NotFound: there is no such team, or no such active user.
    :raises CannotInviteSelf, AlreadyMember, AlreadyInvited: there is nothing to offer.
    :raises ContactRefused: the user takes no invitation from the actor.
    :raises RateLimited: the actor invites too much, or the team does not take no for an answer.
    """
    team = places.lock_team(team_id)
    rules.require(rules.why_not_invite(team, selectors.role_of(team, actor.pk), places.count_members(team)))
    if user_id == actor.pk:
        raise CannotInviteSelf
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        raise NotFound
    if TeamMember.objects.filter(team=team, user=user).exists():
        raise AlreadyMember
    require_contact(
        sender=actor,
        to=user,
        setting="invitations",
        are_teammates=lambda: selectors.are_teammates(actor.pk, user.pk),
    )
    _expire_old(team, user, now)
    hit(key=f"team-invite:{actor.pk}", limit=INVITES_PER_HOUR, window_seconds=HOUR, now=now)
    hit(key=f"team-invite:{team.pk}:{user.pk}", limit=INVITES_OF_ONE_USER_PER_DAY, window_seconds=DAY, now=now)
    invitation = Invitation.objects.create(
        team=team,
        user=user,
        inviter=actor,
        created_at=now,
        expires_at=now + timedelta(days=settings.INVITATION_DAYS),
    )
    audit.record(action="team.invite", actor=actor, target=team, now=now, user=user.pk)
    notify(
        kind="team_invitation",
        to=[user.pk],
        params=teams.about(team) | {"inviter": actor.username, "invitation_id": invitation.pk},
        dedupe_key=f"team_invitation:{invitation.pk}",
        now=now,
    )
    return invitation


@use_case
def respond(*, invitation_id: int, accept: bool, actor: User, now: datetime) -> Invitation:
    """Answer an invitation; accepting takes the place.

    :raises NotFound: the actor has no such invitation.
    :raises InvitationNotPending, InvitationExpired: it cannot be answered any more.
    :raises TeamClosed, TeamFull, TooManyTeams, AlreadyMember: there is no place to take.
    """
    found = Invitation.objects.filter(pk=invitation_id, user=actor).first()
    if found is None:
        raise NotFound
    if accept:
        places.lock_user(actor.pk)
        team = places.lock_team(found.team_id)
    invitation = _lock(found.pk)
    if invitation.expires_at <= now:
        raise InvitationExpired
    status = InvitationStatus.ACCEPTED if accept else InvitationStatus.REJECTED
    _finish(invitation, status, now)
    if accept:
        places.take(team=team, user=actor, role=Role.MEMBER, now=now)
        places.touch(team)
    audit.record(action=f"team.invitation_{status}", actor=actor, target=invitation.team, now=now)
    notify(
        kind="team_invitation_answered",
        to={invitation.inviter_id, invitation.team.captain_id},
        params=teams.about(invitation.team) | {"user": actor.username, "status": str(status)},
        dedupe_key=f"team_invitation_answered:{invitation.pk}",
        now=now,
    )
    return invitation


@use_case
def cancel(*, invitation_id: int, actor: User, now: datetime) -> Invitation:
    """Withdraw an invitation that has not been answered.

    :raises NotFound: there is none, or the actor may not know of it.
    :raises NotTeamManager: the actor is neither captain nor manager of the team. :raises TeamClosed: it is over.
    :raises InvitationNotPending: it has been answered or withdrawn.
    """
    found = Invitation.objects.filter(pk=invitation_id).first()
    if found is None:
        raise NotFound
    team = places.lock_team(found.team_id)
    role = selectors.role_of(team, actor.pk)
    if role is None and found.user_id != actor.pk:
        raise NotFound
    rules.require(rules.why_not_recruit(team, role))
    invitation = _lock(found.pk)
    _finish(invitation, InvitationStatus.CANCELLED, now)
    audit.record(action="team.invitation_cancelled", actor=actor, target=team, now=now, user=invitation.user_id)
    return invitation


@needs_transaction
def _lock(invitation_id: int) -> Invitation:
    """:raises InvitationNotPending: it has been answered or withdrawn."""
    invitation = Invitation.objects.select_related("team").filter(pk=invitation_id).locked().get()
    if invitation.status != InvitationStatus.PENDING:
        raise InvitationNotPending
    return invitation


@needs_transaction
def _finish(invitation: Invitation, status: InvitationStatus, now: datetime) -> None:
    transition(invitation, status, INVITATION_TRANSITIONS)
    invitation.answered_at = now
    invitation.save()


@needs_transaction
def _expire_old(team: Team, user: User, now: datetime) -> None:
    """:raises AlreadyInvited: the invitation that is there has not expired."""
    pending = Invitation.objects.filter(team=team, user=user, status=InvitationStatus.PENDING).locked().first()
    if pending is None:
        return
    if pending.expires_at > now:
        raise AlreadyInvited
    _finish(pending, InvitationStatus.EXPIRED, now)
