"""Pay and join in one call, over real HTTP against the fake bank."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from common.errors import Busy
from common.models import AuditEntry
from notifications.models import Notification
from tests.banks import BankDoor
from tests.factories.tournaments import fill, make_team, make_tournament
from tests.factories.users import UserFactory
from tests.factories.wallet import assert_ledger_holds, deposit, win
from tournaments import errors, selectors
from tournaments.models import Entrant, Tournament
from tournaments.services import lifecycle, paying, registration
from users.models import User
from wallet import selectors as wallets
from wallet.errors import GatewayUnavailable, PaymentRefused
from wallet.models import Payment
from wallet.services import escrow, payments

FEE = 100_000
ROOT = "/api/tournaments/tournaments/"


@pytest.fixture(autouse=True)
def books_hold(db: None) -> Any:
    yield
    assert_ledger_holds()


@pytest.fixture
def cup(bank: BankDoor) -> Tournament:
    return make_tournament(entry_fee_rial=FEE, max_participants=2, prize_distribution=[10_000])


@pytest.fixture
def bring_back(bank: BankDoor, django_capture_on_commit_callbacks: Any) -> Callable[..., None]:
    """The payer decides at the bank and comes back; what is queued after the commits runs."""

    def run(payment: Payment, decision: str = "pay", now: datetime | None = None) -> None:
        bank.pay(payment.authority or "", decision)
        with django_capture_on_commit_callbacks(execute=True):
            payments.record_callback(authority=payment.authority or "", status="OK", now=now or timezone.now())
        with django_capture_on_commit_callbacks(execute=True):
            payments.verify(payment_id=payment.pk, now=(now or timezone.now()) + timedelta(seconds=20))

    return run


def begin(cup: Tournament, user: User, now: datetime | None = None) -> paying.Joining:
    return paying.join(tournament_id=cup.pk, actor=user, now=now or timezone.now())


def state(entrant: Entrant) -> tuple[str, int]:
    """The entrant's status, and how many seats are taken."""
    entrant.refresh_from_db()
    entrant.tournament.seats.refresh_from_db()
    return entrant.status, entrant.tournament.seats.taken


def told(user: User) -> list[str]:
    return list(Notification.objects.filter(user=user).order_by("pk").values_list("kind", flat=True))


def money(user: User) -> tuple[int, int]:
    balances = wallets.balances(user)
    return balances.deposited, balances.winnings


def test_join_keeps_the_seat_and_asks_for_what_the_wallet_lacks(
    bank: BankDoor, cup: Tournament, user: User, now: datetime
) -> None:
    deposit(user, 20_000)
    win(user, 30_000)
    joining = begin(cup, user, now)
    assert (joining.payment.amount_rial, joining.payment.purpose, joining.payment.status) == (
        50_000, "entry", "requested",
    )  # fmt: skip
    assert joining.payment.entrant_id == joining.entrant.pk
    assert joining.payment.expires_at == joining.entrant.reserved_until == now + timedelta(minutes=15)
    assert state(joining.entrant) == ("pending_payment", 1)
    assert money(user) == (20_000, 30_000)
    assert escrow.entry_amount(tournament_id=cup.pk, entrant_id=joining.entrant.pk) == 0


def test_the_callback_completes_the_join(cup: Tournament, user: User, bring_back: Any) -> None:
    win(user, 30_000)
    joining = begin(cup, user)
    bring_back(joining.payment)
    assert state(joining.entrant) == ("joined", 1)
    assert money(user) == (0, 0)
    assert escrow.entry_amount(tournament_id=cup.pk, entrant_id=joining.entrant.pk) == FEE
    assert told(user) == ["deposit_settled", "entrant_joined"]
    assert wallets.open_entries(9) == []
    assert registration.leave(tournament_id=cup.pk, actor=user, now=timezone.now()) == FEE
    assert money(user) == (70_000, 30_000)


def test_a_wallet_that_has_enough_pays_at_once(bank: BankDoor, cup: Tournament, user: User) -> None:
    deposit(user, FEE + 5)
    joining = begin(cup, user)
    assert (joining.payment, state(joining.entrant), money(user)) == (None, ("joined", 1), (5, 0))
    assert bank.calls("request") == 0


