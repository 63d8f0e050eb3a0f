"""The client against the fake bank over real HTTP: what is agreed is read, everything else is UNKNOWN."""

import json
from typing import Any

import pytest

from tests.banks import BankDoor
from wallet.gateways import gateway
from wallet.gateways.base import BankState, Outcome, Started

GARBAGE = [
    "http:500", "http:502", "http:503", "html", "truncate", "empty", "garbage", "redirect", "big", "drop", "hang:1",
    "http:204", "json:null", "json:[]", "json:1", 'json:"x"', "json:{}", 'json:{"data": [], "errors": []}',
    'json:{"data": null, "errors": null}', 'json:{"data": {"code": true}, "errors": []}',
    'json:{"data": {"code": 100.0, "ref_id": 1}, "errors": []}', 'json:{"data": {"code": null}}',
    'json:{"data": {"code": {}}}', 'json:{"data": {"code": 100, "ref_id": 5}, "errors": {"code": -9}}',
    'json:{"data": {"code": 99999999999999999999}}', 'json:{"data": [], "errors": {"message": "no code"}}',
    'json:{"data": [], "errors": {"code": 100}}', 'json:{"data": "100"}', "json:" + "[" * 10_000, "json:NaN",
]  # fmt: skip
HALF_A_RECEIPT = [
    "code:100", 'json:{"data": {"code": 100, "ref_id": 0}}', 'json:{"data": {"code": 100, "ref_id": "x"}}',
    'json:{"data": {"code": 101, "ref_id": true}}', 'json:{"data": {"code": 101, "ref_id": 1e9}}',
    'json:{"data": {"code": 100, "ref_id": 9223372036854775808}}',
]  # fmt: skip


def start(**changes: Any) -> Started:
    fields = {
        "amount_rial": 50_000,
        "description": "Deposit",
        "callback_url": "http://127.0.0.1:9/back/",
        "mobile": "09121234567",
        "order_id": "7",
    }
    return gateway().request(**(fields | changes))


def test_request_sends_what_is_agreed_and_gets_a_link(bank: BankDoor) -> None:
    started = start(description="د" * 600)
    session = bank.server.bank.sessions[started.authority]
    assert (started.outcome, started.code, started.fee_rial) == (Outcome.DONE, 100, 500)
    assert started.payment_url == f"{bank.url}/pg/StartPay/{started.authority}"
    assert (session.amount, session.currency, session.callback_url) == (50_000, "IRR", "http://127.0.0.1:9/back/")
    assert session.metadata == {"mobile": "09121234567", "order_id": "7"}
    assert session.description == "د" * 500


def test_verify_of_a_paid_payment_gives_the_receipt_and_again_101(bank: BankDoor) -> None:
    authority = start().authority
    bank.pay(authority)
    first = gateway().verify(authority=authority, amount_rial=50_000)
    again = gateway().verify(authority=authority, amount_rial=50_000)
    assert (first.outcome, first.code, first.card_pan, first.fee_rial) == (Outcome.DONE, 100, "502229******5995", 500)
    assert first.ref_id == bank.server.bank.sessions[authority].ref_id
    assert (again.outcome, again.code, again.ref_id) == (Outcome.DONE, 101, first.ref_id)


def test_verify_tells_what_else_can_be(bank: BankDoor, settings: Any) -> None:
    authority = start().authority
    assert gateway().verify(authority=authority, amount_rial=50_000).outcome == Outcome.NOT_PAID
    assert gateway().verify(authority=authority, amount_rial=50_001).outcome == Outcome.MISMATCH
    assert gateway().verify(authority="A" * 36, amount_rial=50_000).code == -54
    settings.ZARINPAL_MERCHANT_ID = "11111111-0000-0000-0000-000000000000"
    assert gateway().verify(authority=authority, amount_rial=50_000).code == -53
    settings.ZARINPAL_MERCHANT_ID = "short"
    assert gateway().verify(authority=authority, amount_rial=50_000).outcome == Outcome.MISCONFIGURED


