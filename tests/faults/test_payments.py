"""Payments: callbacks that come often, never or from nobody, workers that are killed, a gateway that talks nonsense."""

import json
import os
import signal
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.core.cache import cache
from django.db import connections
from django.utils import timezone
from rest_framework.test import APIClient

from tests.banks import BankDoor
from tests.conftest import access_token
from tests.factories.tournaments import make_tournament
from tests.factories.users import UserFactory
from tests.factories.wallet import assert_ledger_holds
from tests.faults.attacking import attack
from tests.faults.sizes import full
from tournaments.models import Entrant, Tournament
from tournaments.services import paying
from users.models import User
from wallet import selectors
from wallet.models import Journal, LedgerAccount, Payment
from wallet.services import payments, settlement

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]
AMOUNT = 50_000
CALLBACK = "/api/wallet/verify-deposit/"
Figures = Callable[[str, object], None]


@pytest.fixture(autouse=True)
def books_hold() -> Any:
    yield
    assert_ledger_holds()


def begin(count: int) -> list[Payment]:
    """Payments of as many users, at the bank."""
    now = timezone.now()
    return [payments.deposit(actor=user, amount_rial=AMOUNT, now=now) for user in UserFactory.create_batch(count)]


def come_back(query: dict[str, str]) -> int:
    return APIClient().get(CALLBACK, query).status_code


def query_of(link: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(link).query))


def sweep_until_quiet(minutes: int = 600) -> None:
    """What the sweeps do in the hours that follow, whatever the gateway last said."""
    now = timezone.now()
    for minute in (1, 3, 5, 10, 20, 31, 60, 120, 240, minutes):
        cache.clear()
        payments.sweep(now=now + timedelta(minutes=minute))
        paying.sweep(now=now + timedelta(minutes=minute))


def credited() -> Counter[int]:
    """How often each user was credited."""
    return Counter(Journal.objects.filter(kind="deposit").values_list("user_id", flat=True))


def test_duplicate_callbacks_credit_once(bank: BankDoor, record_property: Figures) -> None:
    paid = begin(full(200, short=10))
    links = [query_of(bank.pay(payment.authority or "")) for payment in paid]
    callbacks = full(10_000, short=300)

    told = attack(come_back, [links[number % len(links)] for number in range(callbacks)])

    assert told == {302: callbacks}
    sweep_until_quiet()
    assert credited() == {payment.user_id: 1 for payment in paid}
    assert set(Payment.objects.values_list("status", flat=True)) == {"settled"}
    record_property("callbacks", f"{callbacks} for {len(paid)} payments")
    record_property("credits", credited().total())


def test_forged_callbacks_credit_nothing(bank: BankDoor, record_property: Figures) -> None:
    unpaid = [payment.authority or "" for payment in begin(10)]
    shapes: list[Callable[[int], dict[str, str]]] = [
        lambda n: {"Authority": unpaid[n % 10], "Status": "OK"},
        lambda n: {"Authority": f"{unpaid[n % 10][:-4]}{n:04d}", "Status": "OK"},
        lambda n: {"Authority": f"A{n:035d}", "Status": "OK"},
        lambda n: {"trackId": str(15_966_442_233_001 + n), "success": "1", "status": "2", "orderId": str(n)},
        lambda n: {"trackId": unpaid[n % 10], "success": "1"},
        lambda n: {"Authority": unpaid[n % 10].lower(), "Status": "OK", "amount": "999999999", "ref_id": "1"},
        lambda n: {"Authority": f"' OR id={n} --", "Status": "OK"},
        lambda n: {"Authority": unpaid[n % 10], "Status": "OK", "code": "100", "status": "settled"},
    ]
    forged = full(1_000, short=160)

    told = attack(come_back, [shapes[n % len(shapes)](n) for n in range(forged)])

    assert told == {302: forged}
    sweep_until_quiet()
    assert (credited(), set(LedgerAccount.objects.values_list("balance_rial", flat=True)) - {0, None}) == ({}, set())
    record_property("forged callbacks", forged)
    record_property("credits", credited().total())


def test_callbacks_that_never_come_are_made_up_for(bank: BankDoor, record_property: Figures) -> None:
    count = full(500, short=25)
    paid = begin(count)
    for payment in paid:
        bank.next(("pay", "drop_callback"))
        assert bank.pay(payment.authority or "") == ""

    sweep_until_quiet()

    assert credited() == {payment.user_id: 1 for payment in paid}
    record_property("credited by the sweeps", f"{credited().total()} of {count}")


