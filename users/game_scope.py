"""The admin pages of things that belong to a game."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from users.rules import games_overseen


class GameScopedAdmin(admin.ModelAdmin):
    """Shows a game's manager the things of their games; ``game_lookup`` leads from a row to its game."""

    game_lookup = "game"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        games = games_overseen(request.user)
        rows = super().get_queryset(request)
        return rows if games is None else rows.filter(**{f"{self.game_lookup}__in": games})
