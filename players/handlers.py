from common.events import handles
from players.services import recording
from tournaments.events import TournamentCancelled, TournamentCompleted


@handles(TournamentCompleted)
def have_it_recorded(event: TournamentCompleted) -> None:
    recording.mark_due(tournament_id=event.tournament_id)


@handles(TournamentCancelled)
def have_it_taken_back(event: TournamentCancelled) -> None:
    recording.mark_due(tournament_id=event.tournament_id)
