"""The lobby is told once, however many workers send it; ``STRESS=n`` multiplies the rounds."""

from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.utils import timezone

from common.db import LockQuerySet
from common.sms import Sms
from notifications.models import Notification
from tests.concurrency.threads import in_parallel, rounds, told
from tests.factories.tournaments import fill, make_tournament
from tournaments import tasks
from tournaments.models import Tournament
from tournaments.services import credentials, lifecycle

pytestmark = pytest.mark.django_db(transaction=True)


def with_lobby(count: int) -> Tournament:
    """A tournament with players and a lobby whose countdown is over and that nobody has sent."""
    tournament = make_tournament()
    fill(tournament, count)
    credentials.set_lobby(
        tournament_id=tournament.pk, actor=tournament.creator, lobby_id="L", lobby_password="p", now=timezone.now()
    )
    Tournament.objects.filter(pk=tournament.pk).update(credentials_release_at=timezone.now() - timedelta(seconds=1))
    return tournament


def lobby_texts(outbox: list[Sms]) -> list[str]:
    return sorted(message.to for message in outbox)


def test_without_the_tournaments_lock_two_workers_both_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    tournament = with_lobby(1)
    both_have_asked, calls = Barrier(2), []

    def unlocked(self: Any) -> Any:
        rows = list(self.order_by("pk"))
        both_have_asked.wait(20)
        return self.model.objects.filter(pk__in=[row.pk for row in rows])

    monkeypatch.setattr(LockQuerySet, "locked", unlocked)
    monkeypatch.setattr(credentials, "notify", lambda **call: calls.append(call["dedupe_key"]))
    assert told(in_parallel(*[lambda: tasks.send_tournament_credentials(tournament.pk)] * 2)) == {"done": 2}
    assert len(calls) == 2


def test_task_and_sweep_twice_and_in_parallel_tell_everybody_once(sms_outbox: list[Sms]) -> None:
    for _ in rounds(2):
        tournament = with_lobby(3)
        sms_outbox.clear()
        send = lambda pk=tournament.pk: tasks.send_tournament_credentials(pk)  # noqa: E731
        assert told(in_parallel(send, send, tasks.release_due_credentials, tasks.release_due_credentials)) == {
            "done": 4
        }
        send()
        tasks.release_due_credentials()
        players = tournament.entrants.values_list("captain__phone_number", flat=True)
        assert lobby_texts(sms_outbox) == sorted(players)
        assert Notification.objects.filter(kind="lobby_credentials").count() == 3
        Notification.objects.all().delete()


def test_starting_while_the_countdown_ends_tells_the_lobby_once(sms_outbox: list[Sms]) -> None:
    for _ in rounds(2):
        tournament = with_lobby(2)
        sms_outbox.clear()

        def start(tournament: Tournament = tournament) -> Tournament:
            return lifecycle.start(tournament_id=tournament.pk, actor=tournament.creator, now=timezone.now())

        assert told(in_parallel(start, tasks.release_due_credentials)) == {"done": 2}
        players = list(tournament.entrants.values_list("captain", flat=True))
        told_lobby = Notification.objects.filter(kind="lobby_credentials", user__in=players)
        assert sorted(told_lobby.values_list("user", flat=True)) == sorted(players)


def test_one_lobby_that_cannot_be_sent_does_not_hold_up_the_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken, fine = with_lobby(1), with_lobby(1)
    send = credentials.send

    def fails_for_one(**call: object) -> None:
        if call["tournament_id"] == broken.pk:
            raise RuntimeError("no")
        send(**call)

    monkeypatch.setattr(credentials, "send", fails_for_one)
    assert credentials.release_due(now=timezone.now()) == 1
    fine.refresh_from_db()
    broken.refresh_from_db()
    assert (fine.credentials_sent_at is None, broken.credentials_sent_at) == (False, None)
    assert f"the lobby of tournament {broken.pk} could not be sent" in caplog.text
