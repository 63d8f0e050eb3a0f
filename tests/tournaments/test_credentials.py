from datetime import datetime, timedelta
from typing import Any

import pytest

from notifications.models import Notification
from tests.factories.tournaments import fill, join, make_tournament, start
from tests.factories.users import StaffFactory, UserFactory
from tournaments import errors, tasks
from tournaments.models import Tournament
from tournaments.services import credentials, lifecycle, registration

pytestmark = pytest.mark.django_db
MOMENT = timedelta(microseconds=1)


def set_lobby(tournament: Tournament, now: datetime, lobby_id: str = "L", by: Any = None) -> Tournament:
    return credentials.set_lobby(
        tournament_id=tournament.pk,
        actor=by or tournament.creator,
        lobby_id=lobby_id,
        lobby_password="secret",
        now=now,
    )


def lobbies_told() -> list[Any]:
    rows = Notification.objects.filter(kind="lobby_credentials").order_by("pk")
    return [(row.user_id, row.params["lobby_id"]) for row in rows]


def test_countdown_needs_a_lobby(now: datetime) -> None:
    tournament = make_tournament()
    with pytest.raises(errors.NothingToRelease):
        credentials.start_countdown(tournament_id=tournament.pk, actor=tournament.creator, now=now)
    tournament.refresh_from_db()
    assert (tournament.countdown_start_at, tournament.credentials_release_at) == (None, None)


@pytest.mark.parametrize("status", ["completed", "cancelled"])
def test_what_is_over_gets_no_lobby_and_no_countdown(now: datetime, status: str) -> None:
    tournament = make_tournament()
    Tournament.objects.filter(pk=tournament.pk).update(status=status, lobby_id="L")
    with pytest.raises(errors.TournamentStateError):
        set_lobby(tournament, now)
    with pytest.raises(errors.TournamentStateError):
        credentials.start_countdown(tournament_id=tournament.pk, actor=tournament.creator, now=now)


def test_lobby_is_read_by_a_player_from_the_moment_of_its_release(now: datetime, settings: Any) -> None:
    settings.COUNTDOWN_SECONDS = 60
    tournament = make_tournament()
    player = join(tournament).captain
    set_lobby(tournament, now)
    credentials.start_countdown(tournament_id=tournament.pk, actor=tournament.creator, now=now)
    release = now + timedelta(seconds=60)
    with pytest.raises(errors.CredentialsNotReleased):
        credentials.read(tournament_id=tournament.pk, actor=player, now=release - MOMENT)
    assert credentials.read(tournament_id=tournament.pk, actor=player, now=release).lobby_password == "secret"
    for manager in (tournament.creator, StaffFactory()):
        assert credentials.read(tournament_id=tournament.pk, actor=manager, now=now).lobby_id == "L"
    with pytest.raises(errors.NotAParticipant):
        credentials.read(tournament_id=tournament.pk, actor=UserFactory(), now=release)


def test_who_gave_the_seat_up_is_neither_told_nor_shown(now: datetime) -> None:
    tournament = make_tournament()
    gone, *rest = [entrant.captain for entrant in fill(tournament, 3)]
    registration.leave(tournament_id=tournament.pk, actor=gone, now=now)
    set_lobby(tournament, now)
    Tournament.objects.filter(pk=tournament.pk).update(credentials_release_at=now)
    assert credentials.release_due(now=now) == 1
    assert lobbies_told() == [(user.pk, "L") for user in rest]
    with pytest.raises(errors.NotAParticipant):
        credentials.read(tournament_id=tournament.pk, actor=gone, now=now)


def test_nothing_is_sent_before_its_time_or_for_a_tournament_that_is_off(now: datetime) -> None:
    early, off = make_tournament(), make_tournament()
    for tournament in (early, off):
        fill(tournament, 1)
        set_lobby(tournament, now)
    Tournament.objects.filter(pk=early.pk).update(credentials_release_at=now + MOMENT)
    Tournament.objects.filter(pk=off.pk).update(credentials_release_at=now, status="cancelled")
    assert credentials.release_due(now=now) == 0
    credentials.send(tournament_id=early.pk, now=now)
    assert lobbies_told() == []


def test_a_task_for_a_tournament_that_is_gone_does_nothing() -> None:
    tasks.send_tournament_credentials(10**9)
    assert Notification.objects.count() == 0


def test_a_lobby_changed_while_it_is_played_is_told_again(now: datetime) -> None:
    tournament = make_tournament()
    players = [entrant.captain for entrant in fill(tournament, 2)]
    start(tournament)
    for number, lobby_id in enumerate(("one", "two")):
        at = now + timedelta(seconds=number)
        set_lobby(tournament, at, lobby_id)
        for _ in range(2):
            credentials.send(tournament_id=tournament.pk, now=at)
    assert lobbies_told() == [(user.pk, lobby_id) for lobby_id in ("one", "two") for user in players]


def test_a_lobby_set_before_the_start_goes_out_with_it(now: datetime, django_capture_on_commit_callbacks: Any) -> None:
    tournament = make_tournament()
    fill(tournament, 2)
    set_lobby(tournament, now)
    assert lobbies_told() == []
    with django_capture_on_commit_callbacks(execute=True):
        lifecycle.start(tournament_id=tournament.pk, actor=tournament.creator, now=now)
    assert len(lobbies_told()) == 2


def test_only_the_organiser_and_staff_set_the_lobby(now: datetime) -> None:
    tournament = make_tournament()
    player = join(tournament).captain
    with pytest.raises(errors.NotOrganiser):
        set_lobby(tournament, now, by=player)
    tournament.refresh_from_db()
    assert tournament.lobby_id == ""
