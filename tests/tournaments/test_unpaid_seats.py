"""How often a seat is kept for somebody who then does not pay, over real HTTP against the fake bank."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.banks import BankDoor
from tests.factories.tournaments import make_team, make_tournament
from tests.factories.users import UserFactory
from tests.factories.wallet import assert_ledger_holds, deposit
from tournaments import errors, selectors
from tournaments.models import Entrant, Tournament
from tournaments.services import paying, registration
from users.models import User
from wallet.errors import GatewayUnavailable
from wallet.models import Payment
from wallet.services import payments

pytestmark = pytest.mark.usefixtures("bank")
FEE = 100_000
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def books_hold(db: None) -> Iterator[None]:
    yield
    assert_ledger_holds()


@pytest.fixture
def cup(now: datetime) -> Tournament:
    return make_cup(now)


def make_cup(now: datetime, **fields: Any) -> Tournament:
    """With a fee; registration is open until tomorrow."""
    dates = {"registration_end_at": now + 24 * HOUR, "start_at": now + 25 * HOUR}
    return make_tournament(**{"entry_fee_rial": FEE, **dates, **fields})


def begin(cup: Tournament, user: User, now: datetime) -> paying.Joining:
    return paying.join(tournament_id=cup.pk, actor=user, now=now)


def give_up(cup: Tournament, user: User, now: datetime, times: int) -> None:
    """Seats are kept for the user one after the other, a minute apart, and given up."""
    for number in range(times):
        begin(cup, user, now + number * MINUTE)
        registration.leave(tournament_id=cup.pk, actor=user, now=now + number * MINUTE)


def refused(cup: Tournament, user: User, now: datetime) -> timedelta:
    """The user is told to come back later, and nothing has changed. Returns after how long."""

    def counts() -> tuple[int, int, int]:
        cup.seats.refresh_from_db()
        return Payment.objects.count(), Entrant.objects.count(), cup.seats.taken

    before = counts()
    with pytest.raises(errors.TooManyUnpaidSeats) as refusal:
        begin(cup, user, now)
    assert counts() == before
    return timedelta(seconds=refusal.value.retry_after)


def test_three_times_in_one_tournament(cup: Tournament, user: User, now: datetime) -> None:
    give_up(cup, user, now, 3)
    assert refused(cup, user, now + 5 * MINUTE) == 6 * HOUR - 5 * MINUTE
    assert refused(cup, user, now + 6 * HOUR - timedelta(milliseconds=500)) == timedelta(seconds=1)
    give_up(cup, user, now + 6 * HOUR, 1)
    assert refused(cup, user, now + 6 * HOUR) == MINUTE


def test_others_and_other_tournaments_are_not_concerned(cup: Tournament, user: User, now: datetime) -> None:
    give_up(cup, user, now, 3)
    assert begin(cup, UserFactory(), now).payment.status == "requested"
    assert begin(make_cup(now), user, now).payment.status == "requested"


def test_a_seat_that_lapses_counts_like_one_that_is_given_up(cup: Tournament, user: User, now: datetime) -> None:
    for number in range(3):
        begin(cup, user, now + number * 20 * MINUTE)
        paying.sweep(now=now + (number * 20 + 15) * MINUTE)
    assert refused(cup, user, now + HOUR) == 5 * HOUR


def test_six_times_in_all_tournaments(user: User, now: datetime) -> None:
    for number in range(6):
        begin(make_cup(now), user, now + number * MINUTE)
    last = make_cup(now)
    assert refused(last, user, now + HOUR) == 5 * HOUR
    assert begin(last, user, now + 6 * HOUR).payment.status == "requested"


def test_the_longer_of_two_waits_is_told(cup: Tournament, user: User, now: datetime) -> None:
    for number in range(3):
        begin(make_cup(now), user, now + number * MINUTE)
    give_up(cup, user, now + 10 * MINUTE, 3)
    assert refused(make_cup(now), user, now + HOUR) == 5 * HOUR
    assert refused(cup, user, now + HOUR) == 5 * HOUR + 10 * MINUTE


def test_a_limit_that_was_lowered_counts_the_latest_ones(
    cup: Tournament, user: User, now: datetime, settings: Any
) -> None:
    give_up(cup, user, now, 3)
    settings.UNPAID_SEATS_PER_TOURNAMENT = 2
    assert refused(cup, user, now + HOUR) == 5 * HOUR + MINUTE


def test_a_captain_is_counted_whichever_team_the_seat_is_for(user: User, now: datetime) -> None:
    cup = make_cup(now, type="team", team_size=2)
    teams = [make_team(captain=user, name=f"Pair {number}") for number in range(4)]
    for team in teams[:3]:
        paying.join(tournament_id=cup.pk, actor=user, team_id=team.pk, now=now)
        registration.leave(tournament_id=cup.pk, actor=user, now=now)
    with pytest.raises(errors.TooManyUnpaidSeats):
        paying.join(tournament_id=cup.pk, actor=user, team_id=teams[3].pk, now=now)


def test_a_limit_of_zero_is_none(cup: Tournament, user: User, now: datetime, settings: Any) -> None:
    settings.UNPAID_SEATS_PER_TOURNAMENT = settings.UNPAID_SEATS_PER_USER = 0
    give_up(cup, user, now, 7)
    assert begin(cup, user, now).payment.status == "requested"


def test_who_has_the_money_in_the_wallet_joins_all_the_same(cup: Tournament, user: User, now: datetime) -> None:
    give_up(cup, user, now, 3)
    deposit(user, FEE)
    assert begin(cup, user, now).entrant.status == "joined"


def test_what_was_paid_does_not_count(bank: BankDoor, cup: Tournament, user: User, now: datetime) -> None:
    give_up(cup, user, now, 2)
    joining = begin(cup, user, now + 2 * MINUTE)
    assert len(selectors.unpaid_seats(user, now - HOUR)) == 3
    bank.pay(joining.payment.authority)
    payments.sweep(now=now + 5 * MINUTE)
    paying.sweep(now=now + 5 * MINUTE)
    assert selectors.unpaid_seats(user, now - HOUR) == [(cup.pk, now), (cup.pk, now + MINUTE)]
    registration.leave(tournament_id=cup.pk, actor=user, now=now + 5 * MINUTE)
    registration.join(tournament_id=make_cup(now).pk, actor=user, now=now + 5 * MINUTE)
    assert begin(cup, user, now + 6 * MINUTE).payment.status == "requested"


def test_what_the_gateway_did_not_take_does_not_count(
    bank: BankDoor, cup: Tournament, user: User, now: datetime
) -> None:
    bank.next(*[("request", "http:500")] * 4)
    for _ in range(4):
        with pytest.raises(GatewayUnavailable):
            begin(cup, user, now)
    assert selectors.unpaid_seats(user, now - HOUR) == []
    assert begin(cup, user, now).payment.status == "requested"


def test_the_api_says_when_to_come_back(cup: Tournament, user: User, client_for: Callable[..., Any]) -> None:
    moment = timezone.now() - 30 * MINUTE
    give_up(cup, user, moment, 3)
    answer = client_for(user).post(f"/api/tournaments/tournaments/{cup.pk}/join/", {"pay": "gateway"})
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_unpaid_seats")
    assert 0 <= (5.5 * HOUR).total_seconds() - int(answer["Retry-After"]) < 60