def test_a_free_tournament_takes_no_payment(bank: BankDoor, user: User) -> None:
    joining = begin(make_tournament(), user)
    assert (joining.payment, state(joining.entrant), bank.calls("request")) == (None, ("joined", 1), 0)


def test_less_than_the_smallest_deposit_is_rounded_up_and_the_rest_stays(
    cup: Tournament, user: User, bring_back: Any
) -> None:
    deposit(user, FEE - 1)
    joining = begin(cup, user)
    assert joining.payment.amount_rial == 10_000
    bring_back(joining.payment)
    assert (state(joining.entrant), money(user)) == (("joined", 1), (9_999, 0))


@pytest.mark.parametrize("pay", [paying.join, registration.join])
def test_a_second_join_is_told_that_the_payment_is_due(cup: Tournament, user: User, pay: Any) -> None:
    entrant = begin(cup, user).entrant
    with pytest.raises(errors.EntryPaymentDue) as refusal:
        pay(tournament_id=cup.pk, actor=user, now=timezone.now())
    assert refusal.value.params == {"until": entrant.reserved_until.isoformat()}
    assert (Payment.objects.count(), state(entrant)) == (1, ("pending_payment", 1))


def test_a_kept_seat_is_taken_for_others(cup: Tournament) -> None:
    for _ in range(2):
        begin(cup, UserFactory())
    with pytest.raises(errors.TournamentFull):
        begin(cup, UserFactory())
    assert (Payment.objects.count(), Entrant.objects.count()) == (2, 2)


def test_leaving_gives_the_kept_seat_up_and_late_money_stays_in_the_wallet(
    cup: Tournament, user: User, bring_back: Any
) -> None:
    joining = begin(cup, user)
    assert registration.leave_preview(tournament_id=cup.pk, actor=user) == 0
    assert registration.leave(tournament_id=cup.pk, actor=user, now=timezone.now()) == 0
    assert state(joining.entrant) == ("left", 0)
    bring_back(joining.payment)
    assert (state(joining.entrant), money(user)) == (("left", 0), (FEE, 0))
    assert told(user) == ["entrant_left", "deposit_settled", "entry_not_completed"]


def test_a_payer_who_cancels_at_the_bank_frees_the_seat(cup: Tournament, user: User, bring_back: Any) -> None:
    joining = begin(cup, user)
    bring_back(joining.payment, "cancel")
    assert (state(joining.entrant), money(user), told(user)) == (("lapsed", 0), (0, 0), ["entry_lapsed"])
    assert begin(cup, user).payment.status == "requested"


def test_a_seat_lapses_when_its_time_is_over(cup: Tournament, user: User, now: datetime) -> None:
    joining = begin(cup, user, now)
    paying.sweep(now=now + timedelta(minutes=14, seconds=59))
    assert state(joining.entrant) == ("pending_payment", 1)
    for _ in range(2):
        paying.sweep(now=now + timedelta(minutes=15))
        assert state(joining.entrant) == ("lapsed", 0)
    assert told(user) == ["entry_lapsed"]


def test_who_pays_late_gets_the_seat_back_while_there_is_one(
    cup: Tournament, user: User, now: datetime, bring_back: Any
) -> None:
    joining = begin(cup, user, now)
    paying.sweep(now=now + timedelta(minutes=15))
    bring_back(joining.payment, now=now + timedelta(minutes=16))
    assert (state(joining.entrant), money(user)) == (("joined", 1), (0, 0))


def full(cup: Tournament, joining: paying.Joining) -> None:
    fill(cup, 2)


def cancelled(cup: Tournament, joining: paying.Joining) -> None:
    lifecycle.cancel(tournament_id=cup.pk, actor=cup.creator, reason="", now=timezone.now())


def started(cup: Tournament, joining: paying.Joining) -> None:
    fill(cup, 2)
    lifecycle.start(tournament_id=cup.pk, actor=cup.creator, now=timezone.now())


def dearer(cup: Tournament, joining: paying.Joining) -> None:
    Tournament.objects.update(entry_fee_rial=FEE - 1)


