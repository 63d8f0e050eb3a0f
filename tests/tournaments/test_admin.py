from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from tests.factories.tournaments import fill, make_tournament, running_tournament
from tests.factories.users import UserFactory
from tournaments.models import Entrant, Tournament
from users.models import User
from wallet.selectors import balance, balances

pytestmark = pytest.mark.django_db
TOURNAMENTS, ENTRANTS = "/admin/tournaments/tournament/", "/admin/tournaments/entrant/"


@pytest.fixture
def admin(staff: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(staff)
    return client


def act(client: Client, action: str, *tournaments: Tournament) -> list[str]:
    answer = client.post(TOURNAMENTS, {"action": action, "_selected_action": [row.pk for row in tournaments]})
    assert answer.status_code == 302
    return [str(message) for message in get_messages(answer.wsgi_request)]


def status(tournament: Tournament) -> str:
    return Tournament.objects.values_list("status", flat=True).get(pk=tournament.pk)


def test_staff_publish_start_and_cancel_by_actions(admin: Client) -> None:
    tournament = make_tournament(
        published=False, entry_fee_rial=1_000, prize_source="entry_pool", prize_distribution=[10_000]
    )
    assert act(admin, "publish", tournament) == []
    assert status(tournament) == "published"
    players = [entrant.captain for entrant in fill(tournament, 2)]
    assert act(admin, "start", tournament) == []
    assert (status(tournament), tournament.matches.count()) == ("ongoing", 1)
    assert act(admin, "cancel", tournament) == []
    assert (status(tournament), balance(tournament.pk)) == ("cancelled", 0)
    assert [balances(user).deposited for user in players] == [1_000] * 2


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ("publish", "Friday Cup: The tournament's present state does not allow this."),
        ("start", "Friday Cup: At least 2 entrants are needed; 0 are ready."),
    ],
)
def test_a_refusal_is_said_in_words_and_changes_nothing(admin: Client, action: str, message: str) -> None:
    tournament = make_tournament()
    before = Tournament.objects.filter(pk=tournament.pk).values().get()
    assert act(admin, action, tournament) == [message]
    assert Tournament.objects.filter(pk=tournament.pk).values().get() == before


def test_what_is_over_cannot_be_cancelled_and_does_not_hold_up_the_others(admin: Client) -> None:
    done, running = make_tournament(name="Done"), running_tournament(2, prize_distribution=[10_000])
    Tournament.objects.filter(pk=done.pk).update(status="completed")
    assert act(admin, "cancel", done, running) == ["Done: The tournament's present state does not allow this."]
    assert (status(done), status(running)) == ("completed", "cancelled")


def test_pages_show_neither_the_secret_nor_the_password_and_edit_nothing(admin: Client) -> None:
    tournament = running_tournament(2, prize_distribution=[10_000])
    Tournament.objects.filter(pk=tournament.pk).update(lobby_password="hush-hush")
    page = admin.get(f"{TOURNAMENTS}{tournament.pk}/change/")
    assert page.status_code == 200
    shown = page.content.decode()
    assert "hush-hush" not in shown
    assert bytes(tournament.draw_seed or b"").hex() not in shown
    for path, row in ((TOURNAMENTS, tournament), (ENTRANTS, Entrant.objects.first())):
        before: list[Any] = list(type(row).objects.order_by("pk").values())
        assert admin.get(path, {"q": "cup"}).status_code == 200
        assert admin.get(f"{path}{row.pk}/change/").status_code == 200
        assert admin.get(f"{path}add/").status_code == 403
        assert admin.post(f"{path}{row.pk}/change/", {"status": "draft"}).status_code == 403
        assert admin.post(f"{path}{row.pk}/delete/", {"post": "yes"}).status_code == 403
        assert list(type(row).objects.order_by("pk").values()) == before


def test_people_without_the_admin_move_nothing() -> None:
    tournament = make_tournament()
    client = Client()
    client.force_login(UserFactory())
    answer = client.post(TOURNAMENTS, {"action": "cancel", "_selected_action": [tournament.pk]})
    assert (answer.status_code, "login" in answer["Location"]) == (302, True)
    assert status(tournament) == "published"
