from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import transaction
from django.utils import timezone

from tests.banks import BankDoor
from tests.factories.users import UserFactory
from tests.factories.wallet import deposit, make_payment, win
from users.models import User
from wallet import selectors
from wallet.models import Payment
from wallet.services import escrow

pytestmark = pytest.mark.usefixtures("ledger_ok")
ROOT = "/api/wallet/"
DEPOSIT, CALLBACK = f"{ROOT}deposit/", f"{ROOT}verify-deposit/"
GETS = ["", "balance/", "wallets/", "transactions/", "payments/"]
FEEDS = [f"{ROOT}transactions/", "/api/users/me/transactions/"]
EMPTY = {
    "total_balance": 0,
    "withdrawable_balance": 0,
    "deposited_balance": 0,
    "promotion_balance": 0,
    "held_balance": 0,
    "balance": 0,
    "currency": "IRR",
}


@pytest.fixture
def client(client_for: Callable[..., Any], user: User) -> Any:
    return client_for(user)


def play(user: User, now: datetime, tournament_id: int = 42) -> None:
    """A deposit, an entry of both buckets, its refund, another entry and a prize."""
    deposit(user, 1000)
    win(user, 500)
    with transaction.atomic():
        pool = {"tournament_id": tournament_id, "now": now}
        escrow.charge_entry(payer=user, entrant_id=1, amount_rial=1200, **pool)
        escrow.refund_entry(entrant_id=1, reason="left", actor=user, **pool)
        escrow.charge_entry(payer=user, entrant_id=2, amount_rial=100, **pool)
        prize = escrow.Prize(place=1, entrant_id=2, user_id=user.pk, amount_rial=90)
        escrow.pay_prizes(prizes=[prize], fee_rial=10, actor=None, **pool)


@pytest.mark.parametrize("path", [ROOT + path for path in GETS] + FEEDS + [f"{ROOT}payments/1/"])
def test_wallet_is_for_the_signed_in_and_never_cached(anonymous: Any, client: Any, path: str) -> None:
    refusal = anonymous.get(path)
    assert (refusal.status_code, refusal.json()["code"]) == (401, "not_authenticated")
    answer = client.get(path)
    assert answer.status_code == (404 if path.endswith("/1/") else 200)
    assert "no-store" in refusal["Cache-Control"]
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("path", ["", "balance/"])
def test_balance_of_a_new_user_is_zero(client: Any, path: str) -> None:
    assert client.get(ROOT + path).json() == EMPTY


def test_balance_tells_what_is_whose(client: Any, user: User, now: datetime) -> None:
    play(user, now)
    deposit(UserFactory(), 5000)
    expected = EMPTY | {
        "total_balance": 1490,
        "balance": 1490,
        "deposited_balance": 900,
        "withdrawable_balance": 590,
    }
    assert client.get(ROOT).json() == expected
    assert client.get(f"{ROOT}balance/").json() == expected
    assert client.get(f"{ROOT}wallets/").json() == {
        "count": 1,
        "next": None,
        "previous": None,
        "results": [{"id": user.pk, "user": user.pk, **expected}],
    }


@pytest.mark.parametrize("path", FEEDS)
def test_transactions_are_ones_own_newest_first(client: Any, user: User, now: datetime, path: str) -> None:
    play(user, now)
    play(UserFactory(), now, tournament_id=43)
    answer = client.get(path).json()
    assert answer["has_more"] is False
    assert [(row["type"], row["amount"], row["tournament_id"]) for row in answer["results"]][:-2] == [
        ("prize", 90, 42),
        ("entry_fee", -100, 42),
        ("refund", 1200, 42),
        ("entry_fee", -1200, 42),
    ]
    first = answer["results"][-1]
    assert first == {
        "id": first["id"],
        "type": "deposit",
        "status": "success",
        "amount": 1000,
        "currency": "IRR",
        "tournament_id": None,
        "created_at": first["created_at"],
    }
    assert sum(row["amount"] for row in answer["results"]) == selectors.balances(user).total


