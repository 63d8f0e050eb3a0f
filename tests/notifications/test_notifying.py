import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from common.events import publish
from common.sms import Sms
from notifications import kinds, tasks
from notifications.models import Delivery, Feed, Notification
from notifications.services import notify, notifying
from tests.factories.users import UserFactory
from users.events import RefreshTokenReused
from users.models import User

LOBBY = {"tournament": "Cup", "lobby_id": "room 7", "lobby_password": "s3cret"}


def tell_all(users: list[User], now: datetime, kind: str = "tournament_started", key: str = "k", **params: Any) -> None:
    notify(kind=kind, to=[user.pk for user in users], params=params or {"tournament": "Cup"}, dedupe_key=key, now=now)


def rows() -> list[tuple[int, int, str]]:
    return list(Notification.objects.order_by("user_id", "seq").values_list("user_id", "seq", "kind"))


def test_notify_numbers_each_users_notifications_from_one(db: None, now: datetime) -> None:
    anna, bob = UserFactory.create_batch(2)
    tell_all([anna, bob], now, key="first")
    tell_all([bob], now, key="second", kind="tournament_completed")
    assert rows() == [
        (anna.pk, 1, "tournament_started"),
        (bob.pk, 1, "tournament_started"),
        (bob.pk, 2, "tournament_completed"),
    ]
    assert list(Feed.objects.order_by("pk").values_list("pk", "head_seq")) == [(anna.pk, 1), (bob.pk, 2)]


def test_notify_tells_the_same_thing_once_per_user(db: None, now: datetime) -> None:
    anna, bob = UserFactory.create_batch(2)
    tell_all([anna, anna], now, kind="lobby_credentials", **LOBBY)
    tell_all([anna, bob], now, kind="lobby_credentials", **LOBBY)
    tell_all([anna, bob], now, kind="lobby_credentials", **LOBBY)
    assert rows() == [(anna.pk, 1, "lobby_credentials"), (bob.pk, 1, "lobby_credentials")]
    assert Delivery.objects.count() == 2


def test_notify_passes_over_users_that_do_not_exist(user: User, now: datetime) -> None:
    notify(
        kind="tournament_started",
        to=(pk for pk in [user.pk, 10**12, -1]),
        params={"tournament": "Cup"},
        dedupe_key="k",
        now=now,
    )
    notify(kind="tournament_started", to=[], params={"tournament": "Cup"}, dedupe_key="k", now=now)
    assert rows() == [(user.pk, 1, "tournament_started")]


@pytest.mark.parametrize(
    ("kind", "params"), [("no_such_kind", {}), ("team_invitation", {"team": "A"}), ("lobby_credentials", {})]
)
def test_notify_refuses_a_mistake_in_the_code_at_once(user: User, now: datetime, kind: str, params: Any) -> None:
    with pytest.raises(LookupError):
        tell_all([user], now, kind=kind, **params)
    assert rows() == []


@pytest.mark.django_db(transaction=True)
def test_notify_needs_a_transaction(now: datetime) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        tell_all([], now)


def test_notify_makes_deliveries_for_the_ways_a_user_can_be_reached(db: None, now: datetime) -> None:
    plain, mailed = UserFactory(), UserFactory(email="b@example.org")
    closed = UserFactory(email="c@example.org", is_active=False)
    tell_all([plain, mailed, closed], now, kind="lobby_credentials", **LOBBY)
    assert set(Delivery.objects.values_list("notification__user", "channel", "status", "attempts")) == {
        (plain.pk, "sms", "pending", 0),
        (mailed.pk, "sms", "pending", 0),
        (mailed.pk, "email", "pending", 0),
    }


