from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.factories.payouts import approve, make_card, make_destination, make_sheba, request_withdrawal
from tests.factories.users import StaffFactory, UserFactory
from tests.factories.wallet import win
from users.models import User
from wallet import selectors
from wallet.models import PayoutDestination, Withdrawal

pytestmark = pytest.mark.usefixtures("ledger_ok")
DESTINATIONS, WITHDRAWALS = "/api/wallet/destinations/", "/api/wallet/withdrawal-requests/"
M = 1_000_000


@pytest.fixture
def client(client_for: Callable[..., Any], user: User) -> Any:
    """Signed in, with a second factor proved just now."""
    return client_for(user, proved_at=timezone.now())


@pytest.fixture
def clerk(client_for: Callable[..., Any], staff: User) -> Any:
    return client_for(staff, proved_at=timezone.now())


def test_a_destination_is_added_shown_masked_and_removed(client: Any, user: User) -> None:
    sheba = make_sheba("057")
    typed = "۲".join(sheba.split("2"))
    answer = client.post(DESTINATIONS, {"number": typed, "owner_name": "سارا احمدی"})
    kept = PayoutDestination.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {
        "id": kept.pk,
        "kind": "sheba",
        "number": f"IR…{sheba[-4:]}",
        "bank": "pasargad",
        "bank_name": "Bank Pasargad",
        "owner_name": "سارا احمدی",
        "usable_at": (kept.created_at + timedelta(hours=24)).isoformat().replace("+00:00", "Z"),
        "created_at": kept.created_at.isoformat().replace("+00:00", "Z"),
        "available_actions": [
            {"action": "withdraw", "allowed": False, "reason": "destination_cooling", "deadline": None},
            {"action": "remove", "allowed": True, "reason": None, "deadline": None},
        ],
    }
    listed = client.get(DESTINATIONS)
    assert listed.json()["results"] == [answer.json()]
    assert sheba[4:22] not in answer.content.decode() + listed.content.decode()
    assert client.get(f"{DESTINATIONS}{kept.pk}/").json() == answer.json()
    assert client.delete(f"{DESTINATIONS}{kept.pk}/").status_code == 204
    assert client.get(DESTINATIONS).json() == {"results": [], "has_more": False}


def test_a_destination_says_what_may_be_done_with_it(client: Any, user: User) -> None:
    kept = make_destination(user)

    def actions() -> dict[str, str | None]:
        shown = client.get(f"{DESTINATIONS}{kept.pk}/").json()["available_actions"]
        assert client.get(DESTINATIONS).json()["results"][0]["available_actions"] == shown
        return {row["action"]: row["reason"] for row in shown if row["allowed"] == (row["reason"] is None)}

    assert actions() == {"withdraw": None, "remove": None}
    sent = request_withdrawal(user, destination=kept)
    assert actions() == {"withdraw": None, "remove": "destination_in_use"}
    assert client.delete(f"{DESTINATIONS}{kept.pk}/").json()["code"] == "destination_in_use"
    client.post(f"{WITHDRAWALS}{sent.pk}/cancel/")
    assert actions() == {"withdraw": None, "remove": None}


def test_that_others_have_the_number_shows_in_no_answer(
    client: Any, clerk: Any, client_for: Callable[..., Any], user: User
) -> None:
    sheba, other = make_sheba(), UserFactory(username="mule_of_many")
    body = {"number": sheba, "owner_name": "سارا احمدی"}
    theirs = request_withdrawal(other, destination=make_destination(other, number=sheba))
    first = client_for(UserFactory(), proved_at=timezone.now()).post(DESTINATIONS, {**body, "number": make_sheba()})
    answer = client.post(DESTINATIONS, body)
    assert (answer.status_code, answer.json().keys()) == (201, first.json().keys())
    asked = request_withdrawal(user, destination=make_destination(user))
    pages = [DESTINATIONS, f"{DESTINATIONS}{answer.json()['id']}/", WITHDRAWALS, f"{WITHDRAWALS}{asked.pk}/"]
    told = answer.content.decode() + "".join(client.get(page).content.decode() for page in pages)
    assert other.username not in told
    assert theirs.reference not in told
    assert "shared" not in told
    assert clerk.get(f"{WITHDRAWALS}{asked.pk}/").json().keys() == client.get(f"{WITHDRAWALS}{asked.pk}/").json().keys()


