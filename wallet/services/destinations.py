"""The accounts and cards that a user's winnings may go to."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from common import audit
from common.db import needs_transaction, use_case
from common.errors import InvalidInput, NotFound
from common.sealing import seal, unseal
from common.text import clean_name
from notifications.services import notify
from users.assurance import Assurance, require_step_up
from users.models import User
from wallet import banks, rules, selectors
from wallet.enums import DestinationKind
from wallet.errors import TooManyDestinations
from wallet.models import PayoutDestination

logger = logging.getLogger(__name__)


@use_case
def add(*, actor: User, assurance: Assurance, number: str, owner_name: str, now: datetime) -> PayoutDestination:
    """Keep a Sheba or a card of the actor's, as people type it; usable after DESTINATION_COOL_HOURS.

    That others have the same number is no reason to refuse, and the actor is not told: staff are.

    :raises StepUpRequired: no fresh second factor.
    :raises InvalidSheba, InvalidCardNumber: ``number`` is no such thing.
    :raises InvalidInput: no name of the owner.
    :raises DestinationExists: (by constraint) the actor has it already.
    :raises TooManyDestinations: the actor has MAX_DESTINATIONS_PER_USER.
    """
    require_step_up(assurance, now=now)
    owner = User.objects.locked().get(pk=actor.pk)
    name = clean_name(owner_name)
    if not name:
        raise InvalidInput.of("owner_name", "required", _("This field is required."))
    if PayoutDestination.objects.filter(user=owner, removed_at=None).count() >= settings.MAX_DESTINATIONS_PER_USER:
        raise TooManyDestinations(limit=settings.MAX_DESTINATIONS_PER_USER)
    kind, clean, bank = _read(number)
    fingerprint = salted_hmac("wallet.destination", clean, algorithm="sha256").hexdigest()
    _wait_for_others(fingerprint)
    destination = PayoutDestination.objects.create(
        user=owner,
        kind=kind,
        number_sealed=seal(clean.encode()),
        fingerprint=fingerprint,
        last_four=clean[-4:],
        bank=bank,
        owner_name=name,
        owner_matches=rules.owner_matches(owner, name),
        created_at=now,
    )
    audit.record(
        action="destination.add",
        actor=actor,
        target=destination,
        now=now,
        kind=kind,
        bank=bank,
        last_four=destination.last_four,
        owner_matches=destination.owner_matches,
    )
    _alarm_if_shared(destination, now)
    usable_at = now + timedelta(hours=settings.DESTINATION_COOL_HOURS)
    notify(
        kind="destination_added",
        to=[owner.pk],
        params={"last_four": destination.last_four, "usable_at": usable_at.isoformat()},
        dedupe_key=f"destination:{destination.pk}",
        now=now,
    )
    return destination


@use_case
def remove(*, destination_id: int, actor: User, now: datetime) -> None:
    """:raises NotFound: the actor has no such one. :raises DestinationInUse: a withdrawal is on its way there."""
    destination = PayoutDestination.objects.filter(pk=destination_id, user=actor.pk, removed_at=None).locked().first()
    if destination is None:
        raise NotFound
    obstacle = rules.why_not_remove(destination)
    if obstacle:
        raise obstacle
    destination.removed_at = now
    destination.save()
    audit.record(action="destination.remove", actor=actor, target=destination, now=now)


@use_case
def reveal(*, destination_id: int, actor: User, now: datetime) -> str:
    """The whole number, for an administrator; it is written down that they have seen it.

    :raises PermissionDenied: no administrator. :raises NotFound: there is no such destination.
    """
    rules.require_administrator(actor)
    destination = PayoutDestination.objects.filter(pk=destination_id).first()
    if destination is None:
        raise NotFound
    audit.record(action="destination.reveal", actor=actor, target=destination, now=now)
    return open_number(destination)


def open_number(destination: PayoutDestination) -> str:
    return unseal(bytes(destination.number_sealed)).decode()


@needs_transaction
def _wait_for_others(fingerprint: str) -> None:
    """Of two who add the same number at the same moment, the second one sees the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 2))", [fingerprint])


@needs_transaction
def _alarm_if_shared(destination: PayoutDestination, now: datetime) -> None:
    """Several users with one number may be a family, or one person with several accounts: people have to look."""
    others = list(selectors.other_owners(destination).values_list("pk", flat=True))
    if others:
        logger.error("ALARM destination.shared: destination %s, users %s", destination.pk, others)
        audit.record(action="destination.shared", actor=None, target=destination, now=now, users=others)


def _read(number: str) -> tuple[DestinationKind, str, str]:
    if len(banks.fold(number)) <= banks.CARD_DIGITS:
        card = banks.read_card(number)
        return DestinationKind.CARD, card, banks.bank_of_card(card)
    sheba = banks.read_sheba(number)
    return DestinationKind.SHEBA, sheba, banks.bank_of_sheba(sheba)


@needs_transaction
def forget_all(*, user_id: int, now: datetime) -> None:
    """Whoever leaves keeps no destination. Where money went stays in the books, sealed and without a name."""
    mine = PayoutDestination.objects.filter(user=user_id)
    mine.filter(withdrawals=None).delete()
    mine.filter(removed_at=None).update(removed_at=now)
    mine.update(owner_name="")
