from datetime import datetime
from typing import Any

from django.db.models import Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum

from common.errors import NotFound
from games.models import Game, GameStatus
from tournaments.enums import HOLDING_A_SEAT, EntrantStatus, Phase, TournamentStatus
from tournaments.models import Entrant, RosterMember, Scoring, Tournament
from users.models import InGameID, User
from users.rules import games_overseen
from users.types import Caller
from wallet.enums import PAYMENT_CREDITED, PaymentPurpose
from wallet.models import Payment


def visible(caller: Caller) -> QuerySet[Tournament]:
    tournaments = Tournament.objects.select_related("game", "creator", "seats").prefetch_related("stages")
    games = games_overseen(caller)
    if games is None:
        return tournaments
    shown = ~Q(status=TournamentStatus.DRAFT)
    if caller.is_authenticated:
        shown |= Q(creator=caller.pk)
    return tournaments.filter(shown | Q(game__in=games) if games else shown)


def find(caller: Caller, key: str) -> Tournament:
    """A tournament the caller may know about, by id or slug. :raises NotFound: there is none."""
    tournament = visible(caller).filter(Q(pk=int(key)) if _is_id(key) else Q(slug=key)).first()
    if tournament is None:
        raise NotFound
    return tournament


def id_of(caller: Caller, key: str) -> int:
    """``find`` for a service that looks itself whether there is such a tournament, and for whom: an id is not read."""
    return int(key) if _is_id(key) else find(caller, key).pk


def _is_id(key: str) -> bool:
    return key.isascii() and key.isdigit() and len(key) <= 18


def in_phase(phase: str, now: datetime) -> Q:
    """The tournaments that ``Tournament.phase`` calls so, as a condition for the database."""
    published = Q(status=TournamentStatus.PUBLISHED)
    checking_in = Q(check_in_start_at__isnull=False, check_in_start_at__lte=now)
    registering = Q(registration_start_at__lte=now, registration_end_at__gt=now)
    return {
        Phase.CHECK_IN: published & checking_in,
        Phase.REGISTRATION_OPEN: published & ~checking_in & registering,
        Phase.UPCOMING: published & ~checking_in & ~registering,
    }.get(Phase(phase), Q(status=phase))


def entrants(tournament_id: int) -> QuerySet[Entrant]:
    """Who holds a seat, best seed first, with rosters."""
    roster = Prefetch("roster", RosterMember.objects.select_related("user").order_by("pk"))
    return (
        Entrant.objects.filter(tournament=tournament_id, status__in=HOLDING_A_SEAT)
        .select_related("user", "team", "captain")
        .prefetch_related(roster)
        .order_by(F("seed").asc(nulls_last=True), "joined_at", "pk")
    )


def entrant_of(tournament_id: int, user: User) -> Entrant | None:
    """The entrant on whose roster the user stands, if it holds a seat."""
    return Entrant.objects.filter(
        tournament=tournament_id, roster__user=user, roster__is_active=True, status__in=HOLDING_A_SEAT
    ).first()


def players(tournament: Tournament) -> QuerySet[RosterMember]:
    """Everybody on a roster, each with ``player_id``: who they are inside the game; None where they gave none."""
    ids = InGameID.objects.filter(user=OuterRef("user"), game=tournament.game_id)
    rosters = RosterMember.objects.filter(tournament=tournament, is_active=True).select_related("user")
    return rosters.annotate(player_id=Subquery(ids.values("player_id")[:1])).order_by("entrant", "user")


def player_ids(tournament_id: int) -> list[int]:
    rosters = RosterMember.objects.filter(tournament=tournament_id, is_active=True)
    return list(rosters.order_by("user_id").values_list("user_id", flat=True))


def placed(tournament_id: int) -> QuerySet[Entrant]:
    """The final ranking, best first. Empty until the tournament is completed."""
    return (
        Entrant.objects.filter(tournament=tournament_id, place_first__isnull=False)
        .select_related("user", "team")
        .order_by("place_first", "seed")
    )


def leaderboard(tournament_id: int) -> QuerySet[Scoring]:
    return Scoring.objects.filter(tournament=tournament_id).select_related("user").order_by("placement", "pk")


def unpaid_seats(user: User, since: datetime) -> list[tuple[int, datetime]]:
    """(tournament id, when) of the seats that were kept for the user since then and brought no money, oldest first.

    Those given back at once, because the gateway took no payment, are not among them.
    """
    entrant = Entrant.objects.filter(pk=OuterRef("entrant_id"))
    kept = Payment.objects.filter(user=user.pk, purpose=PaymentPurpose.ENTRY, created_at__gt=since)
    unpaid = kept.exclude(status__in=PAYMENT_CREDITED).annotate(
        tournament=Subquery(entrant.values("tournament_id")), seat=Subquery(entrant.values("status"))
    )
    unpaid = unpaid.filter(Q(authority__isnull=False) | Q(seat=EntrantStatus.PENDING_PAYMENT))
    return list(unpaid.order_by("created_at", "pk").values_list("tournament", "created_at"))


def games() -> QuerySet[Game]:
    held = Count("tournaments", filter=Q(tournaments__status=TournamentStatus.COMPLETED))
    active = Count(
        "tournaments", filter=Q(tournaments__status__in=[TournamentStatus.PUBLISHED, TournamentStatus.ONGOING])
    )
    return (
        Game.objects.filter(status=GameStatus.ACTIVE)
        .annotate(held=held, active=active)
        .prefetch_related("images")
        .order_by("name", "pk")
    )


def taken_part_in(user: User) -> QuerySet[Tournament]:
    """Tournaments in which the user holds a seat or runs the event, newest start first."""
    playing = Entrant.objects.filter(roster__user=user, roster__is_active=True, status__in=HOLDING_A_SEAT)
    return visible(user).filter(Q(pk__in=playing.values("tournament")) | Q(creator=user)).order_by("-start_at", "-pk")


def totals() -> dict[str, Any]:
    completed = Tournament.objects.filter(status=TournamentStatus.COMPLETED)
    paid = Scoring.objects.aggregate(total=Sum("prize_rial"))["total"] or 0
    return {"prize_money": paid, "tournaments": completed.count()}
