"""The existing web client signs in under older names."""

from collections.abc import Callable
from typing import Any

import pytest

from users.models import Session, User

SEND, VERIFY = "/api/users/users/send_otp/", "/api/users/users/verify_otp/"
PHONE = "09121234567"


def test_aliases_sign_in_refresh_and_tell_who(anonymous: Any, sms_outbox: list[Any]) -> None:
    sent = anonymous.post(SEND, {"identifier": "+98 912 123 4567"})
    assert (sent.status_code, list(sent.json())) == (200, ["message"])

    tokens = anonymous.post(VERIFY, {"identifier": "۰۹۱۲۱۲۳۴۵۶۷", "code": sms_outbox[-1].params["code"]}).json()
    assert sorted(tokens) == ["access", "refresh"]
    for path in ("/api/token/refresh/", "/auth/jwt/refresh/"):
        tokens = anonymous.post(path, {"refresh": tokens["refresh"]}).json()
        assert sorted(tokens) == ["access", "refresh"]

    header = f"Bearer {tokens['access']}"
    me = anonymous.get("/auth/users/me/", HTTP_AUTHORIZATION=header)
    assert me["Cache-Control"] == anonymous.get("/api/auth/me/", HTTP_AUTHORIZATION=header)["Cache-Control"]
    assert me.json() == anonymous.get("/api/auth/me/", HTTP_AUTHORIZATION=header).json()
    assert me.json()["phone_number"] == PHONE
    assert (User.objects.count(), Session.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "error"),
    [
        (SEND, {}, 400, "invalid", "This field is required."),
        (SEND, {"identifier": "12"}, 400, "invalid", "Enter an Iranian mobile number like 09123456789."),
        (SEND, {"identifier": "a@b.c"}, 400, "invalid", "Enter an Iranian mobile number like 09123456789."),
        (VERIFY, {"identifier": PHONE, "code": "12"}, 400, "invalid", "Enter the six digits of the code."),
        (VERIFY, {"identifier": PHONE, "code": "123456"}, 400, "otp_invalid", "The code is not right."),
        (
            "/auth/jwt/refresh/",
            {"refresh": "x"},
            401,
            "token_invalid",
            "The token is not valid any more. Sign in again.",
        ),
        (
            "/api/token/refresh/",
            {"refresh": "x"},
            401,
            "token_invalid",
            "The token is not valid any more. Sign in again.",
        ),
    ],
)
def test_refusals_of_aliases_carry_an_error_text(
    anonymous: Any, path: str, body: dict[str, str], status: int, code: str, error: str
) -> None:
    answer = anonymous.post(path, body)
    assert (answer.status_code, answer.json()["code"], answer.json()["error"]) == (status, code, error)
    assert answer["Content-Type"] == "application/problem+json"
    assert User.objects.count() == 0


def test_alias_of_me_asks_for_a_token(anonymous: Any) -> None:
    answer = anonymous.get("/auth/users/me/")
    assert (answer.status_code, answer.json()["error"]) == (401, "Sign in first.")


def test_aliases_share_the_limits(client_for: Callable[..., Any], sms_outbox: list[Any]) -> None:
    first, second = client_for(None), client_for(None)
    assert first.post("/api/auth/otp/request/", {"phone_number": PHONE}).status_code == 200
    again = second.post(SEND, {"identifier": "+98" + PHONE[1:]})
    assert (again.status_code, again.json()["code"], len(sms_outbox)) == (429, "otp_too_soon", 1)
    assert int(again["Retry-After"]) > 0


@pytest.mark.parametrize("path", [SEND, VERIFY, "/api/token/refresh/", "/auth/jwt/refresh/"])
def test_aliases_answer_other_methods_and_broken_bodies_in_one_shape(anonymous: Any, path: str) -> None:
    assert (anonymous.get(path).status_code, anonymous.get(path).json()["code"]) == (405, "method_not_allowed")
    broken = anonymous.generic("POST", path, "{", content_type="application/json")
    assert (broken.status_code, broken.json()["code"]) == (400, "malformed_body")
    assert broken.json()["error"] == broken.json()["detail"]
