"""How a user appears inside the things of other apps."""

from rest_framework import serializers

from common.uploads import signed_link
from users.models import User


class UserBriefSerializer(serializers.ModelSerializer[User]):
    """Never with a phone number."""

    profile_picture = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ["id", "username", "profile_picture"]

    def get_profile_picture(self, user: User) -> str | None:
        return signed_link(user.profile_picture)
