"""What a gateway owes us becomes money in the bank: staff write down each settlement of the bank's statement."""

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from common import audit
from common.db import use_case
from common.errors import InvalidInput
from common.local_time import day_of
from common.text import clean_name
from users.models import User
from wallet import rules
from wallet.enums import GatewayName, JournalKind
from wallet.errors import InvalidAmount
from wallet.models import GatewaySettlement
from wallet.services import ledger
from wallet.services.ledger import Line


@use_case
def record(
    *,
    gateway: GatewayName,
    amount_rial: int,
    fee_rial: int,
    bank_reference: str,
    settled_on: date,
    actor: User,
    now: datetime,
) -> GatewaySettlement:
    """``amount_rial`` has come to the bank, and the gateway has kept ``fee_rial``: it owes us both of them less.

    :raises PermissionDenied: no administrator. :raises InvalidAmount: not above zero, or a fee below it.
    :raises InvalidInput: no reference, or a day that is to come.
    :raises SettlementExists: (by constraint) this reference of this gateway was recorded before.
    """
    rules.require_administrator(actor)
    if amount_rial <= 0 or fee_rial < 0 or amount_rial + fee_rial > ledger.MAX_AMOUNT_RIAL:
        raise InvalidAmount
    reference = clean_name(bank_reference)
    if not reference:
        raise InvalidInput.of("bank_reference", "required", _("This field is required."))
    if settled_on > day_of(now):
        raise InvalidInput.of("settled_on", "invalid", _("This day is still to come."))
    settlement = GatewaySettlement.objects.create(
        gateway=GatewayName(gateway),
        amount_rial=amount_rial,
        fee_rial=fee_rial,
        bank_reference=reference,
        settled_on=settled_on,
        recorded_by=actor,
        created_at=now,
    )
    lines = [
        Line(ledger.BANK, ledger.GATEWAY_CLEARING, amount_rial),
        Line(ledger.GATEWAY_FEE, ledger.GATEWAY_CLEARING, fee_rial),
    ]
    ledger.post_journal(
        kind=JournalKind.GATEWAY_SETTLEMENT,
        source_type="gateway_settlement",
        source_id=str(settlement.pk),
        key=f"gateway_settlement:{settlement.pk}",
        lines=[line for line in lines if line.amount_rial],
        actor=actor,
        now=now,
    )
    audit.record(
        action="gateway_settlement.record",
        actor=actor,
        target=settlement,
        now=now,
        amount_rial=amount_rial,
        fee_rial=fee_rial,
        bank_reference=reference,
    )
    return settlement
