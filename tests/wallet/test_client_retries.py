"""Whatever moves money or takes a seat takes an ``Idempotency-Key``; and without its key it still happens once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from common.models import IdempotencyKey
from matches.models import Match
from tests.banks import BankDoor
from tests.contract.routes import OPERATIONS
from tests.factories.payouts import make_destination
from tests.factories.tournaments import join as join_paid
from tests.factories.tournaments import make_tournament, player_of, running_tournament, screenshot, side_id
from tests.factories.users import StaffFactory, UserFactory
from tests.factories.wallet import deposit, win
from users.models import User
from wallet.models import Journal, Payment, Refund, Withdrawal

pytestmark = pytest.mark.usefixtures("ledger_ok", "bank", "stepped_up")
MILLION = 1_000_000
TAKE_A_KEY = {
    "wallet_deposit", "wallet_withdrawal_requests_create", "wallet_withdrawal_requests_cancel", "wallet_refund",
    "wallet_refund_decide", "tournaments_join", "tournaments_leave", "matches_submit_result",
}  # fmt: skip


@pytest.fixture
def stepped_up(monkeypatch: pytest.MonkeyPatch) -> None:
    for service in ("refunds", "withdrawals"):
        monkeypatch.setattr(f"wallet.services.{service}.require_step_up", lambda assurance, now: None)


@dataclass
class Request:
    """One that has an effect; ``effects`` counts how often it happened, ``then`` is what a repetition is told."""

    user: User
    path: str
    body: Callable[[], dict[str, Any]]
    other: dict[str, Any]
    effects: Callable[[], int]
    then: str
    format: str = "json"


def a_deposit() -> Request:
    # begins another payment at most: nobody has paid anything
    return Request(
        UserFactory(), "/api/wallet/deposit/", lambda: {"amount": 50_000}, {"amount": 60_000},
        Journal.objects.filter(kind="deposit").count, "",
    )  # fmt: skip


def joining(pay: str, effects: Callable[[], int], then: str) -> Request:
    user, cup = UserFactory(), make_tournament(entry_fee_rial=50_000)
    if pay == "wallet":
        deposit(user, 200_000)
    path = f"/api/tournaments/tournaments/{cup.pk}/join/"
    return Request(user, path, lambda: {"pay": pay}, {"pay": pay, "team_id": 7}, effects, then)


def a_join() -> Request:
    return joining("wallet", Journal.objects.filter(kind="entry_fee").count, "already_joined")


def a_join_at_the_bank() -> Request:
    return joining("gateway", Payment.objects.count, "entry_payment_due")


def a_leave() -> Request:
    user, cup = UserFactory(), make_tournament(entry_fee_rial=50_000)
    join_paid(cup, user)
    path = f"/api/tournaments/tournaments/{cup.pk}/leave/"
    return Request(user, path, dict, {"x": 1}, Journal.objects.filter(kind="refund").count, "not_a_participant")


def a_refund() -> Request:
    payment = deposit(UserFactory(), 50_000, timezone.now() - timedelta(hours=1))
    body = {"payment": payment.pk, "reason": "paid twice"}
    return Request(
        StaffFactory(), "/api/wallet/refund/", lambda: body, body | {"reason": "x"}, Refund.objects.count,
        "insufficient_funds",
    )  # fmt: skip


def a_withdrawal() -> Request:
    user = UserFactory()
    win(user, 10 * MILLION)
    body = {"amount": 2 * MILLION, "destination": make_destination(user).pk}
    return Request(
        user, "/api/wallet/withdrawal-requests/", lambda: body, body | {"amount": MILLION}, Withdrawal.objects.count,
        "withdrawal_too_soon",
    )  # fmt: skip


def a_result() -> Request:
    match = Match.objects.filter(tournament=running_tournament(2)).get()
    winner = side_id(match.entrant_a)
    return Request(
        player_of(match.entrant_a), f"/api/tournaments/matches/{match.pk}/submit_result/",
        lambda: {"winner_id": winner, "result_proof": screenshot()},
        {"winner_id": side_id(match.entrant_b), "result_proof": screenshot()},
        Match.objects.exclude(result_proof="").count, "match_not_ongoing", "multipart",
    )  # fmt: skip


EVERY = [a_deposit, a_join, a_join_at_the_bank, a_leave, a_refund, a_withdrawal, a_result]


def send(client: Any, request: Request, body: dict[str, Any] | None = None, key: str = "one") -> Any:
    content = request.body() if body is None else body
    return client.post(request.path, content, format=request.format, HTTP_IDEMPOTENCY_KEY=key)


def test_the_operations_that_need_it_take_a_key() -> None:
    taking = {
        operation.schema["operationId"]
        for operation in OPERATIONS
        if any(parameter["name"] == "Idempotency-Key" for parameter in operation.schema.get("parameters", []))
    }
    assert taking >= TAKE_A_KEY


@pytest.mark.parametrize("make", EVERY)
def test_a_repeated_request_is_answered_alike_and_happens_once(make: Any, client_for: Callable[..., Any]) -> None:
    request = make()
    client = client_for(request.user)
    first = send(client, request)
    assert first.status_code in {200, 201, 202}, first.content
    done = request.effects()
    for _ in range(2):
        again = send(client, request)
        assert (again.status_code, again.content, again["Idempotency-Replayed"]) == (
            first.status_code, first.content, "true",
        )  # fmt: skip
    other = send(client, request, request.other)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert request.effects() == done


@pytest.mark.parametrize("make", EVERY)
def test_a_request_still_in_flight_is_told_to_come_again(make: Any, client_for: Callable[..., Any]) -> None:
    request = make()
    client = client_for(request.user)
    send(client, request)
    done = request.effects()
    IdempotencyKey.objects.update(status_code=None, locked_until=timezone.now() + timedelta(seconds=30))
    answer = send(client, request)
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (409, "request_in_flight", "2")
    assert request.effects() == done


@pytest.mark.parametrize("make", EVERY)
def test_an_expired_key_cannot_pay_twice(make: Any, client_for: Callable[..., Any], settings: Any) -> None:
    request = make()
    client = client_for(request.user)
    send(client, request)
    done = request.effects()
    long_ago = timezone.now() - timedelta(hours=settings.IDEMPOTENCY_KEY_HOURS, seconds=1)
    IdempotencyKey.objects.update(created_at=long_ago)
    assert send(client, request).json().get("code", "") == request.then
    assert request.effects() == done


def test_a_key_of_a_payment_lives_for_a_day_at_least(bank: BankDoor, settings: Any) -> None:
    assert settings.IDEMPOTENCY_KEY_HOURS >= 24
