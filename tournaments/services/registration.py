"""Entering a tournament and leaving it, checking in, and the order of seeds."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from common import audit
from common.db import insert, needs_transaction, use_case
from common.errors import NotFound
from common.events import publish
from common.state import transition
from notifications.services import Notice, notify, notify_many
from teams.errors import NotTeamCaptain
from teams.models import Team, TeamMember
from tournaments import errors, rules, selectors
from tournaments.enums import ENTRANT_TRANSITIONS, EntrantStatus, Phase, TournamentStatus, TournamentType
from tournaments.events import EntryAsked
from tournaments.models import Entrant, RosterMember, Tournament
from tournaments.services import access, participation
from users.models import User
from wallet.services import escrow

_AT_THE_DOOR = """
SELECT tournament.registration_start_at <= %(now)s AND %(now)s < tournament.registration_end_at,
       (SELECT roster.entrant_id FROM tournaments_rostermember roster
        WHERE roster.tournament_id = tournament.id AND roster.user_id = %(user)s AND roster.is_active),
       seats.taken < seats.capacity
FROM tournaments_tournament tournament JOIN tournaments_seatcounter seats ON seats.tournament_id = tournament.id
WHERE tournament.id = %(tournament)s AND tournament.status = 'published'
"""
_COUNT = "UPDATE tournaments_seatcounter SET taken = taken + %(more)s WHERE tournament_id = %(tournament)s"


def join(
    *,
    tournament_id: int,
    actor: User,
    now: datetime,
    team_id: int | None = None,
    member_ids: Sequence[int] | None = None,
) -> Entrant:
    """Take a seat, and pay the entry fee from the actor's wallet. All of it happens, or nothing.

    A team is entered by its captain with exactly ``team_size`` members; left out, they are all its members.

    :raises RegistrationClosed, TournamentFull, AlreadyJoined: no seat for this entrant now.
    :raises TeamRequired, TeamNotAllowed, RosterInvalid, NotTeamCaptain: the entrant does not fit the tournament.
    :raises VerificationRequired: somebody who would play is not verified to ``required_verification_level``.
    :raises RankNotAllowed: somebody who would play has a lower or a higher rank than the tournament asks for.
    :raises InsufficientFunds: the wallet is short.
    """
    turn_away(tournament_id=tournament_id, actor=actor, now=now)
    return _join(tournament_id=tournament_id, actor=actor, team_id=team_id, member_ids=member_ids, now=now)


def turn_away(*, tournament_id: int, actor: User, now: datetime) -> None:
    """Say what is plain from the door, with one read and no lock: most of a rush comes too late.

    Whoever passes is looked at again behind the locks, or meets the constraints.

    :raises RegistrationClosed, AlreadyJoined, EntryPaymentDue, TournamentFull: no seat for the actor now.
    """
    with connection.cursor() as cursor:
        cursor.execute(_AT_THE_DOOR, {"tournament": tournament_id, "user": actor.pk, "now": now})
        row = cursor.fetchone()
    if row is None:
        return
    is_open, entrant_id, has_seats = row
    if not is_open:
        raise errors.RegistrationClosed
    if entrant_id is not None:
        raise rules.why_not_again(Entrant.objects.get(pk=entrant_id))
    if not has_seats:
        raise errors.TournamentFull


@use_case
def _join(
    *, tournament_id: int, actor: User, team_id: int | None, member_ids: Sequence[int] | None, now: datetime
) -> Entrant:
    tournament = access.for_player(tournament_id=tournament_id, actor=actor)
    return admit(tournament=tournament, actor=actor, team_id=team_id, member_ids=member_ids, now=now)


@needs_transaction
def admit(
    *, tournament: Tournament, actor: User, team_id: int | None, member_ids: Sequence[int] | None, now: datetime
) -> Entrant:
    """``join``, in a tournament that the caller has locked."""
    entrant, players = enter(tournament=tournament, actor=actor, team_id=team_id, member_ids=member_ids, now=now)
    admitted(tournament=tournament, entrant=entrant, players=players, actor=actor, now=now)
    count_in(tournament=tournament)
    return entrant


@needs_transaction
def enter(
    *,
    tournament: Tournament,
    actor: User,
    team_id: int | None,
    member_ids: Sequence[int] | None,
    now: datetime,
    **fields: Any,
) -> tuple[Entrant, list[int]]:
    """The entrant with its roster, not yet paid for. The caller begins with ``turn_away``, ends with ``count_in``."""
    team, players = _side(tournament, actor, team_id, member_ids)
    if not rules.registration_is_open(tournament, now):
        raise errors.RegistrationClosed
    rules.require_verified(tournament, actor, players)
    if tournament.min_rank is not None or tournament.max_rank is not None:
        publish(EntryAsked(tournament_id=tournament.pk, user_ids=tuple(players)))

    entrant = Entrant(
        tournament=tournament,
        user=None if team else actor,
        team=team,
        captain=actor,
        name=team.name if team else actor.username,
        joined_at=now,
        **fields,
    )
    insert([entrant])
    insert([RosterMember(entrant=entrant, tournament=tournament, user_id=user_id) for user_id in players])
    return entrant, players


@needs_transaction
def admitted(*, tournament: Tournament, entrant: Entrant, players: Sequence[int], actor: User, now: datetime) -> None:
    """Charge the entry fee, and say that the entrant is in. :raises InsufficientFunds: the wallet is short."""
    if tournament.entry_fee_rial:
        escrow.charge_entry(
            payer=actor,
            tournament_id=tournament.pk,
            entrant_id=entrant.pk,
            amount_rial=tournament.entry_fee_rial,
            now=now,
        )
    audit.record(action="entrant.join", actor=actor, target=entrant, now=now)
    notify(
        kind="entrant_joined",
        to=players,
        params={"tournament": tournament.name},
        dedupe_key=f"entrant_joined:{entrant.pk}",
        now=now,
    )


@needs_transaction
def count_in(*, tournament: Tournament) -> None:
    """Last: the counter is the one row that everybody in a rush needs; its constraint says when it is full."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"tournament": tournament.pk, "more": 1})


