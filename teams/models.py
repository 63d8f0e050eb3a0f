from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from common.db import LockQuerySet
from teams.enums import InvitationStatus, Role
from users.models import User


def default_max_members() -> int:
    return settings.TEAM_MAX_MEMBERS


class Team(models.Model):
    """Players who compete together. Once it is closed its name is free again; who was in it stays on record."""

    name = models.CharField(max_length=60)
    captain = models.ForeignKey(User, on_delete=models.PROTECT, related_name="captained_teams")
    team_picture = models.CharField(max_length=200, blank=True)
    max_members = models.PositiveSmallIntegerField(default=default_max_members)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = LockQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), condition=Q(closed_at=None), name="team_name_unique")]

    def __str__(self) -> str:
        return self.name


class TeamMember(models.Model):
    """A user's place in a team; the row goes when the user does."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="team_memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)
    joined_at = models.DateTimeField()

    objects = LockQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "user"], name="team_member_unique"),
            models.UniqueConstraint(fields=["team"], condition=Q(role=Role.CAPTAIN), name="team_member_one_captain"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.team_id}"


class Invitation(models.Model):
    """A place in a team that is offered to a user until ``expires_at``."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="invitations")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="team_invitations")
    inviter = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    status = models.CharField(max_length=10, choices=InvitationStatus, default=InvitationStatus.PENDING)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = LockQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "user"],
                condition=Q(status=InvitationStatus.PENDING),
                name="team_invitation_one_pending",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} to {self.team_id}: {self.status}"
