"""Tournaments in the states that tests need, made through the services as people make them."""

import io
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from matches.models import Match
from matches.services import results
from teams.enums import Role
from teams.models import Team, TeamMember
from tests.factories.games import GameFactory
from tests.factories.users import UserFactory
from tests.factories.wallet import deposit
from tournaments.enums import TournamentStatus
from tournaments.models import Entrant, Tournament
from tournaments.services import editing, lifecycle, registration
from users.models import User


def make_tournament(*, creator: User | None = None, published: bool = True, **fields: Any) -> Tournament:
    now = timezone.now()
    creator = creator or UserFactory()
    tournament = editing.create(
        actor=creator,
        now=now,
        **{
            "name": "Friday Cup",
            "game": fields.pop("game", None) or GameFactory(),
            "registration_start_at": now - timedelta(hours=1),
            "registration_end_at": now + timedelta(hours=1),
            "start_at": now + timedelta(hours=2),
            **fields,
        },
    )
    if published:
        tournament = lifecycle.publish(tournament_id=tournament.pk, actor=creator, now=now)
    return tournament


def make_team(size: int = 2, **fields: Any) -> Team:
    now = timezone.now()
    captain = fields.pop("captain", None) or UserFactory()
    team = Team.objects.create(captain=captain, name=fields.pop("name", f"Team {captain.pk}"), created_at=now, **fields)
    TeamMember.objects.create(team=team, user=captain, role=Role.CAPTAIN, joined_at=now)
    for _ in range(size - 1):
        TeamMember.objects.create(team=team, user=UserFactory(), role=Role.MEMBER, joined_at=now)
    return team


def join(tournament: Tournament, user: User | None = None, team: Team | None = None) -> Entrant:
    """Enter, with the fee in the wallet first if there is one."""
    payer = team.captain if team else (user or UserFactory())
    if tournament.entry_fee_rial:
        deposit(payer, tournament.entry_fee_rial)
    return registration.join(
        tournament_id=tournament.pk, actor=payer, team_id=team.pk if team else None, now=timezone.now()
    )


def fill(tournament: Tournament, count: int) -> list[Entrant]:
    team = tournament.type == "team"
    return [join(tournament, team=make_team(tournament.team_size) if team else None) for _ in range(count)]


def start(tournament: Tournament, *, seeded: bool = True) -> Tournament:
    """Begin, seeded in the order of joining."""
    if seeded:
        order = list(Entrant.objects.holding_a_seat().filter(tournament=tournament).order_by("pk"))
        registration.seed(
            tournament_id=tournament.pk,
            order=[entrant.pk for entrant in order],
            actor=tournament.creator,
            now=timezone.now(),
        )
    return lifecycle.start(tournament_id=tournament.pk, actor=tournament.creator, now=timezone.now())


def running_tournament(count: int = 4, **fields: Any) -> Tournament:
    tournament = make_tournament(**fields)
    fill(tournament, count)
    return start(tournament)


def screenshot(color: str = "navy", name: str = "result.png") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (64, 36), color).save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/png")


def player_of(entrant: Entrant) -> User:
    return entrant.captain


def side_id(entrant: Entrant) -> int:
    """What ``winner_id`` names: the user of an individual, the team of a team."""
    return entrant.user_id or entrant.team_id


def submit(
    match: Match, winner: Entrant | None, *, by: User | None = None, now: datetime | None = None, games: Any = ()
) -> Match:
    """``winner`` None is a draw, submitted ``by`` somebody."""
    return results.submit(
        match_id=match.pk,
        actor=by or player_of(winner),
        winner_id=None if winner is None else side_id(winner),
        proof=screenshot(),
        games=games,
        now=now or timezone.now(),
    )


def play(match: Match, winner: Entrant, games: Any = ()) -> Match:
    """Submit by the winner, confirm by the loser."""
    match.refresh_from_db()
    loser = match.entrant_b if winner == match.entrant_a else match.entrant_a
    submit(match, winner, games=games)
    return results.confirm(match_id=match.pk, actor=player_of(loser), now=timezone.now())


def play_out(tournament: Tournament) -> Tournament:
    """Play every match; the better seed wins."""
    while match := Match.objects.filter(tournament=tournament, status="ongoing").order_by("pk").first():
        play(match, min((match.entrant_a, match.entrant_b), key=lambda entrant: entrant.seed))
    tournament.refresh_from_db()
    assert tournament.status == TournamentStatus.COMPLETED
    return tournament
