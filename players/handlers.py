from common.events import handles
from players.models import Achievement, PlayerContribution, PlayerStanding
from players.services import recording
from tournaments.events import TournamentCancelled, TournamentCompleted
from users.models import User
from users.services.personal_data import Part, exports, rows


@handles(TournamentCompleted)
def have_it_recorded(event: TournamentCompleted) -> None:
    recording.mark_due(tournament_id=event.tournament_id)


@handles(TournamentCancelled)
def have_it_taken_back(event: TournamentCancelled) -> None:
    recording.mark_due(tournament_id=event.tournament_id)


@exports("players", PlayerContribution, PlayerStanding, Achievement)
def export_record(user: User) -> Part:
    return Part(
        {
            "contributions": rows(user.contributions.all()),
            "standings": rows(user.standings.all()),
            "achievements": rows(user.achievements.all()),
        }
    )