def test_notify_sends_after_the_commit_in_the_receivers_language(
    db: None, now: datetime, sms_outbox: list[Sms], mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    user = UserFactory(email="b@example.org", language="en")
    with translation.override("fa"), django_capture_on_commit_callbacks() as callbacks:
        tell_all([user], now, kind="lobby_credentials", **LOBBY)
    assert sms_outbox == []
    for callback in callbacks:
        callback()
    text = "The lobby of Cup is open. Id: room 7, password: s3cret"
    assert sms_outbox == [Sms(to=user.phone_number, text=text)]
    assert [(mail.to, mail.subject, mail.body) for mail in mailoutbox] == [
        (["b@example.org"], "A message from Meydan", text)
    ]
    assert set(Delivery.objects.values_list("channel", "status")) == {("sms", "sent"), ("email", "sent")}


def test_notify_that_is_rolled_back_leaves_nothing(
    user: User, now: datetime, sms_outbox: list[Sms], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        tell_all([user], now, kind="lobby_credentials", **LOBBY)
        transaction.set_rollback(True)
    assert (rows(), Feed.objects.count(), sms_outbox) == ([], 0, [])


def test_notify_to_a_thousand_users_takes_a_handful_of_statements(
    db: None, now: datetime, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    users = User.objects.bulk_create(UserFactory.build_batch(1000, email="x@example.org"))
    sent: list[tuple[int, ...]] = []
    shown: list[list[int]] = []
    monkeypatch.setattr(tasks.deliver, "apply_async", sent.append)
    monkeypatch.setattr(tasks.broadcast, "apply_async", lambda args: shown.append(args[0]))
    with django_capture_on_commit_callbacks(execute=True), CaptureQueriesContext(connection) as queries:
        tell_all(users, now, kind="lobby_credentials", **LOBBY)
    statements = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(statements) == 3
    assert Notification.objects.count() == 1000
    assert sorted(pk for batch in sent for pk in batch) == sorted(Delivery.objects.values_list("pk", flat=True))
    assert len(sent) == 2000 / notifying.DELIVERIES_PER_TASK
    assert shown == [list(Notification.objects.order_by("pk").values_list("pk", flat=True))]


@pytest.mark.parametrize("count", [2, notifying.LIVE_IN_REQUEST + 1])
def test_notify_shows_every_user_the_frame(
    db: None, now: datetime, monkeypatch: pytest.MonkeyPatch, count: int, django_capture_on_commit_callbacks: Any
) -> None:
    frames: dict[str, Any] = {}
    monkeypatch.setattr("common.realtime._send", lambda group, message: frames.update({group: message["frame"]}))
    users = UserFactory.create_batch(count)
    with django_capture_on_commit_callbacks(execute=True):
        tell_all(users, now)
    row = Notification.objects.get(user=users[0])
    assert set(frames) == {f"user.{user.pk}" for user in users}
    assert frames[f"user.{users[0].pk}"] == {
        "type": "notification",
        "seq": 1,
        "id": row.pk,
        "kind": "tournament_started",
        "params": {"tournament": "Cup"},
        "created_at": now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_kind_says_something_with_all_it_needs(kind: str) -> None:
    known = kinds.KINDS[kind]
    params = {name: 1_250_000 if name in kinds.MONEY_PARAMS else f"<{name}>" for name in known.needs}
    with translation.override("en"):
        texts = [kinds.render(kind, params)]
        texts += [kinds.render(kind, params | {"status": status}) for status in known.by_status]
    assert len(set(texts)) == len(texts)
    for text in texts:
        assert "%" not in text
        assert "amount" not in params or "1,250,000 Rials" in text
    assert known.sensitive <= known.needs
    json.dumps(params)


def test_kind_answers_by_status() -> None:
    params = {"team": "Foxes", "user": "anna"}
    with translation.override("en"):
        assert [
            kinds.render("team_invitation_answered", params | {"status": status}) for status in ["accepted", "other"]
        ] == ["anna has joined the team Foxes.", "anna has answered the invitation to the team Foxes."]


def test_kind_does_not_format_what_people_typed() -> None:
    with translation.override("en"):
        assert kinds.render("tournament_started", {"tournament": "%(x)s %d 100%"}) == "%(x)s %d 100% has started."


def test_reused_refresh_token_is_told_to_its_owner(
    user: User, sms_outbox: list[Sms], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        publish(RefreshTokenReused(user_id=user.pk, session_id=5))
        publish(RefreshTokenReused(user_id=user.pk, session_id=5))
    assert rows() == [(user.pk, 1, "session_reuse")]
    assert [message.to for message in sms_outbox] == [user.phone_number]