def test_inquire_follows_the_payment(bank: BankDoor) -> None:
    paid, cancelled = start().authority, start().authority
    assert gateway().inquire(authority=paid).state == BankState.IN_BANK
    bank.pay(paid)
    bank.pay(cancelled, "cancel")
    assert gateway().inquire(authority=paid).state == BankState.PAID
    assert gateway().inquire(authority=cancelled).state == BankState.FAILED
    gateway().verify(authority=paid, amount_rial=50_000)
    assert gateway().inquire(authority=paid).state == BankState.VERIFIED


def test_unverified_lists_what_is_paid_and_not_verified(bank: BankDoor) -> None:
    authorities = [start().authority for _ in range(3)]
    for authority in authorities[:2]:
        bank.pay(authority)
    gateway().verify(authority=authorities[0], amount_rial=50_000)
    assert gateway().unverified() == [authorities[1]]


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (-9, Outcome.MISCONFIGURED), (-10, Outcome.MISCONFIGURED), (-11, Outcome.MISCONFIGURED),
        (-12, Outcome.UNKNOWN), (-13, Outcome.MISCONFIGURED), (-15, Outcome.MISCONFIGURED),
        (-17, Outcome.MISCONFIGURED), (-18, Outcome.UNKNOWN), (-40, Outcome.REFUSED), (-41, Outcome.REFUSED),
        (-50, Outcome.MISMATCH), (-51, Outcome.NOT_PAID), (-52, Outcome.UNKNOWN), (-53, Outcome.REJECTED),
        (-54, Outcome.REJECTED), (-55, Outcome.REJECTED), (-999, Outcome.UNKNOWN), (102, Outcome.UNKNOWN),
    ],
)  # fmt: skip
def test_every_code_has_its_meaning(bank: BankDoor, code: int, outcome: Outcome) -> None:
    authority = start().authority
    bank.next(("verify", f"code:{code}"))
    answer = gateway().verify(authority=authority, amount_rial=50_000)
    assert (answer.outcome, answer.code) == (outcome, code)


@pytest.mark.parametrize("order", [*GARBAGE, *HALF_A_RECEIPT])
def test_an_answer_nobody_can_read_is_unknown(bank: BankDoor, order: str) -> None:
    authority = start().authority
    bank.pay(authority)
    bank.next(("request", order), ("verify", order), ("inquiry", order), ("unVerified", order))
    assert start().outcome == Outcome.UNKNOWN
    assert gateway().verify(authority=authority, amount_rial=50_000).outcome == Outcome.UNKNOWN
    assert gateway().inquire(authority=authority).outcome == Outcome.UNKNOWN
    assert gateway().unverified() == []


def test_a_number_written_as_text_is_read_and_details_of_another_shape_are_left_out(bank: BankDoor) -> None:
    data = {"code": "100", "ref_id": "77", "card_pan": "<script>", "card_hash": 5, "fee": "much"}
    bank.next(("verify", "json:" + json.dumps({"data": data, "errors": []})))
    answer = gateway().verify(authority="A" * 36, amount_rial=50_000)
    assert (answer.outcome, answer.ref_id, answer.card_pan, answer.card_hash, answer.fee_rial) == (
        Outcome.DONE, 77, "", "", 0,
    )  # fmt: skip


@pytest.mark.parametrize("authority", ["", "A" * 35, "A" * 35 + "/", "../../" + "A" * 30, 5, None])
def test_an_authority_of_another_shape_starts_no_payment(bank: BankDoor, authority: Any) -> None:
    data = {"code": 100, "authority": authority, "fee": 0}
    bank.next(("request", "json:" + json.dumps({"data": data, "errors": []})))
    assert start().outcome == Outcome.UNKNOWN


def test_unverified_leaves_out_rows_of_another_shape(bank: BankDoor) -> None:
    rows = [{"authority": "B" * 36}, {"authority": 5}, "x", {}, {"authority": "short"}]
    bank.next(("unVerified", "json:" + json.dumps({"data": {"code": "100", "authorities": rows}, "errors": []})))
    assert gateway().unverified() == ["B" * 36]


def test_nobody_there_is_unknown(settings: Any) -> None:
    settings.ZARINPAL_URL = "http://127.0.0.1:9"
    assert start().outcome == Outcome.UNKNOWN
    assert gateway().unverified() == []
