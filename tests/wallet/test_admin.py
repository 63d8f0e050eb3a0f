from typing import Any

import pytest
from django.test import Client

from tests.banks import BankDoor
from tests.factories.users import UserFactory, staff_with
from tests.factories.wallet import deposit, make_payment
from users.enums import Role
from users.models import User
from wallet import selectors
from wallet.models import Journal, LedgerAccount, Payment, Transfer
from wallet.services import payments

pytestmark = pytest.mark.usefixtures("ledger_ok")
MODELS = [LedgerAccount, Journal, Transfer, Payment]


@pytest.fixture
def admin(staff: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(staff)
    return client


def url(model: Any, rest: str = "") -> str:
    return f"/admin/wallet/{model._meta.model_name}/{rest}"


@pytest.mark.parametrize("model", MODELS)
def test_money_can_be_looked_at_and_searched_but_not_changed(admin: Client, user: User, model: Any) -> None:
    deposit(user, 1000)
    row = model.objects.order_by("pk").last()
    before = list(model.objects.values())
    assert admin.get(url(model)).status_code == 200
    assert admin.get(url(model), {"q": user.username}).status_code == 200
    assert admin.get(url(model), {"q": "7"}).status_code == 200
    assert admin.get(url(model, f"{row.pk}/change/")).status_code == 200
    assert admin.get(url(model, "add/")).status_code == 403
    assert admin.post(url(model, "add/"), {}).status_code == 403
    assert admin.post(url(model, f"{row.pk}/change/"), {"balance_rial": 5, "status": "failed"}).status_code == 403
    assert admin.post(url(model, f"{row.pk}/delete/"), {"post": "yes"}).status_code == 403
    admin.post(url(model), {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    assert list(model.objects.values()) == before


def test_ask_the_gateway_again_calls_the_service(
    bank: BankDoor, admin: Client, user: User, now: Any, django_capture_on_commit_callbacks: Any
) -> None:
    payment = payments.deposit(actor=user, amount_rial=50_000, now=now)
    bank.pay(payment.authority)
    settled = deposit(UserFactory(), 1000)
    with django_capture_on_commit_callbacks(execute=True):
        answer = admin.post(
            url(Payment),
            {"action": "ask_gateway_again", "_selected_action": [payment.pk, settled.pk]},
            follow=True,
        )
    assert "1 payment is being asked about." in answer.content.decode()
    payment.refresh_from_db()
    assert (payment.status, selectors.balances(user).deposited) == ("settled", 50_000)


def test_ask_the_gateway_again_is_not_offered_to_staff_who_may_only_look(user: User, db: None) -> None:
    looker = staff_with(Role.SUPPORT)
    client = Client()
    client.force_login(looker)
    payment = make_payment(user, 50_000)
    page = client.get(url(Payment))
    assert page.status_code == 200
    assert "ask_gateway_again" not in page.content.decode()
    client.post(url(Payment), {"action": "ask_gateway_again", "_selected_action": [payment.pk]})
    before, payment.next_attempt_at = payment.next_attempt_at, None
    payment.refresh_from_db()
    assert payment.next_attempt_at == before
