from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.factories.tournaments import join, make_team, make_tournament
from tests.factories.users import UserFactory
from tests.factories.wallet import deposit
from tournaments import errors
from tournaments.models import Entrant, RosterMember, Tournament
from tournaments.services import lifecycle, registration
from users.models import User
from wallet.selectors import balances
from wallet.services.checking import check

FEE = 1_000_000


def url(tournament: Tournament, action: str) -> str:
    return f"/api/tournaments/tournaments/{tournament.pk}/{action}/"


def test_join_takes_a_seat_and_the_fee(client_for: Callable[..., Any], user: User) -> None:
    tournament = make_tournament(entry_fee_rial=FEE, prize_source="entry_pool")
    deposit(user, 3 * FEE)
    answer = client_for(user).post(url(tournament, "join"), {})
    assert answer.status_code == 201
    assert answer.json()["user"]["id"] == user.pk
    tournament.seats.refresh_from_db()
    assert tournament.seats.taken == 1
    assert balances(user).total == 2 * FEE
    assert [finding for finding in check() if finding.broken] == []


def test_join_without_money_changes_nothing(client_for: Callable[..., Any], user: User) -> None:
    tournament = make_tournament(entry_fee_rial=FEE, prize_source="entry_pool")
    deposit(user, FEE - 1)
    answer = client_for(user).post(url(tournament, "join"), {})
    assert (answer.status_code, answer.json()["code"]) == (402, "insufficient_funds")
    assert Entrant.objects.count() == RosterMember.objects.count() == 0
    tournament.seats.refresh_from_db()
    assert tournament.seats.taken == 0
    assert balances(user).total == FEE - 1


def test_join_twice_is_refused(client_for: Callable[..., Any], user: User) -> None:
    tournament = make_tournament()
    client = client_for(user)
    client.post(url(tournament, "join"), {})
    again = client.post(url(tournament, "join"), {})
    assert (again.status_code, again.json()["code"]) == (400, "already_joined")
    assert Entrant.objects.count() == 1


