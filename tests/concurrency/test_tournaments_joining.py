"""The rush for seats; ``STRESS=n`` multiplies the rounds."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Barrier
from typing import Any

import pytest
from django.utils import timezone

from common.db import use_case
from matches.models import Match
from teams.models import Team
from tests.concurrency.threads import in_parallel, one_waits_for_the_other, rounds, told
from tests.factories.tournaments import fill, join, make_team, make_tournament
from tests.factories.users import UserFactory
from tests.factories.wallet import assert_ledger_holds, deposit
from tournaments.models import Entrant, RosterMember, SeatCounter, Tournament
from tournaments.services import lifecycle, registration
from users.models import User
from wallet.models import Journal
from wallet.selectors import balance, balances

pytestmark = pytest.mark.django_db(transaction=True)
FEE = 1_000_000


@pytest.fixture(autouse=True)
def books_hold() -> Iterator[None]:
    yield
    assert_ledger_holds()


def paid(**fields: Any) -> Tournament:
    return make_tournament(entry_fee_rial=FEE, prize_source="entry_pool", prize_distribution=[7000, 3000], **fields)


def rich_users(count: int) -> list[User]:
    users = UserFactory.create_batch(count)
    for user in users:
        deposit(user, FEE)
    return users


def joining(tournament: Tournament, user: User, team: Team | None = None, members: list[int] | None = None) -> Any:
    return lambda: registration.join(
        tournament_id=tournament.pk,
        actor=user,
        team_id=team.pk if team else None,
        member_ids=members,
        now=timezone.now(),
    )


def leaving(tournament: Tournament, user: User) -> Callable[[], int]:
    return lambda: registration.leave(tournament_id=tournament.pk, actor=user, now=timezone.now())


def starting(tournament: Tournament) -> Callable[[], Tournament]:
    return lambda: lifecycle.start(tournament_id=tournament.pk, actor=tournament.creator, now=timezone.now())


def cancelling(tournament: Tournament) -> Callable[[], Tournament]:
    return lambda: lifecycle.cancel(
        tournament_id=tournament.pk, actor=tournament.creator, reason="off", now=timezone.now()
    )


def assert_seats_add_up(tournament: Tournament) -> int:
    """Entrants, rosters, the counter and the escrow say the same. Returns how many hold a seat."""
    held = Entrant.objects.holding_a_seat().filter(tournament=tournament).count()
    assert SeatCounter.objects.get(pk=tournament.pk).taken == held
    active = RosterMember.objects.filter(tournament=tournament, is_active=True)
    assert active.count() == held * tournament.team_size
    assert not active.exclude(entrant__in=Entrant.objects.holding_a_seat()).exists()
    if tournament.entry_fee_rial:
        assert balance(tournament.pk) == held * tournament.entry_fee_rial
    return held


def test_counting_without_the_counters_row_oversells() -> None:
    tournament = make_tournament(max_participants=2, prize_distribution=[10_000])
    fill(tournament, 1)
    both_have_counted = Barrier(2)

    def naive(user: User) -> Callable[[], None]:
        @use_case
        def run() -> None:
            taken = Entrant.objects.holding_a_seat().filter(tournament=tournament).count()
            both_have_counted.wait(20)
            if taken < tournament.max_participants:
                Entrant.objects.create(
                    tournament=tournament, user=user, captain=user, name="x", joined_at=timezone.now()
                )

        return run

    assert told(in_parallel(naive(UserFactory()), naive(UserFactory()))) == {"done": 2}
    assert Entrant.objects.holding_a_seat().count() == 3


def test_forty_people_for_eight_seats() -> None:
    for _ in rounds(1):
        tournament, users = paid(max_participants=8), rich_users(40)
        answers = told(in_parallel(*[joining(tournament, user) for user in users]))
        assert answers == {"done": 8, "tournament_full": 32}
        assert assert_seats_add_up(tournament) == 8
        wallets = sorted(balances(user).total for user in users)
        assert wallets == [0] * 8 + [FEE] * 32


def test_one_person_joins_once_however_often_at_once() -> None:
    for _ in rounds(3):
        tournament, user = paid(), UserFactory()
        deposit(user, 5 * FEE)
        assert told(in_parallel(*[joining(tournament, user)] * 6)) == {"done": 1, "already_joined": 5}
        assert assert_seats_add_up(tournament) == 1
        assert balances(user).total == 4 * FEE


def test_one_wallet_pays_for_one_of_two_tournaments() -> None:
    for _ in rounds(3):
        one, two, [user] = paid(), paid(), rich_users(1)
        assert told(in_parallel(joining(one, user), joining(two, user))) == {"done": 1, "insufficient_funds": 1}
        assert assert_seats_add_up(one) + assert_seats_add_up(two) == 1


def test_one_team_enters_once_however_often_at_once() -> None:
    for _ in rounds(2):
        tournament, team = paid(type="team", team_size=2), make_team()
        deposit(team.captain, 4 * FEE)
        assert told(in_parallel(*[joining(tournament, team.captain, team)] * 4)) == {"done": 1, "already_joined": 3}
        assert assert_seats_add_up(tournament) == 1
        assert balances(team.captain).total == 3 * FEE


def rivals_for_the_same_players(tournament: Tournament) -> tuple[list[Team], list[list[int]]]:
    """Two teams with the same players on their rosters, named in opposite orders."""
    one = make_team(tournament.team_size)
    shared = list(one.memberships.order_by("user_id").values_list("user_id", flat=True))
    two = make_team(1)
    for user_id in shared:
        two.memberships.create(user_id=user_id, role="member", joined_at=timezone.now())
    for team in (one, two):
        if tournament.entry_fee_rial:
            deposit(team.captain, tournament.entry_fee_rial)
    return [one, two], [shared, shared[::-1]]


def test_players_stand_on_one_of_two_rosters_and_nobody_waits_crosswise() -> None:
    for _ in rounds(4):
        tournament = paid(type="team", team_size=5)
        teams, rosters = rivals_for_the_same_players(tournament)
        jobs = [
            joining(tournament, team.captain, team, roster) for team, roster in zip(teams, rosters, strict=True)
        ] * 2
        assert told(in_parallel(*jobs)) == {"done": 1, "already_joined": 3}
        assert assert_seats_add_up(tournament) == 1
        assert sorted(balances(team.captain).total for team in teams) == [0, FEE]


def test_rosters_are_entered_in_one_order_whatever_order_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    tournament = make_tournament(type="team", team_size=2)
    teams, rosters = rivals_for_the_same_players(tournament)
    both_have_one = Barrier(2, timeout=0.5)
    first = threading.local()

    def one_by_one(members: Any) -> None:
        for member in members:
            member.save()
            if not getattr(first, "done", False):
                first.done = True
                with suppress(threading.BrokenBarrierError):
                    both_have_one.wait()

    monkeypatch.setattr(RosterMember.objects, "bulk_create", one_by_one)
    jobs = [joining(tournament, team.captain, team, roster) for team, roster in zip(teams, rosters, strict=True)]
    assert told(in_parallel(*jobs)) == {"done": 1, "already_joined": 1}


@pytest.mark.parametrize("ender", [starting, cancelling])
def test_joining_and_leaving_while_it_starts_or_is_cancelled(ender: Callable[[Tournament], Any]) -> None:
    for number in rounds(4):
        tournament = paid(max_participants=16)
        early = [entrant.captain for entrant in fill(tournament, 4)]
        late = rich_users(6)
        jobs = [joining(tournament, user) for user in late] + [leaving(tournament, user) for user in early[:2]]
        jobs.insert([0, 4, 8, 2][number % 4], ender(tournament))
        assert told(in_parallel(*jobs)).keys() <= {"done", "registration_closed", "tournament_state"}
        tournament.refresh_from_db()
        people = [*early, *late]
        if tournament.status == "ongoing":
            held = assert_seats_add_up(tournament)
            assert set(Entrant.objects.filter(tournament=tournament).values_list("status", flat=True)) <= {
                "playing", "left",
            }  # fmt: skip
            seeds = Entrant.objects.filter(tournament=tournament, status="playing").order_by("seed")
            assert [entrant.seed for entrant in seeds] == list(range(1, held + 1))
            assert tournament.matches.count() == held - 1
            assert sum(balances(user).total for user in people) == (10 - held) * FEE
        else:
            assert tournament.status == "cancelled"
            assert balance(tournament.pk) == 0
            assert [balances(user).total for user in people] == [FEE] * 10


def test_an_entrant_that_leaves_twice_at_once_is_paid_back_once() -> None:
    for _ in rounds(3):
        tournament = paid()
        user = fill(tournament, 1)[0].captain
        assert told(in_parallel(*[leaving(tournament, user)] * 4)) == {"done": 1, "not_a_participant": 3}
        assert assert_seats_add_up(tournament) == 0
        assert balances(user).total == FEE


def test_leaving_and_being_removed_at_once_free_one_seat() -> None:
    for _ in rounds(3):
        tournament = paid()
        entrant = fill(tournament, 2)[0]

        def remove(tournament: Tournament = tournament, entrant: Entrant = entrant) -> int:
            return registration.remove(
                tournament_id=tournament.pk, entrant_id=entrant.pk, actor=tournament.creator, reason="x",
                now=timezone.now(),
            )  # fmt: skip

        answers = told(in_parallel(remove, leaving(tournament, entrant.captain), remove))
        assert answers["done"] == 1
        assert answers.keys() <= {"done", "not_found", "not_a_participant"}
        assert assert_seats_add_up(tournament) == 1
        assert balances(entrant.captain).total == FEE


def test_a_seat_given_up_is_taken_by_one_of_many() -> None:
    for _ in rounds(2):
        tournament = paid(max_participants=2)
        leaver = fill(tournament, 2)[0].captain
        users = rich_users(8)
        answers = told(in_parallel(leaving(tournament, leaver), *[joining(tournament, user) for user in users]))
        assert answers["done"] in {1, 2}
        assert assert_seats_add_up(tournament) == answers["done"]
        assert sum(balances(user).total for user in [leaver, *users]) == (9 - answers["done"] + 1) * FEE


def test_leaving_and_joining_again_at_once_keep_one_seat() -> None:
    for _ in rounds(4):
        tournament = paid()
        user = join(tournament).captain
        deposit(user, FEE)
        assert told(in_parallel(leaving(tournament, user), joining(tournament, user))).keys() <= {
            "done", "already_joined",
        }  # fmt: skip
        held = assert_seats_add_up(tournament)
        assert balances(user).total == (2 - held) * FEE


def test_capacity_lowered_during_a_rush_is_kept() -> None:
    from tournaments.services import editing

    for _ in rounds(2):
        tournament, users = paid(max_participants=16), rich_users(10)

        def lower(tournament: Tournament = tournament) -> Tournament:
            return editing.update(
                tournament_id=tournament.pk, actor=tournament.creator, max_participants=4, now=timezone.now()
            )

        jobs = [joining(tournament, user) for user in users]
        answers = told(in_parallel(*jobs[:3], lower, *jobs[3:]))
        assert answers.keys() <= {"done", "tournament_full"}
        seats = SeatCounter.objects.get(pk=tournament.pk)
        assert assert_seats_add_up(tournament) <= seats.capacity
        tournament.refresh_from_db()
        assert seats.capacity == tournament.max_participants


def test_two_organisers_start_at_once_and_make_one_bracket() -> None:
    for _ in rounds(3):
        tournament = paid()
        fill(tournament, 5)
        assert told(in_parallel(*[starting(tournament)] * 3)) == {"done": 1, "tournament_state": 2}
        keys = list(Match.objects.filter(tournament=tournament).values_list("key", flat=True))
        assert (len(keys), len(set(keys))) == (4, 4)
        tournament.refresh_from_db()
        assert tournament.version == 3


def test_start_waits_for_a_join_that_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    tournament, [late] = paid(), rich_users(1)
    fill(tournament, 2)
    outcomes = one_waits_for_the_other(
        monkeypatch, registration, "notify", joining(tournament, late), starting(tournament)
    )
    assert told(outcomes) == {"done": 2}
    assert Entrant.objects.get(user=late).status == "playing"
    assert tournament.matches.count() == 2


def test_starting_two_tournaments_that_drop_the_same_people_never_waits_crosswise() -> None:
    for _ in rounds(3):
        now = timezone.now()
        people = UserFactory.create_batch(8)
        cups = []
        for order in (people, people[::-1]):
            cup = paid(type="individual")
            for user in order:
                join(cup, user)
            Tournament.objects.filter(pk=cup.pk).update(check_in_start_at=now)
            for user in people[3:5]:
                registration.check_in(tournament_id=cup.pk, actor=user, now=now)
            cups.append(cup)
        assert told(in_parallel(*[starting(cup) for cup in cups])) == {"done": 2}
        assert [assert_seats_add_up(cup) for cup in cups] == [2, 2]
        assert sorted(balances(user).total for user in people) == [0] * 2 + [2 * FEE] * 6
    assert not Journal.objects.filter(kind="prize").exists()


def test_cancelling_two_tournaments_of_the_same_people_never_waits_crosswise() -> None:
    for _ in rounds(3):
        people = UserFactory.create_batch(6)
        cups = []
        for order in (people, people[::-1]):
            cups.append(paid())
            for user in order:
                join(cups[-1], user)
        assert told(in_parallel(*[cancelling(cup) for cup in cups])) == {"done": 2}
        assert [balances(user).total for user in people] == [2 * FEE] * 6
