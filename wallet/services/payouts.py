"""Approved withdrawals go to the bank in batches, and what the bank did with them comes back."""

import csv
import hashlib
import io
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _

from common import audit
from common.db import needs_transaction, use_case
from common.errors import NotFound
from common.local_time import day_of
from common.sealing import seal, unseal
from common.spreadsheet import csv_file
from common.state import transition
from common.text import StrOrPromise, clean_name, fold_digits
from users.assurance import Assurance, require_step_up
from users.models import User
from wallet import rules
from wallet.enums import WITHDRAWAL_TRANSITIONS, DestinationKind, JournalKind, WithdrawalStatus
from wallet.errors import (
    BankReferenceConflict,
    PayoutBatchInvalid,
    PayoutResultsInvalid,
    ReasonRequired,
    SecondPersonNeeded,
    WithdrawalClosed,
)
from wallet.models import PayoutBatch, Withdrawal
from wallet.payouts import provider
from wallet.payouts.base import Payout, PayoutDocument, PayoutOrder
from wallet.services import ledger
from wallet.services.destinations import open_number
from wallet.services.ledger import Line
from wallet.services.withdrawals import entry, give_back_from, locked_withdrawal, tell

logger = logging.getLogger(__name__)
RESULT_COLUMNS = ("reference", "amount_rial", "status", "bank_reference", "reason")
BANK_REFERENCE_LENGTH = 50
REASON_LENGTH = 500
# Batches are numbered by the days since then and by their ids: no bank sees a number twice, even after a new beginning.
FIRST_DAY = date(2020, 1, 1)


@dataclass(frozen=True, slots=True)
class Result:
    """What the bank says about one withdrawal; ``line`` is where it stands in the file."""

    line: int
    reference: str
    amount_rial: int
    paid: bool
    bank_reference: str
    reason: str


@use_case
def export(*, withdrawal_ids: Sequence[int], actor: User, now: datetime) -> PayoutBatch:
    """Hand approved withdrawals of one kind of destination to the bank: one batch, one document, made once.

    :raises PermissionDenied: no administrator.
    :raises PayoutBatchInvalid: none or more than PAYOUT_BATCH_MAX, of two kinds, or not all of them approved.
    :raises PayoutNotConfigured: the account that is paid from is not set up.
    """
    rules.require_administrator(actor)
    wanted = set(withdrawal_ids)
    rows = list(Withdrawal.objects.filter(pk__in=wanted).locked().select_related("destination"))
    kinds = {row.destination.kind for row in rows}
    approved = all(row.status == WithdrawalStatus.APPROVED for row in rows)
    if not 1 <= len(rows) <= settings.PAYOUT_BATCH_MAX or len(rows) < len(wanted) or len(kinds) > 1 or not approved:
        raise PayoutBatchInvalid(limit=settings.PAYOUT_BATCH_MAX)
    number = _new_number()
    order = _order(number, rows, DestinationKind(kinds.pop()), now)
    carrier = provider()
    document = carrier.prepare(order)
    batch = PayoutBatch.objects.create(
        pk=number,
        provider=carrier.name,
        kind=order.kind,
        message_id=order.message_id,
        count=len(rows),
        total_rial=order.total_rial,
        document_sealed=seal(document.content),
        file_name=document.name,
        content_type=document.content_type,
        sha256=hashlib.sha256(document.content).hexdigest(),
        created_by=actor,
        created_at=now,
    )
    _submit(rows, batch, actor, now)
    audit.record(
        action="payout_batch.create",
        actor=actor,
        target=batch,
        now=now,
        count=batch.count,
        total_rial=batch.total_rial,
        sha256=batch.sha256,
    )
    return batch


@use_case
def download(*, batch_id: int, actor: User, now: datetime) -> PayoutDocument:
    """The document as it was made, byte for byte. It holds whole numbers, so it is written down who takes it.

    :raises PermissionDenied: no administrator. :raises NotFound: no such batch.
    """
    rules.require_administrator(actor)
    batch = PayoutBatch.objects.filter(pk=batch_id).first()
    if batch is None:
        raise NotFound
    audit.record(action="payout_batch.download", actor=actor, target=batch, now=now)
    content = unseal(bytes(batch.document_sealed))
    return PayoutDocument(batch.file_name, batch.content_type, content)


