"""Joining with money that comes through the payment gateway.

The seat is kept at its price while the payer is at the bank. Nothing is charged before the whole fee is in the wallet:
what comes from the bank lands there first, and the entry is then paid from the wallet like any other, in a use case of
its own. A crash in between leaves money in the wallet or a payment that the sweep sees to.
"""

import logging
import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from common import audit
from common.db import needs_transaction, use_case
from common.errors import Busy, DomainError
from common.state import transition
from notifications.services import notify, notify_many
from tournaments import errors, rules, selectors
from tournaments.enums import ENTRANT_TRANSITIONS, EntrantStatus, TournamentStatus
from tournaments.models import Entrant, RosterMember, Tournament
from tournaments.services import access, registration
from users.models import User
from wallet import selectors as wallets
from wallet.enums import PAYMENT_CREDITED, PaymentPurpose
from wallet.models import Payment
from wallet.services import ledger, payments

logger = logging.getLogger(__name__)
SWEEP_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Joining:
    """A seat that is taken, or kept until the payment arrives."""

    entrant: Entrant
    payment: Payment | None


def join(
    *,
    tournament_id: int,
    actor: User,
    now: datetime,
    team_id: int | None = None,
    member_ids: Sequence[int] | None = None,
) -> Joining:
    """Take a seat; what the wallet lacks for the entry fee is paid at the gateway.

    Where the wallet has enough this is ``registration.join``. Otherwise the seat is kept for SEAT_RESERVATION_MINUTES
    and the payer goes to the payment's ``payment_url``.

    :raises RegistrationClosed, TournamentFull, AlreadyJoined, EntryPaymentDue: no seat for this entrant now.
    :raises TeamRequired, TeamNotAllowed, RosterInvalid, NotTeamCaptain: the entrant does not fit the tournament.
    :raises TooManyUnpaidSeats: seats were kept for the actor too often of late, and not paid for.
    :raises PaymentRefused, GatewayUnavailable, DepositOutOfRange: nothing can be paid; the seat is free again.
    """
    registration.turn_away(tournament_id=tournament_id, actor=actor, now=now)
    joining = _reserve(tournament_id=tournament_id, actor=actor, team_id=team_id, member_ids=member_ids, now=now)
    if joining.payment is None:
        return joining
    with translation.override(actor.language):
        description = _("Entry of %(username)s") % {"username": actor.username}
    try:
        payment = payments.request(payment=joining.payment, description=description, now=now)
    except DomainError:
        # a seat that cannot be freed just now is freed by the sweep
        with suppress(Busy):
            _release(entrant_id=joining.entrant.pk, payment_id=joining.payment.pk, now=now)
        raise
    return Joining(joining.entrant, payment)


@use_case
def _reserve(
    *, tournament_id: int, actor: User, team_id: int | None, member_ids: Sequence[int] | None, now: datetime
) -> Joining:
    tournament = access.for_player(tournament_id=tournament_id, actor=actor)
    price = tournament.entry_fee_rial
    missing = price - wallets.balances(actor).spendable
    if missing <= 0:
        entrant = registration.admit(
            tournament=tournament, actor=actor, team_id=team_id, member_ids=member_ids, now=now
        )
        return Joining(entrant, None)
    payments.require_gateway()
    amount = max(missing, settings.DEPOSIT_MIN_RIAL)
    payments.require_range(amount)
    until = now + timedelta(minutes=settings.SEAT_RESERVATION_MINUTES)
    entrant, _players = registration.enter(
        tournament=tournament,
        actor=actor,
        team_id=team_id,
        member_ids=member_ids,
        now=now,
        status=EntrantStatus.PENDING_PAYMENT,
        reserved_until=until,
        reserved_price_rial=price,
    )
    _require_paid_before(tournament, actor, now)
    payment = payments.create(
        actor=actor,
        amount_rial=amount,
        purpose=PaymentPurpose.ENTRY,
        entrant_id=entrant.pk,
        expires_at=until,
        now=now,
    )
    audit.record(action="entrant.reserve", actor=actor, target=entrant, now=now, payment=payment.pk)
    registration.count_in(tournament=tournament)
    return Joining(entrant, payment)


@needs_transaction
def _require_paid_before(tournament: Tournament, actor: User, now: datetime) -> None:
    """:raises TooManyUnpaidSeats: see ``join``; ``retry_after`` is when there is room again."""
    # whoever has this locked is alone with the seats that are kept for this payer
    ledger.lock_accounts([ledger.deposited(actor.pk)])
    window = timedelta(hours=settings.UNPAID_SEATS_HOURS)
    unpaid = selectors.unpaid_seats(actor, now - window)
    limits = (
        (settings.UNPAID_SEATS_PER_TOURNAMENT, [when for place, when in unpaid if place == tournament.pk]),
        (settings.UNPAID_SEATS_PER_USER, [when for _place, when in unpaid]),
    )
    room_at = [kept[-limit] + window for limit, kept in limits if 0 < limit <= len(kept)]
    if room_at:
        raise errors.TooManyUnpaidSeats(retry_after=math.ceil((max(room_at) - now).total_seconds()))


