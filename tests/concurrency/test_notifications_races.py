"""Notifications under real threads: numbers without gaps, and every message sent once."""

from collections.abc import Callable, Iterator
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from common.sms import Sms
from notifications import tasks
from notifications.models import Delivery, Feed, Notification
from notifications.services import notify
from tests.factories.notifications import due_delivery, tell
from tests.factories.users import UserFactory
from users.models import User

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 8


def in_parallel(*jobs: Callable[[], Any]) -> list[Exception]:
    """Run the jobs at the same moment, each in a thread with a connection of its own; returns what they raised."""
    barrier, errors = Barrier(len(jobs)), []

    def run(job: Callable[[], Any]) -> None:
        try:
            barrier.wait(10)
            job()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def telling(users: list[User], key: str) -> Callable[[], None]:
    def job() -> None:
        with transaction.atomic():
            notify(
                kind="lobby_credentials",
                to=[user.pk for user in users],
                params={"tournament": "Cup", "lobby_id": "7", "lobby_password": "x"},
                dedupe_key=key,
                now=timezone.now(),
            )

    return job


@pytest.fixture
def no_lock_of_feeds(transactional_db: None) -> Iterator[None]:
    """The function without its lock, and slow enough for two to read the same head."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('notifications_tell'::regproc)")
        [source] = cursor.fetchone()
        changed = source.replace("FOR NO KEY UPDATE", "").replace("FROM unnest(", "FROM pg_sleep(0.5), unnest(")
        assert changed.count("pg_sleep") == 1
        cursor.execute(changed)
    yield
    with connection.cursor() as cursor:
        cursor.execute(source)


@pytest.mark.usefixtures("no_lock_of_feeds")
def test_without_the_feeds_lock_two_notifications_would_get_one_number() -> None:
    user = UserFactory()
    tell(user)
    errors = in_parallel(telling([user], "a"), telling([user], "b"))
    assert [type(error) for error in errors] == [IntegrityError]
    assert Notification.objects.filter(user=user).count() == 2


def test_parallel_notifications_are_numbered_without_gaps() -> None:
    users = UserFactory.create_batch(5)
    orders = [users, users[::-1]]
    assert in_parallel(*[telling(orders[n % 2], f"event {n}") for n in range(THREADS)]) == []
    for user in users:
        seqs = list(Notification.objects.filter(user=user).order_by("seq").values_list("seq", flat=True))
        assert seqs == list(range(1, THREADS + 1))
        assert Feed.objects.get(pk=user.pk).head_seq == THREADS


def test_the_same_event_told_in_parallel_is_one_notification_and_one_sms(sms_outbox: list[Sms]) -> None:
    user = UserFactory()
    assert in_parallel(*[telling([user], "the same")] * THREADS) == []
    assert list(Notification.objects.values_list("user", "seq")) == [(user.pk, 1)]
    assert (Feed.objects.get().head_seq, len(sms_outbox)) == (1, 1)


def test_one_delivery_in_many_workers_is_one_sms(sms_outbox: list[Sms]) -> None:
    for _ in range(5):
        delivery = due_delivery(UserFactory())
        sms_outbox.clear()
        assert in_parallel(*[lambda pk=delivery.pk: tasks.deliver(pk)] * THREADS) == []
        delivery.refresh_from_db()
        assert (delivery.status, delivery.attempts, len(sms_outbox)) == ("sent", 1, 1)


def test_sweeps_and_workers_side_by_side_send_each_delivery_once(sms_outbox: list[Sms]) -> None:
    rows = [due_delivery(UserFactory()) for _ in range(30)]
    workers = [lambda: tasks.deliver(*[row.pk for row in rows[::-1]])] * 2
    assert in_parallel(*[tasks.sweep_deliveries] * 4, *workers) == []
    assert sorted(message.to for message in sms_outbox) == sorted(row.notification.user.phone_number for row in rows)
    assert set(Delivery.objects.values_list("status", "attempts")) == {("sent", 1)}
