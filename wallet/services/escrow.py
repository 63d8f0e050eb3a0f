"""A tournament's money between joining and finishing: what comes in, goes back, or goes to the winners."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from common.db import needs_transaction
from users.models import User
from wallet import selectors
from wallet.enums import SPENDABLE_KINDS, JournalKind, PrizeFunding
from wallet.errors import EntryRefunded
from wallet.models import Journal, LedgerAccount
from wallet.services import ledger
from wallet.services.ledger import Account, Entry, Line


@dataclass(frozen=True, slots=True)
class Prize:
    """What one user gets for one place of one entrant, in Rials."""

    place: int
    entrant_id: int
    user_id: int
    amount_rial: int


@needs_transaction
def charge_entry(*, payer: User, tournament_id: int, entrant_id: int, amount_rial: int, now: datetime) -> None:
    """Take the entry fee, in Rials, into the escrow: from promotions first, then deposits, then winnings. Once.

    :raises InsufficientFunds: all together are less than the fee.
    :raises EntryRefunded: this entrant paid and was paid back.
    :raises EscrowClosed: the tournament's books are closed.
    :raises InvalidAmount: the fee is not above zero.
    :raises JournalConflict: this entrant has paid another amount, or somebody else has paid.
    """
    first, *others = (Account(kind, owner_id=payer.pk) for kind in SPENDABLE_KINDS)
    posted = ledger.post_journal(
        kind=JournalKind.ENTRY_FEE,
        source_type="entry",
        source_id=f"{tournament_id}:{entrant_id}",
        key=_entry_key(tournament_id, entrant_id),
        lines=[Line(first, ledger.escrow(tournament_id), amount_rial, then=tuple(others))],
        actor=payer,
        now=now,
    )
    if not posted.is_fresh and Journal.objects.filter(reverses=posted.journal_id).exists():
        raise EntryRefunded


@needs_transaction
def refund_entry(*, tournament_id: int, entrant_id: int, reason: str, actor: User | None, now: datetime) -> int:
    """Give an entry fee back to the very accounts that paid it, once. Returns the Rials, 0 if nothing was charged.

    :raises EscrowClosed: the tournament's books are closed. :raises InsufficientFunds: the escrow was paid out.
    """
    entrants = [entrant_id]
    refunds = refund_entries(tournament_id=tournament_id, entrant_ids=entrants, reason=reason, actor=actor, now=now)
    return refunds.get(entrant_id, 0)


@needs_transaction
def refund_entries(
    *, tournament_id: int, entrant_ids: Sequence[int], reason: str, actor: User | None, now: datetime
) -> dict[int, int]:
    """``refund_entry`` for several entrants at once: entrant id → Rials, without those who were not charged."""
    entrant_of = {_entry_key(tournament_id, entrant_id): entrant_id for entrant_id in entrant_ids}
    paid = list(Journal.objects.filter(key__in=entrant_of).order_by("pk"))
    ledger.reverse_all(journals=paid, kind=JournalKind.REFUND, actor=actor, reason=reason, now=now)
    return {entrant_of[journal.key]: selectors.journal_amount(journal) for journal in paid}


@needs_transaction
def refund_all(*, tournament_id: int, reason: str, actor: User | None, now: datetime) -> int:
    """A tournament that is off: every entry fee back to its payer, prize money back to its source, the books closed.

    Returns the Rials that went back to payers with this call.

    :raises InsufficientFunds: prizes have been paid already, so the escrow does not hold it all.
    """
    if _is_closed(tournament_id):
        return 0
    entries = list(selectors.standing_journals(tournament_id, JournalKind.ENTRY_FEE))
    refunded = sum(selectors.journal_amount(journal) for journal in entries)
    ledger.reverse_all(journals=entries, kind=JournalKind.REFUND, actor=actor, reason=reason, now=now)
    return_prize_funding(tournament_id=tournament_id, reason=reason, actor=actor, now=now)
    close(tournament_id=tournament_id, now=now)
    return refunded


@needs_transaction
def fund_prize(*, tournament_id: int, source: str, amount_rial: int, actor: User | None, now: datetime) -> None:
    """Put prize money of ``source`` ("sponsor" or "platform") into the escrow, once per source.

    :raises InvalidAmount, EscrowClosed: see ``charge_entry``.
    :raises JournalConflict: another amount of this source is there already.
    """
    account = ledger.SPONSOR if PrizeFunding(source) is PrizeFunding.SPONSOR else ledger.PLATFORM
    ledger.post_journal(
        kind=JournalKind.PRIZE_FUNDING,
        source_type="funding",
        source_id=f"{tournament_id}:{source}",
        key=f"funding:{tournament_id}:{source}",
        lines=[Line(account, ledger.escrow(tournament_id), amount_rial)],
        actor=actor,
        now=now,
    )


@needs_transaction
def return_prize_funding(*, tournament_id: int, reason: str, actor: User | None, now: datetime) -> int:
    """Give the prize money back to its sources, once. Returns the Rials returned with this call.

    :raises InsufficientFunds: prizes have been paid from it. :raises EscrowClosed: the books are closed.
    """
    funding = list(selectors.standing_journals(tournament_id, JournalKind.PRIZE_FUNDING))
    ledger.reverse_all(journals=funding, kind=JournalKind.FUNDING_RETURN, actor=actor, reason=reason, now=now)
    return sum(selectors.journal_amount(journal) for journal in funding)


@needs_transaction
def pay_prizes(
    *, tournament_id: int, prizes: Sequence[Prize], fee_rial: int, actor: User | None, now: datetime
) -> None:
    """Pay prizes into winnings, and the platform its fee (0: none), from the escrow; each of them once.

    May be called again as further places become final. A prize of 0 is left out.

    :raises InsufficientFunds: the escrow does not hold it all; nothing is paid.
    :raises JournalConflict: a prize was paid before with another amount.
    :raises EscrowClosed: the books are closed.
    """
    pool = ledger.escrow(tournament_id)
    entries = []
    for prize in prizes:
        if prize.amount_rial:
            source_id = f"{tournament_id}:{prize.place}:{prize.entrant_id}:{prize.user_id}"
            line = Line(pool, ledger.winnings(prize.user_id), prize.amount_rial)
            entries.append(Entry(JournalKind.PRIZE, "prize", source_id, f"prize:{source_id}", [line]))
    if fee_rial:
        line = Line(pool, ledger.PLATFORM_FEE, fee_rial)
        entries.append(
            Entry(JournalKind.PLATFORM_FEE, "tournament", str(tournament_id), f"fee:{tournament_id}", [line])
        )
    ledger.post_journals(entries=entries, actor=actor, now=now)


@needs_transaction
def close(*, tournament_id: int, now: datetime) -> int:
    """End the tournament's books: what is left goes to the platform, and nothing comes in or out any more.

    Returns the Rials that were left; closing again does nothing.
    """
    pool = ledger.escrow(tournament_id)
    remainder = ledger.close_account(pool, now=now)
    if remainder:
        ledger.post_journal(
            kind=JournalKind.REMAINDER,
            source_type="tournament",
            source_id=str(tournament_id),
            key=f"remainder:{tournament_id}",
            lines=[Line(pool, ledger.PLATFORM, remainder)],
            actor=None,
            now=now,
        )
        ledger.close_account(pool, now=now)
    return remainder


def entry_amount(*, tournament_id: int, entrant_id: int) -> int:
    """What this entrant has paid and would get back now, in Rials."""
    paid = _entry_journal(tournament_id, entrant_id)
    return 0 if paid is None or paid.reversed_by.exists() else selectors.journal_amount(paid)


def _entry_key(tournament_id: int, entrant_id: int) -> str:
    return f"entry:{tournament_id}:{entrant_id}"


def _entry_journal(tournament_id: int, entrant_id: int) -> Journal | None:
    return Journal.objects.filter(key=_entry_key(tournament_id, entrant_id)).first()


def _is_closed(tournament_id: int) -> bool:
    code = ledger.escrow(tournament_id).code
    return LedgerAccount.objects.filter(code=code, closed_at__isnull=False).exists()
