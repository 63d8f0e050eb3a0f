"""Zarinpal, API v4. Trusts nothing it reads: an answer of another shape is UNKNOWN and will be asked for again."""

import logging
import re
from typing import Any

from wallet.gateways import calls
from wallet.gateways.base import BankState, Inquired, Outcome, Reversed, Started, Verified
from wallet.gateways.calls import Unreadable

logger = logging.getLogger(__name__)

AUTHORITY = re.compile(r"[A-Za-z0-9]{36}", re.ASCII)
PAID, PAID_BEFORE, TOO_OFTEN = 100, 101, -12
MEANING = {
    PAID: Outcome.DONE,
    PAID_BEFORE: Outcome.DONE,
    -50: Outcome.MISMATCH,
    -51: Outcome.NOT_PAID,
    -53: Outcome.REJECTED,
    -54: Outcome.REJECTED,
    -55: Outcome.REJECTED,
    -40: Outcome.REFUSED,
    -41: Outcome.REFUSED,
    # a reversal that is not possible: not at this bank, not paid, not set up for it, too late
    **dict.fromkeys((-60, -61, -62, -63), Outcome.REFUSED),
    **dict.fromkeys(range(-17, -8), Outcome.MISCONFIGURED),
    TOO_OFTEN: Outcome.UNKNOWN,
}


class Zarinpal:
    reverses_for_minutes = 30

    def __init__(self, *, base_url: str, merchant_id: str) -> None:
        self.base_url = base_url
        self.merchant_id = merchant_id

    def request(self, *, amount_rial: int, description: str, callback_url: str, mobile: str, order_id: str) -> Started:
        body = {
            "amount": amount_rial,
            "currency": "IRR",
            "description": description[:500],
            "callback_url": callback_url,
            "metadata": {"mobile": mobile, "order_id": order_id},
        }
        try:
            code, data = self._call("request", body)
            outcome = MEANING.get(code, Outcome.UNKNOWN)
            if outcome is not Outcome.DONE:
                return Started(outcome, code)
            authority = calls.text(data.get("authority"), AUTHORITY)
            return Started(
                Outcome.DONE,
                code,
                authority=authority,
                payment_url=f"{self.base_url}/pg/StartPay/{authority}",
                fee_rial=calls.optional_integer(data.get("fee")) or 0,
            )
        except Unreadable as error:
            logger.warning("zarinpal request: %s", error)
            return Started(Outcome.UNKNOWN)

    def verify(self, *, authority: str, amount_rial: int) -> Verified:
        try:
            code, data = self._call("verify", {"authority": authority, "amount": amount_rial})
            outcome = MEANING.get(code, Outcome.UNKNOWN)
            if outcome is not Outcome.DONE:
                return Verified(outcome, code)
            return Verified(
                Outcome.DONE,
                code,
                ref_id=calls.integer(data.get("ref_id"), least=1, most=2**63 - 1),
                card_pan=calls.optional_text(data.get("card_pan"), calls.MASKED_CARD),
                card_hash=calls.optional_text(data.get("card_hash"), calls.HASH),
                fee_rial=calls.optional_integer(data.get("fee")) or 0,
            )
        except Unreadable as error:
            logger.warning("zarinpal verify: %s", error)
            return Verified(Outcome.UNKNOWN)

    def inquire(self, *, authority: str) -> Inquired:
        try:
            code, data = self._call("inquiry", {"authority": authority})
            outcome = MEANING.get(code, Outcome.UNKNOWN)
            if outcome is not Outcome.DONE:
                return Inquired(outcome, code)
            return Inquired(
                Outcome.DONE,
                code,
                BankState(str(data.get("status"))),
                amount_rial=calls.optional_integer(data.get("amount")),
            )
        except (Unreadable, ValueError) as error:
            logger.warning("zarinpal inquiry: %s", error)
            return Inquired(Outcome.UNKNOWN)

    def reverse(self, *, authority: str) -> Reversed:
        try:
            code, _ = self._call("reverse", {"authority": authority})
        except Unreadable as error:
            logger.warning("zarinpal reverse: %s", error)
            return Reversed(Outcome.UNKNOWN)
        return Reversed(MEANING.get(code, Outcome.UNKNOWN), code)

    def unverified(self) -> list[str]:
        try:
            code, data = self._call("unVerified", {})
        except Unreadable as error:
            logger.warning("zarinpal unVerified: %s", error)
            return []
        rows = data.get("authorities")
        if code != PAID or not isinstance(rows, list):
            return []
        found = [row.get("authority") for row in rows if isinstance(row, dict)]
        return [authority for authority in found if isinstance(authority, str) and AUTHORITY.fullmatch(authority)]

    def _call(self, operation: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """The answer's code and data. :raises Unreadable: there is none that can be relied on."""
        url = f"{self.base_url}/pg/v4/payment/{operation}.json"
        return _parse(calls.post(url, {"merchant_id": self.merchant_id, **body}))


def _parse(answer: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """``{"data": {"code": …}, "errors": []}`` or ``{"data": [], "errors": {"code": …}}``."""
    data, errors = answer.get("data"), answer.get("errors")
    if errors and data:
        raise Unreadable("data and errors at once")
    if isinstance(errors, dict) and errors:
        code = calls.integer(errors.get("code"))
        if code in (PAID, PAID_BEFORE):
            raise Unreadable("a success among the errors")
        return code, {}
    if isinstance(data, dict) and data:
        return calls.integer(data.get("code")), data
    raise Unreadable("neither data nor errors")
