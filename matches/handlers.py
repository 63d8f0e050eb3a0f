from django.db.models import Q
from django.utils import timezone

from common.events import handles
from matches.models import Match, Report
from matches.services import progress
from tournaments.events import TournamentCancelled, TournamentStarted
from tournaments.models import Tournament
from users.models import User
from users.services.personal_data import Part, exports, rows


@handles(TournamentStarted)
def make_matches(event: TournamentStarted) -> None:
    progress.generate(tournament=Tournament.objects.get(pk=event.tournament_id), now=timezone.now())


@handles(TournamentCancelled)
def call_matches_off(event: TournamentCancelled) -> None:
    progress.call_off(tournament_id=event.tournament_id, now=timezone.now())


@exports("matches", Match, Report)
def export_matches(user: User) -> Part:
    played = Match.objects.filter(Q(entrant_a__roster__user=user) | Q(entrant_b__roster__user=user)).distinct()
    submitted = Match.objects.filter(submitted_by=user)
    return Part(
        {
            "matches": rows(
                played,
                "id", "tournament_id", "round", "status", "outcome", "entrant_a__name", "entrant_b__name",
                "winner__name", "score_a", "score_b", "started_at", "completed_at",
            ),
            "submitted_results": rows(submitted, "id", "submitted_at", "is_confirmed", "is_disputed"),
            "disputes": rows(Match.objects.filter(disputed_by=user), "id", "dispute_reason", "disputed_at"),
            "reports": rows(
                user.filed_reports.all(), "match_id", "reported_user_id", "description", "status", "created_at"
            ),
        },
        files=[
            *submitted.values_list("result_proof", flat=True),
            *user.filed_reports.values_list("evidence", flat=True),
        ],
    )  # fmt: skip
