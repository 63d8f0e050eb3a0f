from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from common import sms
from common.models import AuditEntry
from notifications.models import Notification
from tests.factories.users import UserFactory
from tests.users.test_step_up import text_code
from users import rules
from users.models import PhoneChange, Session, User
from users.services import phone_change

CHANGE, REQUEST, ME = "/api/auth/phone-change/", "/api/auth/otp/request/", "/api/auth/me/"
NEW = "09351112233"


def test_account_moves_to_the_new_phone(
    client_for: Callable[..., Any], user: User, now: datetime, sms_outbox: list[Any]
) -> None:
    old = user.phone_number
    other_device, client = client_for(user), client_for(user, proved_at=now)
    code = text_code(client, user, sms_outbox, purpose="phone_change", to=NEW)
    assert sms_outbox[-1].to == NEW

    answer = client.post(CHANGE, {"phone_number": "+98 935 111 2233", "code": code})

    assert (answer.status_code, answer.json()["phone_number"]) == (200, NEW)
    user.refresh_from_db()
    assert user.phone_number == NEW
    assert user.phone_changed_at == PhoneChange.objects.get().changed_at
    assert rules.phone_cools_until(user) == user.phone_changed_at + timedelta(hours=24)
    assert client.get(ME).json()["phone_number"] == NEW
    assert other_device.get(ME).status_code == 401
    assert (sms_outbox[-1].to, "0935***2233" in sms_outbox[-1].text) == (old, True)
    assert PhoneChange.objects.get().next_attempt_at is None
    assert Notification.objects.get(user=user).kind == "phone_changed"
    entry = AuditEntry.objects.get(action="user.change_phone")
    assert entry.changes == {"phone_number": [f"{old[:4]}***{old[-4:]}", "0935***2233"]}


def test_money_never_cooled_without_a_change(user: User) -> None:
    assert rules.phone_cools_until(user) is None


@pytest.mark.parametrize("proved", [None, timedelta(seconds=301)])
def test_stolen_session_cannot_move_the_account(
    client_for: Callable[..., Any], user: User, now: datetime, sms_outbox: list[Any], proved: timedelta | None
) -> None:
    client = client_for(user, proved_at=proved and now - proved)
    code = text_code(client, user, sms_outbox, purpose="phone_change", to=NEW)
    answer = client.post(CHANGE, {"phone_number": NEW, "code": code})
    assert (answer.status_code, answer.json()["code"]) == (403, "step_up_required")
    assert (User.objects.get().phone_number, PhoneChange.objects.count()) == (user.phone_number, 0)


def test_number_of_another_account_is_told_only_to_who_reads_its_messages(
    client_for: Callable[..., Any], user: User, now: datetime, sms_outbox: list[Any]
) -> None:
    other = UserFactory(phone_number=NEW)
    client = client_for(user, proved_at=now)
    taken = client.post(REQUEST, {"phone_number": NEW, "purpose": "phone_change"})
    free = client.post(REQUEST, {"phone_number": "09351112234", "purpose": "phone_change"})
    assert (taken.status_code, taken.json()) == (free.status_code, free.json())
    right = next(message for message in sms_outbox if message.to == NEW).params["code"]
    wrong = "000000" if right != "000000" else "000001"
    for number in (NEW, "09351112234"):
        answer = client.post(CHANGE, {"phone_number": number, "code": wrong})
        assert (answer.status_code, answer.json()["code"]) == (400, "otp_invalid")

    answer = client.post(CHANGE, {"phone_number": NEW, "code": right})
    assert (answer.status_code, answer.json()["code"]) == (400, "phone_taken")
    assert set(User.objects.values_list("pk", "phone_number")) == {(user.pk, user.phone_number), (other.pk, NEW)}
    assert PhoneChange.objects.count() == 0


def test_own_number_is_no_change(
    client_for: Callable[..., Any], user: User, now: datetime, sms_outbox: list[Any]
) -> None:
    client = client_for(user, proved_at=now)
    answer = client.post(CHANGE, {"phone_number": user.phone_number, "code": "123456"})
    assert (answer.status_code, answer.json()["code"]) == (400, "phone_unchanged")


def test_code_of_another_purpose_or_number_moves_nothing(
    client_for: Callable[..., Any], user: User, now: datetime, sms_outbox: list[Any]
) -> None:
    client = client_for(user, proved_at=now)
    client.post(REQUEST, {"phone_number": NEW})
    login = sms_outbox[-1].params["code"]
    elsewhere = text_code(client, user, sms_outbox, purpose="phone_change", to="09351112234")
    for code in {login, elsewhere}:
        assert client.post(CHANGE, {"phone_number": NEW, "code": code}).json()["code"] == "otp_invalid"
    assert User.objects.get().phone_number == user.phone_number


def test_old_phone_makes_a_new_account_afterwards(
    client_for: Callable[..., Any], anonymous: Any, user: User, now: datetime, sms_outbox: list[Any]
) -> None:
    old, client = user.phone_number, client_for(user, proved_at=now)
    code = text_code(client, user, sms_outbox, purpose="phone_change", to=NEW)
    client.post(CHANGE, {"phone_number": NEW, "code": code})
    anonymous.post(REQUEST, {"phone_number": old})
    signed_in = anonymous.post(
        "/api/auth/otp/verify/", {"phone_number": old, "code": sms_outbox[-1].params["code"]}
    ).json()
    assert (signed_in["created"], signed_in["user"]["id"] != user.pk) == (True, True)
    assert Session.objects.filter(user=user, revoked_at=None).count() == 1


def test_old_phone_is_told_once_and_again_after_a_fault(
    user: User, now: datetime, sms_outbox: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    row = PhoneChange.objects.create(
        user=user, old_phone="09120000001", new_phone=NEW, changed_at=now, next_attempt_at=now
    )

    def away(message: Any) -> str:
        raise sms.TemporarySmsError("away")

    with monkeypatch.context() as patch:
        patch.setattr(sms, "send", away)
        phone_change.tell_old_phone(phone_change_id=row.pk, now=now)
    row.refresh_from_db()
    assert row.next_attempt_at == now + timedelta(seconds=20)
    phone_change.sweep(now=now)
    assert sms_outbox == []
    for _ in range(2):
        phone_change.sweep(now=now + timedelta(seconds=20))
    assert [message.to for message in sms_outbox] == ["09120000001"]
    row.refresh_from_db()
    assert (row.attempts, row.next_attempt_at) == (2, None)


def test_notice_to_the_old_phone_gives_up(user: User, sms_outbox: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    moment = timezone.now()
    row = PhoneChange.objects.create(
        user=user, old_phone="09120000001", new_phone=NEW, changed_at=moment, next_attempt_at=moment
    )

    def away(message: Any) -> str:
        raise sms.TemporarySmsError("away")

    monkeypatch.setattr(sms, "send", away)
    for _ in range(10):
        moment += timedelta(hours=1)
        phone_change.sweep(now=moment)
    row.refresh_from_db()
    assert (row.attempts, row.next_attempt_at) == (6, None)
