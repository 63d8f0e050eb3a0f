"""The way into the admin, page by page; nobody is in without a second factor."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pyotp
import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from common.models import AuditEntry
from tests.factories.users import StaffFactory, UserFactory
from tests.users.test_second_factor import enable
from users.models import RecoveryCode, SecondFactor, User
from users.services import second_factor, sessions

LOGIN, CODE, SET_UP, INDEX = "/admin/login/", "/admin/second-factor/", "/admin/second-factor/set-up/", "/admin/"
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def production(settings: Any) -> None:
    settings.STAFF_TOTP_REQUIRED = True


@pytest.fixture
def staff(db: None) -> User:
    return with_password(StaffFactory())


def with_password(user: User) -> User:
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def page(client: Client, django_capture_on_commit_callbacks: Any) -> Callable[..., Any]:
    """``page(path)`` reads, ``page(path, field=…)`` posts; on-commit work runs as after a commit."""

    def ask(path: str, **form: str) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            if form:
                return client.post(path, form, headers={"accept-language": "en"})
            return client.get(path, headers={"accept-language": "en"})

    return ask


def give_password(page: Callable[..., Any], user: User, password: str = PASSWORD, **more: str) -> Any:
    return page(LOGIN, username=user.phone_number, password=password, **more)


def refusal(answer: Any) -> str | None:
    found = re.search(r'data-code="(\w+)"', answer.content.decode())
    return found[1] if found else None


def is_in(page: Callable[..., Any]) -> bool:
    return page(INDEX).status_code == 200


def test_password_alone_opens_nothing(page: Callable[..., Any], staff: User, now: datetime) -> None:
    enable(staff, now)
    assert give_password(page, staff).url == CODE
    assert not is_in(page)


def test_password_and_app_open_the_admin(page: Callable[..., Any], staff: User, now: datetime, client: Client) -> None:
    app, _ = enable(staff, now - timedelta(minutes=5))
    give_password(page, staff, next="/admin/users/user/")
    before = client.session.session_key
    answer = page(CODE, code=app.now())
    assert (answer.status_code, answer.url) == (302, "/admin/users/user/")
    assert client.session.session_key != before
    assert is_in(page)
    entry = AuditEntry.objects.get(action="staff.sign_in")
    assert (entry.actor, entry.changes) == (staff, {"ip": "127.0.0.1", "second_factor": True})
    assert client.cookies["sessionid"]["httponly"] is True
    assert client.cookies["sessionid"]["path"] == "/admin/"


def test_recovery_code_opens_the_admin_once(page: Callable[..., Any], staff: User, now: datetime) -> None:
    _, codes = enable(staff, now)
    give_password(page, staff)
    assert page(CODE, code=codes[0]).status_code == 302
    page("/admin/logout/", x="")
    give_password(page, staff)
    assert refusal(page(CODE, code=codes[0])) == "second_factor_invalid"
    assert not is_in(page)


def test_wrong_code_opens_nothing_and_locks(page: Callable[..., Any], staff: User, now: datetime) -> None:
    app, _ = enable(staff, now - timedelta(minutes=5))
    give_password(page, staff)
    right = {app.at(now + timedelta(seconds=30 * step)) for step in range(-2, 4)}
    wrong = next(
        code for code in ("000000", "111111", "222222", "333333", "444444", "555555", "666666") if code not in right
    )
    assert [refusal(page(CODE, code=wrong)) for _ in range(5)] == ["second_factor_invalid"] * 5
    locked = page(CODE, code=app.now())
    assert (locked.status_code, refusal(locked)) == (429, "second_factor_locked")
    assert 0 < int(locked["Retry-After"]) <= 900
    assert not is_in(page)
    assert AuditEntry.objects.filter(action="staff.sign_in_refused", target_id=staff.pk).count() == 6


def admin_pages() -> Iterator[str]:
    for pattern in admin.site.get_urls():
        name = getattr(pattern, "name", None)
        if name and name not in {
            "login",
            "logout",
            "second_factor",
            "second_factor_set_up",
            "view_on_site",
            "app_list",
        }:
            yield f"/admin/{pattern.pattern}"
    for model, _ in admin.site._registry.items():
        for name in ("changelist", "add"):
            yield reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}")
    yield from ("/admin/", "/admin/users/", "/admin/r/1/1/", "/admin/nothing/", "/admin/users/user/1/change/")


@pytest.mark.parametrize("state", ["anonymous", "password", "password, app not confirmed", "signed in without proof"])
def test_no_page_is_reached_without_the_second_factor(
    client: Client, page: Callable[..., Any], staff: User, now: datetime, state: str
) -> None:
    if state == "password":
        enable(staff, now)
    if state == "password, app not confirmed":
        enable(staff, now)
        SecondFactor.objects.update(confirmed_at=None)
    if state.startswith("password"):
        give_password(page, staff)
    if state == "signed in without proof":
        client.force_login(staff)
    pages = sorted(set(admin_pages()))
    assert len(pages) > 40
    for path in pages:
        for answer in (page(path), page(path, action="x")):
            assert answer.status_code == 302, path
            assert answer.url.startswith((LOGIN, INDEX)), path
            assert "sidebar" not in answer.content.decode()


def test_staff_without_an_app_set_one_up_before_anything_else(
    page: Callable[..., Any], staff: User, sms_outbox: list[Any]
) -> None:
    assert give_password(page, staff, next="/admin/users/user/").url == SET_UP
    asks_phone = page(SET_UP).content.decode()
    assert staff.phone_number not in asks_phone
    assert f"{staff.phone_number[:4]}***{staff.phone_number[-4:]}" in asks_phone
    assert SecondFactor.objects.count() == 0

    page(SET_UP, send="1")
    assert sms_outbox[-1].to == staff.phone_number
    assert refusal(page(SET_UP, code="000000" if sms_outbox[-1].params["code"] != "000000" else "1")) == "otp_invalid"
    assert page(SET_UP, code=sms_outbox[-1].params["code"]).url == SET_UP

    shown = page(SET_UP).content.decode()
    secret = re.search(r'<code dir="ltr">(\w{32})</code>', shown)[1]  # type: ignore[index]
    assert "<svg" in shown
    assert secret in page(SET_UP).content.decode(), "a page that is loaded again shows the same code"
    assert refusal(page(SET_UP, code="000000")) == "second_factor_invalid"
    assert not is_in(page)

    done = page(SET_UP, code=pyotp.TOTP(secret).now()).content.decode()
    codes = re.findall(r"<li><code>([\w-]+)</code></li>", done)
    assert (len(codes), RecoveryCode.objects.filter(user=staff).count()) == (10, 10)
    assert 'href="/admin/users/user/"' in done
    assert is_in(page)
    assert page(SET_UP).url == INDEX


def test_secret_that_somebody_else_began_with_is_not_shown(
    page: Callable[..., Any], staff: User, sms_outbox: list[Any], now: datetime
) -> None:
    """Else whoever has the password could plant a secret of theirs."""
    planted = second_factor.set_up(actor=staff, assurance=second_factor.Assurance(2, now), now=now).secret
    give_password(page, staff)
    page(SET_UP, send="1")
    page(SET_UP, code=sms_outbox[-1].params["code"])
    assert planted not in page(SET_UP).content.decode()


def test_set_up_that_took_too_long_begins_again(
    page: Callable[..., Any], staff: User, sms_outbox: list[Any], settings: Any
) -> None:
    give_password(page, staff)
    page(SET_UP, send="1")
    page(SET_UP, code=sms_outbox[-1].params["code"])
    first = page(SET_UP).content.decode()
    settings.TOTP_SETUP_SECONDS = -1
    again = page(SET_UP).content.decode()
    secrets = [re.search(r'<code dir="ltr">(\w{32})</code>', text)[1] for text in (first, again)]  # type: ignore[index]
    assert secrets[0] != secrets[1]
    settings.STEP_UP_SECONDS = -1
    assert 'name="send"' in page(SET_UP).content.decode()


def test_secret_under_a_lost_key_is_said_and_not_a_fault(
    page: Callable[..., Any], staff: User, sms_outbox: list[Any], settings: Any
) -> None:
    give_password(page, staff)
    page(SET_UP, send="1")
    page(SET_UP, code=sms_outbox[-1].params["code"])
    page(SET_UP)
    settings.ENCRYPTION_KEYS = ["another-key"]
    assert refusal(page(SET_UP)) == "second_factor_unreadable"


def test_password_alone_cannot_set_an_app_up(page: Callable[..., Any], staff: User) -> None:
    give_password(page, staff)
    page(SET_UP)
    page(SET_UP, code="123456")
    assert SecondFactor.objects.count() == 0


@pytest.mark.parametrize("who", ["nobody", "player", "wrong password", "disabled", "no password"])
def test_refusals_look_the_same(page: Callable[..., Any], staff: User, who: str) -> None:
    user = {
        "nobody": UserFactory.build(phone_number="09990000000"),
        "player": with_password(UserFactory()),
        "wrong password": staff,
        "disabled": with_password(StaffFactory(is_active=False)),
        "no password": StaffFactory(),
    }[who]
    answer = give_password(page, user, "wrong" if who == "wrong password" else PASSWORD)
    assert (answer.status_code, refusal(answer)) == (200, "staff_sign_in_refused")
    assert page(CODE).url == LOGIN
    known = AuditEntry.objects.filter(action="staff.sign_in_refused").values_list("target_id", flat=True)
    assert list(known) == ([] if who == "nobody" else [user.pk])


def test_account_is_locked_after_ten_refusals_from_anywhere(
    page: Callable[..., Any], client: Client, staff: User
) -> None:
    spellings = [staff.phone_number, "+98" + staff.phone_number[1:], "0098" + staff.phone_number[1:]]
    told = [
        refusal(
            client.post(
                LOGIN,
                {"username": spellings[number % 3], "password": "wrong"},
                REMOTE_ADDR=f"192.0.2.{number}",
                headers={"accept-language": "en"},
            )
        )
        for number in range(11)
    ]
    assert told == ["staff_sign_in_refused"] * 10 + ["staff_sign_in_locked"]
    locked = give_password(page, staff)
    assert (locked.status_code, refusal(locked)) == (429, "staff_sign_in_locked")
    assert 0 < int(locked["Retry-After"]) <= 900
    assert give_password(page, with_password(StaffFactory())).status_code == 302


def test_address_is_locked_after_thirty_refusals(page: Callable[..., Any], staff: User) -> None:
    told = [refusal(page(LOGIN, username=f"0912{number:07d}", password="x")) for number in range(31)]
    assert told == ["staff_sign_in_refused"] * 30 + ["staff_sign_in_locked"]
    assert refusal(give_password(page, staff)) == "staff_sign_in_locked"


def test_right_passwords_are_not_counted(page: Callable[..., Any], staff: User) -> None:
    assert {give_password(page, staff).status_code for _ in range(12)} == {302}


@pytest.mark.parametrize("target", ["//evil.example/", "https://evil.example/", "javascript:alert(1)"])
def test_sign_in_leads_to_our_own_pages_only(page: Callable[..., Any], staff: User, now: datetime, target: str) -> None:
    app, _ = enable(staff, now - timedelta(minutes=5))
    give_password(page, staff, next=target)
    assert page(CODE, code=app.now()).url == INDEX


def enter(page: Callable[..., Any], staff: User) -> None:
    _, codes = enable(staff, timezone.now())
    give_password(page, staff)
    page(CODE, code=codes[0])
    assert is_in(page)


@pytest.mark.parametrize(
    "end", ["sign out", "disable app", "reset", "disable account", "no staff", "too old", "password"]
)
def test_sign_in_ends_at_once(page: Callable[..., Any], staff: User, settings: Any, end: str) -> None:
    enter(page, staff)
    now, other = timezone.now(), StaffFactory()
    {
        "sign out": lambda: sessions.sign_out(user_id=staff.pk, actor=other, reason="", now=now),
        "disable app": lambda: second_factor.disable(actor=staff, assurance=second_factor.Assurance(2, now), now=now),
        "reset": lambda: second_factor.reset(user_id=staff.pk, actor=None, reason="", now=now),
        "disable account": lambda: User.objects.filter(pk=staff.pk).update(is_active=False),
        "no staff": lambda: User.objects.filter(pk=staff.pk).update(is_staff=False),
        "too old": lambda: setattr(settings, "STAFF_SESSION_HOURS", 0),
        "password": lambda: with_password(User.objects.get(pk=staff.pk)),
    }[end]()
    assert not is_in(page)


def test_step_between_waits_a_quarter_of_an_hour(page: Callable[..., Any], staff: User, settings: Any) -> None:
    _, codes = enable(staff, timezone.now())
    give_password(page, staff)
    settings.STAFF_SIGN_IN_SECONDS = -1
    assert page(CODE, code=codes[0]).url == LOGIN
    assert RecoveryCode.objects.filter(used_at=None).count() == 10


def test_changed_password_voids_the_step_between(page: Callable[..., Any], staff: User) -> None:
    _, codes = enable(staff, timezone.now())
    give_password(page, staff)
    with_password(staff)
    assert page(CODE, code=codes[0]).url == LOGIN


def test_development_lets_a_password_in_and_says_so(page: Callable[..., Any], staff: User, settings: Any) -> None:
    settings.STAFF_TOTP_REQUIRED = False
    assert "In production nobody is in without one." in page(LOGIN).content.decode()
    assert give_password(page, staff).url == INDEX
    assert "Production requires one." in page(INDEX).content.decode()
    assert page(SET_UP).status_code == 200


def test_development_asks_whoever_has_set_an_app_up(
    page: Callable[..., Any], staff: User, settings: Any, now: datetime
) -> None:
    settings.STAFF_TOTP_REQUIRED = False
    give_password(page, staff)
    assert is_in(page)
    app, _ = enable(staff, now - timedelta(minutes=5))
    assert not is_in(page), "a sign-in from before the app was set up has not proved it"
    assert give_password(page, staff).url == CODE
    page(CODE, code=app.now())
    assert is_in(page)


@pytest.mark.parametrize("path", [LOGIN, CODE, SET_UP])
def test_sign_in_pages_are_not_kept_by_anybody(page: Callable[..., Any], staff: User, path: str) -> None:
    answer = page(path)
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Frame-Options"] == "DENY"
