from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import Q, QuerySet

from common.errors import NotFound
from matches.models import Match, Report
from tournaments.models import RosterMember
from users.models import User
from users.rules import games_overseen
from users.selectors import managers_of_game
from users.types import Caller


def rosters(entrant_ids: Iterable[int]) -> dict[int, list[int]]:
    """Entrant id → the users who play for it."""
    players: dict[int, list[int]] = defaultdict(list)
    rows = RosterMember.objects.filter(entrant__in=list(entrant_ids), is_active=True).order_by("user_id")
    for entrant_id, user_id in rows.values_list("entrant_id", "user_id"):
        players[entrant_id].append(user_id)
    return players


def players_of(match: Match) -> list[int]:
    """Everybody who plays in the match, both sides."""
    sides = rosters(pk for pk in (match.entrant_a_id, match.entrant_b_id) if pk)
    return sorted(user_id for side in sides.values() for user_id in side)


def opponents_of(match: Match, side: str) -> list[int]:
    other = match.entrant_b_id if side == "a" else match.entrant_a_id
    return rosters([other])[other] if other else []


def find(match_id: int) -> Match:
    """:raises NotFound: there is none."""
    match = Match.objects.with_sides().filter(pk=match_id).first()
    if match is None:
        raise NotFound
    return match


def bracket(tournament_id: int) -> list[Match]:
    """Every match of a tournament, round by round."""
    return list(Match.objects.with_sides().filter(tournament=tournament_id).order_by("bracket", "round", "number"))


def of_user(user_id: int) -> QuerySet[Match]:
    mine = RosterMember.objects.filter(user=user_id, is_active=True).values("entrant")
    return Match.objects.filter(Q(entrant_a__in=mine) | Q(entrant_b__in=mine))


def own_entrants(caller: Caller, matches: Sequence[Match]) -> set[int]:
    """Of the entrants in these matches, those for which the caller plays: one query for a whole page."""
    if not caller.is_authenticated:
        return set()
    sides = {pk for match in matches for pk in (match.entrant_a_id, match.entrant_b_id) if pk}
    mine = RosterMember.objects.filter(user=caller.pk, is_active=True, entrant__in=sides)
    return set(mine.values_list("entrant_id", flat=True))


def reports_for(user: User) -> QuerySet[Report]:
    """Staff see the reports of the games that they oversee, everybody else the ones they filed."""
    reports = Report.objects.order_by("-pk")
    games = games_overseen(user)
    if games is None:
        return reports
    return reports.filter(Q(reporter=user) | Q(match__tournament__game__in=games) if games else Q(reporter=user))


def referee_ids(match: Match) -> list[int]:
    return list(managers_of_game(match.tournament.game_id).values_list("pk", flat=True))
