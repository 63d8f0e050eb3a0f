"""Zibal against its fake over real HTTP: the client, and a payment from deposit to credit."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.banks import BankDoor
from tests.wallet.test_zarinpal_client import GARBAGE, start
from users.models import User
from wallet import selectors
from wallet.gateways import gateway, looks_like_authority
from wallet.gateways.base import BankState, Outcome
from wallet.models import Payment
from wallet.services import payments

AMOUNT = 50_000
# Zarinpal's shapes of an answer mean nothing here, and neither do these.
HALF_AN_ANSWER = [
    'json:{"result": "x"}', 'json:{"result": true, "amount": 50000}', 'json:{"result": 100.0}', 'json:{"result": 100}',
    'json:{"result": 100, "amount": "much", "status": 99}', 'json:{"result": 100, "amount": true, "status": null}',
    'json:{"result": 201}', 'json:{"message": "success"}',
]  # fmt: skip


def verify(authority: str, amount_rial: int = AMOUNT) -> Any:
    return gateway().verify(authority=authority, amount_rial=amount_rial)


def test_request_sends_what_is_agreed_and_gets_a_link(zibal: BankDoor) -> None:
    started = start()
    session = zibal.server.bank.sessions[started.authority]
    assert (started.outcome, started.code) == (Outcome.DONE, 100)
    assert started.payment_url == f"{zibal.url}/start/{started.authority}"
    assert looks_like_authority(started.authority)
    assert (session.amount, session.callback_url) == (AMOUNT, "http://127.0.0.1:9/back/")
    assert session.metadata == {"orderId": "7", "mobile": "09121234567"}


def test_verify_of_a_paid_payment_gives_the_receipt_and_again_201(zibal: BankDoor) -> None:
    authority = start().authority
    zibal.pay(authority)
    first, again = verify(authority), verify(authority)
    assert (first.outcome, first.code, first.card_pan) == (Outcome.DONE, 100, "502229******5995")
    assert first.ref_id == zibal.server.bank.sessions[authority].ref_id
    assert (again.outcome, again.code, again.ref_id) == (Outcome.DONE, 201, first.ref_id)


def test_verified_before_counts_only_when_the_inquiry_says_so(zibal: BankDoor) -> None:
    authority = start().authority
    zibal.pay(authority)
    zibal.next(("verify", "code:201"))
    assert verify(authority).outcome == Outcome.UNKNOWN
    zibal.next(("verify", "verified_before"))
    assert (verify(authority).outcome, verify(authority).code) == (Outcome.DONE, 201)


def test_another_amount_is_a_mismatch(zibal: BankDoor) -> None:
    authority, other = start().authority, start().authority
    for paid in (authority, other):
        zibal.pay(paid)
    zibal.next(("verify", "wrong_amount"))
    assert verify(authority).outcome == Outcome.MISMATCH
    assert verify(other, AMOUNT + 1).outcome == Outcome.MISMATCH


def test_inquire_follows_the_payment(zibal: BankDoor) -> None:
    paid, cancelled = start().authority, start().authority
    assert gateway().inquire(authority=paid).state == BankState.IN_BANK
    zibal.pay(paid)
    zibal.pay(cancelled, "cancel")
    asked = gateway().inquire(authority=paid)
    assert (asked.state, asked.amount_rial) == (BankState.PAID, AMOUNT)
    assert gateway().inquire(authority=cancelled).state == BankState.FAILED
    verify(paid)
    assert gateway().inquire(authority=paid).state == BankState.VERIFIED
    zibal.next(("inquiry", "reversed"))
    assert gateway().inquire(authority=paid).state == BankState.REVERSED
    assert gateway().inquire(authority="123").outcome == Outcome.REJECTED


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (-1, BankState.IN_BANK), (-2, None), (1, BankState.VERIFIED), (2, BankState.PAID),
        *((code, BankState.FAILED) for code in range(3, 13)), (13, None), (15, BankState.REVERSED),
        (16, BankState.REVERSED), (18, BankState.REVERSED), (21, None), (0, None),
    ],
)  # fmt: skip
def test_every_status_has_its_state(zibal: BankDoor, status: int, state: BankState | None) -> None:
    zibal.next(("inquiry", "json:" + json.dumps({"result": 100, "status": status, "amount": AMOUNT})))
    assert gateway().inquire(authority="123").state == state


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (102, Outcome.MISCONFIGURED), (103, Outcome.MISCONFIGURED), (104, Outcome.MISCONFIGURED),
        (105, Outcome.REFUSED), (106, Outcome.MISCONFIGURED), (113, Outcome.REFUSED), (202, Outcome.NOT_PAID),
        (203, Outcome.REJECTED), (114, Outcome.UNKNOWN), (-1, Outcome.UNKNOWN), (0, Outcome.UNKNOWN),
    ],
)  # fmt: skip
def test_every_code_has_its_meaning(zibal: BankDoor, code: int, outcome: Outcome) -> None:
    zibal.next(*((operation, f"code:{code}") for operation in ("request", "verify", "inquiry")))
    assert (start().outcome, verify("123").outcome, gateway().inquire(authority="123").outcome) == (outcome,) * 3


@pytest.mark.parametrize("order", [*(item for item in GARBAGE if item != "http:204"), *HALF_AN_ANSWER])
def test_an_answer_nobody_can_read_is_unknown(zibal: BankDoor, order: str) -> None:
    authority = start().authority
    zibal.pay(authority)
    zibal.next(("request", order), ("verify", order), ("inquiry", order))
    assert (start().outcome, verify(authority).outcome) == (Outcome.UNKNOWN, Outcome.UNKNOWN)


def test_what_it_cannot_do_is_said(zibal: BankDoor) -> None:
    assert gateway().unverified() == []
    assert gateway().reverse(authority="123").outcome == Outcome.REFUSED


@pytest.mark.usefixtures("ledger_ok")
def test_the_whole_way_of_a_deposit(
    zibal: BankDoor, anonymous: Any, client_for: Callable[..., Any], user: User, settings: Any
) -> None:
    client = client_for(user)
    started = client.post("/api/wallet/deposit/", {"amount": AMOUNT}).json()
    payment = Payment.objects.get()
    assert (payment.gateway, started["payment_url"]) == ("zibal", f"{zibal.url}/start/{payment.authority}")
    link = urlsplit(zibal.pay(payment.authority or ""))
    query = {name: value[0] for name, value in parse_qs(link.query).items()}
    assert query == {"trackId": payment.authority, "success": "1", "status": "2", "orderId": str(payment.pk)}
    settings.PAYMENT_GATEWAY = "zarinpal"
    for _ in range(3):
        assert anonymous.get("/api/wallet/verify-deposit/", query).status_code == 302
    payment.refresh_from_db()
    assert (payment.status, selectors.balances(user).deposited) == ("settled", AMOUNT)
    assert zibal.calls("verify") == 1


@pytest.mark.usefixtures("ledger_ok")
def test_what_no_callback_brought_is_found_by_inquiring(zibal: BankDoor, user: User, now: datetime) -> None:
    paid, cancelled = (payments.deposit(actor=user, amount_rial=AMOUNT, now=now) for _ in range(2))
    zibal.pay(paid.authority or "")
    zibal.pay(cancelled.authority or "", "cancel")
    payments.sweep(now=now + timedelta(minutes=3))
    assert sorted(Payment.objects.values_list("pk", "status")) == [(paid.pk, "settled"), (cancelled.pk, "failed")]
    assert selectors.balances(user).deposited == AMOUNT


def test_a_refusal_of_one_gateway_does_not_stop_the_other(
    zibal: BankDoor, bank: BankDoor, user: User, now: datetime, settings: Any
) -> None:
    from wallet.errors import GatewayUnavailable

    zibal.next(("request", "code:103"))
    for _ in range(2):
        with pytest.raises(GatewayUnavailable):
            payments.deposit(actor=user, amount_rial=AMOUNT, now=now)
    assert zibal.calls("request") == 1
    settings.PAYMENT_GATEWAY = "zarinpal"
    assert payments.deposit(actor=user, amount_rial=AMOUNT, now=now).gateway == "zarinpal"
