from django.utils import timezone

from common.events import handles
from teams import selectors
from teams.enums import Role
from teams.errors import CaptainOfTeam
from teams.models import Invitation, Team, TeamMember
from teams.services import membership
from users.events import AccountClosed, AccountClosing
from users.models import User
from users.services.personal_data import Part, exports, rows


@handles(AccountClosing)
def keep_captains(event: AccountClosing) -> None:
    captained = selectors.memberships_of(event.user_id).filter(role=Role.CAPTAIN, members_count__gt=1)  # type: ignore[misc]
    event.refusals.extend(CaptainOfTeam(team=place.team.name) for place in captained)


@handles(AccountClosed)
def leave_teams(event: AccountClosed) -> None:
    membership.leave_all(user=User.objects.get(pk=event.user_id), now=timezone.now())


@exports("teams", Team, TeamMember, Invitation)
def export_teams(user: User) -> Part:
    captained = Team.objects.filter(captain=user)
    return Part(
        {
            "memberships": rows(user.team_memberships.all(), "team_id", "team__name", "role", "joined_at"),
            "captained": rows(captained, "id", "name", "created_at", "closed_at"),
            "invitations": rows(
                user.team_invitations.all(), "team_id", "team__name", "status", "created_at", "answered_at"
            ),
            "sent_invitations": rows(
                Invitation.objects.filter(inviter=user), "team_id", "user_id", "status", "created_at", "answered_at"
            ),
        },
        files=list(captained.values_list("team_picture", flat=True)),
    )