def test_the_banks_name_is_told_in_the_callers_language(client_for: Any, user: User) -> None:
    make_destination(user, number=make_card("603799"))
    shown = client_for(user, language="fa").get(DESTINATIONS).json()["results"][0]
    assert (shown["kind"], shown["bank_name"], shown["number"][0]) == ("card", "بانک ملی ایران", "…")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"number": "12", "owner_name": "x"}, "invalid_card_number"),
        ({"number": "IR" + "1" * 24, "owner_name": "x"}, "invalid_sheba"),
        ({"number": make_sheba()}, "invalid"), ({"owner_name": "x"}, "invalid"), ({}, "invalid"),
        ({"number": ["x"], "owner_name": {}}, "invalid"), ({"number": "1" * 61, "owner_name": "x"}, "invalid"),
        ({"number": make_sheba(), "owner_name": "\u200e"}, "invalid"),
    ],
)  # fmt: skip
def test_what_is_no_destination_is_refused(client: Any, body: dict[str, Any], code: str) -> None:
    answer = client.post(DESTINATIONS, body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert PayoutDestination.objects.count() == 0


def test_both_need_a_fresh_second_factor(client_for: Any, user: User) -> None:
    win(user, M)
    destination = make_destination(user)
    for proved_at in (None, timezone.now() - timedelta(minutes=6)):
        plain = client_for(user, proved_at=proved_at)
        for path, body in (
            (DESTINATIONS, {"number": make_sheba(), "owner_name": "x"}),
            (WITHDRAWALS, {"amount": M, "destination": destination.pk}),
        ):
            answer = plain.post(path, body)
            assert (answer.status_code, answer.json()["code"]) == (403, "step_up_required")
    assert (PayoutDestination.objects.count(), Withdrawal.objects.count()) == (1, 0)


def test_a_withdrawal_is_asked_for_shown_and_cancelled(client: Any, user: User) -> None:
    win(user, 3 * M)
    destination = make_destination(user)
    target = client.get(f"{DESTINATIONS}{destination.pk}/").json()
    del target["available_actions"]
    answer = client.post(WITHDRAWALS, {"amount": "۲۰۰۰۰۰۰", "destination": destination.pk})
    asked = Withdrawal.objects.get()
    shown = answer.json()
    assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (201, True)
    assert shown == {
        "id": asked.pk,
        "user": user.pk,
        "amount": 2 * M,
        "currency": "IRR",
        "destination": target,
        "status": "requested",
        "version": 1,
        "reference": asked.reference,
        "bank_reference": "",
        "reason": "",
        "approvals": 0,
        "approvals_needed": 1,
        "available_actions": [{"action": "cancel", "allowed": True, "reason": None, "deadline": None}],
        "created_at": shown["created_at"],
        "approved_at": None,
        "submitted_at": None,
        "ended_at": None,
    }
    assert client.get(f"{WITHDRAWALS}{asked.pk}/").json() == shown
    assert client.get(WITHDRAWALS).json() == {"results": [shown], "has_more": False}
    money = client.get("/api/wallet/").json()
    assert (money["withdrawable_balance"], money["held_balance"], money["balance"]) == (M, 2 * M, M)
    feed = client.get("/api/wallet/transactions/").json()["results"][0]
    assert (feed["type"], feed["status"], feed["amount"]) == ("withdrawal", "pending", -2 * M)
    assert client.post(f"{WITHDRAWALS}{asked.pk}/cancel/").json()["status"] == "cancelled"
    back, out = client.get("/api/wallet/transactions/").json()["results"][:2]
    assert (back["type"], back["status"], back["amount"]) == ("withdrawal_return", "success", 2 * M)
    assert (out["type"], out["status"], out["amount"]) == ("withdrawal", "failed", -2 * M)
    assert client.get("/api/wallet/").json()["balance"] == 3 * M


def test_a_withdrawal_takes_an_idempotency_key(client: Any, user: User) -> None:
    win(user, 3 * M)
    body, key = {"amount": M, "destination": make_destination(user).pk}, {"HTTP_IDEMPOTENCY_KEY": "one"}
    first, again = client.post(WITHDRAWALS, body, **key), client.post(WITHDRAWALS, body, **key)
    assert (again.status_code, again["Idempotency-Replayed"], again.json()) == (201, "true", first.json())
    assert Withdrawal.objects.count() == 1
    assert client.post(WITHDRAWALS, body).json()["code"] == "withdrawal_too_soon"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"amount": M - 1}, 400, "withdrawal_too_small"), ({"amount": 0}, 400, "withdrawal_too_small"),
        ({"amount": -1}, 400, "invalid"), ({"amount": 1.5}, 400, "invalid"),
        ({"amount": 10**30}, 400, "malformed_body"),
        ({"amount": None}, 400, "invalid"), ({"amount": 4 * M}, 402, "insufficient_funds"),
        ({"destination": 987654321}, 404, "not_found"), ({"destination": 0}, 400, "invalid"),
        ({"amount": 100_000_001}, 403, "verification_required"),
    ],
)  # fmt: skip
def test_a_withdrawal_is_refused(client: Any, user: User, body: dict[str, Any], status: int, code: str) -> None:
    win(user, 3 * M)
    answer = client.post(WITHDRAWALS, {"amount": M, "destination": make_destination(user).pk} | body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (Withdrawal.objects.count(), selectors.balances(user).winnings) == (0, 3 * M)


def test_staff_decide_and_the_owner_and_others_do_not(client: Any, clerk: Any, client_for: Any, user: User) -> None:
    asked = request_withdrawal(user, M)
    path, approval = f"{WITHDRAWALS}{asked.pk}/", {"status": "approved", "version": 1}
    for who, status, code in ((client, 403, "permission_denied"), (client_for(UserFactory()), 404, "not_found")):
        answer = who.patch(path, approval)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert clerk.patch(path, {"status": "paid"}).status_code == 400
    answer = clerk.patch(path, approval)
    assert (answer.status_code, answer.json()["status"], answer.json()["approvals"]) == (200, "approved", 1)
    assert clerk.patch(path, approval).json()["code"] == "version_conflict"
    assert clerk.patch(path, {"status": "rejected"}).json()["code"] == "reason_required"
    rejected = clerk.patch(path, {"status": "rejected", "reason": "another name", "version": 2})
    assert (rejected.json()["status"], rejected.json()["reason"]) == ("rejected", "another name")
    assert selectors.balances(user).winnings == M


def test_staff_without_a_second_factor_approve_nothing(client_for: Any, user: User, staff: User) -> None:
    asked = request_withdrawal(user, M)
    answer = client_for(staff).patch(f"{WITHDRAWALS}{asked.pk}/", {"status": "approved"})
    assert (answer.status_code, answer.json()["code"]) == (403, "step_up_required")
    asked.refresh_from_db()
    assert asked.status == "requested"


def test_staff_see_everybodys_when_they_ask_for_all(clerk: Any, client: Any, user: User) -> None:
    asked, other = request_withdrawal(user, M), approve(request_withdrawal(UserFactory(), M))
    assert clerk.get(WITHDRAWALS).json()["results"] == []
    listed = clerk.get(WITHDRAWALS, {"all": "1"}).json()["results"]
    assert [row["id"] for row in listed] == [other.pk, asked.pk]
    approved = clerk.get(WITHDRAWALS, {"all": "1", "status": "approved"}).json()["results"]
    assert [row["id"] for row in approved] == [other.pk]
    assert [row["id"] for row in client.get(WITHDRAWALS, {"all": "1"}).json()["results"]] == [asked.pk]
    assert client.get(WITHDRAWALS, {"status": "x"}).status_code == 400


def test_another_persons_things_are_not_there(client_for: Any, user: User) -> None:
    asked = request_withdrawal(user, M)
    stranger = client_for(UserFactory(), proved_at=timezone.now())
    kept = asked.destination_id
    for answer in (
        stranger.get(f"{WITHDRAWALS}{asked.pk}/"),
        stranger.post(f"{WITHDRAWALS}{asked.pk}/cancel/"),
        stranger.patch(f"{WITHDRAWALS}{asked.pk}/", {}),
        stranger.get(f"{DESTINATIONS}{kept}/"),
        stranger.delete(f"{DESTINATIONS}{kept}/"),
        stranger.post(WITHDRAWALS, {"amount": M, "destination": kept}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    asked.refresh_from_db()
    assert (asked.status, asked.destination.removed_at) == ("requested", None)


@pytest.mark.parametrize(("path", "queries"), [(DESTINATIONS, 2), (WITHDRAWALS, 2), ("/api/wallet/transactions/", 3)])
def test_lists_take_the_same_queries_for_one_as_for_three(
    client_for: Any, user: User, now: datetime, path: str, queries: int, django_assert_num_queries: Any
) -> None:
    client = client_for(user)
    for days in (9, 6, 3):
        request_withdrawal(user, M, destination=make_destination(user), now=now - timedelta(days=days))
        with django_assert_num_queries(queries):
            assert len(client.get(path).json()["results"]) > 0


def test_an_administrators_list_pins_its_queries(clerk: Any, staff: User, django_assert_num_queries: Any) -> None:
    for count in (1, 3):
        while Withdrawal.objects.count() < count:
            request_withdrawal(StaffFactory(), M)
        with django_assert_num_queries(2):
            assert len(clerk.get(WITHDRAWALS, {"all": "1"}).json()["results"]) == count
