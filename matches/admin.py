from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.errors import DomainError
from common.readonly_admin import ReadOnlyAdmin
from matches.enums import DisputeOutcome, ReportStatus
from matches.models import Match, Report
from matches.services import reports, results
from users.game_scope import GameScopedAdmin


@admin.register(Match)
class MatchAdmin(GameScopedAdmin, ReadOnlyAdmin):
    game_lookup = "tournament__game"
    list_display = ["id", "tournament", "key", "entrant_a", "entrant_b", "status", "winner", "disputed_at"]
    list_filter = ["status", "outcome", "tournament__game"]
    list_select_related = ["tournament", "entrant_a", "entrant_b", "winner"]
    search_fields = ["id", "tournament__name", "entrant_a__name", "entrant_b__name"]
    ordering = ["-disputed_at", "-id"]
    actions = ["first_side_won", "second_side_won", "play_again", "both_lose"]

    def _rule(self, request: HttpRequest, queryset: QuerySet[Match], side: str, outcome: DisputeOutcome | None) -> None:
        for match in queryset.select_related("tournament", "entrant_a", "entrant_b"):
            entrant = {"a": match.entrant_a, "b": match.entrant_b}.get(side)
            winner_id = (entrant.user_id or entrant.team_id) if entrant else None
            try:
                results.resolve(
                    match_id=match.pk,
                    actor=request.user,  # type: ignore[arg-type]
                    winner_id=winner_id,
                    outcome=outcome,
                    note="admin",
                    now=timezone.now(),
                )
                self.message_user(request, _("Match %(id)s is decided.") % {"id": match.pk})
            except DomainError as error:
                self.message_user(request, f"{match.pk}: {error.text}", messages.ERROR)

    @admin.action(description=_("Rule: the first side won"), permissions=["act"])
    def first_side_won(self, request: HttpRequest, queryset: QuerySet[Match]) -> None:
        self._rule(request, queryset, "a", None)

    @admin.action(description=_("Rule: the second side won"), permissions=["act"])
    def second_side_won(self, request: HttpRequest, queryset: QuerySet[Match]) -> None:
        self._rule(request, queryset, "b", None)

    @admin.action(description=_("Rule: play again"), permissions=["act"])
    def play_again(self, request: HttpRequest, queryset: QuerySet[Match]) -> None:
        self._rule(request, queryset, "", DisputeOutcome.REPLAY)

    @admin.action(description=_("Rule: both lose"), permissions=["act"])
    def both_lose(self, request: HttpRequest, queryset: QuerySet[Match]) -> None:
        self._rule(request, queryset, "", DisputeOutcome.DOUBLE_FORFEIT)


@admin.register(Report)
class ReportAdmin(GameScopedAdmin, ReadOnlyAdmin):
    game_lookup = "match__tournament__game"
    list_display = ["id", "reporter", "reported_user", "match", "status", "created_at"]
    list_filter = ["status"]
    list_select_related = ["reporter", "reported_user", "match"]
    search_fields = ["reporter__username", "reported_user__username", "description"]
    actions = ["resolve", "reject"]

    def _close(self, request: HttpRequest, queryset: QuerySet[Report], status: ReportStatus) -> None:
        for report in queryset:
            try:
                reports.close(
                    report_id=report.pk,
                    actor=request.user,  # type: ignore[arg-type]
                    status=status,
                    note="admin",
                    now=timezone.now(),
                )
            except DomainError as error:
                self.message_user(request, f"{report.pk}: {error.text}", messages.ERROR)

    @admin.action(description=_("Resolve"), permissions=["act"])
    def resolve(self, request: HttpRequest, queryset: QuerySet[Report]) -> None:
        self._close(request, queryset, ReportStatus.RESOLVED)

    @admin.action(description=_("Reject"), permissions=["act"])
    def reject(self, request: HttpRequest, queryset: QuerySet[Report]) -> None:
        self._close(request, queryset, ReportStatus.REJECTED)
