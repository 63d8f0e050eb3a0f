"""How messages look, in HTTP answers and in socket frames, and what a client may send on either way."""

from typing import Any

from rest_framework import serializers

from chat.models import CLIENT_ID_MAX_LENGTH, Message
from common.api.fields import IdField, IntegerField
from common.uploads import signed_link
from users.serializers import UserBriefSerializer


class LastMessageSerializer(serializers.ModelSerializer[Message]):
    sender = UserBriefSerializer(read_only=True)
    content = serializers.SerializerMethodField(help_text="Empty when the message is deleted.")
    timestamp = serializers.DateTimeField(source="created_at", read_only=True)
    deleted = serializers.SerializerMethodField()

    class Meta:
        model = Message
        fields = ["id", "seq", "sender", "content", "timestamp", "deleted"]
        read_only_fields = fields

    def get_content(self, message: Message) -> str:
        return "" if message.deleted_at else message.content

    def get_deleted(self, message: Message) -> bool:
        return message.deleted_at is not None


class MessageSerializer(LastMessageSerializer):
    conversation = serializers.IntegerField(source="conversation_id", read_only=True)
    reply_to = serializers.IntegerField(source="reply_to_id", read_only=True, allow_null=True)
    attachment = serializers.SerializerMethodField(help_text="A link that works for an hour.")

    class Meta(LastMessageSerializer.Meta):
        fields = [
            *["id", "conversation", "seq", "client_id", "sender", "content", "reply_to", "attachment"],
            *["timestamp", "edited_at", "deleted"],
        ]
        read_only_fields = fields

    def get_attachment(self, message: Message) -> str | None:
        return None if message.deleted_at else signed_link(message.attachment)


class StringField(serializers.CharField):
    """Text as it was sent, possibly empty; a number is not text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_blank=True, trim_whitespace=False, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class MessageContentInput(serializers.Serializer[Any]):
    content = StringField()


class NewMessageInput(serializers.Serializer[Any]):
    content = StringField(default="")
    client_id = StringField(
        max_length=CLIENT_ID_MAX_LENGTH, default="", help_text="Chosen by the client; a repeated one is one message."
    )


class RoomMessageInput(NewMessageInput):
    reply_to = IdField(required=False, allow_null=True, default=None)


class EditFrame(MessageContentInput):
    message_id = IdField()


class DeleteFrame(serializers.Serializer[Any]):
    message_id = IdField()


class TypingFrame(serializers.Serializer[Any]):
    is_typing = serializers.BooleanField()


class ReadInput(serializers.Serializer[Any]):
    seq = IntegerField(min_value=0)