def closed(cup: Tournament, joining: paying.Joining) -> None:
    Tournament.objects.update(registration_end_at=timezone.now() - timedelta(minutes=1))


def joined_otherwise(cup: Tournament, joining: paying.Joining) -> None:
    deposit(joining.entrant.captain, FEE)
    registration.join(tournament_id=cup.pk, actor=joining.entrant.captain, now=timezone.now())


@pytest.mark.parametrize("then", [full, cancelled, started, dearer, closed, joined_otherwise])
def test_money_for_a_seat_that_is_gone_stays_in_the_wallet_and_the_payer_is_told(
    cup: Tournament, user: User, now: datetime, bring_back: Any, then: Any
) -> None:
    joining = begin(cup, user, now)
    paying.sweep(now=now + timedelta(minutes=15))
    then(cup, joining)
    taken = state(joining.entrant)[1]
    bring_back(joining.payment, now=now + timedelta(minutes=16))
    assert state(joining.entrant) == ("lapsed", taken)
    assert money(user) == (FEE, 0)
    assert told(user)[-1] == "entry_not_completed"
    assert Notification.objects.filter(kind="entry_not_completed").get().params == {
        "tournament": cup.name, "amount": FEE,
    }  # fmt: skip
    assert wallets.open_entries(9) == []
    paying.sweep(now=now + timedelta(minutes=20))
    assert told(user).count("entry_not_completed") == 1


def test_money_spent_elsewhere_meanwhile_completes_nothing(cup: Tournament, user: User, bring_back: Any) -> None:
    deposit(user, 60_000)
    joining = begin(cup, user)
    other = make_tournament(entry_fee_rial=60_000)
    registration.join(tournament_id=other.pk, actor=user, now=timezone.now())
    bring_back(joining.payment)
    assert (state(joining.entrant), money(user)) == (("lapsed", 0), (40_000, 0))
    assert told(user)[-2:] == ["entry_not_completed", "entry_lapsed"]


def test_start_drops_who_has_not_paid(cup: Tournament, user: User, bring_back: Any) -> None:
    cup.seats.capacity = 3
    cup.seats.save()
    joining = begin(cup, user)
    fill(cup, 2)
    lifecycle.start(tournament_id=cup.pk, actor=cup.creator, now=timezone.now())
    assert state(joining.entrant) == ("lapsed", 2)
    bring_back(joining.payment)
    assert (state(joining.entrant), money(user)) == (("lapsed", 2), (FEE, 0))


def test_who_has_not_paid_cannot_check_in(bank: BankDoor, user: User, now: datetime) -> None:
    cup = make_tournament(entry_fee_rial=FEE, check_in_start_at=now + timedelta(minutes=1))
    begin(cup, user, now)
    with pytest.raises(errors.EntryPaymentDue):
        registration.check_in(tournament_id=cup.pk, actor=user, now=now + timedelta(minutes=2))


@pytest.mark.parametrize(("order", "error"), [("code:-40", PaymentRefused), ("http:500", GatewayUnavailable)])
def test_a_gateway_that_takes_no_payment_leaves_the_seat_free(
    bank: BankDoor, cup: Tournament, user: User, order: str, error: type[Exception]
) -> None:
    bank.next(("request", order))
    with pytest.raises(error):
        begin(cup, user)
    assert (state(Entrant.objects.get()), told(user)) == (("lapsed", 0), [])
    assert begin(cup, user).payment.status == "requested"


def test_an_open_breaker_takes_no_seat(bank: BankDoor, cup: Tournament, user: User) -> None:
    bank.next(("request", "code:-11"))
    for _ in range(2):
        with pytest.raises(GatewayUnavailable):
            begin(cup, user)
    assert (Payment.objects.count(), bank.calls("request"), state(Entrant.objects.get())[1]) == (1, 1, 0)


def test_a_lost_task_is_made_up_for_by_the_sweep(bank: BankDoor, cup: Tournament, user: User, now: datetime) -> None:
    joining = begin(cup, user, now)
    bank.pay(joining.payment.authority or "")
    payments.sweep(now=now + timedelta(minutes=3))
    assert (state(joining.entrant), money(user)) == (("pending_payment", 1), (FEE, 0))
    paying.sweep(now=now + timedelta(minutes=3))
    assert (state(joining.entrant), money(user)) == (("joined", 1), (0, 0))


