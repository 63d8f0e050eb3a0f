"""Money given for entry fees: never withdrawn, spent first, and gone at the end of its time."""

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from common import audit
from common.db import needs_transaction, use_case
from common.errors import InvalidInput, NotFound
from common.text import clean_name
from notifications.services import notify
from users.models import User
from wallet import rules
from wallet.enums import JournalKind
from wallet.errors import InvalidAmount, OwnWithdrawal, PromotionTooLarge
from wallet.models import Journal, PromotionGrant
from wallet.services import ledger
from wallet.services.ledger import Entry, Line

SWEEP_LIMIT = 500


@use_case
def grant(
    *, user_id: int, amount_rial: int, campaign: str, actor: User, now: datetime, expires_at: datetime | None = None
) -> PromotionGrant:
    """Give a user money for entry fees; of each campaign once.

    :raises PermissionDenied: no administrator. :raises OwnWithdrawal: to oneself. :raises NotFound: no such user.
    :raises InvalidAmount: not above zero. :raises PromotionTooLarge: above PROMOTION_MAX_RIAL.
    :raises InvalidInput: no campaign, or its end is past. :raises PromotionExists: (by constraint) given before.
    """
    rules.require_administrator(actor)
    if user_id == actor.pk:
        raise OwnWithdrawal
    if amount_rial <= 0:
        raise InvalidAmount
    if amount_rial > settings.PROMOTION_MAX_RIAL:
        raise PromotionTooLarge(limit=settings.PROMOTION_MAX_RIAL, currency="IRR")
    name = clean_name(campaign)
    if not name:
        raise InvalidInput.of("campaign", "required", _("This field is required."))
    if expires_at is not None and expires_at <= now:
        raise InvalidInput.of("expires_at", "invalid", _("The end is past."))
    if not User.objects.filter(pk=user_id).exists():
        raise NotFound
    given = PromotionGrant.objects.create(
        user_id=user_id,
        amount_rial=amount_rial,
        campaign=name,
        granted_by=actor,
        created_at=now,
        expires_at=expires_at,
    )
    ledger.post_journal(
        kind=JournalKind.PROMOTION,
        source_type="promotion",
        source_id=str(given.pk),
        key=_key(given),
        lines=[Line(ledger.PROMOTION, ledger.bonus(user_id), amount_rial)],
        actor=actor,
        reason=name,
        now=now,
    )
    audit.record(action="promotion.grant", actor=actor, target=given, now=now, user=user_id, amount_rial=amount_rial)
    notify(
        kind="promotion_granted",
        to=[user_id],
        params={"amount": amount_rial, "campaign": name},
        dedupe_key=f"promotion:{given.pk}",
        now=now,
    )
    return given


def expire_due(*, now: datetime) -> int:
    """Take back what is left of every grant whose time is over. Returns how many ended."""
    due = PromotionGrant.objects.filter(expires_at__lte=now, expired_at=None).order_by("expires_at", "pk")
    ended = 0
    for grant_id in list(due.values_list("pk", flat=True)[:SWEEP_LIMIT]):
        ended += _expire(grant_id=grant_id, now=now)
    return ended


@use_case
def _expire(*, grant_id: int, now: datetime) -> bool:
    given = PromotionGrant.objects.filter(pk=grant_id, expired_at=None).locked().first()
    if given is None:
        return False
    account = ledger.bonus(given.user_id)
    balance = ledger.lock_accounts([account])[account].balance_rial
    left = _left(given, balance or 0)
    if left:
        journal = Journal.objects.get(key=_key(given))
        back = Entry(
            kind=JournalKind.PROMOTION_EXPIRY,
            source_type="promotion",
            source_id=str(given.pk),
            key=f"{_key(given)}:expiry",
            lines=[Line(account, ledger.PROMOTION, left)],
            reason=given.campaign,
            reverses_id=journal.pk,
        )
        ledger.post_journals(entries=[back], actor=None, now=now)
        notify(
            kind="promotion_expired",
            to=[given.user_id],
            params={"amount": left, "campaign": given.campaign},
            dedupe_key=f"promotion_expired:{given.pk}",
            now=now,
        )
    given.expired_at = now
    given.save()
    audit.record(action="promotion.expire", actor=None, target=given, now=now, left_rial=left)
    return True


@needs_transaction
def _left(given: PromotionGrant, balance: int) -> int:
    """What ends soonest is spent first, so the others hold what they can of the balance and this one the rest."""
    others = PromotionGrant.objects.filter(user=given.user_id, expired_at=None).exclude(pk=given.pk)
    kept = sum(others.values_list("amount_rial", flat=True))
    return min(given.amount_rial, max(balance - kept, 0))


def _key(given: PromotionGrant) -> str:
    return f"promotion:{given.pk}"