def die(*args: Any, **kwargs: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dying_after(call: Callable[..., Any]) -> Callable[..., Any]:
    def run(*args: Any, **kwargs: Any) -> Any:
        call(*args, **kwargs)
        die()

    return run


def killed(work: Callable[[], Any], where: Any, name: str, *, after: bool = False) -> None:
    """Do the work in a process of its own, which is killed before, or after, it does ``where.name``."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            setattr(where, name, dying_after(getattr(where, name)) if after else die)
            work()
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


# where a worker is killed: the object, its function, and whether before or after it is called
WHILE_BEGINNING = {
    "the row is there, the gateway has not been asked": (payments, "gateway", False),
    "the gateway has answered, the answer is not written down": (payments, "_record_request", False),
    "everything is ready, the payer has not been told": (payments, "_record_request", True),
}
WHILE_SETTLING = {
    "the callback is written down, nobody has been told to verify": (payments.verify_payment, "apply_async", False),
    "the payment is claimed, the gateway has not been asked": (settlement, "ask", False),
    "the gateway has verified, the answer is not written down": (settlement, "conclude", False),
    "the money is in the books, the transaction is not committed": (settlement.notifications, "notify", True),
    "the payment is settled, nothing else has happened": (settlement, "conclude", True),
}


@pytest.mark.parametrize("point", [*WHILE_BEGINNING, *WHILE_SETTLING])
def test_a_killed_worker_loses_nothing_and_credits_once(bank: BankDoor, point: str, record_property: Figures) -> None:
    rounds = full(50, short=2)
    paid: list[User] = []
    for number in range(rounds):
        user, cup = UserFactory(), make_tournament(entry_fee_rial=AMOUNT)
        # every other payment is for a seat
        entry = number % 2 == 1
        if point in WHILE_BEGINNING:
            where, name, after = WHILE_BEGINNING[point]
            killed(partial(start, user, cup, entry), where, name, after=after)
        else:
            where, name, after = WHILE_SETTLING[point]
            start(user, cup, entry)
        payment = Payment.objects.get(user=user)
        if payment.authority is None:
            continue
        bank.pay(payment.authority)
        paid.append(user)
        if point in WHILE_SETTLING:
            killed(partial(payer_returns, payment), where, name, after=after)

    sweep_until_quiet()

    assert credited() == {user.pk: 1 for user in paid}
    assert set(Entrant.objects.values_list("status", flat=True)) <= {"joined", "lapsed"}
    assert [owned(user) for user in paid] == [AMOUNT] * len(paid)
    record_property(point, f"killed {rounds} times: 0 lost, 0 double")


def start(user: User, cup: Tournament, entry: bool) -> None:
    now = timezone.now()
    if entry:
        paying.join(tournament_id=cup.pk, actor=user, now=now)
    else:
        payments.deposit(actor=user, amount_rial=AMOUNT, now=now)


def payer_returns(payment: Payment) -> None:
    payments.record_callback(authority=payment.authority or "", status="OK", now=timezone.now())


def owned(user: User) -> int:
    """What the user has in the wallet and in a seat that is taken."""
    seats = Entrant.objects.filter(captain=user, status="joined").count()
    return selectors.balances(user).total + seats * AMOUNT


SHAPES = [
    *(f"code:{code}" for code in (*range(-18, -8), -40, -41, *range(-55, -49), -60, -61, -62, -63, -99999)),
    *(f"code:{code}" for code in (0, 1, 99, 100, 101, 102, 201, 999_999)),
    *(f"http:{status}" for status in (201, 204, 301, 304, 400, 401, 403, 404, 418, 429, 500, 502, 503, 504)),
    "html", "truncate", "empty", "garbage", "redirect", "big", "drop", "hang:0.6",
    *(
        f"json:{text}"
        for text in (
            "null", "[]", "1", '"x"', "{}", "NaN", "Infinity", "[" * 15_000, '{"data": []}', '{"data": null}',
            '{"data": "100"}', '{"data": {"code": true}}', '{"data": {"code": 100.0}}', '{"data": {"code": null}}',
            '{"data": {"code": {}}}', '{"data": {"code": 100, "ref_id": 0}}', '{"data": {"code": 100, "ref_id": "x"}}',
            '{"data": {"code": 100, "ref_id": -1}}', '{"data": {"code": 100, "ref_id": 9223372036854775808}}',
            '{"data": {"code": 1e400}}', '{"data": {"code": 100, "ref_id": 5}, "errors": {"code": -9}}',
            '{"data": [], "errors": {"code": 100}}', '{"data": [], "errors": []}', '{"errors": {"message": "?"}}',
            '{"data": {"code": "۱۰۰"}}', json.dumps({"data": {"code": 100}, "errors": "x" * 10_000}),
        )
    ),
]  # fmt: skip


def test_a_gateway_that_talks_nonsense_loses_nothing(bank: BankDoor, record_property: Figures) -> None:
    assert len(SHAPES) >= 75
    shapes = SHAPES[:: full(1, short=6)]
    answers: Counter[Any] = Counter()
    for shape in shapes:
        cache.clear()
        user = UserFactory()
        answers += deposit_through_nonsense(bank, user, shape)
        cache.clear()
        payment = payments.deposit(actor=user, amount_rial=AMOUNT, now=timezone.now())
        link = bank.pay(payment.authority or "")
        bank.next(("verify", shape), ("inquiry", shape), ("unVerified", shape))
        answers[f"callback {come_back(query_of(link))}"] += 1
        cache.clear()
        payments.sweep(now=timezone.now() + timedelta(minutes=5))
        bank.server.orders.clear()

    sweep_until_quiet(minutes=24 * 60)

    assert set(answers) <= {
        "callback 302", "deposit 201", "deposit 400 payment_refused", "deposit 503 gateway_unavailable",
    }  # fmt: skip
    paid = Payment.objects.filter(authority__in=[s.authority for s in bank.server.bank.sessions.values() if s.is_paid])
    states = Counter(paid.values_list("status", "attention"))
    # -50 says that another amount was paid: the one answer that leaves the money to people
    mismatches = sum(shape == "code:-50" for shape in shapes)
    assert states == Counter(
        {("settled", ""): len(shapes) - mismatches} | ({("mismatch", "mismatch"): mismatches} if mismatches else {})
    )
    assert credited().total() == len(shapes) - mismatches
    record_property("shapes of an answer", len(shapes))
    record_property("our answers", dict(answers))
    record_property("payments paid", dict(states))


def deposit_through_nonsense(bank: BankDoor, user: User, shape: str) -> Counter[str]:
    bank.next(("request", shape))
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {access_token(user)}")
    answer = client.post("/api/wallet/deposit/", {"amount": AMOUNT})
    return Counter([f"deposit {answer.status_code} {answer.json().get('code', '')}".strip()])
