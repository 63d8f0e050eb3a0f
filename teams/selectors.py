from datetime import datetime

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from teams.enums import InvitationStatus, Role
from teams.models import Invitation, Team, TeamMember
from users.models import User

_BY_ROLE = Case(
    When(role=Role.CAPTAIN, then=Value(0)),
    When(role=Role.MANAGER, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


def roster(team_id: int) -> list[TeamMember]:
    """Who is in the team, with their users: the captain, the managers, the others, each in order of joining."""
    rows = TeamMember.objects.filter(team_id=team_id).select_related("user")
    return list(rows.order_by(_BY_ROLE, "joined_at", "id"))


def members(team: Team) -> QuerySet[User]:
    return User.objects.filter(team_memberships__team=team).order_by("id")


def is_captain(team: Team, user: User) -> bool:
    return team.captain_id == user.pk


def role_of(team: Team, user_id: int | None) -> str | None:
    """The user's role in the team; None for somebody who is not in it, or is nobody."""
    if user_id is None:
        return None
    return TeamMember.objects.filter(team=team, user_id=user_id).values_list("role", flat=True).first()


def are_teammates(user_id: int, other_id: int) -> bool:
    """They share an open team."""
    mine = TeamMember.objects.filter(user=user_id, team__closed_at=None).values("team")
    return TeamMember.objects.filter(user=other_id, team__in=mine).exists()


def open_teams() -> QuerySet[Team]:
    """With captain and ``members_count``, by name."""
    teams = Team.objects.filter(closed_at=None).select_related("captain")
    return teams.annotate(members_count=Count("memberships")).order_by("name", "id")


def memberships_of(user_id: int) -> QuerySet[TeamMember]:
    """The user's places in open teams, each with ``members_count`` of its team."""
    return (
        TeamMember.objects.filter(user_id=user_id, team__closed_at=None)
        .select_related("team")
        .annotate(members_count=Count("team__memberships"))
        .order_by("joined_at", "id")
    )


def received_invitations(user_id: int, now: datetime) -> Q:
    """Those the user can answer."""
    return Q(user=user_id, status=InvitationStatus.PENDING, expires_at__gt=now)


def sent_invitations(user_id: int) -> Q:
    """Those the user sent, and all to a team whose captain the user is."""
    return Q(inviter=user_id) | Q(team__captain=user_id)


def invitations_of(user_id: int, now: datetime) -> QuerySet[Invitation]:
    """Received and sent, newest first."""
    mine = Invitation.objects.filter(received_invitations(user_id, now) | sent_invitations(user_id))
    return mine.select_related("team", "user", "inviter").order_by("-id")
