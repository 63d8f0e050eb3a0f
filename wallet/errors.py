from django.utils.translation import gettext_lazy as _

from common.db import constraint_error
from common.errors import DomainError


class InsufficientFunds(DomainError):
    code = "insufficient_funds"
    status = 402
    detail = _("There is not enough money in the wallet.")


class InvalidAmount(DomainError):
    code = "invalid_amount"
    detail = _("An amount of money is a whole number of Rials above zero.")


class JournalConflict(DomainError):
    code = "journal_conflict"
    detail = _("Something else was booked under this key before.")


class EntryRefunded(DomainError):
    code = "entry_refunded"
    detail = _("This entry was paid back. It takes a new entry to pay again.")


class EscrowClosed(DomainError):
    code = "escrow_closed"
    detail = _("The books of this tournament are closed.")


class DepositOutOfRange(DomainError):
    code = "deposit_out_of_range"
    detail = _("A deposit is between %(minimum)s and %(maximum)s Rials.")


class PaymentRefused(DomainError):
    code = "payment_refused"
    detail = _("The payment gateway does not accept this payment.")


class GatewayUnavailable(DomainError):
    code = "gateway_unavailable"
    status = 503
    detail = _("The payment gateway cannot be reached. Try again in a moment.")


constraint_error("ledger_account_not_overdrawn", InsufficientFunds)
constraint_error("ledger_account_closed_empty", EscrowClosed)
constraint_error("journal_key_unique", JournalConflict)
constraint_error("journal_source_unique", JournalConflict)
constraint_error("journal_reverses_unique", JournalConflict)
constraint_error("transfer_amount_positive", InvalidAmount)
