"""Places in teams: how many a user may have, how many a team has. Lock order: user, team, invitation."""

from datetime import datetime

from django.conf import settings

from common.db import needs_transaction
from common.errors import NotFound
from teams import rules
from teams.enums import Role
from teams.errors import AlreadyMember, TooManyTeams
from teams.models import Team, TeamMember
from users.models import User


@needs_transaction
def lock_team(team_id: int) -> Team:
    """:raises NotFound: there is no such team."""
    team = Team.objects.filter(pk=team_id).locked().first()
    if team is None:
        raise NotFound
    return team


@needs_transaction
def lock_user(user_id: int) -> None:
    """Nobody else gives this user a place meanwhile. Rows that only refer to the user are not held up."""
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user_id)


@needs_transaction
def take(*, team: Team, user: User, role: Role, now: datetime) -> TeamMember:
    """Give the user a place; the caller holds the locks of the user and the team.

    :raises AlreadyMember, TeamClosed, TeamFull, TooManyTeams: there is none to give.
    """
    if TeamMember.objects.filter(team=team, user=user).exists():
        raise AlreadyMember
    rules.require(rules.why_not_grow(team, count_members(team)))
    if count_teams(user) >= settings.MAX_TEAMS_PER_USER:
        raise TooManyTeams(limit=settings.MAX_TEAMS_PER_USER)
    return TeamMember.objects.create(team=team, user=user, role=role, joined_at=now)


def count_members(team: Team) -> int:
    return TeamMember.objects.filter(team=team).count()


def count_teams(user: User) -> int:
    return TeamMember.objects.filter(user=user, team__closed_at=None).count()


@needs_transaction
def touch(team: Team) -> None:
    """Save the team under its next version; the caller holds its lock."""
    team.version += 1
    team.save()
