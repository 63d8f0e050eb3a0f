"""How a team appears inside the things of other apps."""

from rest_framework import serializers

from common.uploads import signed_link
from teams.models import Team


class TeamBriefSerializer(serializers.ModelSerializer[Team]):
    team_picture = serializers.SerializerMethodField()

    class Meta:
        model = Team
        fields = ["id", "name", "team_picture"]

    def get_team_picture(self, team: Team) -> str | None:
        return signed_link(team.team_picture)
