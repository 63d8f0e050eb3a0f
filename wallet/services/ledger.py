"""The books: double entry, one writer. ``post_journals`` is the only place that moves money.

A transfer lowers its debit account and raises its credit account. The balances themselves are moved by the database
when the transfer is inserted (wallet/migrations/0002_triggers.py), which refuses every other way.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from common.db import needs_transaction
from users.models import User
from wallet.enums import NEGATIVE_KINDS, AccountKind, JournalKind
from wallet.errors import EscrowClosed, InsufficientFunds, InvalidAmount, JournalConflict
from wallet.models import Journal, LedgerAccount, Transfer

Locked = Mapping["Account", LedgerAccount]
MAX_BALANCE_RIAL = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Account:
    """Names an account, whether or not it exists yet."""

    kind: AccountKind
    owner_id: int | None = None
    tournament_id: int | None = None

    @property
    def code(self) -> str:
        if self.owner_id is not None:
            return f"user:{self.owner_id}:{self.kind}"
        return f"{self.kind}:{self.tournament_id}" if self.tournament_id is not None else str(self.kind)


@dataclass(frozen=True, slots=True)
class Line:
    debit: Account
    credit: Account
    amount_rial: int


@dataclass(frozen=True, slots=True)
class Entry:
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
        owners = {side.owner_id for line in self.lines for side in (line.debit, line.credit)} - {None}
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

    They are created before any is locked, in the order of their codes: two that need the same new account wait for
    each other in one line.
    """
    wanted = {account.code: account for account in accounts}
    existing = set(LedgerAccount.objects.filter(code__in=list(wanted)).values_list("code", flat=True))
    if len(existing) < len(wanted):
        LedgerAccount.objects.bulk_create(
            [
                LedgerAccount(
                    code=code,
                    kind=account.kind,
                    owner_id=account.owner_id,
                    tournament_id=account.tournament_id,
                    allow_negative=account.kind in NEGATIVE_KINDS,
                )
                for code, account in sorted(wanted.items())
                if code not in existing
            ],
            ignore_conflicts=True,
        )
    return {wanted[row.code]: row for row in _select_locked(wanted)}


def _select_locked(codes: Iterable[str]) -> list[LedgerAccount]:
    # NO KEY: a transfer's foreign keys take KEY SHARE on these rows, which must not wait
    return list(LedgerAccount.objects.filter(code__in=list(codes)).order_by("pk").select_for_update(no_key=True))


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
) -> Journal:
    """Write one journal with its transfers, or return the one that was written under this key before.

    :raises InsufficientFunds, EscrowClosed, InvalidAmount, JournalConflict: see ``post_journals``.
    """
    entry = Entry(kind=kind, source_type=source_type, source_id=source_id, key=key, lines=lines, reason=reason)
    return post_journals(entries=[entry], actor=actor, now=now)[0]


@needs_transaction
def post_journals(*, entries: Sequence[Entry], actor: User | None, now: datetime) -> list[Journal]:
    """Write several journals at once, in few statements; those written before under their key are left as they are.

    Returns the journals in the order of the entries.

    :raises InsufficientFunds: an account that may not be negative would be.
    :raises EscrowClosed: an account of a closed tournament takes part.
    :raises InvalidAmount: an amount is not above zero, or a balance would not fit into 64 bits.
    :raises JournalConflict: other transfers were written under the same key before.
    """
    if not entries:
        return []
    if any(line.amount_rial <= 0 for entry in entries for line in entry.lines) or not all(e.lines for e in entries):
        raise InvalidAmount
    locked = lock_accounts({side for entry in entries for line in entry.lines for side in (line.debit, line.credit)})
    known = _written_before(entries)
    fresh = [entry for entry in entries if entry.key not in known]
    if fresh:
        transfers = _apply(fresh, locked)
        journals = Journal.objects.bulk_create(_journal(entry, actor, now) for entry in fresh)
        known |= {journal.key: journal for journal in journals}
        for entry, transfer in transfers:
            transfer.journal = known[entry.key]
        Transfer.objects.bulk_create(transfer for _, transfer in transfers)
    return [known[entry.key] for entry in entries]


@needs_transaction
def reverse(*, journal: Journal, kind: JournalKind, actor: User | None, reason: str, now: datetime) -> Journal:
    """Undo a journal, once: each of its transfers backwards, between the very accounts they were between.

    :raises InsufficientFunds, EscrowClosed: see ``post_journals``.
    """
    return reverse_all(journals=[journal], kind=kind, actor=actor, reason=reason, now=now)[0]


@needs_transaction
def reverse_all(
    *, journals: Sequence[Journal], kind: JournalKind, actor: User | None, reason: str, now: datetime
) -> list[Journal]:
    """``reverse`` for several journals at once."""
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
    return post_journals(entries=entries, actor=actor, now=now)


def _written_before(entries: Sequence[Entry]) -> dict[str, Journal]:
    """The journals that exist under the entries' keys. The accounts are locked, so no other can appear meanwhile."""
    known = {journal.key: journal for journal in Journal.objects.filter(key__in=[entry.key for entry in entries])}
    lines = _lines([journal.pk for journal in known.values()]) if known else {}
    for entry in entries:
        journal = known.get(entry.key)
        if journal and (journal.kind != entry.kind or Counter(lines[journal.pk]) != Counter(entry.lines)):
            raise JournalConflict(key=entry.key)
    return known


def _lines(journal_ids: Sequence[int]) -> dict[int, list[Line]]:
    lines = defaultdict(list)
    for row in Transfer.objects.filter(journal__in=journal_ids).select_related("debit", "credit").order_by("pk"):
        lines[row.journal_id].append(Line(account_of(row.debit), account_of(row.credit), row.amount_rial))
    return lines


def _apply(entries: Sequence[Entry], locked: Locked) -> list[tuple[Entry, Transfer]]:
    balances = {account: row.balance_rial for account, row in locked.items()}
    transfers = []
    for entry in entries:
        for line in entry.lines:
            debit, credit = locked[line.debit], locked[line.credit]
            if debit.closed_at or credit.closed_at:
                raise EscrowClosed
            balances[line.debit] -= line.amount_rial
            balances[line.credit] += line.amount_rial
            if max(-balances[line.debit], balances[line.credit]) > MAX_BALANCE_RIAL:
                raise InvalidAmount
            if balances[line.debit] < 0 and not debit.allow_negative:
                raise InsufficientFunds(
                    amount=line.amount_rial, available=balances[line.debit] + line.amount_rial, currency="IRR"
                )
            transfers.append(
                (
                    entry,
                    Transfer(
                        debit=debit,
                        credit=credit,
                        amount_rial=line.amount_rial,
                        debit_after_rial=balances[line.debit],
                        credit_after_rial=balances[line.credit],
                    ),
                )
            )
    return transfers


def _journal(entry: Entry, actor: User | None, now: datetime) -> Journal:
    return Journal(
        kind=entry.kind,
        source_type=entry.source_type,
        source_id=entry.source_id,
        key=entry.key,
        user_id=entry.user_id,
        actor=actor,
        reason=entry.reason,
        reverses_id=entry.reverses_id,
        created_at=now,
    )
