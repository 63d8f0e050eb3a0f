from typing import Any
from zoneinfo import available_timezones

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.api.fields import NameField, TextField
from common.text import fold_digits
from games.models import Game
from users import countries, rules
from users.enums import OtpPurpose, Role
from users.models import InGameID, Session, User
from users.serializers import UserBriefSerializer


class InGameIDSerializer(serializers.ModelSerializer[InGameID]):
    game_name = serializers.CharField(source="game.name", read_only=True)

    class Meta:
        model = InGameID
        fields = ["id", "game", "game_name", "player_id"]


class UserPublicSerializer(UserBriefSerializer):
    """What the owner's privacy settings keep from the caller is null."""

    in_game_ids = serializers.SerializerMethodField()
    is_hidden = serializers.SerializerMethodField(help_text="Whether the owner shows no more than this to the caller.")

    class Meta(UserBriefSerializer.Meta):
        fields = [
            *UserBriefSerializer.Meta.fields,
            "full_name",
            "bio",
            "country",
            "date_joined",
            "in_game_ids",
            "is_hidden",
        ]
        extra_kwargs = {name: {"allow_null": True} for name in ("full_name", "bio", "country", "date_joined")}

    def to_representation(self, user: User) -> dict[str, Any]:
        self._visible = rules.visible_parts(self.context["request"].user, user)
        shown = super().to_representation(user)
        if "profile" not in self._visible:
            shown |= dict.fromkeys(self.Meta.extra_kwargs)
        return shown

    @extend_schema_field(InGameIDSerializer(many=True, allow_null=True))
    def get_in_game_ids(self, user: User) -> Any:
        if not self._visible >= {"profile", "in_game_ids"}:
            return None
        return InGameIDSerializer(user.in_game_ids.select_related("game").order_by("game__name"), many=True).data

    def get_is_hidden(self, user: User) -> bool:
        return "profile" not in self._visible


class OwnRoleSerializer(serializers.Serializer[Any]):
    role = serializers.ChoiceField(Role.choices)
    game = serializers.IntegerField(allow_null=True, help_text="The id of the game that is managed.")


class MeSerializer(UserBriefSerializer):
    in_game_ids = InGameIDSerializer(many=True, read_only=True)
    roles = serializers.SerializerMethodField(help_text="What I do here beside playing.")

    class Meta(UserBriefSerializer.Meta):
        fields = [
            *UserBriefSerializer.Meta.fields,
            "full_name",
            "bio",
            "date_joined",
            "phone_number",
            "email",
            "language",
            "country",
            "time_zone",
            "is_staff",
            "roles",
            "in_game_ids",
        ]

    @extend_schema_field(OwnRoleSerializer(many=True))
    def get_roles(self, user: User) -> list[dict[str, Any]]:
        ordered = sorted(user.roles, key=lambda held: (held[0], held[1] or 0))
        return [{"role": role, "game": game_id} for role, game_id in ordered]


class InGameIDInput(serializers.Serializer[Any]):
    game = serializers.PrimaryKeyRelatedField(queryset=Game.objects.all())
    player_id = NameField(max_length=64, allow_blank=True)


class CountryField(serializers.CharField):
    def to_internal_value(self, data: Any) -> str:
        code = super().to_internal_value(data).upper()
        if code not in countries.CODES:
            raise serializers.ValidationError(_("Enter a country code of two letters."), code="invalid_country")
        return code


class TimeZoneField(serializers.CharField):
    def to_internal_value(self, data: Any) -> str:
        name = super().to_internal_value(data)
        if name not in available_timezones():
            raise serializers.ValidationError(_("Enter a time zone like Asia/Tehran."), code="invalid_time_zone")
        return name


class ProfileInput(serializers.Serializer[Any]):
    username = serializers.CharField(
        max_length=100, required=False, help_text="3 to 30 Persian or Latin letters, digits, '.', '_' or '-'."
    )
    full_name = NameField(max_length=100, required=False, allow_blank=True)
    email = serializers.EmailField(max_length=254, required=False, allow_blank=True)
    bio = TextField(max_length=500, required=False, allow_blank=True)
    language = serializers.ChoiceField(["fa", "en"], required=False)
    country = CountryField(max_length=2, required=False, help_text="ISO 3166-1 alpha-2.")
    time_zone = TimeZoneField(max_length=64, required=False, help_text="A name of the IANA database.")
    profile_picture = serializers.FileField(required=False)
    in_game_ids = InGameIDInput(many=True, required=False)


# What a client may ask a code for; a withdrawal needs no more than a fresh second factor.
PURPOSES = {
    "login": OtpPurpose.LOGIN,
    "step_up": OtpPurpose.STEP_UP,
    "withdraw": OtpPurpose.STEP_UP,
    "phone_change": OtpPurpose.PHONE_CHANGE,
}


class OtpRequestInput(serializers.Serializer[Any]):
    phone_number = serializers.CharField(max_length=40, help_text="Any usual spelling of an Iranian mobile number.")
    purpose = serializers.ChoiceField(
        list(PURPOSES),
        default="login",
        help_text="login is for anybody. The others are for who is signed in: step_up (withdraw is another name for "
        "it) for one's own phone, phone_change for the new one.",
    )


class OtpRequestedSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    message = serializers.CharField()
    ttl = serializers.IntegerField(help_text="Seconds until the code expires.")
    retry_after = serializers.IntegerField(help_text="Seconds until another code may be asked for.")


class CodeField(serializers.CharField):
    def to_internal_value(self, data: Any) -> str:
        code = fold_digits(super().to_internal_value(data)).strip()
        if not (code.isascii() and code.isdigit() and len(code) == 6):
            raise serializers.ValidationError(_("Enter the six digits of the code."), code="invalid_code")
        return code


class OtpVerifyInput(serializers.Serializer[Any]):
    phone_number = serializers.CharField(max_length=40)
    code = CodeField(max_length=20)
    device_name = NameField(max_length=100, required=False, allow_blank=True, default="")


class SignedInUserSerializer(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ["id", "username", "phone_number", "full_name", "email"]


class TokensSerializer(serializers.Serializer[Any]):
    access = serializers.CharField()
    refresh = serializers.CharField()


class SignedInSerializer(TokensSerializer):
    success = serializers.BooleanField()
    message = serializers.CharField()
    created = serializers.BooleanField(help_text="True when this sign-in made the account.")
    user = SignedInUserSerializer()


class RefreshInput(serializers.Serializer[Any]):
    refresh = serializers.CharField(max_length=2000)


class SessionSerializer(serializers.ModelSerializer[Session]):
    last_used_at = serializers.DateTimeField(
        source="rotated_at",
        read_only=True,
        help_text="As of the last refresh: an access token may have been used since.",
    )
    current = serializers.SerializerMethodField()

    class Meta:
        model = Session
        fields = ["id", "device_name", "user_agent", "ip", "created_at", "last_used_at", "expires_at", "current"]

    def get_current(self, session: Session) -> bool:
        return session == self.context["request"].auth.session


class TicketSerializer(serializers.Serializer[Any]):
    ticket = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds.")


class RevokedSerializer(serializers.Serializer[Any]):
    revoked = serializers.IntegerField(help_text="How many sessions were signed out.")


class UserSearchQuery(serializers.Serializer[Any]):
    search = NameField(max_length=40, required=False, default="")