def results_form(*, batch_id: int, actor: User) -> bytes:
    """The CSV for ``import_results`` with every line of the batch, to be filled in from the bank's answer.

    :raises PermissionDenied: no administrator.
    """
    rules.require_administrator(actor)
    rows = Withdrawal.objects.filter(batch=batch_id).order_by("pk")
    return csv_file(RESULT_COLUMNS, [[row.reference, row.amount_rial, "", "", ""] for row in rows])


@use_case
def record_paid(*, withdrawal_id: int, bank_reference: str, actor: User, now: datetime) -> Withdrawal:
    """The bank has paid it. Saying so again with the same reference changes nothing.

    :raises PermissionDenied: no administrator. :raises NotFound: no such withdrawal.
    :raises OwnWithdrawal: it is the actor's own. :raises WithdrawalClosed: it is not with the bank.
    :raises BankReferenceConflict: it was paid under another reference. :raises ReasonRequired: no reference.
    """
    withdrawal = _for_decision(locked_withdrawal(withdrawal_id), actor)
    _paid(withdrawal, bank_reference, actor, now)
    return withdrawal


@use_case
def record_returned(*, withdrawal_id: int, reason: str, actor: User, now: datetime) -> Withdrawal:
    """The bank has not paid it: the money is back in the owner's winnings. Saying so again changes nothing.

    Where the bank had paid before, see ``record_late_return``.

    :raises PermissionDenied, NotFound, OwnWithdrawal, WithdrawalClosed: see ``record_paid``.
    :raises ReasonRequired: no reason.
    """
    withdrawal = _for_decision(locked_withdrawal(withdrawal_id), actor)
    _returned(withdrawal, reason, actor, now)
    return withdrawal


@use_case
def record_late_return(
    *, withdrawal_id: int, reason: str, actor: User, assurance: Assurance, now: datetime
) -> Withdrawal:
    """The bank has sent back what it had paid, as PAYA does in a later cycle. It takes two people.

    The first one says why. When a second one says so, too, the money goes from our bank account to the owner's
    winnings, and the owner is told. After that, saying so again changes nothing.

    :raises PermissionDenied: no administrator. :raises StepUpRequired: no fresh second factor.
    :raises NotFound: no such withdrawal. :raises OwnWithdrawal: it is the actor's own.
    :raises WithdrawalClosed: the bank has not paid it. :raises SecondPersonNeeded: the actor has said so already.
    :raises ReasonRequired: the first one gives no reason.
    """
    rules.require_administrator(actor)
    require_step_up(assurance, now=now)
    withdrawal = _for_decision(locked_withdrawal(withdrawal_id), actor)
    if withdrawal.return_confirmed_by_id is not None:
        return withdrawal
    _require_paid(withdrawal)
    if withdrawal.return_reported_by_id is None:
        said = clean_name(reason)[:REASON_LENGTH]
        if not said:
            raise ReasonRequired
        _note_return(withdrawal, "withdrawal.return_first", actor, said, actor, now)
        return withdrawal
    if withdrawal.return_reported_by_id == actor.pk:
        raise SecondPersonNeeded
    withdrawal.return_confirmed_by = actor
    give_back_from(withdrawal, ledger.BANK, WithdrawalStatus.RETURNED, withdrawal.return_reason, actor, now)
    if withdrawal.user.closed_at is not None:
        logger.error("ALARM withdrawal %s has come back to a closed account", withdrawal.pk)
    return withdrawal


@use_case
def dismiss_late_return(*, withdrawal_id: int, reason: str, actor: User, now: datetime) -> Withdrawal:
    """What one person has reported is a mistake: the withdrawal stays paid, and can be reported anew.

    :raises PermissionDenied, NotFound, OwnWithdrawal: see ``record_late_return``. :raises ReasonRequired: no reason.
    :raises WithdrawalClosed: nobody has reported a return, or it has been carried out.
    """
    withdrawal = _for_decision(locked_withdrawal(withdrawal_id), actor)
    _require_paid(withdrawal)
    if withdrawal.return_reported_by_id is None:
        raise WithdrawalClosed(status=withdrawal.status)
    if not reason.strip():
        raise ReasonRequired
    _note_return(withdrawal, "withdrawal.return_dismissed", None, "", actor, now, reason.strip())
    return withdrawal


