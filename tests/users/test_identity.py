"""Level 3: sending documents, looking at them, deciding, deleting them."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import pyotp
import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from PIL import Image

from common.errors import DomainError
from common.models import AuditEntry
from common.sealing import seal
from config import celery
from notifications.models import Notification
from tests.factories.identity import ask, number, with_second_factor
from tests.factories.tournaments import screenshot
from tests.factories.users import StaffFactory, UserFactory, staff_with
from users import rules, tasks
from users.enums import DocumentKind, Role
from users.errors import NationalIdTaken
from users.models import IdentityDocument, IdentityReview, SecondFactor, User
from users.services import identity

pytestmark = pytest.mark.django_db
SUBMIT, REVIEWS = "/api/users/verification/submit_level3/", "/api/users/verification/reviews/"


def form(**changes: Any) -> dict[str, Any]:
    return {
        "full_name": "آرش کمانگیر",
        "national_id": "۰۰۸۴۵۷۵۹۴۸",
        "birth_date": "2000-02-29",
        "id_card_front": screenshot("red"),
        "id_card_back": screenshot("blue"),
        "selfie": screenshot("green"),
    } | changes


@pytest.fixture
def reviewer(db: None) -> User:
    return staff_with(Role.SUPPORT)


def row(review: IdentityReview) -> dict[str, Any]:
    return IdentityReview.objects.filter(pk=review.pk).values().get()


def test_documents_are_sent_and_nothing_of_them_lies_open(client_for: Callable[..., Any], user: User) -> None:
    answer = client_for(user).post(SUBMIT, form(), format="multipart")
    assert (answer.status_code, answer.json()["status"], answer.json()["reason"]) == (201, "pending", "")
    review = IdentityReview.objects.get()
    assert b"0084575948" not in bytes(review.national_id) + bytes(review.national_id_hash)
    assert identity.national_id_of(review) == "0084575948"
    documents = list(review.documents.order_by("pk"))
    assert [document.kind for document in documents] == ["front", "back", "selfie"]
    for document in documents:
        with default_storage.open(document.path) as file:
            assert not file.read().startswith(b"\x89PNG")
        assert len(document.sha256) == 64
    assert Notification.objects.count() == 0


def test_what_is_not_in_order_is_refused_and_leaves_no_file(
    client_for: Callable[..., Any], user: User, now: datetime
) -> None:
    client = client_for(user)
    tomorrow = now.date() + timedelta(days=1)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"national_id": "0084575947"}, "national_id"),
        ({"birth_date": tomorrow.isoformat()}, "birth_date"),
        ({"birth_date": "1379-12-10"}, "birth_date"),
        ({"selfie": ""}, "selfie"),
    ]
    for change, field in wrong:
        answer = client.post(SUBMIT, form(**change), format="multipart")
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    broken = screenshot()
    broken.file.truncate(40)
    answer = client.post(SUBMIT, form(selfie=broken), format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (400, "file_rejected")
    assert (IdentityReview.objects.count(), IdentityDocument.objects.count()) == (0, 0)
    assert list(default_storage.listdir("identity")[1]) == []


def test_age_is_counted_by_birthdays(settings: Any, user: User, now: datetime) -> None:
    settings.IDENTITY_MINIMUM_AGE = 18
    today = now.date()
    born = date(today.year - 18, today.month, today.day)
    with pytest.raises(DomainError) as refused:
        ask(user, born + timedelta(days=1))
    assert refused.value.errors["birth_date"][0]["code"] == "too_young"
    assert ask(user, born).status == "pending"


def test_one_request_at_a_time_and_few_a_day(settings: Any, client_for: Callable[..., Any], user: User) -> None:
    settings.IDENTITY_SUBMISSIONS_PER_DAY = 2
    client = client_for(user)
    assert client.post(SUBMIT, form(), format="multipart").status_code == 201
    again = client.post(SUBMIT, form(), format="multipart")
    assert (again.status_code, again.json()["code"]) == (400, "identity_already_submitted")
    third = client.post(SUBMIT, form(), format="multipart")
    assert (third.status_code, third.json()["code"], "Retry-After" in third) == (429, "rate_limited", True)
    assert IdentityReview.objects.count() == 1
    assert len(default_storage.listdir("identity")[1]) == 3


def test_approval_verifies_tells_and_is_recorded(user: User, reviewer: User, now: datetime) -> None:
    review = identity.approve(review_id=ask(user).pk, actor=reviewer, now=now)
    user.refresh_from_db()
    assert (review.status, review.reviewed_by, user.identity_verified_at) == ("approved", reviewer, now)
    assert review.purge_at == now + timedelta(days=settings.IDENTITY_DOCUMENTS_DAYS)
    assert (rules.verification_level(user), user.verified_name, user.full_name) == (3, "Arash Kamangir", "")
    told = Notification.objects.get()
    assert (told.user, told.kind, told.params["status"]) == (user, "identity_decided", "approved")
    assert AuditEntry.objects.filter(action="identity.approved", actor=reviewer, target_id=review.pk).count() == 1


def test_rejection_says_why_and_another_try_is_welcome(
    client_for: Callable[..., Any], user: User, reviewer: User, now: datetime
) -> None:
    review = ask(user)
    client = client_for(reviewer)
    empty = client.post(f"{REVIEWS}{review.pk}/reject/", {"reason": " "})
    assert (empty.status_code, row(review)["status"]) == (400, "pending")
    answer = client.post(f"{REVIEWS}{review.pk}/reject/", {"reason": "The card cannot be read."})
    assert (answer.status_code, answer.json()["status"]) == (200, "rejected")
    user.refresh_from_db()
    assert user.identity_verified_at is None
    shown = client_for(user).get("/api/users/verification/status/").json()
    assert (shown["identity"]["status"], shown["identity"]["reason"]) == ("rejected", "The card cannot be read.")
    again = client.post(f"{REVIEWS}{review.pk}/approve/")
    assert (again.status_code, again.json()["code"]) == (400, "identity_not_pending")
    assert ask(user).status == "pending"


def test_one_person_has_one_verified_account_and_only_reviewers_learn_of_it(
    client_for: Callable[..., Any], user: User, reviewer: User, now: datetime
) -> None:
    identity.approve(review_id=ask(UserFactory()).pk, actor=reviewer, now=now)
    sent = client_for(user).post(SUBMIT, form(national_id=number()), format="multipart")
    assert sent.status_code == 201
    second = IdentityReview.objects.get(user=user)
    client = client_for(reviewer)
    assert client.get(f"{REVIEWS}{second.pk}/").json()["national_id_taken"] is True
    before = row(second)
    with pytest.raises(NationalIdTaken):
        identity.approve(review_id=second.pk, actor=reviewer, now=now)
    assert row(second) == before
    user.refresh_from_db()
    assert user.identity_verified_at is None


def test_verification_is_revoked_by_an_administrator_and_the_person_is_free_again(
    user: User, reviewer: User, now: datetime
) -> None:
    review = identity.approve(review_id=ask(user).pk, actor=reviewer, now=now)
    with pytest.raises(DomainError) as refused:
        identity.revoke(review_id=review.pk, actor=reviewer, reason="forged", now=now)
    assert (refused.value.code, row(review)["status"]) == ("not_administrator", "approved")
    identity.revoke(review_id=review.pk, actor=StaffFactory(), reason="forged", now=now)
    user.refresh_from_db()
    assert (row(review)["status"], row(review)["reason"], user.identity_verified_at) == ("revoked", "forged", None)
    assert user.verified_name == ""
    other = identity.approve(review_id=ask(UserFactory()).pk, actor=reviewer, now=now)
    assert other.status == "approved"


def test_nobody_reviews_themselves(client_for: Callable[..., Any], reviewer: User) -> None:
    review = ask(reviewer)
    before = row(review)
    client = client_for(reviewer)
    for path in ("", "documents/selfie/"):
        assert client.get(f"{REVIEWS}{review.pk}/{path}").json()["code"] == "own_identity"
    for path, body in (("approve/", {}), ("reject/", {"reason": "x"})):
        answer = client.post(f"{REVIEWS}{review.pk}/{path}", body)
        assert (answer.status_code, answer.json()["code"]) == (403, "own_identity")
    assert (row(review), AuditEntry.objects.filter(action__startswith="identity.look").count()) == (before, 0)


def test_pictures_are_shown_to_reviewers_and_every_look_is_recorded(
    client_for: Callable[..., Any], user: User, reviewer: User
) -> None:
    review = ask(user)
    path = f"{REVIEWS}{review.pk}/documents/selfie/"
    for outsider in (user, UserFactory(), staff_with(Role.ORGANISER)):
        assert client_for(outsider).get(path).status_code == 403
    assert AuditEntry.objects.filter(action="identity.look_at_document").count() == 0
    answer = client_for(reviewer).get(path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    with Image.open(BytesIO(answer.content)) as picture:
        assert picture.size == (64, 36)
    looks = AuditEntry.objects.filter(action="identity.look_at_document", actor=reviewer, target_id=review.pk)
    assert [look.changes for look in looks] == [{"document": "selfie"}]
    assert client_for(reviewer).get(f"{REVIEWS}{review.pk}/documents/back/").status_code == 404
    assert client_for(reviewer).get(f"{REVIEWS}{review.pk}/documents/passport/").status_code == 404


@pytest.mark.parametrize(("decision", "days"), [("approve", 30), ("reject", 7)])
def test_documents_are_deleted_in_time_and_the_outcome_stays(
    user: User, reviewer: User, now: datetime, decision: str, days: int
) -> None:
    review = ask(user)
    waiting = ask(UserFactory())
    reason = {"reason": "unreadable"} if decision == "reject" else {}
    getattr(identity, decision)(review_id=review.pk, actor=reviewer, now=now, **reason)
    paths = list(review.documents.values_list("path", flat=True))
    due = now + timedelta(days=days)
    assert identity.purge_due(now=due - timedelta(seconds=1)) == 0
    assert all(default_storage.exists(path) for path in paths)
    assert (identity.purge_due(now=due), identity.purge_due(now=due)) == (1, 0)
    assert not any(default_storage.exists(path) for path in paths)
    kept = row(review)
    assert (kept["full_name"], kept["birth_date"], kept["national_id"], kept["purge_at"]) == ("", None, None, None)
    assert (kept["national_id_hash"] is None) == (decision == "reject")
    assert (kept["status"], kept["reviewed_by_id"]) == (f"{decision}ed".replace("ee", "e"), reviewer.pk)
    assert set(review.documents.values_list("path", flat=True)) == {""}
    assert row(waiting)["full_name"] != ""
    if decision == "approve":
        with pytest.raises(NationalIdTaken):
            identity.approve(review_id=waiting.pk, actor=reviewer, now=due)


def test_sweep_goes_on_where_it_was_killed(user: User, reviewer: User, now: datetime) -> None:
    review = ask(user)
    identity.reject(review_id=review.pk, actor=reviewer, reason="no", now=now)
    default_storage.delete(review.documents.get(kind=DocumentKind.SELFIE).path)
    assert identity.purge_due(now=now + timedelta(days=8)) == 1
    assert default_storage.listdir("identity")[1] == []


def test_queue_shows_the_longest_waiting_first_in_few_queries(
    client_for: Callable[..., Any], reviewer: User, django_assert_num_queries: Any
) -> None:
    client = client_for(reviewer)
    reviews = [ask(UserFactory())]
    with django_assert_num_queries(4):
        assert client.get(REVIEWS).json()["count"] == 1
    reviews += [ask(UserFactory()) for _ in range(2)]
    with django_assert_num_queries(4):
        page = client.get(REVIEWS, {"status": "pending"})
    assert [item["id"] for item in page.json()["results"]] == [review.pk for review in reviews]
    assert "national" not in page.content.decode()
    assert client.get(REVIEWS, {"status": "nonsense"}).status_code == 400


def test_status_tells_the_levels(client_for: Callable[..., Any], settings: Any, user: User, reviewer: User) -> None:
    settings.WITHDRAWAL_VERIFICATION_LEVEL = 3
    client = client_for(user)
    fresh = client.get("/api/users/verification/status/").json()
    assert (fresh["level"], fresh["phone"], fresh["second_factor"], fresh["identity"]) == (1, True, False, None)
    assert [(item["level"], item["reached"], item["allows"]) for item in fresh["levels"]] == [
        (1, True, ["tournaments"]),
        (2, False, ["tournaments"]),
        (3, False, ["tournaments", "withdrawals"]),
    ]
    identity.approve(review_id=ask(user).pk, actor=reviewer, now=user.date_joined)
    assert client.get("/api/users/verification/status/").json()["level"] == 3


def test_levels_of_many_are_those_of_each(user: User, reviewer: User, django_assert_num_queries: Any) -> None:
    second_factor_user, verified = UserFactory.create_batch(2)
    with_second_factor(second_factor_user)
    identity.approve(review_id=ask(verified).pk, actor=reviewer, now=user.date_joined)
    people = User.objects.filter(pk__in=[user.pk, second_factor_user.pk, verified.pk])
    with django_assert_num_queries(1):
        levels = rules.verification_levels([user.pk, second_factor_user.pk, verified.pk])
    assert levels == {user.pk: 1, second_factor_user.pk: 2, verified.pk: 3}
    assert levels == {person.pk: rules.verification_level(person) for person in people}


def test_level_two_is_reached_by_the_first_code(client_for: Callable[..., Any], user: User, now: datetime) -> None:
    secret = pyotp.random_base32()
    SecondFactor.objects.create(user=user, secret=seal(secret.encode()), last_step=0, created_at=now)
    client, path = client_for(user), "/api/users/verification/submit_level2/"
    wrong = client.post(path, {"code": "000000" if pyotp.TOTP(secret).now() != "000000" else "111111"})
    assert (wrong.status_code, rules.verification_level(user)) == (400, 1)
    answer = client.post(path, {"code": pyotp.TOTP(secret).now()})
    assert (answer.status_code, len(answer.json()["recovery_codes"])) == (200, 10)
    assert client.get("/api/users/verification/status/").json()["level"] == 2


def test_sweep_is_scheduled_and_may_run_twice(user: User, reviewer: User, now: datetime) -> None:
    identity.reject(review_id=ask(user).pk, actor=reviewer, reason="no", now=now - timedelta(days=8))
    tasks.purge_identity_documents()
    tasks.purge_identity_documents()
    assert IdentityReview.objects.get().purge_at is None
    celery.app.finalize()
    assert "users.tasks.purge_identity_documents" in {entry["task"] for entry in celery.app.conf.beat_schedule.values()}
