"""The books: double entry, one writer. ``post_journals`` is the only place that moves money.

A transfer lowers its debit account and raises its credit account. Everything is written by functions of the database
(wallet/migrations/0005_posting.py): one call locks the accounts, refuses what they do not hold, writes the journals and
moves the balances. The application's role may call these functions and read; it cannot write into the books itself.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from django.db import connection

from common.db import needs_transaction
from users.models import User
from wallet.enums import NEGATIVE_KINDS, AccountKind, JournalKind
from wallet.errors import EscrowClosed, InsufficientFunds, InvalidAmount, JournalConflict
from wallet.models import Journal, LedgerAccount, Transfer

T = TypeVar("T")
Locked = Mapping["Account", LedgerAccount]
# What one line can move; thousands of these still add up within 64 bits.
MAX_AMOUNT_RIAL = 10**15
_OPEN = "SELECT wallet_open(%s, %s, %s, %s)"
_LOCK = "SELECT * FROM wallet_lock(%s)"
_CLOSE = "SELECT wallet_close(%s, %s)"
_POST = "SELECT * FROM wallet_post(%s, %s, %s, %s, %s, %s, %s)"


class Account(NamedTuple):
    """Names an account, whether or not it exists yet."""

    kind: AccountKind
    owner_id: int | None = None
    tournament_id: int | None = None

    @property
    def code(self) -> str:
        if self.owner_id is not None:
            return f"user:{self.owner_id}:{self.kind}"
        return f"{self.kind}:{self.tournament_id}" if self.tournament_id is not None else str(self.kind)


class Line(NamedTuple):
    """What the debit account does not hold is taken from the accounts in ``then``, one after the other."""

    debit: Account
    credit: Account
    amount_rial: int
    then: tuple[Account, ...] = ()

    @property
    def payers(self) -> tuple[Account, ...]:
        return (self.debit, *self.then)


class Posted(NamedTuple):
    """A journal in the books, and whether it was written now or had been before."""

    journal_id: int
    is_fresh: bool


class Entry(NamedTuple):
    """A journal to be written. ``key`` is the business key: an entry is written once however often it is posted."""

    kind: JournalKind
    source_type: str
    source_id: str
    key: str
    lines: Sequence[Line]
    reason: str = ""
    reverses_id: int | None = None

    @property
    def user_id(self) -> int | None:
        owners = {side.owner_id for line in self.lines for side in (*line.payers, line.credit)} - {None}
        return owners.pop() if len(owners) == 1 else None


GATEWAY_CLEARING = Account(AccountKind.GATEWAY_CLEARING)
SPONSOR = Account(AccountKind.SPONSOR)
PLATFORM = Account(AccountKind.PLATFORM)
PLATFORM_FEE = Account(AccountKind.PLATFORM_FEE)
BANK = Account(AccountKind.BANK)
GATEWAY_FEE = Account(AccountKind.GATEWAY_FEE)
PAYOUT_CLEARING = Account(AccountKind.PAYOUT_CLEARING)
PROMOTION = Account(AccountKind.PROMOTION)
SUSPENSE = Account(AccountKind.SUSPENSE)


def deposited(user_id: int) -> Account:
    return Account(AccountKind.DEPOSITED, owner_id=user_id)


def winnings(user_id: int) -> Account:
    return Account(AccountKind.WINNINGS, owner_id=user_id)


def bonus(user_id: int) -> Account:
    return Account(AccountKind.BONUS, owner_id=user_id)


def held(user_id: int) -> Account:
    return Account(AccountKind.HELD, owner_id=user_id)


def escrow(tournament_id: int) -> Account:
    return Account(AccountKind.ESCROW, tournament_id=tournament_id)


def account_of(row: LedgerAccount) -> Account:
    return Account(AccountKind(row.kind), owner_id=row.owner_id, tournament_id=row.tournament_id)


@needs_transaction
def lock_accounts(accounts: Iterable[Account]) -> Locked:
    """Lock the accounts in id order until the transaction ends, creating those that do not exist yet.

    Those that may be below zero are not locked: nothing waits for them. They are created before any is locked, in the
    order of their codes: two that need the same new account wait for each other in one line.
    """
    wanted = {account.code: account for account in accounts}
    existing = set(LedgerAccount.objects.filter(code__in=list(wanted)).values_list("code", flat=True))
    open_accounts(account for code, account in wanted.items() if code not in existing)
    rows = LedgerAccount.objects.raw(_LOCK, [_texts(wanted)])
    return {wanted[row.code]: row for row in rows}


@needs_transaction
def open_accounts(accounts: Iterable[Account]) -> None:
    """Create those of the accounts that do not exist yet."""
    wanted = list(accounts)
    if wanted:
        kinds, owners, tournaments = zip(*wanted, strict=True)
        negative = [kind in NEGATIVE_KINDS for kind in kinds]
        _call(_OPEN, _texts(kinds), _numbers(owners), _numbers(tournaments), _numbers(negative))


@needs_transaction
def close_account(account: Account, *, now: datetime) -> int:
    """Close the account if it is empty: nothing comes in or goes out any more. Waits for whoever is paying in.

    Returns the Rials in it, with which it stays open; 0 when it is closed.
    """
    open_accounts([account])
    [held] = _call(_CLOSE, account.code, now)
    return held or 0


@needs_transaction
def post_journal(
    *,
    kind: JournalKind,
    source_type: str,
    source_id: str,
    key: str,
    lines: Sequence[Line],
    actor: User | None,
    reason: str = "",
    now: datetime,
) -> Posted:
    """Write one journal with its transfers, unless one was written under this key before.

    :raises InsufficientFunds, EscrowClosed, InvalidAmount, JournalConflict: see ``post_journals``.
    """
    entry = Entry(kind, source_type, source_id, key, lines, reason)
    [posted] = post_journals(entries=[entry], actor=actor, now=now)
    return posted


@needs_transaction
def post_journals(*, entries: Sequence[Entry], actor: User | None, now: datetime) -> list[Posted]:
    """Write several journals at once, in few statements; those written before under their key are left as they are.

    Returns what became of the entries, in their order.

    :raises InsufficientFunds: an account that may not be negative would be.
    :raises EscrowClosed: an account of a closed tournament takes part.
    :raises InvalidAmount: an amount is not above zero, or beyond ``MAX_AMOUNT_RIAL``.
    :raises JournalConflict: other transfers were written under the same key before.
    """
    if not entries:
        return []
    if not all(entry.lines for entry in entries) or not all(
        0 < line.amount_rial <= MAX_AMOUNT_RIAL for entry in entries for line in entry.lines
    ):
        raise InvalidAmount
    arguments = _arguments(entries, actor, now)
    refusal, amount, available, ids, known = _call(_POST, *arguments)
    if refusal == "missing":
        open_accounts(side for entry in entries for line in entry.lines for side in (*line.payers, line.credit))
        refusal, amount, available, ids, known = _call(_POST, *arguments)
    if refusal == "short":
        raise InsufficientFunds(amount=amount, available=available, currency="IRR")
    if refusal == "closed":
        raise EscrowClosed
    if known is None:
        return [Posted(pk, is_fresh=True) for pk in ids]
    _require_same(entries, [pk if old else None for pk, old in zip(ids, known, strict=True)])
    return [Posted(pk, is_fresh=not old) for pk, old in zip(ids, known, strict=True)]


@needs_transaction
def reverse_all(
    *, journals: Sequence[Journal], kind: JournalKind, actor: User | None, reason: str, now: datetime
) -> None:
    """Undo journals, each once: their transfers backwards, between the very accounts they were between.

    :raises InsufficientFunds, EscrowClosed: see ``post_journals``.
    """
    lines = _lines([journal.pk for journal in journals])
    entries = [
        Entry(
            kind=kind,
            source_type="journal",
            source_id=str(journal.pk),
            key=f"reverse:{journal.key}",
            lines=[Line(line.credit, line.debit, line.amount_rial) for line in reversed(lines[journal.pk])],
            reason=reason,
            reverses_id=journal.pk,
        )
        for journal in journals
    ]
    post_journals(entries=entries, actor=actor, now=now)


def _arguments(entries: Sequence[Entry], actor: User | None, now: datetime) -> list[object]:
    """What ``wallet_post`` takes."""
    moves: list[tuple[int, str, str, int, int]] = []
    for number, entry in enumerate(entries, start=1):
        for line in entry.lines:
            credit, amount = line.credit.code, line.amount_rial
            *spilling, last = line.payers
            for payer in spilling:
                moves.append((number, payer.code, credit, amount, 1))
                amount = 0
            moves.append((number, last.code, credit, amount, 0))
    codes = dict.fromkeys(code for _, debit, credit, *_ in moves for code in (debit, credit))
    number_of = {code: number for number, code in enumerate(codes, start=1)}
    return [
        _texts(codes),
        _rows(_texts, [(one.kind, one.source_type, one.source_id, one.key, one.reason) for one in entries]),
        _numbers([entry.user_id for entry in entries]),
        _numbers([entry.reverses_id for entry in entries]),
        _rows(_numbers, [(n, number_of[debit], number_of[credit], *rest) for n, debit, credit, *rest in moves]),
        actor.pk if actor else None,
        now,
    ]


def _call(statement: str, *arguments: Any) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        return cursor.fetchone()


# Arrays as PostgreSQL writes them: one constant to read, however long it is.
def _texts(values: Iterable[str]) -> str:
    quoted = [value.replace("\\", "\\\\").replace('"', '\\"') for value in values]
    return '{"' + '","'.join(quoted) + '"}' if quoted else "{}"


def _numbers(values: Iterable[int | bool | None]) -> str:
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def _rows(write: Callable[[Iterable[T]], str], rows: Iterable[Iterable[T]]) -> str:
    return "{" + ",".join(map(write, rows)) + "}"


def _require_same(entries: Sequence[Entry], known_ids: Sequence[int | None]) -> None:
    """:raises JournalConflict: something else was written under the key of an entry that has been written before."""
    known = Journal.objects.in_bulk([pk for pk in known_ids if pk is not None])
    lines = _lines(list(known))
    for entry, pk in zip(entries, known_ids, strict=True):
        if pk is not None and (known[pk].kind != entry.kind or not _is_content_of(entry, lines[pk])):
            raise JournalConflict(key=entry.key)


def _is_content_of(entry: Entry, written: Sequence[Line]) -> bool:
    if not any(line.then for line in entry.lines):
        return Counter(entry.lines) == Counter(written)
    [line] = entry.lines
    return (
        sum(one.amount_rial for one in written) == line.amount_rial
        and {one.debit for one in written} <= set(line.payers)
        and {one.credit for one in written} == {line.credit}
    )


def _lines(journal_ids: Sequence[int]) -> dict[int, list[Line]]:
    lines = defaultdict(list)
    for row in Transfer.objects.filter(journal__in=journal_ids).select_related("debit", "credit").order_by("pk"):
        lines[row.journal_id].append(Line(account_of(row.debit), account_of(row.credit), row.amount_rial))
    return lines