def _side(
    tournament: Tournament, actor: User, team_id: int | None, member_ids: Sequence[int] | None
) -> tuple[Team | None, list[int]]:
    if tournament.type == TournamentType.INDIVIDUAL:
        if team_id is not None or member_ids:
            raise errors.TeamNotAllowed
        return None, [actor.pk]
    if team_id is None:
        raise errors.TeamRequired
    team = Team.objects.filter(pk=team_id, closed_at=None).first()
    if team is None:
        raise NotFound
    if team.captain_id != actor.pk:
        raise NotTeamCaptain
    members = set(TeamMember.objects.filter(team=team, user__is_active=True).values_list("user_id", flat=True))
    chosen = sorted(members) if member_ids is None else list(member_ids)
    if len(chosen) != tournament.team_size or len(set(chosen)) != len(chosen) or not members.issuperset(chosen):
        raise errors.RosterInvalid(size=tournament.team_size)
    # in one order, so that two rosters with the same players never wait for each other crosswise
    return team, sorted(chosen)


def leave_preview(*, tournament_id: int, actor: User) -> int:
    """What would come back, in Rials, if the actor's entrant left now.

    :raises NotAParticipant: it has none. :raises NotTeamCaptain: it is not the actor's to decide.
    """
    tournament = rules.require_visible(actor, Tournament.objects.filter(pk=tournament_id).first())
    entrant = participation.own_entrant(tournament, actor)
    if tournament.status != TournamentStatus.PUBLISHED:
        return 0
    return escrow.entry_amount(tournament_id=tournament.pk, entrant_id=entrant.pk)


@use_case
def leave(*, tournament_id: int, actor: User, now: datetime) -> int:
    """Give the seat up before the start; the entry fee goes back to who paid it. Returns the Rials returned.

    :raises TournamentStateError: it has started. :raises NotAParticipant, NotTeamCaptain: see ``leave_preview``.
    """
    tournament = access.for_player(tournament_id=tournament_id, actor=actor)
    entrant = _locked(participation.own_entrant(tournament, actor))
    _require_published(tournament)
    return _let_go(tournament, entrant, EntrantStatus.LEFT, actor=actor, reason="left", now=now)


@use_case
def remove(*, tournament_id: int, entrant_id: int, actor: User, reason: str, now: datetime) -> int:
    """The organiser takes an entrant out before the start; its fee is returned. Returns the Rials returned.

    :raises NotOrganiser: not the actor's tournament. :raises TournamentStateError: it has started.
    """
    tournament = access.for_manager(tournament_id=tournament_id, actor=actor)
    entrant = Entrant.objects.locked().holding_a_seat().filter(pk=entrant_id, tournament=tournament).first()
    if entrant is None:
        raise NotFound
    _require_published(tournament)
    return _let_go(tournament, entrant, EntrantStatus.REMOVED, actor=actor, reason=reason, now=now)


