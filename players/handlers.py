from common.events import handles
from players import rules
from players.models import Achievement, PlayerContribution, PlayerStanding
from players.services import recording, standings
from tournaments.events import EntryAsked, TournamentCancelled, TournamentCompleted
from tournaments.models import Tournament
from users.events import AccountClosed, VisibilityChanged
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


@handles(VisibilityChanged)
def show_or_hide(event: VisibilityChanged) -> None:
    standings.relist(user_id=event.user_id)


@handles(AccountClosed)
def hide(event: AccountClosed) -> None:
    standings.relist(user_id=event.user_id, is_gone=True)


@handles(EntryAsked)
def check_ranks(event: EntryAsked) -> None:
    rules.require_rank(Tournament.objects.get(pk=event.tournament_id), event.user_ids)


@exports("players", PlayerContribution, PlayerStanding, Achievement)
def export_players(user: User) -> Part:
    return Part(
        {
            "tournaments": rows(
                user.contributions.all(),
                "tournament_id", "completed_at", "counts", "place", "points", "winnings_rial", "wins", "draws",
                "losses", "type", "rating_value", "rating_deviation",
            ),
            "standings": rows(user.standings.all(), "board__game_id", "board__season_id", "score", "winnings_rial"),
            "achievements": rows(user.achievements.all(), "code", "tournament_id", "earned_at"),
        }
    )  # fmt: skip