def test_transactions_filter_by_type_and_page_by_id(client: Any, user: User, now: datetime) -> None:
    play(user, now)
    entries = client.get(FEEDS[0], {"type": "entry_fee"}).json()["results"]
    assert [row["type"] for row in entries] == ["entry_fee", "entry_fee"]
    assert client.get(FEEDS[0], {"type": "withdrawal"}).json() == {"results": [], "has_more": False}
    page = client.get(FEEDS[0], {"page_size": 2}).json()
    assert page["has_more"] is True
    older = client.get(FEEDS[0], {"before": page["results"][-1]["id"]}).json()["results"]
    assert len(older) == 4
    newer = client.get(FEEDS[0], {"after": older[0]["id"]}).json()["results"]
    assert newer == page["results"][::-1]


@pytest.mark.parametrize("query", [{"type": "remainder"}, {"type": "x"}, {"before": "x"}, {"after": "9" * 30}])
def test_transactions_refuse_a_query_that_makes_no_sense(client: Any, query: dict[str, str]) -> None:
    answer = client.get(FEEDS[0], query)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert list(answer.json()["errors"]) == list(query)


@pytest.mark.parametrize(("path", "queries"), [(FEEDS[0], 3), (f"{ROOT}payments/", 2)])
def test_lists_take_the_same_queries_for_one_as_for_three(
    client: Any, user: User, path: str, queries: int, django_assert_num_queries: Any
) -> None:
    for count in (1, 3):
        while Payment.objects.count() < count:
            deposit(user, 1000)
        with django_assert_num_queries(queries):
            assert len(client.get(path).json()["results"]) == count


@pytest.mark.parametrize("amount", [50_000, "50000", "۵۰۰۰۰", "٥٠٠٠٠"])
@pytest.mark.parametrize("format", ["json", "multipart"])
def test_deposit_gives_the_way_to_the_bank(bank: BankDoor, client: Any, user: User, amount: Any, format: str) -> None:
    answer = client.post(DEPOSIT, {"amount": amount}, format=format)
    payment = Payment.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {
        "payment_id": payment.pk,
        "payment_url": f"{bank.url}/pg/StartPay/{payment.authority}",
        "amount": 50_000,
        "currency": "IRR",
    }
    assert (payment.user, payment.amount_rial, payment.status) == (user, 50_000, "requested")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    "amount", [None, "", "x", "5.5", 5.5, True, [], {}, [50_000], -50_000, 10**18, 10**30, "9" * 5000, "NaN", "5e4"]
)
def test_deposit_refuses_what_is_no_amount(bank: BankDoor, client: Any, amount: Any) -> None:
    answer = client.post(DEPOSIT, {"amount": amount})
    assert answer.status_code == 400
    assert answer.json()["code"] in {"invalid", "deposit_out_of_range", "malformed_body"}
    assert (Payment.objects.count(), bank.calls("request")) == (0, 0)


@pytest.mark.parametrize("amount", [0, 9_999, 2_000_000_001, 2**63 - 1])
def test_deposit_says_the_range_in_the_callers_language(
    bank: BankDoor, client_for: Callable[..., Any], user: User, amount: int
) -> None:
    for language in ("en", "fa"):
        answer = client_for(user, language).post(DEPOSIT, {"amount": amount})
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (400, "deposit_out_of_range")
        assert answer["Content-Type"] == "application/problem+json"
        assert answer["Content-Language"] == language
        assert "%" not in problem["detail"]
        assert "2000000000" in problem["detail"]
        assert problem["params"] == {"minimum": 10_000, "maximum": 2_000_000_000, "currency": "IRR"}
    assert Payment.objects.count() == 0


def test_deposit_is_refused_to_the_anonymous(bank: BankDoor, anonymous: Any) -> None:
    assert anonymous.post(DEPOSIT, {"amount": 50_000}).status_code == 401
    assert Payment.objects.count() == 0


