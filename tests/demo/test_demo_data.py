import json
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from demo.services import content, seeding
from games.models import Game
from support.models import SupportAssignment
from teams.models import Team, TeamMember
from tests.factories.users import UserFactory
from tournaments.enums import Phase, TournamentStatus
from tournaments.models import Tournament
from users.models import User

pytestmark = pytest.mark.django_db


def fill(now: datetime, password: str = "first") -> str:
    return seeding.fill(admin_password=password, now=now)


def counts() -> list[int]:
    return [model.objects.count() for model in (User, Game, Team, TeamMember, SupportAssignment, Tournament)]


def test_demo_data_is_all_there(now: datetime) -> None:
    fill(now)

    admin = User.objects.get(phone_number="09000000000")
    assert (admin.username, admin.is_staff, admin.is_superuser) == ("admin", True, True)
    assert admin.check_password("first")
    assert counts() == [10, 4, 2, 6, 4, 2]
    phones = [player.phone for player in content.PLAYERS]
    assert User.objects.filter(phone_number__in=phones, is_staff=False).count() == 8
    assert set(SupportAssignment.objects.values_list("support_person__phone_number", flat=True)) == {"09000000009"}


def test_demo_tournaments_can_be_entered(now: datetime) -> None:
    fill(now)

    free, paid = Tournament.objects.order_by("pk")
    assert [free.phase(now), paid.phase(now)] == [Phase.REGISTRATION_OPEN, Phase.REGISTRATION_OPEN]
    assert (free.type, free.entry_fee_rial) == ("individual", 0)
    assert (paid.type, paid.team_size, paid.entry_fee_rial, paid.prize_source) == ("team", 2, 500_000, "entry_pool")


def test_demo_data_repeated_changes_nothing_and_is_quick(now: datetime) -> None:
    fill(now)
    before = counts(), list(Tournament.objects.order_by("pk").values())

    with CaptureQueriesContext(
        connection,
    ) as queries:
        fill(now + timedelta(minutes=1))

    assert (counts(), list(Tournament.objects.order_by("pk").values())) == before
    assert len(queries) <= 8


def test_demo_data_takes_over_a_new_password(now: datetime) -> None:
    fill(now)

    assert fill(now, "second") == "second"
    assert User.objects.get(phone_number="09000000000").check_password("second")


def test_demo_data_keeps_the_password_when_none_is_given(now: datetime) -> None:
    made = fill(now, "")

    assert len(made) >= 12
    assert fill(now, "") == ""
    assert User.objects.get(phone_number="09000000000").check_password(made)


def test_demo_data_makes_whoever_signed_in_first_the_admin(now: datetime) -> None:
    User.objects.create_user("09000000000", username="player_abc")

    fill(now)

    admin = User.objects.get(phone_number="09000000000")
    assert (admin.is_superuser, admin.check_password("first")) == (True, True)


def test_demo_data_lives_with_a_taken_username(now: datetime) -> None:
    UserFactory(username="Admin")

    fill(now)

    assert User.objects.get(phone_number="09000000000").username.startswith("admin_")


def test_demo_tournament_that_has_passed_gets_new_dates(now: datetime) -> None:
    fill(now)
    later = now + timedelta(days=30)

    fill(later)

    assert Tournament.objects.count() == 2
    assert {tournament.phase(later) for tournament in Tournament.objects.all()} == {Phase.REGISTRATION_OPEN}


def test_demo_tournament_that_was_played_is_followed_by_another(now: datetime) -> None:
    fill(now)
    Tournament.objects.filter(type="team").update(status=TournamentStatus.COMPLETED)

    fill(now)

    assert Tournament.objects.filter(type="team").count() == 2


def test_demo_draft_left_by_an_interrupted_run_is_published(now: datetime) -> None:
    fill(now)
    Tournament.objects.filter(type="team").update(status=TournamentStatus.DRAFT)

    fill(now)

    assert Tournament.objects.get(type="team").status == TournamentStatus.PUBLISHED


def test_demo_data_is_refused_where_text_messages_go_out(now: datetime, settings: Any) -> None:
    settings.SMS_PROVIDERS = ["smsir"]

    with pytest.raises(CommandError, match="could sign in as an administrator"):
        call_command("demo_data")

    assert counts() == [0, 0, 0, 0, 0, 0]


def test_demo_data_prints_what_run_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN_PASSWORD", "from the environment")
    out = StringIO()

    call_command("demo_data", json=True, stdout=out)

    assert json.loads(out.getvalue()) == {
        "admin": {"username": "09000000000", "password": "from the environment"},
        "demo_phones": [f"0900000000{number}" for number in range(1, 9)],
    }
    assert out.getvalue().count("\n") == 1
