"""Zibal's API v1: request, verify, inquiry."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from demo.fakebank import bank
from demo.fakebank.bank import CARD_PAN, Session, State, is_web_link, with_query

MERCHANT = "zibal"
MIN_AMOUNT, MAX_AMOUNT = 1_000, 1_000_000_000
FIRST_TRACK_ID = 15_966_442_233_001
MESSAGES = {
    100: "success",
    102: "merchant not found",
    103: "merchant is inactive",
    104: "merchant is invalid",
    105: "amount is too small",
    106: "callbackUrl is invalid",
    113: "amount is too large",
    201: "already verified",
    202: "not paid, or failed",
    203: "trackId is invalid",
}
STATUS = {State.IN_BANK: -1, State.VERIFIED: 1, State.PAID: 2, State.FAILED: 3, State.REVERSED: 18}
_API = re.compile(r"/v1/(request|verify|inquiry)")
_START = re.compile(r"/start/(\d{1,18})/?", re.ASCII)


class Refusal(Exception):
    def __init__(self, result: int) -> None:
        super().__init__(result)
        self.result = result


class Bank(bank.Bank):
    operations: ClassVar[tuple[str, ...]] = ("request", "verify", "inquiry")

    def call(self, operation: str, body: dict[str, Any] | None) -> dict[str, Any]:
        calls: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "request": self.request,
            "verify": self.verify,
            "inquiry": self.inquiry,
        }
        try:
            if body is None or body.get("merchant") is None:
                raise Refusal(102)
            if body["merchant"] != MERCHANT:
                raise Refusal(104)
            with self.lock:
                return calls[operation](body)
        except Refusal as refusal:
            return self.with_code(refusal.result)

    def with_code(self, code: int) -> dict[str, Any]:
        return {"result": code, "message": MESSAGES.get(code, "error")}

    def operation_at(self, path: str) -> str | None:
        match = _API.fullmatch(path)
        return match[1] if match else None

    def payment_at(self, path: str) -> str | None:
        match = _START.fullmatch(path)
        return match[1] if match else None

    def named_in(self, body: dict[str, Any]) -> str:
        return str(body.get("trackId"))

    def link_back(self, session: Session) -> str:
        return with_query(
            session.callback_url,
            trackId=session.authority,
            success=int(session.is_paid),
            status=STATUS[session.state],
            orderId=session.metadata["orderId"],
        )

    def request(self, body: dict[str, Any]) -> dict[str, Any]:
        amount = body.get("amount")
        if not isinstance(amount, int) or isinstance(amount, bool) or amount < MIN_AMOUNT:
            raise Refusal(105)
        if amount > MAX_AMOUNT:
            raise Refusal(113)
        if not is_web_link(body.get("callbackUrl")):
            raise Refusal(106)
        track_id = FIRST_TRACK_ID + self.next_ref_id
        session = Session(
            authority=str(track_id),
            merchant_id=body["merchant"],
            amount=amount,
            currency="IRR",
            description=str(body.get("description") or ""),
            callback_url=body["callbackUrl"],
            metadata={"orderId": str(body.get("orderId") or ""), "mobile": str(body.get("mobile") or "")},
            created_at=self.clock(),
            ref_id=self.next_ref_id,
        )
        self.next_ref_id += 1
        self.sessions[session.authority] = session
        return {**self.with_code(100), "trackId": track_id}

    def verify(self, body: dict[str, Any]) -> dict[str, Any]:
        session = self._session(body)
        if session.state is State.VERIFIED:
            raise Refusal(201)
        if session.state is not State.PAID:
            raise Refusal(202)
        session.state = State.VERIFIED
        return {**self.with_code(100), **self._shown(session)}

    def inquiry(self, body: dict[str, Any]) -> dict[str, Any]:
        session = self._session(body)
        return {**self.with_code(100), **self._shown(session), "createdAt": _moment(session.created_at), "wage": 0}

    def _shown(self, session: Session) -> dict[str, Any]:
        return {
            "amount": session.amount,
            "status": STATUS[session.state],
            "paidAt": _moment(session.paid_at) if session.paid_at else None,
            "cardNumber": CARD_PAN if session.is_paid else None,
            "refNumber": session.ref_id if session.is_paid else None,
            "orderId": session.metadata["orderId"],
            "description": session.description,
        }

    def _session(self, body: dict[str, Any]) -> Session:
        session = self.sessions.get(self.named_in(body))
        if session is None:
            raise Refusal(203)
        return session


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")
