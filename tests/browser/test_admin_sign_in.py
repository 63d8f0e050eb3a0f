"""Staff sign in with a real browser: set-up, second factor, lock-out, in both directions of reading."""

import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone
from playwright.async_api import Page

from common.sms import memory
from tests.factories.users import StaffFactory
from tests.users.test_second_factor import enable
from users.models import User

PASSWORD = "correct horse battery"
PHONE = {"width": 390, "height": 844}


@pytest.fixture(autouse=True)
def production(settings: Any) -> None:
    settings.STAFF_TOTP_REQUIRED = True


@pytest.fixture
def staff(transactional_db: None) -> User:
    user = StaffFactory()
    user.set_password(PASSWORD)
    user.save()
    return user


async def give_password(page: Page, user: User, password: str = PASSWORD) -> None:
    await page.fill("#id_username", user.phone_number)
    await page.fill("#id_password", password)
    await page.click("input[type=submit]")


async def send(page: Page, code: str) -> None:
    await page.fill("#id_code", code)
    await page.click("#login-form input[type=submit]")


@pytest.mark.parametrize(("language", "direction"), [("fa", "rtl"), ("en", "ltr")])
async def test_staff_set_the_second_factor_up_before_anything_else(
    visit: Any, staff: User, language: str, direction: str
) -> None:
    reader = await visit(language, viewport=PHONE)
    page = await reader.open("/admin/")
    assert await page.locator("html").get_attribute("dir") == direction
    assert await page.evaluate("document.fonts.check('16px Vazirmatn')")
    await give_password(page, staff)

    await page.wait_for_url("**/admin/second-factor/set-up/")
    await page.click("input[name=send]")
    await page.wait_for_selector("[role=status]")
    await send(page, memory.outbox[-1].params["code"])

    await page.wait_for_selector(".qr svg")
    assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    box = await page.locator(".qr svg").bounding_box()
    assert box is not None
    assert box["width"] > 150
    secret = await page.locator("code").first.inner_text()
    await send(page, pyotp.TOTP(secret).now())

    await page.wait_for_selector(".codes li")
    codes = await page.locator(".codes li").all_inner_texts()
    assert (len(codes), all(re.fullmatch(r"(\w{4}-){2}\w{4}", code) for code in codes)) == (10, True)
    await page.click("a.button")
    await page.wait_for_selector("#user-tools")
    assert reader.problems == []

    await page.click("#logout-form button")
    await reader.open("/admin/")
    await give_password(page, staff)
    await page.wait_for_url("**/admin/second-factor/")
    await send(page, codes[0])
    await page.wait_for_selector("#user-tools")
    assert reader.problems == []


async def test_app_opens_the_admin_and_wrong_codes_lock_it(visit: Any, staff: User) -> None:
    app, _ = await sync_to_async(enable)(staff, timezone.now() - timedelta(minutes=5))
    reader = await visit("fa")
    page = await reader.open("/admin/users/user/")
    await give_password(page, staff)
    await page.wait_for_url("**/admin/second-factor/")
    right = app.now()
    await send(page, right)
    await page.wait_for_url("**/admin/users/user/")
    assert await page.locator("html").get_attribute("lang") == "fa"
    assert reader.problems == []

    thief = await visit("fa")
    page = await thief.open("/admin/")
    await give_password(page, staff)
    for _ in range(5):
        await send(page, right)
        await page.wait_for_selector("[data-code=second_factor_invalid]")
    await send(page, right)
    await page.wait_for_selector("[data-code=second_factor_locked]")
    assert "کد بازیابی" in await page.locator(".errornote").inner_text()


async def test_wrong_passwords_lock_the_account(visit: Any, staff: User, settings: Any) -> None:
    settings.STAFF_LOGIN_PER_ACCOUNT = 3
    reader = await visit("fa", color_scheme="dark")
    page = await reader.open("/admin/")
    for code in ["staff_sign_in_refused"] * 3 + ["staff_sign_in_locked"]:
        await give_password(page, staff, "wrong")
        await page.wait_for_selector(f"[data-code={code}]")
    await give_password(page, staff)
    await page.wait_for_selector("[data-code=staff_sign_in_locked]")
    assert "دوباره تلاش کنید" in await page.locator(".errornote").inner_text()


async def test_development_says_what_production_asks_for(visit: Any, staff: User, settings: Any) -> None:
    settings.STAFF_TOTP_REQUIRED = False
    reader = await visit("fa")
    page = await reader.open("/admin/")
    assert "در محیط واقعی" in await page.locator(".note").inner_text()
    await give_password(page, staff)
    await page.wait_for_selector("#user-tools")
    await page.click(".note a")
    await page.wait_for_selector("input[name=send]")
    assert reader.problems == []
