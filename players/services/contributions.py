"""What one completed tournament brings players and teams, from its scorings, its matches and earlier ratings."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db.models import Q

from players.models import PlayedTournament, PlayerContribution, TeamContribution
from players.services import playing, points
from tournaments.engine.rating import Rating
from tournaments.enums import EntrantStatus, TournamentStatus
from tournaments.models import Scoring, Tournament


def made_by(
    tournament: Tournament, played: PlayedTournament
) -> tuple[list[PlayerContribution], list[TeamContribution]]:
    """What the tournament brought, as things are now; nothing when it is not completed any more.

    Sets ``played.counts``. Ratings go on from the contributions of the tournaments before it.
    """
    played.counts = False
    if tournament.status != TournamentStatus.COMPLETED:
        return [], []
    scorings = list(Scoring.objects.filter(tournament=tournament).select_related("entrant").order_by("user_id"))
    meetings = playing.meetings(tournament.pk)
    entrants = len({one.entrant_id for one in scorings})
    is_real = sum(one.is_played for one in meetings) >= settings.LEADERBOARD_MIN_MATCHES
    played.counts = tournament.is_rated and entrants >= settings.LEADERBOARD_MIN_ENTRANTS and is_real

    level = points.level_of(tournament)
    runs = playing.runs(meetings)
    nothing = playing.Run()
    mine, theirs = [], {}
    for scoring in scorings:
        entrant, run = scoring.entrant, runs.get(scoring.entrant_id, nothing)
        numbers = _always(scoring, played)
        if played.counts:
            numbers |= _play(scoring, run, points_of=(entrants, level))
        one = PlayerContribution(
            user_id=scoring.user_id, type=tournament.type, winnings_rial=scoring.prize_rial, **numbers
        )
        one.is_comeback = one.is_title and run.won_among_losers
        mine.append(one)
        if entrant.team_id is not None:
            theirs[entrant.pk] = TeamContribution(team_id=entrant.team_id, winnings_rial=entrant.prize_rial, **numbers)
    if played.counts:
        _rate(tournament, played, mine, scorings, meetings)
    return mine, list(theirs.values())


def _always(scoring: Scoring, played: PlayedTournament) -> dict[str, Any]:
    return {
        "tournament": played,
        "game_id": played.game_id,
        "completed_at": played.completed_at,
        "counts": played.counts,
        "place": scoring.placement,
    }


def _play(scoring: Scoring, run: playing.Run, *, points_of: tuple[int, int]) -> dict[str, Any]:
    """Who has won no match, or was thrown out, gets no points for a place."""
    is_out = scoring.entrant.status == EntrantStatus.DISQUALIFIED
    entrants, level = points_of
    worth = points.points(place=scoring.placement, tied_with=scoring.tied_with, entrants=entrants, percent=level)
    return {
        "is_title": scoring.placement == 1 and not scoring.tied_with and not is_out,
        "points": worth if scoring.wins and not is_out else 0,
        "wins": scoring.wins,
        "draws": scoring.draws,
        "losses": scoring.losses,
        "first_wins": run.first,
        "last_wins": run.last,
        "best_wins": run.best,
    }


def _rate(
    tournament: Tournament,
    played: PlayedTournament,
    mine: Sequence[PlayerContribution],
    scorings: Sequence[Scoring],
    meetings: Sequence[playing.Meeting],
) -> None:
    rosters: dict[int, list[int]] = defaultdict(list)
    for scoring in scorings:
        rosters[scoring.entrant_id].append(scoring.user_id)
    after = playing.rated(
        model=playing.MODELS[tournament.type],
        played=meetings,
        rosters=rosters,
        before=_ratings_before(tournament.type, played, [one.user_id for one in mine]),
    )
    for contribution in mine:
        rated = after.get(contribution.user_id)
        if rated is not None:
            contribution.rating_value = rated.rating.value
            contribution.rating_deviation = rated.rating.deviation
            contribution.rating_volatility = rated.rating.volatility
            contribution.rated_matches = rated.rating.games
            contribution.best_upset = rated.best_upset


def _ratings_before(type: str, played: PlayedTournament, user_ids: Sequence[int]) -> dict[int, Rating]:
    earlier = Q(completed_at__lt=played.completed_at) | Q(completed_at=played.completed_at, tournament__lt=played.pk)
    newest = (
        PlayerContribution.objects.filter(earlier, user__in=user_ids, game=played.game_id, type=type)
        .exclude(rating_value=None)
        # what it brought at another time before it was corrected
        .exclude(tournament=played)
        .order_by("user", "-completed_at", "-tournament")
        .distinct("user")
    )
    names = ("user_id", "rating_value", "rating_deviation", "rating_volatility", "rated_matches")
    return {user_id: Rating(*rating) for user_id, *rating in newest.values_list(*names)}
