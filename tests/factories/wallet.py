from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from django.db import connection, transaction
from django.utils import timezone

from users.models import User
from wallet.enums import PaymentStatus
from wallet.gateways.base import Outcome, Verified
from wallet.models import LedgerAccount, Payment
from wallet.services import checking, escrow, settlement

_ref_ids = count(1)
# Winnings come from tournaments; these ids are far from any real one.
_tournaments = count(900_000_000)


def make_payment(user: User, amount_rial: int, **fields: Any) -> Payment:
    """A payment that waits for its payer."""
    now = fields.pop("now", None) or timezone.now()
    defaults = {
        "status": PaymentStatus.REQUESTED,
        "authority": "A" + uuid4().hex + "000",
        "created_at": now,
        "expires_at": now + timedelta(minutes=30),
        "next_attempt_at": now + timedelta(minutes=2),
    }
    return Payment.objects.create(user=user, amount_rial=amount_rial, **(defaults | fields))


def deposit(user: User, amount_rial: int, now: datetime | None = None) -> Payment:
    """Money in the user's wallet, as a settled payment puts it there."""
    payment = make_payment(user, amount_rial)
    receipt = Verified(Outcome.DONE, 100, ref_id=next(_ref_ids))
    answer = settlement.Answer(settlement.Verdict.PAID, 100, receipt)
    settlement.conclude(payment_id=payment.pk, answer=answer, now=now or timezone.now())
    payment.refresh_from_db()
    return payment


def win(user: User, amount_rial: int, now: datetime | None = None) -> None:
    """Winnings in the user's wallet, as a sponsored prize of a finished tournament puts them there."""
    now, tournament_id = now or timezone.now(), next(_tournaments)
    with transaction.atomic():
        escrow.fund_prize(tournament_id=tournament_id, source="sponsor", amount_rial=amount_rial, actor=None, now=now)
        escrow.pay_prizes(
            tournament_id=tournament_id,
            prizes=[escrow.Prize(place=1, entrant_id=1, user_id=user.pk, amount_rial=amount_rial)],
            fee_rial=0,
            actor=None,
            now=now,
        )
        escrow.close(tournament_id=tournament_id, now=now)


def account_balance(code: str) -> int:
    return LedgerAccount.objects.with_balance().get(code=code).total_rial


def assert_ledger_holds() -> None:
    """How every money test ends."""
    assert [(finding.code, finding.broken) for finding in checking.check() if finding.broken] == []


@contextmanager
def guards_off(*tables: str) -> Iterator[Any]:
    """A cursor that may tamper: the triggers of the tables are off meanwhile, as only their owner can."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
