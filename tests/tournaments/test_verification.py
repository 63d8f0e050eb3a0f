"""Tournaments that ask for verified players."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from common.errors import DomainError
from tests.factories.identity import with_second_factor
from tests.factories.tournaments import make_team, make_tournament
from tests.factories.users import UserFactory
from tests.factories.wallet import assert_ledger_holds, deposit
from tournaments.models import Entrant, Tournament
from tournaments.services import editing, registration
from users.models import User
from wallet import selectors

pytestmark = pytest.mark.django_db
PATH = "/api/tournaments/tournaments/"


def verify(*users: User) -> None:
    User.objects.filter(pk__in=[user.pk for user in users]).update(identity_verified_at=users[0].date_joined)


@pytest.mark.parametrize(("required", "has"), [(level, has) for level in (1, 2, 3) for has in (1, 2, 3)])
def test_a_seat_asks_for_the_level(client_for: Callable[..., Any], user: User, required: int, has: int) -> None:
    tournament = make_tournament(required_verification_level=required, entry_fee_rial=1000, prize_source="entry_pool")
    deposit(user, 1000)
    if has == 2:
        with_second_factor(user)
    if has == 3:
        verify(user)
    client = client_for(user)
    shown = client.get(f"{PATH}{tournament.pk}/").json()
    offered = {item["action"]: item["reason"] for item in shown["available_actions"]}["join"]
    answer = client.post(f"{PATH}{tournament.pk}/join/", {})
    assert shown["required_verification_level"] == required
    if has >= required:
        assert (offered, answer.status_code) == (None, 201)
    else:
        assert offered == "verification_required"
        assert (answer.status_code, answer.json()["code"], answer.json()["params"]) == (
            403,
            "verification_required",
            {"level": required},
        )
        assert (Entrant.objects.count(), selectors.balances(user).total) == (0, 1000)
    assert_ledger_holds()


def test_captain_learns_who_of_the_team_lacks_it(client_for: Callable[..., Any]) -> None:
    tournament = make_tournament(type="team", team_size=3, required_verification_level=3)
    team = make_team(3)
    captain, second, third = User.objects.filter(team_memberships__team=team).order_by("pk")
    verify(captain, second)
    client = client_for(captain)
    answer = client.post(f"{PATH}{tournament.pk}/join/", {"team_id": team.pk})
    assert (answer.status_code, answer.json()["code"]) == (403, "verification_required")
    assert answer.json()["params"]["users"] == [{"id": third.pk, "username": third.username}]
    assert third.username in answer.json()["detail"]
    assert Entrant.objects.count() == 0
    verify(third)
    assert client.post(f"{PATH}{tournament.pk}/join/", {"team_id": team.pk}).status_code == 201


def test_level_is_set_in_the_draft_and_fixed_by_publishing(client_for: Callable[..., Any], now: datetime) -> None:
    draft = make_tournament(published=False)
    client = client_for(draft.creator)
    assert client.patch(f"{PATH}{draft.pk}/", {"required_verification_level": 4}).status_code == 400
    changed = client.patch(f"{PATH}{draft.pk}/", {"required_verification_level": 2})
    assert (changed.status_code, changed.json()["required_verification_level"]) == (200, 2)
    client.post(f"{PATH}{draft.pk}/publish/")
    with pytest.raises(DomainError) as refused:
        editing.update(tournament_id=draft.pk, actor=draft.creator, now=now, required_verification_level=1)
    assert refused.value.code == "field_locked"
    assert Tournament.objects.get().required_verification_level == 2


@pytest.mark.parametrize("level", [0, 4])
def test_database_knows_three_levels(level: int) -> None:
    tournament = make_tournament()
    with pytest.raises(IntegrityError, match="tournament_verification_level_range"), transaction.atomic():
        Tournament.objects.filter(pk=tournament.pk).update(required_verification_level=level)


def test_a_tournament_without_a_level_asks_nobody(user: User, now: datetime) -> None:
    open_, asking = make_tournament(), make_tournament(required_verification_level=2)
    with_second_factor(user)
    other = UserFactory()
    with CaptureQueriesContext(connection) as plain:
        registration.join(tournament_id=open_.pk, actor=other, now=now)
    with CaptureQueriesContext(connection) as checked:
        registration.join(tournament_id=asking.pk, actor=user, now=now)
    assert len(checked) == len(plain) + 1
