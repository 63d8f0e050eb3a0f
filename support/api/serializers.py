from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from common.api.fields import IdField, IntegerField, NameField, TextField
from common.uploads import signed_link
from games.models import Game
from support.enums import TicketStatus
from support.models import SupportAssignment, Ticket, TicketAttachment, TicketMessage
from users.models import User
from users.serializers import UserBriefSerializer

MAX_FILES = 5
BODY_LENGTH = 5000


class SupportTicketSerializer(serializers.ModelSerializer[Ticket]):
    user = UserBriefSerializer(read_only=True)
    assignee = UserBriefSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Ticket
        fields = [
            *["id", "title", "user", "assignee", "game", "tournament", "match", "status", "rating"],
            *["version", "created_at", "updated_at", "closed_at"],
        ]
        read_only_fields = fields


class SupportTicketAttachmentSerializer(serializers.ModelSerializer[TicketAttachment]):
    url = serializers.SerializerMethodField(help_text="A link that works for an hour.")

    class Meta:
        model = TicketAttachment
        fields = ["id", "url", "content_type"]
        read_only_fields = fields

    def get_url(self, attachment: TicketAttachment) -> str | None:
        return signed_link(attachment.path)


class SupportTicketMessageSerializer(serializers.ModelSerializer[TicketMessage]):
    author = UserBriefSerializer(read_only=True)
    message = serializers.CharField(source="body", read_only=True)
    attachments = SupportTicketAttachmentSerializer(many=True, read_only=True)

    class Meta:
        model = TicketMessage
        fields = ["id", "author", "message", "is_staff_reply", "attachments", "created_at"]
        read_only_fields = fields


class SupportTicketInput(serializers.Serializer[Any]):
    title = NameField(max_length=200)
    content = TextField(max_length=BODY_LENGTH)
    game = IdField(required=False, allow_null=True, default=None)
    tournament = IdField(required=False, allow_null=True, default=None)
    match = IdField(required=False, allow_null=True, default=None)
    attachment = serializers.FileField(required=False, help_text="A JPEG, PNG or WebP picture, an mp4 or webm video.")


class SupportTicketMessageInput(serializers.Serializer[Any]):
    message = TextField(max_length=BODY_LENGTH, allow_blank=True, default="")
    uploaded_files = serializers.ListField(
        child=serializers.FileField(), max_length=MAX_FILES, default=list, help_text="Pictures and videos."
    )


class SupportTicketManageInput(serializers.Serializer[Any]):
    status = serializers.ChoiceField(TicketStatus.choices, required=False, help_text="pending or open.")
    assignee = IdField(required=False, help_text="An active member of the staff.")

    def validate_status(self, status: str) -> str:
        if status not in {TicketStatus.OPEN, TicketStatus.PENDING}:
            raise serializers.ValidationError(_("Only pending or open is set like this."), code="not_set_by_hand")
        return status


class SupportTicketRateInput(serializers.Serializer[Any]):
    rating = IntegerField(min_value=1, max_value=5)


class SupportAssignmentSerializer(serializers.ModelSerializer[SupportAssignment]):
    support_person = UserBriefSerializer(read_only=True)
    game_name = serializers.CharField(source="game.name", read_only=True)

    class Meta:
        model = SupportAssignment
        fields = ["id", "support_person", "game", "game_name", "head_support"]
        read_only_fields = fields


class SupportAssignmentInput(serializers.Serializer[Any]):
    support_person = serializers.PrimaryKeyRelatedField(queryset=User.objects.all())
    game = serializers.PrimaryKeyRelatedField(queryset=Game.objects.all())
    head_support = serializers.BooleanField(required=False)


class SupportAssignmentChange(serializers.Serializer[Any]):
    support_person = serializers.PrimaryKeyRelatedField(queryset=User.objects.all(), required=False)
    game = serializers.PrimaryKeyRelatedField(queryset=Game.objects.all(), required=False)
    head_support = serializers.BooleanField(required=False)
