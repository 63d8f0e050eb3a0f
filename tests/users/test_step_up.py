from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils.dateparse import parse_datetime
from pyotp import TOTP
from rest_framework_simplejwt.tokens import AccessToken

from common.models import AuditEntry
from tests.conftest import access_token, open_session
from tests.users.test_second_factor import enable
from users.assurance import Assurance, require_step_up
from users.authentication import access_of
from users.errors import StepUpRequired, TokenInvalid
from users.models import User
from users.services import sessions

REQUEST, STEP_UP = "/api/auth/otp/request/", "/api/auth/step-up/"


@pytest.mark.parametrize(
    ("level", "seconds_ago", "passes"),
    [(1, None, False), (2, 0, True), (2, 300, True), (2, 301, False), (2, -1, False), (1, 0, False), (2, None, False)],
)
def test_second_factor_counts_as_fresh_for_five_minutes(
    now: datetime, level: int, seconds_ago: int | None, passes: bool
) -> None:
    proved_at = None if seconds_ago is None else now - timedelta(seconds=seconds_ago)
    assurance = Assurance(level=level, proved_at=proved_at)
    if passes:
        require_step_up(assurance, now=now)
    else:
        with pytest.raises(StepUpRequired):
            require_step_up(assurance, now=now)


def test_access_token_says_when_the_second_factor_was_proved(user: User, now: datetime) -> None:
    assert access_of(access_token(user)).assurance == Assurance()
    stepped_up = access_of(access_token(user, proved_at=now))
    assert stepped_up.assurance == Assurance(level=2, proved_at=now.replace(microsecond=0))
    assert stepped_up.session.user == user


@pytest.mark.parametrize("claim", [{"acr": 2}, {"acr": "x", "proved_at": 1}, {"acr": 2, "proved_at": None}])
def test_token_whose_claims_make_no_sense_is_refused(user: User, claim: dict[str, Any]) -> None:
    token = AccessToken(access_token(user))  # type: ignore[arg-type]
    token.payload |= claim
    with pytest.raises(TokenInvalid):
        access_of(str(token))


def text_code(client: Any, user: User, sms_outbox: list[Any], purpose: str = "step_up", to: str = "") -> str:
    """The code that the phone gets for the purpose."""
    answer = client.post(REQUEST, {"phone_number": to or user.phone_number, "purpose": purpose})
    assert answer.status_code == 200, answer.content
    return sms_outbox[-1].params["code"]


def test_texted_code_steps_up_where_there_is_no_app(
    client_for: Callable[..., Any], user: User, sms_outbox: list[Any]
) -> None:
    client = client_for(user)
    code = text_code(client, user, sms_outbox)
    answer = client.post(STEP_UP, {"otp": code})
    assert answer.status_code == 200
    assurance = access_of(answer.json()["access"]).assurance
    assert (assurance.level, assurance.proved_at is not None) == (2, True)
    fresh = parse_datetime(answer.json()["fresh_until"])
    assert assurance.proved_at is not None
    assert fresh == assurance.proved_at + timedelta(seconds=300)
    again = client.post(STEP_UP, {"otp": code})
    assert (again.status_code, again.json()["code"]) == (400, "otp_invalid")
    assert AuditEntry.objects.filter(action="session.step_up", actor=user).count() == 1


def test_code_of_another_purpose_does_not_step_up(
    client_for: Callable[..., Any], user: User, sms_outbox: list[Any]
) -> None:
    client = client_for(user)
    client.post(REQUEST, {"phone_number": user.phone_number})
    answer = client.post(STEP_UP, {"otp": sms_outbox[-1].params["code"]})
    assert (answer.status_code, answer.json()["code"]) == (400, "otp_invalid")


def test_sign_in_and_refresh_are_level_1(client_for: Callable[..., Any], user: User, now: datetime) -> None:
    session = open_session(user)
    tokens = sessions._tokens(session)
    assert access_of(tokens.access).assurance == Assurance()
    client = client_for(user, proved_at=now)
    fresh = client.post("/api/auth/token/refresh/", {"refresh": tokens.refresh}).json()["access"]
    assert access_of(fresh).assurance == Assurance()


def test_text_message_is_not_enough_where_an_app_is_set_up(
    client_for: Callable[..., Any], user: User, now: datetime, sms_outbox: list[Any]
) -> None:
    enable(user, now)
    client = client_for(user)
    code = text_code(client, user, sms_outbox)
    answer = client.post(STEP_UP, {"otp": code})
    assert (answer.status_code, answer.json()["code"]) == (400, "second_factor_required")


def test_app_steps_up(client_for: Callable[..., Any], user: User, now: datetime) -> None:
    app, _ = enable(user, now - timedelta(minutes=5))
    answer = client_for(user).post(STEP_UP, {"code": app.now()})
    assert access_of(answer.json()["access"]).assurance.level == 2


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "code_or_otp"),
        ({"code": "123456", "otp": "123456"}, "code_or_otp"),
        ({"otp": "12"}, "invalid_code"),
        ({"code": ""}, "blank"),
        ({"code": "x" * 41}, "max_length"),
    ],
)
def test_step_up_refuses_nonsense(client_for: Callable[..., Any], user: User, body: Any, code: str) -> None:
    answer = client_for(user).post(STEP_UP, body)
    assert (answer.status_code, [item["code"] for item in next(iter(answer.json()["errors"].values()))]) == (
        400,
        [code],
    )


def test_code_without_an_app_is_refused(client_for: Callable[..., Any], user: User) -> None:
    answer = client_for(user).post(STEP_UP, {"code": "123456"})
    assert (answer.status_code, answer.json()["code"]) == (400, "second_factor_missing")


def test_whole_way_from_a_text_message_to_another_phone(
    anonymous: Any, sms_outbox: list[Any], settings: Any, now: datetime
) -> None:
    """Nothing but what a client has: sign in, step up by phone, set the app up, step up by app, move to a new phone."""
    settings.OTP_RESEND_SECONDS = 0
    old, new = "09121234567", "09351112233"

    def post(path: str, body: dict[str, Any], access: str = "") -> Any:
        token = {"HTTP_AUTHORIZATION": f"Bearer {access}"} if access else {}
        answer = anonymous.post(f"/api/auth/{path}/", body, **token)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def texted(purpose: str, phone: str, access: str = "") -> str:
        post("otp/request", {"phone_number": phone, "purpose": purpose}, access)
        return sms_outbox[-1].params["code"]

    access = post("otp/verify", {"phone_number": old, "code": texted("login", old)})["access"]
    access = post("step-up", {"otp": texted("step_up", old, access)}, access)["access"]
    app = TOTP(post("totp/setup", {}, access)["secret"])
    codes = post("totp/confirm", {"code": app.at(now - timedelta(seconds=30))}, access)["recovery_codes"]
    access = post("step-up", {"code": codes[0]}, access)["access"]
    access = post("step-up", {"code": app.now()}, access)["access"]
    moved = post("phone-change", {"phone_number": new, "code": texted("phone_change", new, access)}, access)
    assert moved["phone_number"] == new
    assert User.objects.get().phone_number == new
