from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from users.models import OTPCode, Session, User

REQUEST, VERIFY, REFRESH = "/api/auth/otp/request/", "/api/auth/otp/verify/", "/api/auth/token/refresh/"
PHONE = "09121234567"


def code_in(sms_outbox: list[Any]) -> str:
    return sms_outbox[-1].params["code"]


def sign_in(client: Any, sms_outbox: list[Any]) -> Any:
    client.post(REQUEST, {"phone_number": PHONE})
    return client.post(VERIFY, {"phone_number": PHONE, "code": code_in(sms_outbox), "device_name": "Pixel"})


def test_otp_sign_in_creates_the_account_once(anonymous: Any, sms_outbox: list[Any]) -> None:
    answer = anonymous.post(REQUEST, {"phone_number": "+98 912 123 4567"})
    assert answer.status_code == 200
    assert answer.json()["ttl"] == 300
    assert sms_outbox[0].to == PHONE

    first = anonymous.post(VERIFY, {"phone_number": "۰۹۱۲۱۲۳۴۵۶۷", "code": code_in(sms_outbox)}).json()
    assert first["created"] is True
    assert first["user"]["phone_number"] == PHONE
    OTPCode.objects.all().delete()
    with_token = anonymous.get("/api/auth/me/", HTTP_AUTHORIZATION=f"Bearer {first['access']}")
    assert with_token.json()["id"] == first["user"]["id"]
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "spelling",
    [
        "09121234567", "9121234567", "+989121234567", "00989121234567", "989121234567", "0912 123 4567",
        "0912-123-4567", "(0912) 1234567", "۰۹۱۲۱۲۳۴۵۶۷", "٠٩١٢١٢٣٤٥٦٧", "+۹۸۹۱۲۱۲۳۴۵۶۷", "０９１２１２３４５６７",
        "\u200e+98 912 123 45 67",
    ],
)  # fmt: skip
def test_otp_request_knows_every_spelling_of_one_phone(anonymous: Any, sms_outbox: list[Any], spelling: str) -> None:
    assert anonymous.post(REQUEST, {"phone_number": spelling}).status_code == 200
    assert sms_outbox[0].to == PHONE


@pytest.mark.parametrize("number", ["", "12345", "09121234567890", "+14155550100", "0812", "abc", "09𝟙21234567x"])
def test_otp_request_refuses_what_is_no_mobile(anonymous: Any, sms_outbox: list[Any], number: str) -> None:
    answer = anonymous.post(REQUEST, {"phone_number": number})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["phone_number"]
    assert sms_outbox == []


def test_otp_request_waits_a_minute_between_codes(anonymous: Any, sms_outbox: list[Any]) -> None:
    anonymous.post(REQUEST, {"phone_number": PHONE})
    again = anonymous.post(REQUEST, {"phone_number": "+98" + PHONE[1:]})
    assert again.status_code == 429
    assert again.json()["code"] == "otp_too_soon"
    assert 0 < int(again["Retry-After"]) <= 60
    assert len(sms_outbox) == 1


def test_otp_verify_locks_after_five_wrong_tries(anonymous: Any, sms_outbox: list[Any]) -> None:
    anonymous.post(REQUEST, {"phone_number": PHONE})
    right = code_in(sms_outbox)
    wrong = "000000" if right != "000000" else "000001"
    codes = [anonymous.post(VERIFY, {"phone_number": PHONE, "code": wrong}).json()["code"] for _ in range(6)]
    assert codes == ["otp_invalid"] * 5 + ["otp_locked"]
    assert anonymous.post(VERIFY, {"phone_number": PHONE, "code": right}).json()["code"] == "otp_locked"
    assert User.objects.count() == 0


def test_otp_verify_takes_a_code_once(anonymous: Any, sms_outbox: list[Any]) -> None:
    assert sign_in(anonymous, sms_outbox).status_code == 200
    again = anonymous.post(VERIFY, {"phone_number": PHONE, "code": code_in(sms_outbox)})
    assert (again.status_code, again.json()["code"]) == (400, "otp_invalid")
    assert Session.objects.count() == 1


