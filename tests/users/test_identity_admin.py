"""The reviewers' page in the admin: what was sent, shown to them alone, and the decision."""

from datetime import datetime
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from common.models import AuditEntry
from tests.factories.games import GameFactory
from tests.factories.identity import ask, number
from tests.factories.users import StaffFactory, UserFactory, staff_with
from users.enums import Role
from users.models import IdentityReview, User
from users.services import identity

pytestmark = pytest.mark.django_db
REVIEWS = "/admin/users/identityreview/"


def desk(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


@pytest.fixture
def reviewer(db: None) -> User:
    return staff_with(Role.SUPPORT)


def messages_of(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def looks() -> list[tuple[str, Any]]:
    entries = AuditEntry.objects.filter(action__startswith="identity.look").order_by("pk")
    return [(entry.action, entry.changes.get("document")) for entry in entries]


def test_page_shows_what_was_sent_and_records_every_look(reviewer: User, user: User) -> None:
    review, client = ask(user), desk(reviewer)
    answer = client.get(f"{REVIEWS}{review.pk}/change/")
    page = answer.content.decode()
    assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (200, True)
    assert all(text in page for text in ("Arash Kamangir", number(), "2000-02-29", "Approve", "Reject"))
    assert f"{REVIEWS}{review.pk}/documents/front/" in page
    assert "/files/" not in page
    picture = client.get(f"{REVIEWS}{review.pk}/documents/front/")
    assert (picture.status_code, picture["Content-Type"], picture.content[:4]) == (200, "image/png", b"\x89PNG")
    assert (picture["Content-Security-Policy"], "no-store" in picture["Cache-Control"]) == (
        "default-src 'none'; sandbox",
        True,
    )
    assert looks() == [("identity.look", None), ("identity.look_at_document", "front")]


def test_nobody_else_sees_it(user: User) -> None:
    review = ask(user)
    paths = [REVIEWS, f"{REVIEWS}{review.pk}/change/", f"{REVIEWS}{review.pk}/documents/front/"]
    for person in (user, UserFactory(), staff_with(Role.ORGANISER)):
        assert [desk(person).get(path).status_code for path in paths] == [302, 302, 302]
    manager = desk(staff_with(Role.GAME_MANAGER, GameFactory()))
    assert [manager.get(path).status_code for path in paths] == [403, 403, 403]
    before = IdentityReview.objects.values().get()
    assert manager.post(paths[1], {"decision": "approve"}).status_code in {302, 403}
    assert (IdentityReview.objects.values().get(), looks()) == (before, [])


def test_reviewers_do_not_see_their_own(reviewer: User) -> None:
    review, client = ask(reviewer), desk(reviewer)
    assert client.get(f"{REVIEWS}{review.pk}/change/").status_code == 403
    assert client.get(f"{REVIEWS}{review.pk}/documents/front/").status_code == 403
    answer = client.post(f"{REVIEWS}{review.pk}/change/", {"decision": "approve"})
    assert messages_of(answer) == [f"{review.pk}: Somebody else must look at your documents."]
    assert IdentityReview.objects.get().status == "pending"


def test_what_is_not_there_is_not_found(reviewer: User, user: User) -> None:
    review, client = ask(user), desk(reviewer)
    for path in ("987654/change/", "x/change/", f"{review.pk}/documents/back/", f"{review.pk}/documents/x/"):
        assert client.get(REVIEWS + path).status_code in {302, 404}, path
    assert looks() == []


def test_decisions_are_taken_on_the_page(reviewer: User, user: User) -> None:
    review, client = ask(user), desk(reviewer)
    path = f"{REVIEWS}{review.pk}/change/"
    assert messages_of(client.post(path, {"decision": "reject", "reason": " "})) == [f"{review.pk}: Say why."]
    client.post(path, {"decision": "nonsense"})
    assert IdentityReview.objects.get().status == "pending"
    client.post(path, {"decision": "reject", "reason": "blurred"})
    review.refresh_from_db()
    assert (review.status, review.reason, review.reviewed_by) == ("rejected", "blurred", reviewer)
    again = client.post(path, {"decision": "approve"})
    assert messages_of(again)[-1] == f"{review.pk}: This request has been decided."
    assert "Approve" not in client.get(path).content.decode()


def test_actions_decide_each_by_itself(reviewer: User, user: User) -> None:
    first, second = ask(user), ask(UserFactory())
    client = desk(reviewer)
    said = messages_of(
        client.post(REVIEWS, {"action": "approve", "_selected_action": [first.pk, second.pk], "reason": ""})
    )
    assert said == [f"{second.pk}: Another account is verified under this national id."]
    assert list(IdentityReview.objects.order_by("pk").values_list("status", flat=True)) == ["approved", "pending"]
    page = client.get(f"{REVIEWS}{second.pk}/change/").content.decode()
    assert user.username in page
    client.post(REVIEWS, {"action": "revoke", "_selected_action": [first.pk], "reason": "forged"})
    assert IdentityReview.objects.get(pk=first.pk).status == "approved"
    desk(StaffFactory()).post(REVIEWS, {"action": "revoke", "_selected_action": [first.pk], "reason": "forged"})
    first.refresh_from_db()
    assert (first.status, first.reason) == ("revoked", "forged")


def test_rows_are_looked_at_and_never_edited(reviewer: User, user: User, now: datetime) -> None:
    review, client = ask(user), desk(StaffFactory())
    assert client.get(REVIEWS).status_code == 200
    assert client.get(f"{REVIEWS}add/").status_code == 403
    assert client.post(f"{REVIEWS}{review.pk}/delete/", {"post": "yes"}).status_code == 403
    before = IdentityReview.objects.values().get()
    client.post(f"{REVIEWS}{review.pk}/change/", {"status": "approved", "full_name": "x"})
    assert IdentityReview.objects.values().get() == before


def test_page_of_a_deleted_request_says_so(reviewer: User, user: User, now: datetime) -> None:
    review = ask(user)
    identity.reject(review_id=review.pk, actor=reviewer, reason="no", now=now)
    IdentityReview.objects.update(purge_at=now)
    identity.purge_due(now=now)
    page = desk(reviewer).get(f"{REVIEWS}{review.pk}/change/").content.decode()
    assert "The documents have been deleted." in page
    assert number() not in page
