"""What the bank knows and answers, without HTTP: the five calls of the API v4 and the payer's decision."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from threading import RLock
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from uuid import UUID

MIN_AMOUNT, MAX_AMOUNT = 1_000, 1_000_000_000
MAX_DESCRIPTION = 500
MAX_UNVERIFIED = 100
REVERSE_WITHIN = timedelta(minutes=30)
CARD_PAN = "502229******5995"

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


class State(StrEnum):
    IN_BANK = "IN_BANK"
    PAID = "PAID"
    VERIFIED = "VERIFIED"
    FAILED = "FAILED"
    REVERSED = "REVERSED"


class ApiError(Exception):
    def __init__(self, code: int, **validations: str) -> None:
        super().__init__(code)
        self.code = code
        self.validations = [{name: text} for name, text in validations.items()]

    def answer(self) -> dict[str, Any]:
        message = MESSAGES.get(self.code, "Error.")
        return {"data": [], "errors": {"message": message, "code": self.code, "validations": self.validations}}


@dataclass(slots=True)
class Session:
    """One payment at the bank."""

    authority: str
    merchant_id: str
    amount: int
    currency: str
    description: str
    callback_url: str
    metadata: dict[str, Any]
    created_at: datetime
    ref_id: int
    state: State = State.IN_BANK
    paid_at: datetime | None = None

    def link_back(self) -> str:
        """The merchant's link with ``Authority`` and ``Status`` added to its query."""
        parts = urlsplit(self.callback_url)
        status = "OK" if self.state in (State.PAID, State.VERIFIED) else "NOK"
        query = [*parse_qsl(parts.query, keep_blank_values=True), ("Authority", self.authority), ("Status", status)]
        return urlunsplit(parts._replace(query=urlencode(query)))


@dataclass(slots=True)
class Bank:
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    sessions: dict[str, Session] = field(default_factory=dict)
    lock: RLock = field(default_factory=RLock)
    next_ref_id: int = 100_001

    def call(self, operation: str, body: dict[str, Any]) -> dict[str, Any]:
        """The answer to one API call, refusals included."""
        try:
            with self.lock:
                return {"data": _OPERATIONS[operation](self, body), "errors": []}
        except ApiError as error:
            return error.answer()

    def decide(self, authority: str, *, pay: bool) -> Session | None:
        """The payer pays or cancels, once. None when there is no such session."""
        with self.lock:
            session = self.sessions.get(authority)
            if session is not None and session.state is State.IN_BANK:
                session.state = State.PAID if pay else State.FAILED
                session.paid_at = self.clock() if pay else None
            return session

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
        if not isinstance(callback_url, str) or not _is_web_link(callback_url):
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


_OPERATIONS: dict[str, Callable[[Bank, dict[str, Any]], dict[str, Any]]] = {
    "request": Bank.request,
    "verify": Bank.verify,
    "inquiry": Bank.inquiry,
    "unVerified": Bank.unverified,
    "reverse": Bank.reverse,
}
OPERATIONS = tuple(_OPERATIONS)


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


def _is_web_link(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not set(link) & set("\r\n\t \0")


def _fee(session: Session) -> int:
    """One percent, at most 120,000 Rials."""
    return min(session.amount // 100, 120_000)