def settle(*, payment_id: int, entrant_id: int, now: datetime) -> None:
    """See to what the payment for an entry has led to: the entry, or a seat that is free again. Once.

    Where the entry is not possible any more, the money stays in the payer's wallet, and the payer is told.
    """
    try:
        _complete(entrant_id=entrant_id, payment_id=payment_id, now=now)
    except Busy:
        logger.info("entrant %s is left to the sweep", entrant_id)
    except DomainError as error:
        _refuse(entrant_id=entrant_id, payment_id=payment_id, why=error.code, now=now)


@use_case
def _complete(*, entrant_id: int, payment_id: int, now: datetime) -> None:
    tournament, entrant = _locked(entrant_id)
    payment = payments.lock_open_entry(payment_id=payment_id)
    if payment is None:
        return
    if payment.status in PAYMENT_CREDITED:
        _take_seat(tournament, entrant, now)
    elif entrant.status == EntrantStatus.PENDING_PAYMENT:
        _give_up(tournament, entrant, now)
    payments.close_entry(payment=payment, now=now)


def _take_seat(tournament: Tournament, entrant: Entrant, now: datetime) -> None:
    if tournament.status != TournamentStatus.PUBLISHED:
        raise errors.TournamentStateError(status=tournament.status)
    if tournament.entry_fee_rial != entrant.reserved_price_rial:
        raise errors.PriceChanged
    late = entrant.status == EntrantStatus.LAPSED
    transition(entrant, EntrantStatus.JOINED, ENTRANT_TRANSITIONS, error=errors.TournamentStateError)
    if late:
        if not rules.registration_is_open(tournament, now):
            raise errors.RegistrationClosed
        RosterMember.objects.filter(entrant=entrant).update(is_active=True)
    entrant.save()
    players = list(RosterMember.objects.filter(entrant=entrant).order_by("user_id").values_list("user_id", flat=True))
    registration.admitted(tournament=tournament, entrant=entrant, players=players, actor=entrant.captain, now=now)
    if late:
        registration.count_in(tournament=tournament)


@use_case
def _refuse(*, entrant_id: int, payment_id: int, why: str, now: datetime) -> None:
    tournament, entrant = _locked(entrant_id)
    payment = payments.lock_open_entry(payment_id=payment_id)
    if payment is None:
        return
    payments.close_entry(payment=payment, now=now)
    audit.record(action="entrant.not_completed", actor=None, target=entrant, now=now, payment=payment.pk, why=why)
    notify(
        kind="entry_not_completed",
        to=[payment.user_id],
        params={"tournament": tournament.name, "amount": payment.amount_rial},
        dedupe_key=f"entry_not_completed:{payment.pk}",
        now=now,
    )
    if entrant.status == EntrantStatus.PENDING_PAYMENT:
        _give_up(tournament, entrant, now)


def sweep(*, now: datetime) -> None:
    """See to the payments whose news got lost, and free the seats whose time is over."""
    for payment_id, entrant_id in wallets.open_entries(SWEEP_LIMIT):
        try:
            settle(payment_id=payment_id, entrant_id=entrant_id, now=now)
        except Exception:
            # one that cannot be seen to must not keep the others waiting
            logger.exception("ALARM the entry %s of payment %s cannot be seen to", entrant_id, payment_id)
    lapsed = Entrant.objects.filter(status=EntrantStatus.PENDING_PAYMENT, reserved_until__lte=now)
    for entrant_id in list(lapsed.order_by("reserved_until").values_list("pk", flat=True)[:SWEEP_LIMIT]):
        with suppress(Busy):
            _release(entrant_id=entrant_id, now=now)


@use_case
def _release(*, entrant_id: int, now: datetime, payment_id: int | None = None) -> None:
    """Free a kept seat; with a payment: because that cannot be paid."""
    tournament, entrant = _locked(entrant_id)
    due = payment_id is not None or (entrant.reserved_until is not None and entrant.reserved_until <= now)
    if entrant.status == EntrantStatus.PENDING_PAYMENT and due:
        _give_up(tournament, entrant, now, tell=payment_id is None)


@needs_transaction
def _locked(entrant_id: int) -> tuple[Tournament, Entrant]:
    tournament_id = Entrant.objects.values_list("tournament_id", flat=True).get(pk=entrant_id)
    [tournament] = Tournament.objects.filter(pk=tournament_id).shared()
    return tournament, Entrant.objects.locked().select_related("captain").get(pk=entrant_id)


def _give_up(tournament: Tournament, entrant: Entrant, now: datetime, *, tell: bool = True) -> None:
    _, notices = registration.release_seats(
        tournament=tournament,
        entrants=[entrant],
        to=EntrantStatus.LAPSED,
        actor=None,
        reason="not paid in time",
        now=now,
    )
    if tell and tournament.status == TournamentStatus.PUBLISHED:
        notify_many(notices, now=now)
    registration.count_out(tournament=tournament, count=1)
