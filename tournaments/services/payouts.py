"""Prizes of final places: awarded when no match can change the place any more, paid once the tournament's hold is over.

The rows are the outbox: ``Tournament.payouts_check_at`` says when the sweep has to look. A result only sets it, because
finding out what has become final reads the whole stage.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import F

from common import audit
from common.db import needs_transaction, use_case
from common.errors import DomainError, NotFound
from common.state import transition
from notifications.services import Notice, notify_many
from tournaments import errors, rules
from tournaments.engine import PlaceRange, placements
from tournaments.enums import PAYOUT_TRANSITIONS, EntrantStatus, PayoutStatus, TournamentStatus
from tournaments.models import Entrant, Payout, RosterMember, Tournament
from tournaments.services import history, prizes
from users.models import User
from wallet.selectors import total_entries
from wallet.services import escrow

logger = logging.getLogger(__name__)

OPEN = (PayoutStatus.DUE, PayoutStatus.HELD)


@needs_transaction
def look_soon(*, tournament: Tournament, now: datetime) -> None:
    """A result may have made places of the locked tournament final: have the next sweep look."""
    looked_at = tournament.payouts_check_at
    if prizes.is_for_kills(tournament):
        return  # kills are counted when the last match is over
    if prizes.has_prize(tournament) and (looked_at is None or looked_at > now):
        Tournament.objects.filter(pk=tournament.pk).update(payouts_check_at=now)


@needs_transaction
def award(
    *,
    tournament: Tournament,
    places: Mapping[int, PlaceRange],
    kills: Mapping[int, int],
    entrants: Mapping[int, Entrant],
    now: datetime,
) -> None:
    """Give every entrant of ``entrants`` with a prize its payout, once; sets their ``prize_rial`` without saving.

    ``places`` are all that are final so far; ``kills``, by entrant id, count when all are. Tournament and entrants are
    locked by the caller. A disqualified entrant is awarded nothing: its prize stays in the escrow and goes to the
    platform like every remainder.
    """
    pool = prizes.pool_of(tournament, total_entries(tournament.pk))
    due_at = now + timedelta(minutes=tournament.prize_hold_minutes)
    known = set(Payout.objects.filter(tournament=tournament).values_list("entrant_id", flat=True))
    fresh = []
    if prizes.is_for_kills(tournament):
        best_first = sorted(places, key=lambda entrant_id: places[entrant_id].first)
        theirs = {entrant_id: kills.get(entrant_id, 0) for entrant_id in best_first}
        amounts = prizes.amounts_for_kills(tournament, pool.prize_rial, theirs)
    else:
        amounts = prizes.amounts(tournament, pool.prize_rial, places)
    for entrant_id, amount in amounts.items():
        entrant = entrants.get(entrant_id)
        if entrant is None or entrant_id in known or entrant.status == EntrantStatus.DISQUALIFIED:
            continue
        place = places[entrant_id]
        entrant.prize_rial = amount
        fresh.append(
            Payout(
                tournament=tournament,
                entrant=entrant,
                place_first=place.first,
                place_last=place.last,
                amount_rial=amount,
                due_at=due_at,
            )
        )
    Payout.objects.bulk_create(fresh)


@needs_transaction
def pay_due(*, tournament: Tournament, now: datetime) -> list[Notice]:
    """Pay what is awarded, due and not held, and end the books of a completed tournament with its last payout.

    The tournament is locked by the caller. Returns what there is to tell.
    """
    due = list(
        Payout.objects.locked().select_related("entrant").filter(
            tournament=tournament, status=PayoutStatus.DUE, due_at__lte=now
        )
    )  # fmt: skip
    paid: list[escrow.Prize] = []
    rosters = rosters_of([payout.entrant_id for payout in due])
    for payout in due:
        if payout.entrant.status == EntrantStatus.DISQUALIFIED:
            transition(payout, PayoutStatus.FORFEITED, PAYOUT_TRANSITIONS)
            payout.reason = "disqualified"
            continue
        transition(payout, PayoutStatus.PAID, PAYOUT_TRANSITIONS)
        payout.paid_at = now
        parts = prizes.shares(payout.amount_rial, payout.entrant, rosters[payout.entrant_id])
        paid += [
            escrow.Prize(
                place=payout.place_first, entrant_id=payout.entrant_id, user_id=user_id, amount_rial=amount_rial
            )
            for user_id, amount_rial in parts.items()
        ]
    Payout.objects.bulk_update(due, ["status", "version", "reason", "paid_at"])
    still_open = Payout.objects.filter(tournament=tournament, status__in=OPEN)
    ended = tournament.status == TournamentStatus.COMPLETED and not still_open.exists()
    fee = prizes.pool_of(tournament, total_entries(tournament.pk)).fee_rial if ended else 0
    escrow.pay_prizes(tournament_id=tournament.pk, prizes=paid, fee_rial=fee, actor=None, now=now)
    if ended:
        escrow.close(tournament_id=tournament.pk, now=now)
    _look_again(tournament)
    return _notices(tournament, paid)


def _look_again(tournament: Tournament) -> None:
    waiting = Payout.objects.filter(tournament=tournament, status=PayoutStatus.DUE).order_by("due_at")
    tournament.payouts_check_at = waiting.values_list("due_at", flat=True).first()
    Tournament.objects.filter(pk=tournament.pk).update(payouts_check_at=tournament.payouts_check_at)


@use_case
def settle(*, tournament_id: int, now: datetime) -> None:
    """Award the places that have become final, and pay what is due. Safe to call at any time, and twice."""
    tournament = Tournament.objects.locked().filter(pk=tournament_id).first()
    if tournament is None or tournament.payouts_check_at is None or tournament.payouts_check_at > now:
        return
    if tournament.status == TournamentStatus.ONGOING:
        _award_final_places(tournament, now)
    elif tournament.status != TournamentStatus.COMPLETED:
        Tournament.objects.filter(pk=tournament.pk).update(payouts_check_at=None)
        return
    notify_many(pay_due(tournament=tournament, now=now), now=now)


def _award_final_places(tournament: Tournament, now: datetime) -> None:
    final = placements(history.view_of(tournament.stages.get()))
    places = {int(entrant): place for entrant, place in final.items()}
    last = prizes.paid_places(tournament)
    winners = [entrant for entrant, place in places.items() if place.first <= last]
    entrants = {entrant.pk: entrant for entrant in Entrant.objects.locked().filter(pk__in=winners, payout=None)}
    award(tournament=tournament, places=places, kills={}, entrants=entrants, now=now)
    Entrant.objects.bulk_update(entrants.values(), ["prize_rial"])


def sweep(*, now: datetime) -> int:
    """Look at every tournament whose time has come; returns how many. One that fails does not hold up the others."""
    overdue = Tournament.objects.filter(payouts_check_at__lte=now).order_by("payouts_check_at")
    settled = 0
    for tournament_id in list(overdue.values_list("pk", flat=True)):
        try:
            settle(tournament_id=tournament_id, now=now)
            settled += 1
        except DomainError:
            logger.exception("the prizes of tournament %s could not be paid", tournament_id)
    return settled


@use_case
def hold(*, payout_id: int, actor: User, reason: str, now: datetime) -> Payout:
    """Staff stop a prize until they know more.

    :raises NotFound: there is none. :raises PermissionDenied: the actor may not decide about payouts.
    :raises IllegalTransition: it is paid, forfeited or held already.
    """
    return _decide(payout_id, PayoutStatus.HELD, actor, reason, now)


@use_case
def release(*, payout_id: int, actor: User, reason: str = "", now: datetime) -> Payout:
    """A held prize may be paid after all; it is paid at once if it is due. Raises as ``hold``."""
    return _decide(payout_id, PayoutStatus.DUE, actor, reason, now)


@use_case
def forfeit(*, payout_id: int, actor: User, reason: str, now: datetime) -> Payout:
    """The entrant does not get its prize; it stays in the escrow and goes to the platform. Raises as ``hold``."""
    return _decide(payout_id, PayoutStatus.FORFEITED, actor, reason, now)


def _decide(payout_id: int, to: PayoutStatus, actor: User, reason: str, now: datetime) -> Payout:
    rules.require_payouts(actor)
    tournament = Tournament.objects.locked().filter(payouts=payout_id).first()
    if tournament is None:
        raise NotFound
    payout = Payout.objects.locked().get(pk=payout_id)
    audit.record(action=f"payout.{to}", actor=actor, target=payout, now=now, reason=reason, status=[payout.status, to])
    transition(payout, to, PAYOUT_TRANSITIONS)
    payout.reason = reason
    payout.save()
    notify_many(pay_due(tournament=tournament, now=now), now=now)
    payout.refresh_from_db()
    return payout


@needs_transaction
def call_off(*, tournament: Tournament) -> None:
    """The locked tournament is cancelled: nobody gets what was awarded. :raises PrizesPaid: somebody has got it."""
    awarded = Payout.objects.filter(tournament=tournament)
    if awarded.filter(status=PayoutStatus.PAID).exists():
        raise errors.PrizesPaid
    Entrant.objects.filter(payout__in=awarded).update(prize_rial=0)
    awarded.filter(status__in=OPEN).update(status=PayoutStatus.FORFEITED, reason="cancelled", version=F("version") + 1)


def rosters_of(entrant_ids: Sequence[int]) -> dict[int, list[int]]:
    """Entrant id → the users of its frozen roster."""
    rosters: dict[int, list[int]] = {entrant_id: [] for entrant_id in entrant_ids}
    players = RosterMember.objects.filter(entrant__in=entrant_ids, is_active=True).order_by("pk")
    for entrant_id, user_id in players.values_list("entrant_id", "user_id"):
        rosters[entrant_id].append(user_id)
    return rosters


def _notices(tournament: Tournament, paid: Sequence[escrow.Prize]) -> list[Notice]:
    return [
        Notice(
            kind="prize_paid",
            to=[prize.user_id],
            params={"tournament": tournament.name, "amount": prize.amount_rial, "place": prize.place},
            dedupe_key=f"prize_paid:{tournament.pk}:{prize.entrant_id}",
        )
        for prize in paid
    ]