@use_case
def import_results(*, batch_id: int, content: bytes, actor: User, now: datetime) -> dict[str, int]:
    """Take the bank's answers from a CSV of RESULT_COLUMNS: all of them, or none when a line is wrong.

    A line without a status is left for later, and one that was taken before changes nothing. Returns how many were
    ``paid``, ``returned`` and ``open`` in the batch afterwards.

    :raises PermissionDenied: no administrator. :raises NotFound: no such batch.
    :raises OwnWithdrawal: one of them is the actor's own.
    :raises PayoutResultsInvalid: lines that cannot be read, or that are not of this batch.
    """
    rules.require_administrator(actor)
    batch = PayoutBatch.objects.filter(pk=batch_id).locked().first()
    if batch is None:
        raise NotFound
    results = list(_read_results(content))
    rows = {row.reference: row for row in Withdrawal.objects.filter(batch=batch).locked()}
    rows = {
        row.reference: row
        for row in Withdrawal.objects.filter(pk__in=[row.pk for row in rows.values()]).select_related("destination")
    }
    mistakes = {
        f"line_{result.line}": [{"code": "invalid", "detail": problem}]
        for result in results
        if (problem := _problem(result, rows.get(result.reference)))
    }
    if mistakes:
        raise PayoutResultsInvalid(errors=mistakes)
    ledger.lock_accounts(ledger.winnings(rows[result.reference].user_id) for result in results if not result.paid)
    # their owners' feeds in the order in which everybody locks them
    for result in sorted(results, key=lambda one: rows[one.reference].user_id):
        withdrawal = _for_decision(rows[result.reference], actor)
        if result.paid:
            _paid(withdrawal, result.bank_reference, actor, now)
        else:
            _returned(withdrawal, result.reason, actor, now)
    audit.record(action="payout_batch.results", actor=actor, target=batch, now=now, lines=len(results))
    ended = [row.status for row in rows.values()]
    return {
        "paid": ended.count(WithdrawalStatus.PAID),
        "returned": ended.count(WithdrawalStatus.RETURNED),
        "open": ended.count(WithdrawalStatus.SUBMITTED),
    }