def test_deposit_takes_an_idempotency_key(bank: BankDoor, client: Any) -> None:
    key = {"HTTP_IDEMPOTENCY_KEY": "one"}
    first = client.post(DEPOSIT, {"amount": 50_000}, **key)
    again = client.post(DEPOSIT, {"amount": 50_000}, **key)
    other = client.post(DEPOSIT, {"amount": 60_000}, **key)
    assert (again.status_code, again["Idempotency-Replayed"], again.json()) == (201, "true", first.json())
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert (Payment.objects.count(), bank.calls("request")) == (1, 1)


@pytest.mark.parametrize("order", ["http:500", "html", "empty", "truncate", "drop", "hang:1", "code:-52", "code:-11"])
def test_deposit_with_a_gateway_that_is_away_is_a_coded_503(bank: BankDoor, client: Any, order: str) -> None:
    bank.next(("request", order))
    key = {"HTTP_IDEMPOTENCY_KEY": "one"}
    answer = client.post(DEPOSIT, {"amount": 50_000}, **key)
    assert (answer.status_code, answer.json()["code"]) == (503, "gateway_unavailable")
    assert int(answer["Retry-After"]) > 0
    assert Payment.objects.get().status == "created"
    if order != "code:-11":
        assert client.post(DEPOSIT, {"amount": 50_000}, **key).status_code == 201


def test_deposit_the_gateway_refuses_is_a_400(bank: BankDoor, client: Any) -> None:
    answer = client.post(DEPOSIT, {"amount": 1_000_000_001})
    assert (answer.status_code, answer.json()["code"]) == (400, "payment_refused")


def test_the_whole_way_of_a_deposit(bank: BankDoor, client: Any, anonymous: Any, settings: Any) -> None:
    settings.PAYMENT_RETURN_URL = "https://play.example/payment/?from=bank"
    started = client.post(DEPOSIT, {"amount": 50_000}).json()
    link = bank.pay(Payment.objects.get().authority)
    assert link.startswith(settings.PAYMENT_CALLBACK_URL)
    back = anonymous.get(CALLBACK, {name: value[0] for name, value in parse_qs(urlsplit(link).query).items()})
    assert back.status_code == 302
    assert back["Location"] == (
        f"https://play.example/payment/?from=bank&payment={started['payment_id']}&status=requested"
    )
    assert "no-store" in back["Cache-Control"]
    again = anonymous.get(CALLBACK, {"Authority": Payment.objects.get().authority, "Status": "OK"})
    assert again["Location"].endswith("&status=settled")
    assert client.get(f"{ROOT}balance/").json()["balance"] == 50_000
    assert client.get(f"{ROOT}payments/{started['payment_id']}/").json()["status"] == "settled"


def test_a_cancelled_deposit_ends_as_failed(bank: BankDoor, client: Any, anonymous: Any) -> None:
    payment_id = client.post(DEPOSIT, {"amount": 50_000}).json()["payment_id"]
    authority = Payment.objects.get().authority
    bank.pay(authority, "cancel")
    back = anonymous.get(CALLBACK, {"Authority": authority, "Status": "NOK"})
    assert back["Location"].endswith(f"?payment={payment_id}&status=requested")
    assert client.get(f"{ROOT}payments/{payment_id}/").json()["status"] == "failed"
    assert client.get(f"{ROOT}balance/").json() == EMPTY


