from django.utils.translation import gettext_lazy as _

from common.db import constraint_error
from common.errors import DomainError, PermissionDenied


class NotTeamCaptain(PermissionDenied):
    code = "not_team_captain"
    detail = _("Only the captain of the team may do this.")


class NotTeamManager(PermissionDenied):
    code = "not_team_manager"
    detail = _("Only the captain and the managers of the team may do this.")


class NotInTeam(PermissionDenied):
    code = "not_in_team"
    detail = _("You are not a member of this team.")


class TeamClosed(DomainError):
    code = "team_closed"
    detail = _("This team has been closed.")


class TeamNameTaken(DomainError):
    code = "team_name_taken"
    detail = _("Another team has this name.")


class TeamFull(DomainError):
    code = "team_full"
    detail = _("The team has no free place.")


class TooManyTeams(DomainError):
    code = "too_many_teams"
    detail = _("A player can be in at most %(limit)s teams.")


class NotAMember(DomainError):
    code = "not_a_member"
    detail = _("This user is not a member of the team.")


class AlreadyMember(DomainError):
    code = "already_member"
    detail = _("This user is a member of the team already.")


class AlreadyCaptain(DomainError):
    code = "already_captain"
    detail = _("This user is the captain of the team.")


class CaptainMustHandOver(DomainError):
    code = "captain_must_hand_over"
    detail = _("Hand the captaincy over before you leave the team.")


class CaptainOfTeam(DomainError):
    code = "captain_of_team"
    detail = _("You lead the team %(team)s. Hand the captaincy over or close the team first.")


class CannotInviteSelf(DomainError):
    code = "cannot_invite_self"
    detail = _("You cannot invite yourself.")


class AlreadyInvited(DomainError):
    code = "already_invited"
    detail = _("This user has an invitation to the team already.")


class InvitationNotPending(DomainError):
    code = "invitation_not_pending"
    detail = _("This invitation has been answered or withdrawn.")


class InvitationExpired(DomainError):
    code = "invitation_expired"
    detail = _("This invitation has expired.")


constraint_error("team_name_unique", TeamNameTaken)
constraint_error("team_member_unique", AlreadyMember)
constraint_error("team_invitation_one_pending", AlreadyInvited)