@pytest.mark.parametrize("error", [Busy(retry_after=1), RuntimeError("a defect")])
def test_what_goes_wrong_with_the_entry_never_takes_the_money_back(
    bank: BankDoor, cup: Tournament, user: User, now: datetime, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(**kwargs: Any) -> None:
        raise error

    joining = begin(cup, user, now)
    bank.pay(joining.payment.authority or "")
    payments.sweep(now=now + timedelta(minutes=3))
    with monkeypatch.context() as broken:
        broken.setattr(escrow, "charge_entry", fail)
        settle = {"payment_id": joining.payment.pk, "entrant_id": joining.entrant.pk, "now": now}
        if isinstance(error, Busy):
            paying.settle(**settle)
        else:
            with pytest.raises(RuntimeError):
                paying.settle(**settle)
    assert (state(joining.entrant), money(user)) == (("pending_payment", 1), (FEE, 0))
    paying.sweep(now=now + timedelta(minutes=4))
    assert (state(joining.entrant), money(user)) == (("joined", 1), (0, 0))


def test_a_captain_pays_for_the_team(bank: BankDoor, bring_back: Any) -> None:
    cup, team = make_tournament(entry_fee_rial=FEE, type="team", team_size=2), make_team(2)
    joining = paying.join(tournament_id=cup.pk, actor=team.captain, team_id=team.pk, now=timezone.now())
    bring_back(joining.payment)
    assert state(joining.entrant) == ("joined", 1)
    assert len(selectors.player_ids(cup.pk)) == 2
    assert Notification.objects.filter(kind="entrant_joined").count() == 2
    assert AuditEntry.objects.filter(action="entrant.join").get().actor == team.captain


def test_join_over_the_api_answers_202_with_the_way_to_the_bank(
    cup: Tournament, user: User, client_for: Callable[..., Any]
) -> None:
    client = client_for(user)
    answer = client.post(f"{ROOT}{cup.pk}/join/", {"pay": "gateway"}, HTTP_IDEMPOTENCY_KEY="one")
    payment, entrant = Payment.objects.get(), Entrant.objects.get()
    assert answer.status_code == 202
    shown = answer.json()
    assert {name: shown[name] for name in ("payment_id", "payment_url", "amount", "currency")} == {
        "payment_id": payment.pk, "payment_url": payment.payment_url, "amount": FEE, "currency": "IRR",
    }  # fmt: skip
    assert (shown["entrant"]["id"], shown["entrant"]["status"]) == (entrant.pk, "pending_payment")
    assert datetime.fromisoformat(shown["entrant"]["payment_due_at"]) == entrant.reserved_until
    again = client.post(f"{ROOT}{cup.pk}/join/", {"pay": "gateway"}, HTTP_IDEMPOTENCY_KEY="one")
    assert (again.status_code, again.json(), again["Idempotency-Replayed"]) == (202, shown, "true")
    other = client.post(f"{ROOT}{cup.pk}/join/", {"pay": "gateway"}, HTTP_IDEMPOTENCY_KEY="two")
    assert (other.status_code, other.json()["code"]) == (400, "entry_payment_due")
    actions = {row["action"]: row for row in client.get(f"{ROOT}{cup.pk}/").json()["available_actions"]}
    assert (actions["pay"]["allowed"], actions["pay"]["deadline"] is not None) == (True, True)
    assert (actions["join"]["reason"], actions["leave"]["allowed"]) == ("entry_payment_due", True)
    assert client.post(f"{ROOT}{cup.pk}/leave/").json() == {"refund": 0, "currency": "IRR"}


def test_join_over_the_api_with_enough_in_the_wallet_is_a_201(
    cup: Tournament, user: User, client_for: Callable[..., Any]
) -> None:
    deposit(user, FEE)
    answer = client_for(user).post(f"{ROOT}{cup.pk}/join/", {"pay": "gateway"})
    assert (answer.status_code, answer.json()["status"], answer.json()["payment_due_at"]) == (201, "joined", None)