def test_otp_verify_refuses_an_expired_code(anonymous: Any, sms_outbox: list[Any]) -> None:
    anonymous.post(REQUEST, {"phone_number": PHONE})
    OTPCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    answer = anonymous.post(VERIFY, {"phone_number": PHONE, "code": code_in(sms_outbox)})
    assert (answer.status_code, answer.json()["code"]) == (400, "otp_expired")


def test_otp_code_is_stored_only_as_a_hash(anonymous: Any, sms_outbox: list[Any]) -> None:
    anonymous.post(REQUEST, {"phone_number": PHONE})
    row = OTPCode.objects.get()
    assert len(row.code_hash) == 32
    assert code_in(sms_outbox).encode() not in bytes(row.code_hash) + bytes(row.salt)


def test_otp_verify_refuses_a_disabled_account(anonymous: Any, sms_outbox: list[Any]) -> None:
    User.objects.create_user(PHONE, username="closed", is_active=False)
    answer = sign_in(anonymous, sms_outbox)
    assert (answer.status_code, answer.json()["code"]) == (403, "account_disabled")
    assert Session.objects.count() == 0


def test_refresh_rotates_and_kills_the_family_on_reuse(anonymous: Any, sms_outbox: list[Any]) -> None:
    old = sign_in(anonymous, sms_outbox).json()["refresh"]
    new = anonymous.post(REFRESH, {"refresh": old}).json()
    assert new["refresh"] != old
    assert anonymous.post(REFRESH, {"refresh": old}).json()["refresh"] == new["refresh"]

    Session.objects.update(rotated_at=timezone.now() - timedelta(seconds=11))
    reused = anonymous.post(REFRESH, {"refresh": old})
    assert (reused.status_code, reused.json()["code"]) == (401, "token_invalid")
    assert anonymous.post(REFRESH, {"refresh": new["refresh"]}).status_code == 401
    assert anonymous.get("/api/auth/me/", HTTP_AUTHORIZATION=f"Bearer {new['access']}").status_code == 401


def test_logout_ends_the_session_at_once(client_for: Callable[..., Any], user: User) -> None:
    client = client_for(user)
    assert client.post("/api/auth/logout/").status_code == 204
    assert client.get("/api/auth/me/").status_code == 401


def test_sessions_are_listed_and_revoked_one_by_one(client_for: Callable[..., Any], user: User) -> None:
    phone, laptop = client_for(user), client_for(user)
    rows = phone.get("/api/auth/sessions/").json()
    assert [row["current"] for row in rows].count(True) == 1
    other = next(row["id"] for row in rows if not row["current"])
    assert phone.delete(f"/api/auth/sessions/{other}/").status_code == 204
    assert laptop.get("/api/auth/me/").status_code == 401
    assert phone.delete(f"/api/auth/sessions/{other}/").status_code == 404


def test_session_of_somebody_else_is_not_found(client_for: Callable[..., Any], user: User, staff: User) -> None:
    client_for(staff)
    foreign = Session.objects.get(user=staff)
    assert client_for(user).delete(f"/api/auth/sessions/{foreign.pk}/").status_code == 404
    foreign.refresh_from_db()
    assert foreign.revoked_at is None


@pytest.mark.parametrize("header", ["Bearer", "Bearer x", "Bearer a b", "Bearer eyJhbGciOiJub25lIn0.e30."])
def test_broken_token_is_401(anonymous: Any, header: str) -> None:
    answer = anonymous.get("/api/auth/me/", HTTP_AUTHORIZATION=header)
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"


def test_me_changes_only_what_a_user_may_change(client_for: Callable[..., Any], user: User) -> None:
    client = client_for(user)
    answer = client.patch("/api/users/users/me/", {"full_name": "آرش كمانگير", "is_staff": True, "phone_number": "1"})
    assert answer.json()["full_name"] == "آرش کمانگیر"
    user.refresh_from_db()
    assert (user.is_staff, user.phone_number) == (False, user.phone_number)
