from typing import Any

from rest_framework import serializers

from notifications.kinds import render
from notifications.models import Notification


class NotificationSerializer(serializers.ModelSerializer[Notification]):
    message = serializers.SerializerMethodField(help_text="In the language of the request.")
    params = serializers.DictField(
        read_only=True, help_text="What the message was made of; `amount` is in Rials (IRR). Depends on the kind."
    )

    class Meta:
        model = Notification
        fields = ["seq", "id", "kind", "message", "params", "is_read", "created_at"]

    def get_message(self, notification: Notification) -> str:
        return render(notification.kind, notification.params)


class NotificationReadInput(serializers.Serializer[Any]):
    is_read = serializers.BooleanField()


class NotificationsReadSerializer(serializers.Serializer[Any]):
    marked = serializers.IntegerField(help_text="How many were unread until now.")


class UnreadCountSerializer(serializers.Serializer[Any]):
    unread_count = serializers.IntegerField()
