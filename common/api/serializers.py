from typing import Any

from rest_framework import serializers


class ActionSerializer(serializers.Serializer[Any]):
    """One thing the caller may or may not do now."""

    action = serializers.CharField()
    allowed = serializers.BooleanField()
    reason = serializers.CharField(allow_null=True, help_text="The code of the error that the action would get.")
    deadline = serializers.DateTimeField(allow_null=True)
