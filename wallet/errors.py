from django.utils.translation import gettext_lazy as _

from common.db import constraint_error
from common.errors import DomainError, IllegalTransition


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


class InvalidSheba(DomainError):
    code = "invalid_sheba"
    detail = _("A Sheba number is IR and 24 digits. Check it again.")


class InvalidCardNumber(DomainError):
    code = "invalid_card_number"
    detail = _("A card number has 16 digits. Check it again.")


class DestinationExists(DomainError):
    code = "destination_exists"
    detail = _("You have this account or card already.")


class TooManyDestinations(DomainError):
    code = "too_many_destinations"
    detail = _("You can keep at most %(limit)s accounts and cards. Remove one first.")


class DestinationInUse(DomainError):
    code = "destination_in_use"
    detail = _("A withdrawal is on its way there.")


class DestinationCooling(DomainError):
    code = "destination_cooling"
    detail = _("For your safety this account or card can be used from %(usable_at)s.")


class WithdrawalTooSmall(DomainError):
    code = "withdrawal_too_small"
    detail = _("A withdrawal is at least %(minimum)s Rials.")


class WithdrawalTooSoon(DomainError):
    code = "withdrawal_too_soon"
    detail = _("One withdrawal is possible in %(hours)s hours. The next one from %(next_at)s.")


class WithdrawalClosed(IllegalTransition):
    code = "withdrawal_closed"
    detail = _("This withdrawal is past the point where that is possible.")


class OwnWithdrawal(DomainError):
    code = "own_withdrawal"
    status = 403
    detail = _("Nobody decides about their own money.")


class SecondPersonNeeded(DomainError):
    code = "second_person_needed"
    status = 403
    detail = _("A second person has to do this.")


class ReasonRequired(DomainError):
    code = "reason_required"
    detail = _("Say why.")


class PayoutNotConfigured(DomainError):
    code = "payout_not_configured"
    detail = _("The account that payouts are paid from is not set up.")


class PayoutBatchInvalid(DomainError):
    code = "payout_batch_invalid"
    detail = _("A batch takes 1 to %(limit)s approved withdrawals of one kind.")


class PayoutResultsInvalid(DomainError):
    """``errors`` names the lines."""

    code = "payout_results_invalid"
    detail = _("The file of results has mistakes, so nothing of it was taken.")


class BankReferenceConflict(DomainError):
    code = "bank_reference_conflict"
    detail = _("The bank has answered otherwise about this withdrawal before.")


class PromotionTooLarge(DomainError):
    code = "promotion_too_large"
    detail = _("A promotion is at most %(limit)s Rials. Propose an adjustment for more.")


class PromotionExists(DomainError):
    code = "promotion_exists"
    detail = _("The user has been given this promotion before.")


class SettlementExists(DomainError):
    code = "settlement_exists"
    detail = _("This settlement has been recorded before.")


class InvalidPeriod(DomainError):
    code = "invalid_period"
    detail = _("A period ends after it begins and has at most %(days)s days.")


class PaymentNotRefundable(IllegalTransition):
    code = "payment_not_refundable"
    detail = _("Only a settled payment can be given back.")


class RefundExists(DomainError):
    code = "refund_exists"
    detail = _("This payment is being given back already, or has been.")


class RefundClosed(IllegalTransition):
    code = "refund_closed"
    detail = _("This refund is past the point where that is possible.")


class ReferenceRequired(DomainError):
    code = "reference_required"
    detail = _("Give the bank's reference of the transfer.")


class WalletNotEmpty(DomainError):
    code = "wallet_not_empty"
    detail = _("There are %(amount)s Rials in your wallet. Withdraw or spend them first.")


class PaymentOpen(DomainError):
    code = "payment_open"
    detail = _("A payment of yours is not concluded yet. Wait until it is.")


class WithdrawalOpen(DomainError):
    code = "withdrawal_open"
    detail = _("A withdrawal of yours is on its way. Wait until it has arrived.")


constraint_error("ledger_account_not_overdrawn", InsufficientFunds)
constraint_error("ledger_account_closed_empty", EscrowClosed)
constraint_error("journal_key_unique", JournalConflict)
constraint_error("journal_source_unique", JournalConflict)
constraint_error("journal_reverses_unique", JournalConflict)
constraint_error("transfer_amount_positive", InvalidAmount)
constraint_error("payout_destination_unique", DestinationExists)
constraint_error("withdrawal_approved_by_others", SecondPersonNeeded)
constraint_error("withdrawal_returned_by_others", SecondPersonNeeded)
constraint_error("adjustment_by_two_people", SecondPersonNeeded)
constraint_error("adjustment_not_ones_own", OwnWithdrawal)
constraint_error("promotion_grant_once", PromotionExists)
constraint_error("gateway_settlement_once", SettlementExists)
constraint_error("refund_once_per_payment", RefundExists)
