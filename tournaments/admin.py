from collections.abc import Callable

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.errors import DomainError
from common.readonly_admin import ReadOnlyAdmin
from tournaments.models import Entrant, Payout, Stage, Tournament
from tournaments.services import lifecycle, payouts
from users.game_scope import GameScopedAdmin


class StageInline(admin.TabularInline):
    model = Stage
    extra = 0
    can_delete = False
    readonly_fields = ["number", "format", "options", "plan_hash"]

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Tournament)
class TournamentAdmin(GameScopedAdmin, ReadOnlyAdmin):
    """Looks; what changes a tournament goes through the same services as the API."""

    list_display = ["name", "game", "status", "type", "start_at", "entry_fee_rial", "prize_pool_rial", "creator"]
    list_filter = ["status", "type", "game", "prize_source"]
    list_select_related = ["game", "creator"]
    search_fields = ["name", "slug", "creator__username"]
    date_hierarchy = "start_at"
    exclude = ["draw_seed", "lobby_password"]
    inlines = [StageInline]
    actions = ["publish", "start", "cancel"]

    @admin.action(description=_("Publish"), permissions=["act"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Tournament]) -> None:
        self._each(request, queryset, lifecycle.publish)

    @admin.action(description=_("Start: draw and make the matches"), permissions=["act"])
    def start(self, request: HttpRequest, queryset: QuerySet[Tournament]) -> None:
        self._each(request, queryset, lifecycle.start)

    @admin.action(description=_("Cancel and return every entry fee"), permissions=["act"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Tournament]) -> None:
        self._each(request, queryset, lambda **call: lifecycle.cancel(reason="admin", **call))

    def _each(self, request: HttpRequest, queryset: QuerySet[Tournament], service: object) -> None:
        for tournament in queryset:
            try:
                service(tournament_id=tournament.pk, actor=request.user, now=timezone.now())  # type: ignore[operator]
            except DomainError as error:
                self.message_user(request, f"{tournament}: {error.text}", messages.ERROR)


@admin.register(Entrant)
class EntrantAdmin(GameScopedAdmin, ReadOnlyAdmin):
    game_lookup = "tournament__game"
    list_display = ["name", "tournament", "status", "seed", "place_first", "prize_rial", "joined_at"]
    list_filter = ["status", "tournament__game"]
    list_select_related = ["tournament"]
    search_fields = ["name", "captain__username", "tournament__name"]


@admin.register(Payout)
class PayoutAdmin(GameScopedAdmin, ReadOnlyAdmin):
    """Prizes of final places. What is due is paid by itself; staff stop it, let it go on, or take it."""

    game_lookup = "tournament__game"
    list_display = ["entrant", "tournament", "place_first", "amount_rial", "status", "due_at", "paid_at", "reason"]
    list_filter = ["status", "tournament__game"]
    list_select_related = ["entrant", "tournament"]
    search_fields = ["entrant__name", "tournament__name", "entrant__captain__username"]
    actions = ["hold", "release", "forfeit"]

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("tournaments.change_payout")

    @admin.action(description=_("Hold the prize"), permissions=["decide"])
    def hold(self, request: HttpRequest, queryset: QuerySet[Payout]) -> None:
        self._each(request, queryset, payouts.hold)

    @admin.action(description=_("Release the prize"), permissions=["decide"])
    def release(self, request: HttpRequest, queryset: QuerySet[Payout]) -> None:
        self._each(request, queryset, payouts.release)

    @admin.action(description=_("Forfeit the prize to the platform"), permissions=["decide"])
    def forfeit(self, request: HttpRequest, queryset: QuerySet[Payout]) -> None:
        self._each(request, queryset, payouts.forfeit)

    def _each(self, request: HttpRequest, queryset: QuerySet[Payout], decide: Callable[..., Payout]) -> None:
        for payout in queryset:
            try:
                decide(payout_id=payout.pk, actor=request.user, reason="admin", now=timezone.now())
            except DomainError as error:
                self.message_user(request, f"{payout}: {error.text}", messages.ERROR)
