from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from chat import selectors
from chat.enums import ConversationKind
from chat.models import Conversation
from chat.serializers import LastMessageSerializer, NewMessageInput, RoomMessageInput
from common.api.fields import IdField
from users.serializers import UserBriefSerializer

PICTURE = "A JPEG, PNG or WebP picture."


class ConversationSerializer(serializers.ModelSerializer[Conversation]):
    """Of a conversation from ``selectors.with_summary``."""

    peer = serializers.SerializerMethodField(help_text="The other person of a direct conversation.")
    unread_count = serializers.IntegerField(read_only=True)
    last_message = serializers.SerializerMethodField()

    class Meta:
        model = Conversation
        fields = [
            *["id", "kind", "title", "match", "tournament", "team", "peer", "last_seq", "unread_count"],
            *["last_message", "last_message_at", "created_at"],
        ]
        read_only_fields = fields

    @extend_schema_field(UserBriefSerializer(allow_null=True))
    def get_peer(self, conversation: Any) -> dict[str, Any] | None:
        return UserBriefSerializer(conversation.others[0].user).data if conversation.others else None

    @extend_schema_field(LastMessageSerializer(allow_null=True))
    def get_last_message(self, conversation: Any) -> dict[str, Any] | None:
        return LastMessageSerializer(conversation.last_messages[0]).data if conversation.last_messages else None


class ConversationDetailSerializer(ConversationSerializer):
    members = serializers.SerializerMethodField(help_text=f"At most {selectors.MEMBERS_SHOWN}.")

    class Meta(ConversationSerializer.Meta):
        fields = [*ConversationSerializer.Meta.fields, "members"]
        read_only_fields = fields

    @extend_schema_field(UserBriefSerializer(many=True))
    def get_members(self, conversation: Conversation) -> Any:
        return UserBriefSerializer(selectors.members(conversation.pk), many=True).data


class ConversationOpenInput(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(
        ConversationKind.choices,
        help_text="team, tournament or support; the others open by a first message and by the start of a match.",
    )
    team = IdField(required=False, help_text="For kind `team`.")
    tournament = IdField(required=False, help_text="For kind `tournament`.")

    def validate_kind(self, kind: str) -> str:
        if kind in {ConversationKind.DIRECT, ConversationKind.MATCH}:
            raise serializers.ValidationError(_("Such a room is not opened by hand."), code="not_opened_by_hand")
        return kind

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        kind = attrs["kind"]
        if kind != ConversationKind.SUPPORT and kind not in attrs:
            raise serializers.ValidationError({kind: self.fields[kind].error_messages["required"]}, code="required")
        return attrs


class RoomMessagePost(RoomMessageInput):
    attachment = serializers.FileField(required=False, help_text=PICTURE)


class DirectMessagePost(NewMessageInput):
    recipient_id = IdField()
    attachment = serializers.FileField(required=False, help_text=PICTURE)


class ReadSerializer(serializers.Serializer[Any]):
    seq = serializers.IntegerField(help_text="How far the caller has read.")
