"""Zibal, API v1. Its ``trackId`` is our authority. It verifies without an amount, so we compare the one it names."""

import logging
import re
from typing import Any

from wallet.gateways import calls
from wallet.gateways.base import BankState, Inquired, Outcome, Reversed, Started, Verified
from wallet.gateways.calls import Unreadable

logger = logging.getLogger(__name__)

AUTHORITY = re.compile(r"[1-9]\d{0,17}", re.ASCII)
PAID, PAID_BEFORE = 100, 201
MEANING = {
    PAID: Outcome.DONE,
    PAID_BEFORE: Outcome.DONE,
    202: Outcome.NOT_PAID,
    203: Outcome.REJECTED,
    # the amount is too small or too large
    105: Outcome.REFUSED,
    113: Outcome.REFUSED,
    # the merchant is unknown, switched off or invalid; the callback's address is not accepted
    **dict.fromkeys((102, 103, 104, 106), Outcome.MISCONFIGURED),
}
# The payment's own status. What is not listed (an error inside the gateway, say) tells nothing.
STATES = {
    -1: BankState.IN_BANK,
    1: BankState.VERIFIED,
    2: BankState.PAID,
    **dict.fromkeys(range(3, 13), BankState.FAILED),
    **dict.fromkeys((15, 16, 18), BankState.REVERSED),
}


class Zibal:
    # A reversal needs another account of theirs; people send the money back instead.
    reverses_for_minutes = 0

    def __init__(self, *, base_url: str, merchant_id: str) -> None:
        self.base_url = base_url
        self.merchant_id = merchant_id

    def request(self, *, amount_rial: int, description: str, callback_url: str, mobile: str, order_id: str) -> Started:
        body = {
            "amount": amount_rial,
            "callbackUrl": callback_url,
            "description": description[:500],
            "orderId": order_id,
            "mobile": mobile,
        }
        try:
            code, answer = self._call("request", body)
            outcome = MEANING.get(code, Outcome.UNKNOWN)
            if outcome is not Outcome.DONE:
                return Started(outcome, code)
            authority = str(calls.integer(answer.get("trackId"), least=1, most=10**18 - 1))
            return Started(Outcome.DONE, code, authority=authority, payment_url=f"{self.base_url}/start/{authority}")
        except Unreadable as error:
            logger.warning("zibal request: %s", error)
            return Started(Outcome.UNKNOWN)

    def verify(self, *, authority: str, amount_rial: int) -> Verified:
        try:
            code, answer = self._call("verify", {"trackId": int(authority)})
            outcome = MEANING.get(code, Outcome.UNKNOWN)
            if code == PAID_BEFORE:
                # the receipt is told once; afterwards it takes a question of its own
                asked, answer = self._call("inquiry", {"trackId": int(authority)})
                if asked != PAID or STATES.get(calls.integer(answer.get("status"))) is not BankState.VERIFIED:
                    raise Unreadable("verified before, but the inquiry does not say so")
            if outcome is not Outcome.DONE:
                return Verified(outcome, code)
            if calls.integer(answer.get("amount"), least=0, most=2**63 - 1) != amount_rial:
                return Verified(Outcome.MISMATCH, code)
            return Verified(
                Outcome.DONE,
                code,
                ref_id=calls.optional_integer(answer.get("refNumber")) or int(authority),
                card_pan=calls.optional_text(answer.get("cardNumber"), calls.MASKED_CARD),
            )
        except Unreadable as error:
            logger.warning("zibal verify: %s", error)
            return Verified(Outcome.UNKNOWN)

    def inquire(self, *, authority: str) -> Inquired:
        try:
            code, answer = self._call("inquiry", {"trackId": int(authority)})
            outcome = MEANING.get(code, Outcome.UNKNOWN)
            if outcome is not Outcome.DONE:
                return Inquired(outcome, code)
            state = STATES.get(calls.integer(answer.get("status")))
            if state is None:
                return Inquired(Outcome.UNKNOWN, code)
            return Inquired(Outcome.DONE, code, state, amount_rial=calls.optional_integer(answer.get("amount")))
        except Unreadable as error:
            logger.warning("zibal inquiry: %s", error)
            return Inquired(Outcome.UNKNOWN)

    def reverse(self, *, authority: str) -> Reversed:
        return Reversed(Outcome.REFUSED)

    def unverified(self) -> list[str]:
        """Zibal has no such list: what no callback brought is found by inquiring."""
        return []

    def _call(self, operation: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """The answer's result and the answer. :raises Unreadable: there is none that can be relied on."""
        answer = calls.post(f"{self.base_url}/v1/{operation}", {"merchant": self.merchant_id, **body})
        return calls.integer(answer.get("result")), answer
