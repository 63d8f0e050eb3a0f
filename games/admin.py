from django.contrib import admin

from games.models import Game, GameImage


class GameImageInline(admin.TabularInline):
    model = GameImage
    extra = 0


@admin.register(Game)
class GameAdmin(admin.ModelAdmin):
    list_display = ["name", "slug", "status"]
    list_filter = ["status"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [GameImageInline]
