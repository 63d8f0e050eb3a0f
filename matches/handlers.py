from django.utils import timezone

from common.events import handles
from matches.services import progress
from tournaments.events import TournamentCancelled, TournamentStarted
from tournaments.models import Tournament


@handles(TournamentStarted)
def make_matches(event: TournamentStarted) -> None:
    progress.generate(tournament=Tournament.objects.get(pk=event.tournament_id), now=timezone.now())


@handles(TournamentCancelled)
def call_matches_off(event: TournamentCancelled) -> None:
    progress.call_off(tournament_id=event.tournament_id, now=timezone.now())
