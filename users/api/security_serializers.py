from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from users import rules, selectors
from users.api.serializers import CodeField, MeSerializer
from users.models import User


class SecondFactorSerializer(serializers.Serializer[Any]):
    enabled = serializers.BooleanField(help_text="Whether an authenticator app is set up.")
    recovery_codes_left = serializers.IntegerField()


class AccountSerializer(MeSerializer):
    second_factor = serializers.SerializerMethodField()
    verification_level = serializers.SerializerMethodField(
        help_text="1: a phone; 2: an authenticator app is set up; 3: the identity is verified."
    )

    class Meta(MeSerializer.Meta):
        fields = [*MeSerializer.Meta.fields, "second_factor", "verification_level", "phone_changed_at"]

    @extend_schema_field(SecondFactorSerializer)
    def get_second_factor(self, user: User) -> dict[str, Any]:
        return {
            "enabled": selectors.has_second_factor(user),
            "recovery_codes_left": selectors.recovery_codes_left(user),
        }

    def get_verification_level(self, user: User) -> int:
        return rules.verification_level(user)


class TotpSetupSerializer(serializers.Serializer[Any]):
    secret = serializers.CharField(help_text="Base32, for typing into the authenticator app.")
    otpauth_url = serializers.CharField()
    qr_svg = serializers.CharField(help_text="The same as a QR code: an SVG element.")


class TotpConfirmInput(serializers.Serializer[Any]):
    code = CodeField(max_length=20, help_text="What the authenticator app shows.")


class RecoveryCodesSerializer(serializers.Serializer[Any]):
    recovery_codes = serializers.ListField(
        child=serializers.CharField(), help_text="Each opens the account once without the app. Never shown again."
    )


class StepUpInput(serializers.Serializer[Any]):
    code = serializers.CharField(
        max_length=40, required=False, help_text="Of the authenticator app, or a recovery code."
    )
    otp = CodeField(
        max_length=20,
        required=False,
        help_text="Where no authenticator app is set up: the code texted by otp/request/ for the purpose step_up.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError(_("Send either code or otp."), code="code_or_otp")
        return attrs


class SteppedUpSerializer(serializers.Serializer[Any]):
    access = serializers.CharField(help_text="An access token of level 2 (claim acr).")
    fresh_until = serializers.DateTimeField(help_text="Until then it opens what needs a fresh second factor.")


class PhoneChangeInput(serializers.Serializer[Any]):
    phone_number = serializers.CharField(max_length=40, help_text="The new number, in any usual spelling.")
    code = CodeField(
        max_length=20, help_text="The code texted to the new number by otp/request/ for the purpose phone_change."
    )


class PhoneChangedSerializer(serializers.Serializer[Any]):
    phone_number = serializers.CharField(source="new_phone")
    phone_changed_at = serializers.DateTimeField(source="changed_at")
