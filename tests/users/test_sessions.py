from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from common.models import AuditEntry
from notifications.models import Notification
from tests.conftest import open_session
from tests.factories.users import StaffFactory, UserFactory
from users.authentication import _socket_session
from users.errors import AccountDisabled, NotAdministrator
from users.models import Session, User
from users.services import disabling, otp, sessions, tickets

IP = "127.0.0.1"


@pytest.fixture(autouse=True)
def no_wait_between_codes(settings: Any) -> None:
    settings.OTP_PER_PHONE_HOUR = 100


def sign_in(user: User, sms_outbox: list[Any], capture: Any, *, device: str, moment: datetime, agent: str = "") -> Any:
    with capture(execute=True):
        otp.issue(phone_number=user.phone_number, ip=IP, now=moment)
    with capture(execute=True):
        return sessions.sign_in(
            phone_number=user.phone_number,
            code=sms_outbox[-1].params["code"],
            device=sessions.Device(name=device, user_agent=agent, ip=IP),
            now=moment,
        )


def told(user: User) -> list[Any]:
    notices = Notification.objects.filter(user=user, kind="new_sign_in").order_by("seq")
    return [notice.params["device"] for notice in notices]


def test_owner_is_told_of_a_new_device_once(
    user: User, now: datetime, sms_outbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    for minutes, device, agent in [(0, "Pixel", "a"), (2, "Pixel", "a"), (4, "Pixel", "b"), (6, "", "Firefox\u202e 1")]:
        moment = now + timedelta(minutes=minutes)
        sign_in(user, sms_outbox, django_capture_on_commit_callbacks, device=device, agent=agent, moment=moment)
    assert told(user) == ["Pixel", "Pixel", "Firefox 1"]


def test_new_account_is_not_told_of_its_own_device(anonymous: Any, sms_outbox: list[Any]) -> None:
    anonymous.post("/api/auth/otp/request/", {"phone_number": "09121234567"})
    code = sms_outbox[-1].params["code"]
    anonymous.post("/api/auth/otp/verify/", {"phone_number": "09121234567", "code": code, "device_name": "Pixel"})
    assert Notification.objects.filter(kind="new_sign_in").count() == 0


def test_one_device_too_many_signs_the_least_used_out(
    user: User, now: datetime, settings: Any, sms_outbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    settings.MAX_SESSIONS_PER_USER = 3
    other = open_session(UserFactory())
    for number in range(5):
        moment = now + timedelta(minutes=2 * number)
        sign_in(user, sms_outbox, django_capture_on_commit_callbacks, device=f"device {number}", moment=moment)
        Session.objects.filter(device_name="device 0").update(rotated_at=now + timedelta(hours=1))
    live = Session.objects.filter(user=user, revoked_at=None).order_by("pk")
    assert [session.device_name for session in live] == ["device 0", "device 3", "device 4"]
    other.refresh_from_db()
    assert other.revoked_at is None


def test_sessions_show_device_and_last_use(client_for: Callable[..., Any], user: User) -> None:
    client = client_for(user)
    Session.objects.update(device_name="Pixel", user_agent="Mozilla", ip="192.0.2.1")
    (row,) = client.get("/api/auth/sessions/").json()
    assert set(row) == {"id", "device_name", "user_agent", "ip", "created_at", "last_used_at", "expires_at", "current"}
    assert (row["device_name"], row["user_agent"], row["ip"], row["current"]) == ("Pixel", "Mozilla", "192.0.2.1", True)
    assert Session.objects.get().refresh_jti not in str(row)


def test_ticket_dies_with_its_session(user: User, now: datetime) -> None:
    session = open_session(user)
    lives, dies = tickets.issue(session_id=session.pk), tickets.issue(session_id=session.pk)
    assert _socket_session({"query_string": f"ticket={lives}".encode()}, {}) == (session, None)
    assert _socket_session({"query_string": f"ticket={lives}".encode()}, {}) == (None, None)
    sessions.revoke(session_id=session.pk, actor=user, now=now)
    assert _socket_session({"query_string": f"ticket={dies}".encode()}, {}) == (None, None)


def test_administrator_signs_somebody_out_everywhere(client_for: Callable[..., Any], user: User, staff: User) -> None:
    client, now = client_for(user), timezone.now()
    open_session(user)
    assert sessions.sign_out(user_id=user.pk, actor=staff, reason="stolen phone", now=now) == 2
    assert client.get("/api/auth/me/").status_code == 401
    user.refresh_from_db()
    assert user.staff_sessions_after == now
    entry = AuditEntry.objects.get(action="user.sign_out")
    assert (entry.actor, entry.target_id, entry.reason) == (staff, user.pk, "stolen phone")


def test_nobody_else_signs_somebody_out(client_for: Callable[..., Any], user: User) -> None:
    client, plain_staff = client_for(user), StaffFactory(is_superuser=False)
    with pytest.raises(NotAdministrator):
        sessions.sign_out(user_id=user.pk, actor=plain_staff, reason="", now=timezone.now())
    assert client.get("/api/auth/me/").status_code == 200


def test_disabled_account_is_out_at_once_and_stays_out(
    client_for: Callable[..., Any],
    user: User,
    staff: User,
    now: datetime,
    sms_outbox: list[Any],
    django_capture_on_commit_callbacks: Any,
) -> None:
    client = client_for(user)
    refresh = sessions._tokens(Session.objects.get(user=user)).refresh
    disabling.disable(user_id=user.pk, actor=staff, reason="cheating", now=now)
    assert client.get("/api/auth/me/").status_code == 401
    assert client.post("/api/auth/token/refresh/", {"refresh": refresh}).status_code == 401
    assert Session.objects.filter(user=user, revoked_at=None).count() == 0
    with pytest.raises(AccountDisabled):
        sign_in(user, sms_outbox, django_capture_on_commit_callbacks, device="", moment=now)
