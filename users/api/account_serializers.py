"""What a person decides about their own account: who may see and reach them, their data, their leaving."""

from typing import Any

from rest_framework import serializers

from common.api.fields import IdField
from common.uploads import signed_link
from users.enums import Audience, ContactAudience
from users.models import Block, DataExport, Privacy
from users.serializers import UserBriefSerializer


class PrivacySerializer(serializers.ModelSerializer[Privacy]):
    class Meta:
        model = Privacy
        fields = ["profile", "history", "in_game_ids", "messages", "invitations", "findable_by_phone"]


class PrivacyInput(serializers.Serializer[Any]):
    profile = serializers.ChoiceField(Audience.choices, required=False)
    history = serializers.ChoiceField(Audience.choices, required=False)
    in_game_ids = serializers.ChoiceField(Audience.choices, required=False)
    messages = serializers.ChoiceField(ContactAudience.choices, required=False)
    invitations = serializers.ChoiceField(ContactAudience.choices, required=False)
    findable_by_phone = serializers.BooleanField(required=False)


class BlockSerializer(serializers.ModelSerializer[Block]):
    user = UserBriefSerializer(source="blocked")

    class Meta:
        model = Block
        fields = ["id", "user", "created_at"]


class BlockInput(serializers.Serializer[Any]):
    user = IdField(help_text="The id of the user to block.")


class DataExportSerializer(serializers.ModelSerializer[DataExport]):
    url = serializers.SerializerMethodField(help_text="A short-lived link to the ZIP file; null unless it is ready.")

    class Meta:
        model = DataExport
        fields = ["id", "status", "size", "created_at", "finished_at", "expires_at", "url"]

    def get_url(self, export: DataExport) -> str | None:
        return signed_link(export.path)


class ClosingReasonSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()


class ClosingPreviewSerializer(serializers.Serializer[Any]):
    allowed = serializers.BooleanField(help_text="Whether the account could be closed as things are now.")
    reasons = ClosingReasonSerializer(many=True, help_text="Everything that stands in the way, as error codes.")


class ClosingSerializer(serializers.Serializer[Any]):
    closing_at = serializers.DateTimeField(help_text="When the account will be closed; signing in before keeps it.")