@pytest.mark.parametrize(
    "query",
    [
        {}, {"Authority": ""}, {"Authority": "A" * 36}, {"Authority": "A" * 36, "Status": "OK"}, {"Status": "OK"},
        {"Authority": "\0" * 36}, {"Authority": "A" * 5000, "Status": "A" * 5000}, {"Authority": "é" * 36},
        {"authority": "A" * 36}, {"Authority": ["A" * 36, "B" * 36]}, {"Authority": "' OR 1=1 --"},
    ],
)  # fmt: skip
def test_callback_of_an_unknown_authority_tells_nothing_and_does_nothing(
    bank: BankDoor, anonymous: Any, user: User, settings: Any, query: dict[str, Any]
) -> None:
    make_payment(user, 50_000)
    answer = anonymous.get(CALLBACK, query)
    assert (answer.status_code, answer["Location"]) == (302, settings.PAYMENT_RETURN_URL)
    assert Payment.objects.get().status == "requested"
    assert (bank.calls("verify"), bank.calls("inquiry")) == (0, 0)


def test_forged_callbacks_credit_nothing(bank: BankDoor, client: Any, anonymous: Any) -> None:
    client.post(DEPOSIT, {"amount": 50_000})
    authority = Payment.objects.get().authority
    for n in range(100):
        forged = authority[:-3] + f"{n:03d}"
        assert anonymous.get(CALLBACK, {"Authority": forged, "Status": "OK"}).status_code == 302
    for _ in range(20):
        assert anonymous.get(CALLBACK, {"Authority": authority, "Status": "OK"}).status_code == 302
    assert client.get(f"{ROOT}balance/").json() == EMPTY
    assert Payment.objects.get().status == "verifying"


def test_payment_shows_its_state_to_its_owner_only(client_for: Callable[..., Any], user: User, staff: User) -> None:
    payment = make_payment(user, 50_000, payment_url="https://bank.example/x")
    path = f"{ROOT}payments/{payment.pk}/"
    shown = client_for(user).get(path).json()
    assert shown == {
        "id": payment.pk,
        "purpose": "deposit",
        "status": "requested",
        "version": 1,
        "amount": 50_000,
        "currency": "IRR",
        "payment_url": "https://bank.example/x",
        "ref_id": None,
        "card_pan": "",
        "available_actions": shown["available_actions"],
        "created_at": shown["created_at"],
        "expires_at": shown["expires_at"],
        "settled_at": None,
    }
    assert payment.authority not in str(shown)
    for stranger in (UserFactory(), staff):
        refusal = client_for(stranger).get(path)
        assert (refusal.status_code, refusal.json()["code"]) == (404, "not_found")
        assert client_for(stranger).get(f"{ROOT}payments/").json()["results"] == []
    assert client_for(None).get(path).status_code == 401


@pytest.mark.parametrize("status", ["created", "requested", "verifying", "settled", "failed", "expired"])
def test_a_payment_can_be_paid_while_the_gateway_waits_and_no_longer(client: Any, user: User, status: str) -> None:
    settled = {"ref_id": 7, "settled_at": timezone.now()} if status == "settled" else {}
    payment = make_payment(user, 50_000, status=status, **settled)
    late = make_payment(user, 50_000, expires_at=timezone.now())
    rows = {row["id"]: row["available_actions"] for row in client.get(f"{ROOT}payments/").json()["results"]}
    pay = {"action": "pay", "allowed": True, "reason": None, "deadline": payment.expires_at.isoformat()}
    assert rows[payment.pk] == ([pay] if status == "requested" else [])
    assert rows[late.pk] == []
    Payment.objects.all().delete()


@pytest.mark.parametrize("pk", ["0", "999999999", "9" * 18, "9" * 40, "x", "-1", "1.5", "%00"])
def test_payment_of_no_id_is_not_found(client: Any, pk: str) -> None:
    assert client.get(f"{ROOT}payments/{pk}/").status_code == 404


@pytest.mark.parametrize("path", [ROOT, *(ROOT + path for path in GETS[1:]), f"{ROOT}payments/1/"])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_money_is_not_written_through_the_api(client: Any, user: User, path: str, method: str) -> None:
    deposit(user, 1000, timezone.now())
    answer = getattr(client, method)(path, {"balance": 10**9, "status": "settled"})
    assert answer.status_code == 405
    assert selectors.balances(user).total == 1000
