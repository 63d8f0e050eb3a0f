"""Zarinpal, API v4. Trusts nothing it reads: an answer of another shape is UNKNOWN and will be asked for again."""

import json
import logging
import re
from functools import cache
from ssl import SSLContext
from time import monotonic
from typing import Any

import httpx

from wallet.gateways.base import BankState, Inquired, Outcome, Started, Verified

logger = logging.getLogger(__name__)

TIMEOUT = httpx.Timeout(10.0, connect=3.0)
TOTAL_SECONDS = 15.0
MAX_ANSWER_BYTES = 256 * 1024
AUTHORITY = re.compile(r"[A-Za-z0-9]{36}", re.ASCII)
_MASKED_CARD = re.compile(r"[0-9Xx*-]{4,32}", re.ASCII)
_HASH = re.compile(r"[A-Za-z0-9]{1,128}", re.ASCII)
# A packed answer could unpack to more than MAX_ANSWER_BYTES.
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity"}
_INTEGER = re.compile(r"-?\d{1,18}", re.ASCII)

PAID, PAID_BEFORE, TOO_OFTEN = 100, 101, -12
_MEANING = {
    PAID: Outcome.DONE,
    PAID_BEFORE: Outcome.DONE,
    -50: Outcome.MISMATCH,
    -51: Outcome.NOT_PAID,
    -53: Outcome.REJECTED,
    -54: Outcome.REJECTED,
    -55: Outcome.REJECTED,
    -40: Outcome.REFUSED,
    -41: Outcome.REFUSED,
    **dict.fromkeys(range(-17, -8), Outcome.MISCONFIGURED),
    TOO_OFTEN: Outcome.UNKNOWN,
}


@cache
def _tls() -> SSLContext:
    """Reading the certificates takes longer than a call does, so it is done once."""
    return httpx.create_ssl_context()


class _Unreadable(Exception):
    """Nothing, or nothing of the agreed shape, came back."""


class Zarinpal:
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
            outcome = _MEANING.get(code, Outcome.UNKNOWN)
            if outcome is not Outcome.DONE:
                return Started(outcome, code)
            authority = _text(data, "authority", AUTHORITY)
            return Started(
                Outcome.DONE,
                code,
                authority=authority,
                payment_url=f"{self.base_url}/pg/StartPay/{authority}",
                fee_rial=_fee(data),
            )
        except _Unreadable as error:
            logger.warning("zarinpal request: %s", error)
            return Started(Outcome.UNKNOWN)

    def verify(self, *, authority: str, amount_rial: int) -> Verified:
        try:
            code, data = self._call("verify", {"authority": authority, "amount": amount_rial})
            outcome = _MEANING.get(code, Outcome.UNKNOWN)
            if outcome is not Outcome.DONE:
                return Verified(outcome, code)
            return Verified(
                Outcome.DONE,
                code,
                ref_id=_integer(data.get("ref_id"), least=1, most=2**63 - 1),
                card_pan=_optional(data, "card_pan", _MASKED_CARD),
                card_hash=_optional(data, "card_hash", _HASH),
                fee_rial=_fee(data),
            )
        except _Unreadable as error:
            logger.warning("zarinpal verify: %s", error)
            return Verified(Outcome.UNKNOWN)

    def inquire(self, *, authority: str) -> Inquired:
        try:
            code, data = self._call("inquiry", {"authority": authority})
            outcome = _MEANING.get(code, Outcome.UNKNOWN)
            if outcome is not Outcome.DONE:
                return Inquired(outcome, code)
            return Inquired(Outcome.DONE, code, BankState(str(data.get("status"))))
        except (_Unreadable, ValueError) as error:
            logger.warning("zarinpal inquiry: %s", error)
            return Inquired(Outcome.UNKNOWN)

    def unverified(self) -> list[str]:
        try:
            code, data = self._call("unVerified", {})
        except _Unreadable as error:
            logger.warning("zarinpal unVerified: %s", error)
            return []
        rows = data.get("authorities")
        if code != PAID or not isinstance(rows, list):
            return []
        found = [row.get("authority") for row in rows if isinstance(row, dict)]
        return [authority for authority in found if isinstance(authority, str) and AUTHORITY.fullmatch(authority)]

    def _call(self, operation: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """The answer's code and data. :raises _Unreadable: there is none that can be relied on."""
        url = f"{self.base_url}/pg/v4/payment/{operation}.json"
        try:
            with (
                httpx.Client(
                    verify=_tls(), timeout=TIMEOUT, headers=_HEADERS, follow_redirects=False, trust_env=False
                ) as client,
                client.stream("POST", url, json={"merchant_id": self.merchant_id, **body}) as response,
            ):
                if response.status_code >= 500 or response.is_redirect:
                    raise _Unreadable(f"HTTP {response.status_code}")
                if response.headers.get("Content-Encoding", "identity") != "identity":
                    raise _Unreadable("the answer is packed")
                raw = _read(response)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _Unreadable(type(error).__name__) from error
        return _parse(raw)


def _read(response: httpx.Response) -> bytes:
    raw = bytearray()
    until = monotonic() + TOTAL_SECONDS
    for chunk in response.iter_bytes():
        raw += chunk
        if len(raw) > MAX_ANSWER_BYTES or monotonic() > until:
            raise _Unreadable("the answer is too long")
    return bytes(raw)


def _parse(raw: bytes) -> tuple[int, dict[str, Any]]:
    """``{"data": {"code": …}, "errors": []}`` or ``{"data": [], "errors": {"code": …}}``."""
    try:
        answer = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise _Unreadable("not JSON") from error
    if not isinstance(answer, dict):
        raise _Unreadable("not an object")
    data, errors = answer.get("data"), answer.get("errors")
    if errors and data:
        raise _Unreadable("data and errors at once")
    if isinstance(errors, dict) and errors:
        return _error_code(errors), {}
    if isinstance(data, dict) and data:
        return _integer(data.get("code")), data
    raise _Unreadable("neither data nor errors")


def _error_code(errors: dict[str, Any]) -> int:
    code = _integer(errors.get("code"))
    if code in (PAID, PAID_BEFORE):
        raise _Unreadable("a success among the errors")
    return code


def _integer(value: Any, *, least: int = -(2**31), most: int = 2**31 - 1) -> int:
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise _Unreadable("a number is missing or wrong")
    return value


def _text(data: dict[str, Any], name: str, shape: re.Pattern[str]) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not shape.fullmatch(value):
        raise _Unreadable(f"{name} is missing or wrong")
    return value


# What follows is nice to know: a wrong shape costs the detail, not the payment.


def _fee(data: dict[str, Any]) -> int:
    try:
        return _integer(data.get("fee"), least=0)
    except _Unreadable:
        return 0


def _optional(data: dict[str, Any], name: str, shape: re.Pattern[str]) -> str:
    value = data.get(name)
    return value if isinstance(value, str) and shape.fullmatch(value) else ""
