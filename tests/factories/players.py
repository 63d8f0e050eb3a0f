"""Tournaments that are over, as rows: quicker than playing them, with exactly the results a test needs."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from games.models import Game
from matches.enums import MatchOutcome, MatchStatus
from matches.models import Match
from players.models import PlayedTournament
from players.services import recording
from tests.factories.games import GameFactory
from tests.factories.tournaments import make_team
from tests.factories.users import UserFactory
from tournaments.enums import EntrantStatus, TournamentStatus, TournamentType
from tournaments.models import Entrant, RosterMember, Scoring, Stage, Tournament
from users.models import User

Pair = tuple[int, int]
"""Winner and loser of a match, by their places in the list of players; equal numbers of a pair are not allowed."""


def completed(
    players: Sequence[Any],
    *,
    game: Game | None = None,
    at: datetime | None = None,
    matches: Sequence[Pair] | None = None,
    prizes: Sequence[int] = (),
    tied: Sequence[int] = (),
    brackets: Sequence[str] = (),
    due: bool = True,
    **fields: Any,
) -> Tournament:
    """Completed ``at`` a moment, with ``players`` (users, or teams) in the order of their places.

    Without ``matches`` everybody has lost to whoever is one place better. ``prizes`` are Rials by place; ``tied`` says
    with how many others each place is shared.
    """
    at = at or timezone.now()
    is_team = not isinstance(players[0], User)
    tournament = Tournament.objects.create(
        name=fields.pop("name", "Old Cup"),
        slug=f"old-cup-{Tournament.objects.count()}-{at.timestamp()}",
        game=game or GameFactory(),
        creator=players[0].captain if is_team else players[0],
        status=TournamentStatus.COMPLETED,
        type=TournamentType.TEAM if is_team else TournamentType.INDIVIDUAL,
        registration_start_at=at - timedelta(days=2),
        registration_end_at=at - timedelta(days=1),
        start_at=at - timedelta(hours=3),
        started_at=at - timedelta(hours=3),
        completed_at=at,
        created_at=at - timedelta(days=3),
        **fields,
    )
    stage = Stage.objects.create(tournament=tournament)
    entrants = [_entrant(tournament, player, place, at) for place, player in enumerate(players, start=1)]
    pairs = list(matches) if matches is not None else [(index, index + 1) for index in range(len(players) - 1)]
    for number, (winner, loser) in enumerate(pairs):
        Match.objects.create(
            tournament=tournament,
            stage=stage,
            key=f"M{number}",
            bracket=brackets[number] if brackets else "W",
            round=1,
            number=number,
            status=MatchStatus.COMPLETED,
            outcome=MatchOutcome.CONFIRMED,
            entrant_a=entrants[winner],
            entrant_b=entrants[loser],
            winner=entrants[winner],
            completed_at=at - timedelta(minutes=len(pairs) - number),
        )
    score(tournament, entrants, pairs, prizes, tied)
    if due:
        PlayedTournament.objects.create(tournament=tournament, game=tournament.game, completed_at=at)
    return tournament


def _entrant(tournament: Tournament, player: Any, place: int, at: datetime) -> Entrant:
    is_user = isinstance(player, User)
    entrant = Entrant.objects.create(
        tournament=tournament,
        user=player if is_user else None,
        team=None if is_user else player,
        captain=player if is_user else player.captain,
        name=player.username if is_user else player.name,
        status=EntrantStatus.FINISHED,
        seed=place,
        place_first=place,
        place_last=place,
        joined_at=at,
    )
    members = [player] if is_user else User.objects.filter(team_memberships__team=player).order_by("pk")
    RosterMember.objects.bulk_create(RosterMember(entrant=entrant, tournament=tournament, user=one) for one in members)
    return entrant


def score(
    tournament: Tournament,
    entrants: Sequence[Entrant],
    pairs: Sequence[Pair],
    prizes: Sequence[int] = (),
    tied: Sequence[int] = (),
) -> None:
    """Write the scorings anew, as a correction does."""
    Scoring.objects.filter(tournament=tournament).delete()
    for index, entrant in enumerate(entrants):
        members = list(entrant.roster.order_by("pk"))
        prize = prizes[index] if index < len(prizes) else 0
        entrant.prize_rial = prize
        entrant.save()
        for member in members:
            Scoring.objects.create(
                tournament=tournament,
                user=member.user,
                entrant=entrant,
                placement=entrant.place_first,
                tied_with=tied[index] if index < len(tied) else 0,
                wins=sum(winner == index for winner, _ in pairs),
                losses=sum(loser == index for _, loser in pairs),
                prize_rial=prize // len(members),
            )


def some_players(count: int) -> list[User]:
    return UserFactory.create_batch(count)


def some_teams(count: int, size: int = 2) -> list[Any]:
    return [make_team(size) for _ in range(count)]


def record_all() -> int:
    """Record whatever is due, and whatever becomes due by that."""
    done = 0
    while some := recording.record_due(now=timezone.now()):
        done += some
    return done
