"""Puts the demo content in place, and back in place: running it again adds what is missing and nothing else."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from demo.services import content
from games.models import Game
from support.models import SupportAssignment
from support.services import assignments
from teams.models import Team
from teams.services import invitations, teams
from tournaments.enums import TournamentStatus
from tournaments.models import Tournament
from tournaments.services import editing, lifecycle
from users.enums import Role
from users.models import User
from users.services import roles

LOCAL_SMS_PROVIDERS = {"file", "memory"}
# A tournament whose registration ends sooner than this gets new dates.
LEAST_REGISTRATION = timedelta(hours=1)


class NotLocal(Exception):
    """Text messages leave this installation: whoever has a demo phone's number could sign in as an administrator."""


def fill(*, admin_password: str, now: datetime) -> str:
    """Have the admin, the games, the people, the teams and the tournaments there.

    Returns the admin's password, if it is known: it is the given one, or a new one when the admin is new.

    :raises NotLocal: text messages go out to real phones.
    """
    if not LOCAL_SMS_PROVIDERS.issuperset(settings.SMS_PROVIDERS):
        raise NotLocal
    wanted = [content.ADMIN_PHONE, content.SUPPORT_PHONE, *(player.phone for player in content.PLAYERS)]
    people = {user.phone_number: user for user in User.objects.filter(phone_number__in=wanted)}
    admin, password = _admin(people.get(content.ADMIN_PHONE), admin_password)
    games = _games()
    players = _players(people)
    _teams(players, now)
    _support(people.get(content.SUPPORT_PHONE), games, admin, now)
    _tournaments(games, admin, now)
    return password


def _admin(admin: User | None, password: str) -> tuple[User, str]:
    if admin is None:
        password = password or secrets.token_urlsafe(12)
        username = _free_username("admin")
        return User.objects.create_superuser(content.ADMIN_PHONE, password, username=username), password
    if password and not admin.check_password(password):
        admin.set_password(password)
    admin.is_staff = admin.is_superuser = admin.is_active = True
    admin.save(update_fields=["password", "is_staff", "is_superuser", "is_active"])
    return admin, password


def _free_username(wanted: str) -> str:
    return f"{wanted}_{secrets.token_hex(3)}" if User.objects.filter(username__iexact=wanted).exists() else wanted


def _games() -> dict[str, Game]:
    known = {game.slug: game for game in Game.objects.filter(slug__in=[game.slug for game in content.GAMES])}
    for game in content.GAMES:
        if game.slug not in known:
            known[game.slug] = Game.objects.create(slug=game.slug, name=game.name, description=game.description)
    return known


def _players(people: dict[str, User]) -> dict[str, User]:
    for player in content.PLAYERS:
        if player.phone not in people:
            people[player.phone] = User.objects.create_user(
                player.phone,
                username=_free_username(player.username),
                full_name=player.full_name,
                language=player.language,
            )
    return {player.phone: people[player.phone] for player in content.PLAYERS}


def _teams(players: dict[str, User], now: datetime) -> None:
    names = [team.name for team in content.TEAMS]
    known = set(Team.objects.filter(name__in=names, closed_at=None).values_list("name", flat=True))
    for team in content.TEAMS:
        if team.name in known:
            continue
        captain, *mates = (players[phone] for phone in team.phones)
        founded = teams.create(actor=captain, name=team.name, now=now)
        for mate in mates:
            invitation = invitations.invite(team_id=founded.pk, user_id=mate.pk, actor=captain, now=now)
            invitations.respond(invitation_id=invitation.pk, accept=True, actor=mate, now=now)


def _support(person: User | None, games: dict[str, Game], admin: User, now: datetime) -> None:
    if person is None:
        person = User.objects.create_user(
            content.SUPPORT_PHONE, username=_free_username("support"), full_name="پشتیبانی میدان"
        )
    if (Role.SUPPORT, None) not in person.roles:
        person = roles.grant(user_id=person.pk, role=Role.SUPPORT, actor=admin, now=now).user
    assigned = set(SupportAssignment.objects.filter(support_person=person).values_list("game_id", flat=True))
    for game in games.values():
        if game.pk not in assigned:
            assignments.create(support_person=person, game=game, actor=admin, now=now)


def _tournaments(games: dict[str, Game], admin: User, now: datetime) -> None:
    names = [tournament.name for tournament in content.TOURNAMENTS]
    waiting = Tournament.objects.filter(
        name__in=names, creator=admin, status__in=[TournamentStatus.DRAFT, TournamentStatus.PUBLISHED]
    )
    known = {tournament.name: tournament for tournament in waiting.order_by("pk")}
    for wanted in content.TOURNAMENTS:
        dates: dict[str, Any] = {
            "registration_start_at": now - timedelta(minutes=1),
            "registration_end_at": now + wanted.registration_lasts,
            "start_at": now + wanted.starts_after,
        }
        tournament = known.get(wanted.name)
        if tournament is None:
            fields = wanted.fields | dates
            tournament = editing.create(actor=admin, now=now, name=wanted.name, game=games[wanted.game], **fields)
        elif tournament.registration_end_at < now + LEAST_REGISTRATION:
            editing.update(tournament_id=tournament.pk, actor=admin, now=now, check_in_start_at=None, **dates)
        if tournament.status == TournamentStatus.DRAFT:
            lifecycle.publish(tournament_id=tournament.pk, actor=admin, now=now)