@needs_transaction
def release_seats(
    *,
    tournament: Tournament,
    entrants: Sequence[Entrant],
    to: EntrantStatus,
    actor: User | None,
    reason: str,
    now: datetime,
) -> tuple[int, list[Notice]]:
    """Free the seats of locked entrants, and return their entry fees exactly as they were paid, all at once.

    Returns the Rials, and what there is to tell. The caller tells it, and ends with ``count_out``.
    """
    for entrant in entrants:
        transition(entrant, to, ENTRANT_TRANSITIONS, error=errors.TournamentStateError)
        entrant.seed = None
    Entrant.objects.bulk_update(entrants, ["status", "version", "seed"])
    rosters = RosterMember.objects.filter(entrant__in=entrants)
    players: dict[int, list[int]] = defaultdict(list)
    for entrant_id, user_id in rosters.order_by("user_id").values_list("entrant_id", "user_id"):
        players[entrant_id].append(user_id)
    rosters.update(is_active=False)
    refunds = escrow.refund_entries(
        tournament_id=tournament.pk,
        entrant_ids=[entrant.pk for entrant in entrants],
        reason=reason,
        actor=actor,
        now=now,
    )
    for entrant in entrants:
        refunded = refunds.get(entrant.pk, 0)
        audit.record(action=f"entrant.{to}", actor=actor, target=entrant, now=now, reason=reason, refunded=refunded)
    kind = {EntrantStatus.LEFT: "entrant_left", EntrantStatus.LAPSED: "entry_lapsed"}.get(to, "entrant_dropped")
    notices = [
        Notice(kind, players[entrant.pk], {"tournament": tournament.name}, f"{kind}:{entrant.pk}")
        for entrant in entrants
    ]
    return sum(refunds.values()), notices


@needs_transaction
def count_out(*, tournament: Tournament, count: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"tournament": tournament.pk, "more": -count})


def _let_go(
    tournament: Tournament, entrant: Entrant, to: EntrantStatus, *, actor: User, reason: str, now: datetime
) -> int:
    refunded, notices = release_seats(
        tournament=tournament, entrants=[entrant], to=to, actor=actor, reason=reason, now=now
    )
    notify_many(notices, now=now)
    count_out(tournament=tournament, count=1)
    return refunded


@use_case
def check_in(*, tournament_id: int, actor: User, now: datetime) -> Entrant:
    """Say that the entrant is there; any player of its roster may.

    :raises CheckInClosed: not yet, or the tournament has started. :raises AlreadyCheckedIn: done before.
    """
    tournament = access.for_player(tournament_id=tournament_id, actor=actor)
    mine = selectors.entrant_of(tournament.pk, actor)
    if mine is None:
        raise errors.NotAParticipant
    entrant = _locked(mine)
    if tournament.phase(now) != Phase.CHECK_IN:
        raise errors.CheckInClosed
    if entrant.status == EntrantStatus.CHECKED_IN:
        raise errors.AlreadyCheckedIn
    if entrant.status == EntrantStatus.PENDING_PAYMENT:
        raise errors.EntryPaymentDue
    transition(entrant, EntrantStatus.CHECKED_IN, ENTRANT_TRANSITIONS, error=errors.TournamentStateError)
    entrant.checked_in_at = now
    entrant.save()
    audit.record(action="entrant.check_in", actor=actor, target=entrant, now=now)
    return entrant


@use_case
def seed(*, tournament_id: int, order: Sequence[int], actor: User, now: datetime) -> None:
    """Seed the named entrants, best first; the others are drawn by lot behind them at the start.

    :raises NotOrganiser: not the actor's. :raises SeedingInvalid: an id twice, or of no entrant here.
    """
    tournament = access.for_manager(tournament_id=tournament_id, actor=actor)
    _require_published(tournament)
    entrants = {entrant.pk: entrant for entrant in Entrant.objects.holding_a_seat().filter(tournament=tournament)}
    if len(set(order)) != len(order) or not entrants.keys() >= set(order):
        raise errors.SeedingInvalid
    for entrant in entrants.values():
        entrant.seed = None
    for number, entrant_id in enumerate(order, start=1):
        entrants[entrant_id].seed = number
    Entrant.objects.bulk_update(entrants.values(), ["seed"])
    audit.record(action="tournament.seed", actor=actor, target=tournament, now=now, order=list(order))


def _locked(entrant: Entrant) -> Entrant:
    """:raises NotAParticipant: it has given its seat up meanwhile."""
    found = Entrant.objects.locked().holding_a_seat().filter(pk=entrant.pk).first()
    if found is None:
        raise errors.NotAParticipant
    return found


def _require_published(tournament: Tournament) -> None:
    if tournament.status != TournamentStatus.PUBLISHED:
        raise errors.TournamentStateError(status=tournament.status)
