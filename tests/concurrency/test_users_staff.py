"""Staff at the same moment: one outcome for a review, and always an administrator left."""

from threading import Barrier
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from notifications.models import Notification
from tests.concurrency.threads import WAIT, in_parallel, one_waits_for_the_other, rounds, told
from tests.factories.identity import ask
from tests.factories.users import UserFactory, staff_with
from users import selectors
from users.enums import Role
from users.models import IdentityReview, RoleGrant, User
from users.services import disabling, identity, roles

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_reviewers_give_one_outcome() -> None:
    now = timezone.now()
    reviewers = [staff_with(Role.SUPPORT) for _ in range(4)]
    for _ in rounds(3):
        person = UserFactory()
        review = ask(person)

        def decide(number: int, review_id: int = review.pk) -> Any:
            call: dict[str, Any] = {"review_id": review_id, "actor": reviewers[number], "now": now}
            return identity.approve(**call) if number % 2 else identity.reject(reason="no", **call)

        jobs = [lambda number=number: decide(number) for number in range(4)]
        assert told(in_parallel(*jobs)) == {"done": 1, "identity_not_pending": 3}
        review.refresh_from_db()
        person.refresh_from_db()
        assert (review.status == "approved") == (person.identity_verified_at is not None)
        assert list(Notification.objects.filter(user=person).values_list("params__status", flat=True)) == [
            review.status
        ]
        if review.status == "approved":
            identity.revoke(review_id=review.pk, actor=_administrator(), reason="again", now=now)


def _administrator() -> User:
    return staff_with(Role.ADMINISTRATOR)


def test_one_person_is_verified_in_one_account() -> None:
    now = timezone.now()
    reviewer = staff_with(Role.SUPPORT)
    for _ in rounds(3):
        reviews = [ask(UserFactory()) for _ in range(4)]
        jobs = [
            lambda review=review: identity.approve(review_id=review.pk, actor=reviewer, now=now) for review in reviews
        ]
        assert told(in_parallel(*jobs)) == {"done": 1, "national_id_taken": 3}
        (kept,) = IdentityReview.objects.filter(status="approved")
        assert list(User.objects.exclude(identity_verified_at=None)) == [kept.user]
        identity.revoke(review_id=kept.pk, actor=_administrator(), reason="again", now=now)


def test_one_request_stands_however_often_it_is_sent(settings: Any) -> None:
    settings.IDENTITY_SUBMISSIONS_PER_DAY = 100
    seen: set[str] = set()
    for _ in rounds(2):
        person = UserFactory()
        outcomes = told(in_parallel(*[lambda person=person: ask(person)] * 6))
        assert outcomes == {"done": 1, "identity_already_submitted": 5}
        kept = set(IdentityReview.objects.get(user=person).documents.values_list("path", flat=True))
        assert len(kept) == 2
        assert {path for path in default_storage.listdir("identity")[1] if f"identity/{path}" not in kept} <= seen
        seen |= {path.removeprefix("identity/") for path in kept}


def two_administrators() -> list[User]:
    RoleGrant.objects.all().delete()
    pair = [_administrator(), _administrator()]
    User.objects.filter(is_superuser=True).update(is_active=False)
    return pair


def remove(actor: User, other: User, by: str) -> None:
    now = timezone.now()
    if by == "revoke":
        roles.revoke(user_id=other.pk, role=Role.ADMINISTRATOR, actor=actor, now=now)
    else:
        disabling.disable(user_id=other.pk, actor=actor, reason="", now=now)


def remove_each_other(one_way: str, other_way: str) -> Any:
    first, second = two_administrators()
    return told(in_parallel(lambda: remove(first, second, one_way), lambda: remove(second, first, other_way)))


def test_without_the_lock_both_would_be_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    both_have_looked = Barrier(2)

    def looked(*, user_id: int) -> None:
        assert selectors.administrators().exclude(pk=user_id).exists()
        both_have_looked.wait(WAIT)

    monkeypatch.setattr(roles, "require_another_administrator", looked)
    assert remove_each_other("revoke", "revoke") == {"done": 2}
    assert selectors.administrators().count() == 0


@pytest.mark.parametrize(
    "ways", [("revoke", "revoke"), ("disable", "disable"), ("revoke", "disable")], ids=lambda ways: "-".join(ways)
)
def test_two_administrators_cannot_remove_each_other(ways: tuple[str, str]) -> None:
    for _ in rounds(3):
        assert remove_each_other(*ways) == {"done": 1, "last_administrator": 1}
        assert selectors.administrators().count() == 1


def test_the_second_waits_until_the_first_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    first, second = two_administrators()
    leave = {"role": Role.ADMINISTRATOR, "now": now}
    outcomes = one_waits_for_the_other(
        monkeypatch,
        roles,
        "_settle",
        lambda: roles.revoke(user_id=first.pk, actor=first, **leave),
        lambda: roles.revoke(user_id=second.pk, actor=second, **leave),
    )
    assert told(outcomes) == {"done": 1, "last_administrator": 1}
    assert list(selectors.administrators()) == [second]
