import re

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from games.models import Game, GameImage


class GameImageInline(admin.TabularInline):
    model = GameImage
    extra = 0


class GameForm(forms.ModelForm):
    def clean_player_id_pattern(self) -> str:
        pattern = self.cleaned_data["player_id_pattern"]
        try:
            re.compile(pattern)
        except re.error as error:
            raise forms.ValidationError(_("This is not a regular expression."), code="invalid_pattern") from error
        return pattern


@admin.register(Game)
class GameAdmin(admin.ModelAdmin):
    form = GameForm
    list_display = ["name", "slug", "status"]
    list_filter = ["status"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [GameImageInline]
