from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from notifications.models import Delivery, Notification
from tests.factories.notifications import due_delivery, tell
from tests.factories.users import UserFactory
from users.models import User

LIST = "/api/notifications/notifications/"
READ_ALL, UNREAD = f"{LIST}read_all/", f"{LIST}unread_count/"


def seqs(answer: Any) -> list[int]:
    assert answer.status_code == 200
    return [row["seq"] for row in answer.json()["results"]]


def unread(user: User) -> list[int]:
    return list(Notification.objects.filter(user=user, is_read=False).order_by("seq").values_list("seq", flat=True))


def test_list_shows_a_notification_in_the_language_of_the_request(client_for: Callable[..., Any], user: User) -> None:
    [row] = tell(user, kind="prize_paid", tournament="Cup", amount=2_500_000, place=1)
    answer = client_for(user).get(LIST).json()
    assert answer["has_more"] is False
    [shown] = answer["results"]
    assert shown.pop("created_at")
    assert shown == {
        "seq": 1,
        "id": row.pk,
        "kind": "prize_paid",
        "message": "Your prize for place 1 in Cup is in your wallet: 2,500,000 Rials.",
        "params": {"tournament": "Cup", "amount": 2_500_000, "place": 1},
        "is_read": False,
    }


def test_list_goes_back_from_the_newest_and_on_from_a_seq(client_for: Callable[..., Any], user: User) -> None:
    tell(user, 5)
    tell(UserFactory(), 2)
    client = client_for(user)
    assert seqs(client.get(LIST)) == [5, 4, 3, 2, 1]
    assert seqs(client.get(LIST, {"page_size": 2})) == [5, 4]
    assert seqs(client.get(LIST, {"page_size": 2, "before_seq": 4})) == [3, 2]
    assert seqs(client.get(LIST, {"after_seq": 2})) == [3, 4, 5]
    more = client.get(LIST, {"after_seq": 2, "page_size": 2})
    assert (seqs(more), more.json()["has_more"]) == ([3, 4], True)


def test_list_filters_by_kind_and_read(client_for: Callable[..., Any], user: User) -> None:
    tell(user, 2)
    tell(user, kind="deposit_settled", amount=1)
    Notification.objects.filter(seq=1).update(is_read=True)
    client = client_for(user)
    assert seqs(client.get(LIST, {"is_read": "false"})) == [3, 2]
    assert seqs(client.get(LIST, {"is_read": "true"})) == [1]
    assert seqs(client.get(LIST, {"kind": "deposit_settled"})) == [3]


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_the_same_queries_for_one_and_for_three(
    client_for: Callable[..., Any], user: User, django_assert_num_queries: Any, count: int
) -> None:
    tell(user, count)
    client = client_for(user)
    with django_assert_num_queries(2):
        assert len(seqs(client.get(LIST))) == count


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"after_seq": "x"}, "after_seq"), ({"after_seq": "-1"}, "after_seq"), ({"before_seq": "9" * 30}, "before_seq"),
        ({"page_size": "0"}, "page_size"), ({"kind": "nothing"}, "kind"), ({"kind": "a\0"}, "kind"),
    ],
)  # fmt: skip
def test_list_refuses_odd_queries(client_for: Callable[..., Any], user: User, query: Any, field: str) -> None:
    answer = client_for(user).get(LIST, query)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_patch_marks_read_and_unread(client_for: Callable[..., Any], user: User) -> None:
    tell(user, 2)
    row = Notification.objects.get(seq=2)
    client = client_for(user)
    answer = client.patch(f"{LIST}{row.pk}/", {"is_read": True})
    assert (answer.status_code, answer.json()["is_read"], unread(user)) == (200, True, [1])
    assert client.get(UNREAD).json() == {"unread_count": 1}
    assert client.patch(f"{LIST}{row.pk}/", {"is_read": False}).json()["is_read"] is False
    assert client.get(f"{LIST}{row.pk}/").json()["seq"] == 2
    assert client.get(UNREAD).json() == {"unread_count": 2}


