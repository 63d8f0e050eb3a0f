from django.contrib import admin
from django.http import HttpRequest

from teams.models import Team, TeamMember


class TeamMemberInline(admin.TabularInline):
    model = TeamMember
    fields = ["user", "role", "joined_at"]
    readonly_fields = ["user", "role", "joined_at"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):
    list_display = ["name", "captain", "max_members", "created_at", "closed_at"]
    search_fields = ["name", "captain__username"]
    list_filter = [("closed_at", admin.EmptyFieldListFilter)]
    list_select_related = ["captain"]
    readonly_fields = ["name", "captain", "team_picture", "max_members", "version", "created_at", "closed_at"]
    inlines = [TeamMemberInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
