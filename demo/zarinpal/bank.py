"""What the bank knows and answers, without HTTP: the five calls of the API v4 and the payer's decision."""

import hashlib
import re
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from demo.fakebank import bank
from demo.fakebank.bank import CARD_PAN, Session, State, is_web_link, with_query

MIN_AMOUNT, MAX_AMOUNT = 1_000, 1_000_000_000
MAX_DESCRIPTION = 500
MAX_UNVERIFIED = 100
REVERSE_WITHIN = timedelta(minutes=30)
_API = re.compile(r"/pg/v4/payment/(request|verify|inquiry|unVerified|reverse)\.json")
_START_PAY = re.compile(r"/pg/StartPay/([A-Za-z0-9]{1,64})/?", re.ASCII)

MESSAGES = {
    100: "Success",
    101: "Verified",
    -9: "The input params invalid, validation error.",
    -41: "Maximum amount is 100,000,000 tomans.",
    -50: "Session is not valid, amounts values is not the same.",
    -51: "Session is not valid, session is not active paid try.",
    -53: "Session is not this merchant_id session.",
    -54: "Invalid authority.",
    -61: "Session is not in success status.",
    -63: "Maximum time for reverse this session is expired.",
}


class ApiError(Exception):
    def __init__(self, code: int, **validations: str) -> None:
        super().__init__(code)
        self.code = code
        self.validations = [{name: text} for name, text in validations.items()]

    def answer(self) -> dict[str, Any]:
        message = MESSAGES.get(self.code, "Error.")
        return {"data": [], "errors": {"message": message, "code": self.code, "validations": self.validations}}


class Bank(bank.Bank):
    operations: ClassVar[tuple[str, ...]] = ("request", "verify", "inquiry", "unVerified", "reverse")

    def call(self, operation: str, body: dict[str, Any] | None) -> dict[str, Any]:
        calls: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "request": self.request,
            "verify": self.verify,
            "inquiry": self.inquiry,
            "unVerified": self.unverified,
            "reverse": self.reverse,
        }
        try:
            if body is None:
                raise ApiError(-9)
            with self.lock:
                return {"data": calls[operation](body), "errors": []}
        except ApiError as error:
            return error.answer()

    def with_code(self, code: int) -> dict[str, Any]:
        if code > 0:
            return {"data": {"code": code, "message": MESSAGES[100]}, "errors": []}
        return ApiError(code).answer()

    def operation_at(self, path: str) -> str | None:
        match = _API.fullmatch(path)
        return match[1] if match else None

    def payment_at(self, path: str) -> str | None:
        match = _START_PAY.fullmatch(path)
        return match[1] if match else None

    def named_in(self, body: dict[str, Any]) -> str:
        return str(body.get("authority"))

    def link_back(self, session: Session) -> str:
        status = "OK" if session.is_paid else "NOK"
        return with_query(session.callback_url, Authority=session.authority, Status=status)

    def request(self, body: dict[str, Any]) -> dict[str, Any]:
        merchant_id = _merchant(body)
        amount = _amount(body)
        currency = body.get("currency", "IRR")
        if currency not in ("IRR", "IRT"):
            raise ApiError(-9, currency="The selected currency is invalid.")
        if amount > (MAX_AMOUNT if currency == "IRR" else MAX_AMOUNT // 10):
            raise ApiError(-41)
        description = body.get("description")
        if not isinstance(description, str) or not 0 < len(description) <= MAX_DESCRIPTION:
            raise ApiError(-9, description="The description is required and at most 500 characters.")
        callback_url = body.get("callback_url")
        if not isinstance(callback_url, str) or not is_web_link(callback_url):
            raise ApiError(-9, callback_url="The callback url format is invalid.")
        metadata = body.get("metadata") or {}
        if not isinstance(metadata, dict):
            raise ApiError(-9, metadata="The metadata must be an array.")
        session = Session(
            authority="A" + secrets.token_hex(18)[:35],
            merchant_id=merchant_id,
            amount=amount,
            currency=currency,
            description=description,
            callback_url=callback_url,
            metadata=metadata,
            created_at=self.clock(),
            ref_id=self.next_ref_id,
        )
        self.next_ref_id += 1
        self.sessions[session.authority] = session
        return {
            "authority": session.authority,
            "fee": _fee(session),
            "fee_type": "Merchant",
            "code": 100,
            "message": MESSAGES[100],
        }

    def verify(self, body: dict[str, Any]) -> dict[str, Any]:
        session = self._session(body)
        if _amount(body) != session.amount:
            raise ApiError(-50)
        if session.state not in (State.PAID, State.VERIFIED):
            raise ApiError(-51)
        code = 101 if session.state is State.VERIFIED else 100
        session.state = State.VERIFIED
        return {
            "wages": None,
            "code": code,
            "message": "Verified" if code == 101 else "Paid",
            "card_hash": hashlib.sha256(CARD_PAN.encode()).hexdigest().upper(),
            "card_pan": CARD_PAN,
            "ref_id": session.ref_id,
            "fee_type": "Merchant",
            "fee": _fee(session),
            "order_id": session.metadata.get("order_id"),
        }

    def inquiry(self, body: dict[str, Any]) -> dict[str, Any]:
        session = self._session(body)
        return {"code": 100, "message": MESSAGES[100], "status": session.state}

    def unverified(self, body: dict[str, Any]) -> dict[str, Any]:
        merchant_id = _merchant(body)
        paid = [s for s in self.sessions.values() if s.state is State.PAID and s.merchant_id == merchant_id]
        authorities = [
            {
                "authority": session.authority,
                "amount": session.amount,
                "callback_url": session.callback_url,
                "referer": "/",
                "date": session.created_at.strftime("%Y-%m-%d %H:%M:%S"),
            }
            for session in reversed(paid)
        ]
        return {"code": 100, "message": MESSAGES[100], "authorities": authorities[:MAX_UNVERIFIED]}

    def reverse(self, body: dict[str, Any]) -> dict[str, Any]:
        session = self._session(body)
        if session.state not in (State.PAID, State.VERIFIED) or session.paid_at is None:
            raise ApiError(-61)
        if self.clock() - session.paid_at > REVERSE_WITHIN:
            raise ApiError(-63)
        session.state = State.REVERSED
        return {"code": 100, "message": "Reversed"}

    def _session(self, body: dict[str, Any]) -> Session:
        merchant_id = _merchant(body)
        authority = body.get("authority")
        if not isinstance(authority, str) or not authority:
            raise ApiError(-9, authority="The authority field is required.")
        session = self.sessions.get(authority)
        if session is None:
            raise ApiError(-54)
        if session.merchant_id != merchant_id:
            raise ApiError(-53)
        return session


def _merchant(body: dict[str, Any]) -> str:
    merchant_id = body.get("merchant_id")
    try:
        if isinstance(merchant_id, str) and len(merchant_id) == 36:
            return str(UUID(merchant_id))
    except ValueError:
        pass
    raise ApiError(-9, merchant_id="The merchant id is required and a string of 36 characters.")


def _amount(body: dict[str, Any]) -> int:
    amount = body.get("amount")
    if not isinstance(amount, int) or isinstance(amount, bool) or amount < MIN_AMOUNT:
        raise ApiError(-9, amount=f"The amount must be an integer of at least {MIN_AMOUNT}.")
    return amount


def _fee(session: Session) -> int:
    """One percent, at most 120,000 Rials."""
    return min(session.amount // 100, 120_000)
