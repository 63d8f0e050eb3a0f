from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.api.fields import IdField, IntegerField, NameField
from common.api.serializers import ActionSerializer
from common.uploads import signed_link
from teams import rules
from teams.enums import InvitationStatus, Role
from teams.models import Invitation, Team, TeamMember
from teams.serializers import TeamBriefSerializer
from users.serializers import UserBriefSerializer


class TeamListSerializer(TeamBriefSerializer):
    captain = UserBriefSerializer()
    members_count = serializers.IntegerField()

    class Meta(TeamBriefSerializer.Meta):
        fields = [*TeamBriefSerializer.Meta.fields, "captain", "max_members", "members_count"]


class TeamMemberSerializer(serializers.ModelSerializer[TeamMember]):
    user = UserBriefSerializer()

    class Meta:
        model = TeamMember
        fields = ["user", "role", "joined_at"]


class TeamDetailSerializer(TeamBriefSerializer):
    """Needs ``roster`` (all members) and ``user_id`` (the caller, or None) in its context."""

    captain = UserBriefSerializer()
    members = serializers.SerializerMethodField()
    members_count = serializers.SerializerMethodField()
    available_actions = serializers.SerializerMethodField()

    class Meta(TeamBriefSerializer.Meta):
        fields = [
            *TeamBriefSerializer.Meta.fields,
            "captain",
            "members",
            "max_members",
            "members_count",
            "created_at",
            "closed_at",
            "version",
            "available_actions",
        ]

    @extend_schema_field(TeamMemberSerializer(many=True))
    def get_members(self, team: Team) -> Any:
        return TeamMemberSerializer(self.context["roster"], many=True).data

    def get_members_count(self, team: Team) -> int:
        return len(self.context["roster"])

    @extend_schema_field(ActionSerializer(many=True))
    def get_available_actions(self, team: Team) -> list[dict[str, Any]]:
        user_id = self.context["user_id"]
        if user_id is None:
            return []
        role = next((place.role for place in self.context["roster"] if place.user_id == user_id), None)
        return rules.available_actions(team, role, len(self.context["roster"]))


class MyTeamSerializer(serializers.ModelSerializer[TeamMember]):
    """A team as its member sees it in a list."""

    id = serializers.IntegerField(source="team.id")
    name = serializers.CharField(source="team.name")
    team_picture = serializers.SerializerMethodField()
    max_members = serializers.IntegerField(source="team.max_members")
    members_count = serializers.IntegerField()
    is_captain = serializers.SerializerMethodField()

    class Meta:
        model = TeamMember
        fields = ["id", "name", "team_picture", "max_members", "members_count", "role", "is_captain", "joined_at"]

    def get_team_picture(self, place: TeamMember) -> str | None:
        return signed_link(place.team.team_picture)

    def get_is_captain(self, place: TeamMember) -> bool:
        return place.role == Role.CAPTAIN


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    team = TeamBriefSerializer()
    user = UserBriefSerializer()
    inviter = UserBriefSerializer()
    status = serializers.SerializerMethodField()

    class Meta:
        model = Invitation
        fields = ["id", "team", "user", "inviter", "status", "created_at", "expires_at", "answered_at"]

    @extend_schema_field(serializers.ChoiceField(InvitationStatus.choices))
    def get_status(self, invitation: Invitation) -> str:
        overdue = invitation.status == InvitationStatus.PENDING and invitation.expires_at <= timezone.now()
        return str(InvitationStatus.EXPIRED if overdue else invitation.status)


class TeamCreateInput(serializers.Serializer[Any]):
    name = NameField(min_length=2, max_length=60)
    team_picture = serializers.FileField(required=False, help_text="JPEG, PNG or WebP, at most 8 MB.")


class TeamUpdateInput(serializers.Serializer[Any]):
    name = NameField(min_length=2, max_length=60, required=False)
    team_picture = serializers.FileField(required=False, help_text="JPEG, PNG or WebP, at most 8 MB.")
    version = IntegerField(required=False, help_text="Change it only if this is still its version, or answer 409.")


class TeamUserInput(serializers.Serializer[Any]):
    user_id = IdField()


class TeamRoleInput(TeamUserInput):
    role = serializers.ChoiceField(Role.choices, help_text="manager or member; see transfer_captaincy for captain.")

    def validate_role(self, role: str) -> str:
        if role == Role.CAPTAIN:
            raise serializers.ValidationError(_("Hand the captaincy over instead."), code="invalid_choice")
        return role


class InvitationAnswerInput(serializers.Serializer[Any]):
    invitation_id = IdField()
    status = serializers.ChoiceField([InvitationStatus.ACCEPTED.value, InvitationStatus.REJECTED.value])
