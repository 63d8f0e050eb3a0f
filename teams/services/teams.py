from datetime import datetime

from django.core.files.uploadedfile import UploadedFile

from common import audit, uploads
from common.db import needs_transaction, use_case
from common.errors import VersionConflict
from common.state import transition
from notifications.services import notify
from teams import rules, selectors
from teams.enums import INVITATION_TRANSITIONS, InvitationStatus, Role
from teams.models import Invitation, Team
from teams.services import places
from users.models import User


@use_case
def create(*, actor: User, name: str, team_picture: UploadedFile | None = None, now: datetime) -> Team:
    """Found a team whose captain and only member is the actor.

    :raises TooManyTeams: the actor is in MAX_TEAMS_PER_USER teams.
    :raises TeamNameTaken: (by constraint) an open team has this name.
    :raises FileRejected: the picture is not acceptable.
    """
    places.lock_user(actor.pk)
    team = Team.objects.create(name=name, captain=actor, created_at=now)
    places.take(team=team, user=actor, role=Role.CAPTAIN, now=now)
    if team_picture is not None:
        team.team_picture = uploads.store_image(team_picture, folder="teams").path
        team.save(update_fields=["team_picture"])
    audit.record(action="team.create", actor=actor, target=team, now=now, name=name)
    return team


@use_case
def update(
    *,
    team_id: int,
    actor: User,
    name: str | None = None,
    team_picture: UploadedFile | None = None,
    version: int | None = None,
    now: datetime,
) -> Team:
    """Rename the team or change its picture; with ``version`` only if nobody has changed it since.

    :raises NotTeamCaptain, TeamClosed: the actor may not, or not any more.
    :raises VersionConflict: it has another version by now.
    :raises TeamNameTaken: (by constraint) an open team has this name.
    :raises FileRejected: the picture is not acceptable.
    """
    team = places.lock_team(team_id)
    rules.require(rules.why_not_lead(team, selectors.role_of(team, actor.pk)))
    if version is not None and version != team.version:
        raise VersionConflict
    before = (team.name, team.team_picture)
    if name is not None:
        team.name = name
    if team_picture is not None:
        team.team_picture = uploads.store_image(team_picture, folder="teams").path
    places.touch(team)
    audit.record(
        action="team.update", actor=actor, target=team, now=now,
        name=[before[0], team.name], team_picture=[before[1], team.team_picture],
    )  # fmt: skip
    return team


@use_case
def close(*, team_id: int, actor: User, now: datetime) -> Team:
    """End the team: its members stay on record, its invitations are withdrawn, its name is free.

    :raises NotTeamCaptain, TeamClosed: the actor may not, or it has been done.
    """
    team = places.lock_team(team_id)
    rules.require(rules.why_not_lead(team, selectors.role_of(team, actor.pk)))
    end(team, actor=actor, now=now)
    others = selectors.members(team).exclude(pk=actor.pk).values_list("pk", flat=True)
    notify(kind="team_closed", to=others, params=about(team), dedupe_key=f"team_closed:{team.pk}", now=now)
    return team


@needs_transaction
def end(team: Team, *, actor: User, now: datetime) -> None:
    """Close a team whose lock the caller holds."""
    team.closed_at = now
    places.touch(team)
    for invitation in Invitation.objects.filter(team=team, status=InvitationStatus.PENDING).locked():
        transition(invitation, InvitationStatus.CANCELLED, INVITATION_TRANSITIONS)
        invitation.answered_at = now
        invitation.save()
    audit.record(action="team.close", actor=actor, target=team, now=now)


def about(team: Team) -> dict[str, object]:
    """The team as notifications name it."""
    return {"team": team.name, "team_id": team.pk}
