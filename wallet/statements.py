"""What happened to a user's money in a while, from balance to balance."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Q, Sum

from common.local_time import end_of, start_of
from users.models import User
from wallet.enums import SPENDABLE_KINDS, AccountKind
from wallet.errors import InvalidPeriod
from wallet.models import Journal, LedgerAccount, Transfer

DEFAULT_DAYS = 30
_EARLIEST = date.min + timedelta(days=DEFAULT_DAYS)


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One journal: by how many Rials it changed what the user can spend, and what that was afterwards."""

    journal: Journal
    created_at: datetime
    kind: str
    amount_rial: int
    balance_rial: int
    tournament_id: int | None


@dataclass(frozen=True, slots=True)
class Statement:
    """From the beginning of ``start`` to the end of ``end``. Opening balance and rows sum to the closing balance."""

    user: User
    start: date
    end: date
    opening_rial: int
    closing_rial: int
    rows: list[StatementRow]

    @property
    def came_rial(self) -> int:
        return sum(row.amount_rial for row in self.rows if row.amount_rial > 0)

    @property
    def went_rial(self) -> int:
        return -sum(row.amount_rial for row in self.rows if row.amount_rial < 0)


def period(start: date | None, end: date | None, *, today: date) -> tuple[date, date]:
    """The days of a statement: DEFAULT_DAYS up to today where nothing else is said.

    :raises InvalidPeriod: it ends before it begins, or is longer than STATEMENT_MAX_DAYS.
    """
    last = end or today
    first = start or max(last, _EARLIEST) - timedelta(days=DEFAULT_DAYS - 1)
    if not 0 <= (last - first).days < settings.STATEMENT_MAX_DAYS:
        raise InvalidPeriod(days=settings.STATEMENT_MAX_DAYS)
    return first, last


def statement(user: User, *, start: date, end: date) -> Statement:
    """What the ledger says of what the user could spend: given, deposited and won; without what is held."""
    accounts = list(LedgerAccount.objects.filter(owner=user.pk, kind__in=SPENDABLE_KINDS).values_list("pk", flat=True))
    since, until = start_of(start), end_of(end)
    opening = _sum_before(accounts, since)
    changes: dict[int, int] = defaultdict(int)
    first: dict[int, Transfer] = {}
    for transfer in (
        Transfer.objects.filter(Q(debit__in=accounts) | Q(credit__in=accounts))
        .filter(journal__created_at__gte=since, journal__created_at__lt=until)
        .select_related("journal", "debit", "credit")
        .order_by("journal__created_at", "pk")
    ):
        first.setdefault(transfer.journal_id, transfer)
        changes[transfer.journal_id] += transfer.amount_rial * (
            (transfer.credit_id in accounts) - (transfer.debit_id in accounts)
        )
    rows, balance = [], opening
    for journal_id, transfer in first.items():
        balance += changes[journal_id]
        rows.append(
            StatementRow(
                journal=transfer.journal,
                created_at=transfer.journal.created_at,
                kind=transfer.journal.kind,
                amount_rial=changes[journal_id],
                balance_rial=balance,
                tournament_id=transfer.debit.tournament_id or transfer.credit.tournament_id,
            )
        )
    return Statement(user, start, end, opening, balance, rows)


def held(user: User) -> int:
    """What is held for the user's withdrawals now, in Rials."""
    rows = LedgerAccount.objects.filter(owner=user.pk, kind=AccountKind.HELD)
    return rows.values_list("balance_rial", flat=True).first() or 0


def _sum_before(accounts: list[int], moment: datetime) -> int:
    earlier = Transfer.objects.filter(journal__created_at__lt=moment)
    came = earlier.filter(credit__in=accounts).aggregate(total=Sum("amount_rial"))["total"] or 0
    went = earlier.filter(debit__in=accounts).aggregate(total=Sum("amount_rial"))["total"] or 0
    return came - went