def test_join_with_an_idempotency_key_is_replayed(client_for: Callable[..., Any], user: User) -> None:
    tournament = make_tournament(entry_fee_rial=FEE, prize_source="entry_pool")
    deposit(user, 2 * FEE)
    client = client_for(user)
    first = client.post(url(tournament, "join"), {}, HTTP_IDEMPOTENCY_KEY="k-1")
    again = client.post(url(tournament, "join"), {}, HTTP_IDEMPOTENCY_KEY="k-1")
    assert (again.status_code, again.content) == (201, first.content)
    assert again["Idempotency-Replayed"] == "true"
    other = client.post(url(tournament, "join"), {"team_id": 1}, HTTP_IDEMPOTENCY_KEY="k-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert balances(user).total == FEE


def test_join_refuses_when_full_or_closed(user: User) -> None:
    tournament = make_tournament(max_participants=2, prize_distribution=[10_000])
    join(tournament)
    join(tournament)
    with pytest.raises(errors.TournamentFull):
        join(tournament, user=user)
    late = timezone.now() + timedelta(hours=1, minutes=1)
    with pytest.raises(errors.RegistrationClosed):
        registration.join(tournament_id=make_tournament().pk, actor=user, now=late)
    assert not Entrant.objects.filter(user=user).exists()


def test_team_joins_with_its_captain_and_exactly_its_size(client_for: Callable[..., Any]) -> None:
    tournament = make_tournament(type="team", team_size=2)
    team = make_team(size=3)
    first, second, third = (member.user for member in team.memberships.order_by("pk"))
    captain = client_for(team.captain)

    wrong_size = captain.post(url(tournament, "join"), {"team_id": team.pk})
    assert wrong_size.json()["code"] == "roster_invalid"
    outsider = captain.post(url(tournament, "join"), {"team_id": team.pk, "member_ids": [first.pk, UserFactory().pk]})
    assert outsider.json()["code"] == "roster_invalid"
    not_captain = client_for(second).post(url(tournament, "join"), {"team_id": team.pk, "member_ids": [first.pk]})
    assert (not_captain.status_code, not_captain.json()["code"]) == (403, "not_team_captain")
    assert captain.post(url(tournament, "join"), {}).json()["code"] == "team_required"
    assert Entrant.objects.count() == 0

    joined = captain.post(url(tournament, "join"), {"team_id": team.pk, "member_ids": [first.pk, third.pk]})
    assert [player["id"] for player in joined.json()["roster"]] == [first.pk, third.pk]


@pytest.mark.django_db
def test_player_cannot_stand_on_two_rosters() -> None:
    tournament = make_tournament(type="team", team_size=2)
    team = make_team()
    join(tournament, team=team)
    shared = team.memberships.exclude(user=team.captain).get().user
    rival = make_team(size=1)
    rival.memberships.create(user=shared, role="member", joined_at=timezone.now())
    with pytest.raises(errors.AlreadyJoined):
        join(tournament, team=rival)
    assert Entrant.objects.count() == 1


def test_leave_returns_the_fee_to_its_own_buckets(client_for: Callable[..., Any], user: User) -> None:
    tournament = make_tournament(entry_fee_rial=FEE, prize_source="entry_pool")
    deposit(user, FEE)
    client = client_for(user)
    client.post(url(tournament, "join"), {})
    preview = client.get(url(tournament, "leave/preview")).json()
    assert preview == {"refund": FEE, "currency": "IRR"}
    assert client.post(url(tournament, "leave")).json() == preview
    assert balances(user).deposited == FEE
    tournament.seats.refresh_from_db()
    assert tournament.seats.taken == 0
    assert client.post(url(tournament, "leave")).json()["code"] == "not_a_participant"
    assert client.post(url(tournament, "join"), {}).status_code == 201
    assert [finding for finding in check() if finding.broken] == []


def test_leave_is_the_captains_decision(client_for: Callable[..., Any]) -> None:
    tournament = make_tournament(type="team", team_size=2)
    team = make_team()
    join(tournament, team=team)
    mate = team.memberships.exclude(user=team.captain).get().user
    answer = client_for(mate).post(url(tournament, "leave"))
    assert (answer.status_code, answer.json()["code"]) == (403, "not_team_captain")
    assert Entrant.objects.get().status == "joined"


def test_check_in_needs_its_time_and_a_seat(client_for: Callable[..., Any], user: User) -> None:
    tournament = make_tournament(check_in_start_at=timezone.now() + timedelta(minutes=90))
    client = client_for(user)
    client.post(url(tournament, "join"), {})
    assert client.post(url(tournament, "check_in")).json()["code"] == "check_in_closed"
    Tournament.objects.update(check_in_start_at=timezone.now())
    assert client_for(UserFactory()).post(url(tournament, "check_in")).json()["code"] == "not_a_participant"
    assert client.post(url(tournament, "check_in")).json()["status"] == "checked_in"
    assert client.post(url(tournament, "check_in")).json()["code"] == "already_checked_in"


@pytest.mark.django_db
def test_start_drops_and_refunds_who_did_not_check_in() -> None:
    tournament = make_tournament(entry_fee_rial=FEE, prize_source="entry_pool", prize_distribution=[10_000])
    here, there, gone = (join(tournament) for _ in range(3))
    Tournament.objects.update(check_in_start_at=timezone.now())
    for entrant in (here, there):
        registration.check_in(tournament_id=tournament.pk, actor=entrant.captain, now=timezone.now())
    lifecycle.start(tournament_id=tournament.pk, actor=tournament.creator, now=timezone.now())
    gone.refresh_from_db()
    assert gone.status == "dropped"
    assert balances(gone.captain).total == FEE
    assert balances(here.captain).total == 0
    assert tournament.matches.count() == 1


def test_seed_takes_each_entrant_once(client_for: Callable[..., Any]) -> None:
    tournament = make_tournament()
    first, second, third = (join(tournament) for _ in range(3))
    organiser = client_for(tournament.creator)
    for order in ([first.pk, first.pk], [first.pk, 10**9], ["x"], [0]):
        assert organiser.post(url(tournament, "participants/seed"), {"order": order}).status_code == 400
    stranger = client_for(UserFactory()).post(url(tournament, "participants/seed"), {"order": [first.pk]})
    assert (stranger.status_code, stranger.json()["code"]) == (403, "not_organiser")
    assert list(Entrant.objects.filter(seed__isnull=False)) == []
    assert organiser.post(url(tournament, "participants/seed"), {"order": [third.pk, first.pk]}).status_code == 204
    assert organiser.post(url(tournament, "participants/seed"), {"order": [first.pk, third.pk]}).status_code == 204
    seeds = dict(Entrant.objects.values_list("pk", "seed"))
    assert seeds == {first.pk: 1, third.pk: 2, second.pk: None}


def test_organiser_rejects_an_entrant_with_a_refund(client_for: Callable[..., Any], user: User) -> None:
    tournament = make_tournament(entry_fee_rial=FEE, prize_source="entry_pool")
    entrant = join(tournament, user=user)
    path = url(tournament, f"participants/{entrant.pk}/reject")
    assert client_for(user).post(path, {}).status_code == 403
    assert client_for(tournament.creator).post(path, {"reason": "smurf"}).json()["refund"] == FEE
    assert balances(user).deposited == FEE
    assert client_for(tournament.creator).post(path, {}).status_code == 404