@needs_transaction
def _new_number() -> int:
    """The id of the next batch: its document is made before its row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('wallet_payoutbatch', 'id'))")
        return cursor.fetchone()[0]


def _order(number: int, rows: Sequence[Withdrawal], kind: DestinationKind, now: datetime) -> PayoutOrder:
    return PayoutOrder(
        serial=f"{(day_of(now) - FIRST_DAY).days % 10_000:04d}{number % 100_000:05d}",
        kind=kind,
        payouts=[
            Payout(
                reference=row.reference,
                number=open_number(row.destination),
                owner_name=row.destination.owner_name,
                amount_rial=row.amount_rial,
            )
            for row in rows
        ],
        created_at=now,
    )


@needs_transaction
def _submit(rows: Sequence[Withdrawal], batch: PayoutBatch, actor: User, now: datetime) -> None:
    entries = [
        entry(
            row,
            JournalKind.PAYOUT_SENT,
            [Line(ledger.held(row.user_id), ledger.PAYOUT_CLEARING, row.amount_rial)],
        )
        for row in rows
    ]
    for row in rows:
        transition(row, WithdrawalStatus.SUBMITTED, WITHDRAWAL_TRANSITIONS, error=WithdrawalClosed)
        row.batch = batch
        row.submitted_at = now
        row.save()
        audit.record(action="withdrawal.submit", actor=actor, target=row, now=now, batch=batch.pk)
    ledger.post_journals(entries=entries, actor=actor, now=now)


def _for_decision(withdrawal: Withdrawal, actor: User) -> Withdrawal:
    rules.require_administrator(actor)
    rules.require_not_own(withdrawal, actor)
    return withdrawal


@needs_transaction
def _paid(withdrawal: Withdrawal, bank_reference: str, actor: User, now: datetime) -> None:
    said = clean_name(bank_reference)[:BANK_REFERENCE_LENGTH]
    if not said:
        raise ReasonRequired
    if withdrawal.status == WithdrawalStatus.PAID:
        if withdrawal.bank_reference != said:
            raise BankReferenceConflict
        return
    transition(withdrawal, WithdrawalStatus.PAID, WITHDRAWAL_TRANSITIONS, error=WithdrawalClosed)
    withdrawal.bank_reference = said
    withdrawal.ended_at = now
    withdrawal.save()
    line = Line(ledger.PAYOUT_CLEARING, ledger.BANK, withdrawal.amount_rial)
    ledger.post_journals(entries=[entry(withdrawal, JournalKind.PAYOUT, [line])], actor=actor, now=now)
    audit.record(action="withdrawal.paid", actor=actor, target=withdrawal, now=now, bank_reference=said)
    tell(withdrawal, "withdrawal_paid", now, reference=said)


@needs_transaction
def _returned(withdrawal: Withdrawal, reason: str, actor: User, now: datetime) -> None:
    said = clean_name(reason)[:REASON_LENGTH]
    if not said:
        raise ReasonRequired
    if withdrawal.status == WithdrawalStatus.PAID:
        raise WithdrawalClosed(status=withdrawal.status)
    if withdrawal.status != WithdrawalStatus.RETURNED:
        give_back_from(withdrawal, ledger.PAYOUT_CLEARING, WithdrawalStatus.RETURNED, said, actor, now)


def _require_paid(withdrawal: Withdrawal) -> None:
    if withdrawal.status != WithdrawalStatus.PAID:
        raise WithdrawalClosed(status=withdrawal.status)


@needs_transaction
def _note_return(
    withdrawal: Withdrawal, action: str, reporter: User | None, said: str, actor: User, now: datetime, reason: str = ""
) -> None:
    withdrawal.return_reported_by = reporter
    withdrawal.return_reason = said
    withdrawal.version += 1
    withdrawal.save()
    audit.record(action=action, actor=actor, target=withdrawal, now=now, reason=reason or said)


def _read_results(content: bytes) -> Iterator[Result]:
    try:
        rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")), strict=True)
        if rows.fieldnames is None or set(RESULT_COLUMNS) - {name.strip() for name in rows.fieldnames}:
            raise _mistake(1, _("The columns are %(columns)s.") % {"columns": ", ".join(RESULT_COLUMNS)})
        for line, row in enumerate(rows, start=2):
            cell = {str(name).strip(): str(value or "").strip() for name, value in row.items()}
            status = cell["status"].lower()
            if not status:
                continue
            amount = fold_digits(cell["amount_rial"]).replace(",", "").replace("٬", "")
            known = status in {WithdrawalStatus.PAID, WithdrawalStatus.RETURNED}
            if not known or not (amount.isascii() and amount.isdigit()) or len(amount) > 18:
                raise _mistake(line, _("The status is paid or returned, and the amount a number of Rials."))
            yield Result(
                line=line,
                reference=cell["reference"],
                amount_rial=int(amount),
                paid=status == WithdrawalStatus.PAID,
                bank_reference=cell["bank_reference"],
                reason=cell["reason"],
            )
    except (UnicodeDecodeError, csv.Error) as error:
        raise _mistake(1, _("The file is not a CSV in UTF-8.")) from error


def _problem(result: Result, withdrawal: Withdrawal | None) -> StrOrPromise:
    """What is wrong with a line of results, empty when nothing is."""
    if withdrawal is None:
        return _("This reference is not in the batch.")
    if withdrawal.amount_rial != result.amount_rial:
        return _("The amount is not that of the withdrawal.")
    if not clean_name(result.bank_reference if result.paid else result.reason):
        return _("A paid line needs the bank's reference, a returned one its reason.")
    other = WithdrawalStatus.RETURNED if result.paid else WithdrawalStatus.PAID
    taken_otherwise = withdrawal.status == WithdrawalStatus.PAID and result.bank_reference != withdrawal.bank_reference
    if withdrawal.status == other or (result.paid and taken_otherwise):
        return _("The bank has answered otherwise about this withdrawal before.")
    return ""


def _mistake(line: int, problem: StrOrPromise) -> PayoutResultsInvalid:
    errors: dict[str, list[dict[str, Any]]] = {f"line_{line}": [{"code": "invalid", "detail": problem}]}
    return PayoutResultsInvalid(errors=errors)
