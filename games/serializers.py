"""How a game appears inside the things of other apps."""

from rest_framework import serializers

from games.models import Game


class GameBriefSerializer(serializers.ModelSerializer[Game]):
    class Meta:
        model = Game
        fields = ["id", "name", "slug"]