def test_patch_changes_nothing_else(client_for: Callable[..., Any], user: User) -> None:
    [row] = tell(user)
    before = Notification.objects.filter(pk=row.pk).values().get()
    body = {"is_read": True, "kind": "prize_paid", "seq": 99, "user": 1, "params": {}, "dedupe_key": "x", "id": 5}
    assert client_for(user).patch(f"{LIST}{row.pk}/", body).status_code == 200
    assert Notification.objects.values().get() == before | {"is_read": True}


@pytest.mark.parametrize("body", [{}, {"is_read": None}, {"is_read": "x"}, {"is_read": []}, {"is_read": {}}])
def test_patch_refuses_odd_input(client_for: Callable[..., Any], user: User, body: Any) -> None:
    [row] = tell(user)
    answer = client_for(user).patch(f"{LIST}{row.pk}/", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["is_read"])
    assert unread(user) == [1]


@pytest.mark.parametrize("key", ["0", "999999999999", "9" * 40, "x", "-1", "1.5", "%00"])
def test_unknown_id_is_not_found(client_for: Callable[..., Any], user: User, key: str) -> None:
    client = client_for(user)
    assert client.get(f"{LIST}{key}/").status_code == 404
    assert client.patch(f"{LIST}{key}/", {"is_read": True}).status_code == 404


def test_read_all_marks_only_ones_own(client_for: Callable[..., Any], user: User) -> None:
    rival = UserFactory()
    tell(user, 3)
    tell(rival, 2)
    client = client_for(user)
    assert client.post(READ_ALL).json() == {"marked": 3}
    assert client.post(READ_ALL).json() == {"marked": 0}
    assert (unread(user), unread(rival)) == ([], [1, 2])


@pytest.mark.parametrize(("who", "status"), [("anonymous", 401), ("stranger", 404), ("staff", 404)])
def test_nobody_else_reads_or_changes_a_notification(
    client_for: Callable[..., Any], user: User, staff: User, who: str, status: int
) -> None:
    [row] = tell(user, kind="lobby_credentials", tournament="Cup", lobby_id="7", lobby_password="s3cret")
    client = client_for({"anonymous": None, "stranger": UserFactory(), "staff": staff}[who])
    answers = [client.get(f"{LIST}{row.pk}/"), client.patch(f"{LIST}{row.pk}/", {"is_read": True})]
    assert [answer.status_code for answer in answers] == [status, status]
    feed = client.get(LIST)
    assert (feed.status_code, feed.json().get("results", [])) == (401 if who == "anonymous" else 200, [])
    for answer in [*answers, feed, client.post(READ_ALL)]:
        assert b"s3cret" not in answer.content
    assert unread(user) == [1]


@pytest.mark.parametrize("url", [LIST, UNREAD])
def test_feed_is_not_cached(client_for: Callable[..., Any], user: User, url: str) -> None:
    assert "no-store" in client_for(user).get(url)["Cache-Control"]


def test_admin_is_read_only_and_hides_lobby_passwords(client: Any, user: User, staff: User) -> None:
    delivery = due_delivery(user)
    client.force_login(staff)
    for url in [
        reverse("admin:notifications_notification_changelist"),
        reverse("admin:notifications_notification_change", args=[delivery.notification_id]),
        reverse("admin:notifications_delivery_changelist"),
        reverse("admin:notifications_delivery_change", args=[delivery.pk]),
    ]:
        page = client.get(url)
        assert page.status_code == 200
        assert b"s3cret" not in page.content
    for url in ["notification_add", "delivery_add"]:
        assert client.get(reverse(f"admin:notifications_{url}")).status_code == 403
    assert client.post(reverse("admin:notifications_delivery_delete", args=[delivery.pk])).status_code == 403
    assert client.post(reverse("admin:notifications_delivery_change", args=[delivery.pk]), {}).status_code == 403


def test_admin_tries_failed_deliveries_again(
    client: Any, user: User, staff: User, sms_outbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    delivery = due_delivery(user)
    Delivery.objects.update(status="failed", attempts=6)
    client.force_login(staff)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(
            reverse("admin:notifications_delivery_changelist"),
            {"action": "try_again", "_selected_action": [delivery.pk]},
        )
    delivery.refresh_from_db()
    assert (answer.status_code, delivery.status, len(sms_outbox)) == (302, "sent", 1)
