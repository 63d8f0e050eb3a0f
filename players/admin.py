from typing import Any

from django.contrib import admin, messages
from django.db import IntegrityError
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.db import translate
from common.errors import DomainError
from common.readonly_admin import ReadOnlyAdmin
from players.models import Achievement, PlayedTournament, PlayerStanding, Rank, Season, TeamStanding
from players.services import seasons


@admin.register(Season)
class SeasonAdmin(admin.ModelAdmin):
    """Saved and dropped by the service, which has the standings follow."""

    list_display = ["name", "game", "starts_at", "ends_at"]
    list_filter = ["game"]
    list_select_related = ["game"]

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except IntegrityError as error:
            known = translate(error)
            if known is None:
                raise
            self.message_user(request, known.text, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def save_model(self, request: HttpRequest, obj: Season, form: ModelForm, change: bool) -> None:
        actor: Any = request.user
        seasons.save(season=obj, actor=actor, now=timezone.now())

    def delete_model(self, request: HttpRequest, obj: Season) -> None:
        actor: Any = request.user
        seasons.delete(season=obj, actor=actor, now=timezone.now())

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {}


@admin.register(Rank)
class RankAdmin(admin.ModelAdmin):
    """Ranks follow from scores when they are shown, so nothing else has to change with them."""

    list_display = ["name", "name_fa", "game", "required_score"]
    list_filter = ["game"]
    list_select_related = ["game"]


@admin.register(PlayedTournament)
class PlayedTournamentAdmin(ReadOnlyAdmin):
    list_display = ["tournament", "game", "completed_at", "counts", "is_due"]
    list_filter = ["is_due", "counts", "game"]
    list_select_related = ["tournament", "game"]
    ordering = ["-completed_at"]
    actions = ["rebuild"]

    @admin.action(description=_("Make all standings again"))
    def rebuild(self, request: HttpRequest, queryset: QuerySet[PlayedTournament]) -> None:
        actor: Any = request.user
        try:
            due = seasons.rebuild(actor=actor, now=timezone.now())
        except DomainError as error:
            self.message_user(request, error.text, messages.ERROR)
            return
        self.message_user(request, _("%(count)s tournaments will be recorded again.") % {"count": due})


@admin.register(PlayerStanding)
class PlayerStandingAdmin(ReadOnlyAdmin):
    list_display = ["user", "board", "score", "winnings_rial", "titles", "wins", "individual_rating", "team_rating"]
    list_filter = ["board__game", "board__season"]
    list_select_related = ["user", "board"]
    search_fields = ["user__username"]
    ordering = ["-score", "user"]
    show_full_result_count = False


@admin.register(TeamStanding)
class TeamStandingAdmin(ReadOnlyAdmin):
    list_display = ["team", "board", "score", "winnings_rial", "titles", "wins"]
    list_filter = ["board__game", "board__season"]
    list_select_related = ["team", "board"]
    search_fields = ["team__name"]
    ordering = ["-score", "team"]
    show_full_result_count = False


@admin.register(Achievement)
class AchievementAdmin(ReadOnlyAdmin):
    list_display = ["user", "code", "tournament", "earned_at"]
    list_filter = ["code"]
    list_select_related = ["user", "tournament"]
    search_fields = ["user__username"]
