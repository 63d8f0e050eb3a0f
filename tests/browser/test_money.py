"""The queue of withdrawals, the report and a statement, as administrators and users see them."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings as configured
from django.test import Client
from django.utils import timezone, translation
from playwright.async_api import Page

from common.local_time import day_of
from tests.factories.payouts import DEBTOR, request_withdrawal
from tests.factories.users import StaffFactory, UserFactory
from tests.factories.wallet import deposit
from users import staff_session
from users.models import User
from wallet import statements
from wallet.models import PayoutBatch, Withdrawal
from wallet.printing import print_url

M = 1_000_000


@pytest.fixture
def staff(transactional_db: None, settings: Any) -> User:
    settings.PAYOUT_DEBTOR_SHEBA, settings.PAYOUT_DEBTOR_NAME = DEBTOR, "میدان"
    return StaffFactory()


def session_of(staff: User) -> str:
    client = Client()
    client.force_login(staff)
    session = client.session
    session[staff_session.STEPPED_UP_AT] = timezone.now().isoformat()
    session.save()
    return client.cookies[configured.SESSION_COOKIE_NAME].value


async def signed_in(reader: Any, staff: User) -> None:
    cookie = {"name": configured.SESSION_COOKIE_NAME, "value": await sync_to_async(session_of)(staff)}
    await reader.page.context.add_cookies([cookie | {"url": reader.base}])


async def act(page: Page, action: str) -> None:
    for box in await page.locator("input.action-select").all():
        await box.check()
    await page.select_option("select[name=action]", action)
    await page.click("button[name=index]")


async def test_the_queue_from_request_to_batch(visit: Any, staff: User) -> None:
    asked = [await sync_to_async(request_withdrawal)(await sync_to_async(UserFactory)(), n * M) for n in (1, 2)]
    reader = await visit("fa")
    await signed_in(reader, staff)
    page = await reader.open("/admin/wallet/withdrawal/")

    assert await page.locator("html").get_attribute("dir") == "rtl"
    shown = await page.locator("#result_list tbody").inner_text()
    assert shown.index(asked[0].reference) < shown.index(asked[1].reference)
    assert "۲٬۰۰۰٬۰۰۰" in shown
    await act(page, "approve")
    await page.wait_for_selector(".messagelist .success")
    await act(page, "export")
    await page.wait_for_url("**/admin/wallet/payoutbatch/*/change/")

    batch = await PayoutBatch.objects.aget()
    async with page.expect_download() as waiting:
        await page.click("text=فایل بانک")
    download = await waiting.value
    assert download.suggested_filename == f"{DEBTOR}{batch.message_id[2:]}.ccti"
    assert [row.status async for row in Withdrawal.objects.all()] == ["submitted"] * 2
    assert reader.problems == []


async def test_the_report_draws_its_days(visit: Any, staff: User) -> None:
    await sync_to_async(deposit)(await sync_to_async(UserFactory)(), M)
    reader = await visit("fa")
    await signed_in(reader, staff)

    page = await reader.open("/admin/wallet/gatewaysettlement/report/")

    assert await page.locator(".chart svg rect title").count() == 1
    assert await page.locator(".chart svg").evaluate("node => node.getBoundingClientRect().height > 50")
    assert "۱٬۰۰۰٬۰۰۰" in await page.locator("#days").inner_text()
    assert reader.problems == []


@pytest.mark.parametrize(("language", "amount"), [("fa", "۱٬۰۰۰٬۰۰۰"), ("en", "1,000,000")])
async def test_a_statement_is_read_and_printed(visit: Any, transactional_db: None, language: str, amount: str) -> None:
    user = await sync_to_async(UserFactory)(full_name="سارا احمدی")
    await sync_to_async(deposit)(user, M)

    def link() -> str:
        today = day_of(timezone.now())
        with translation.override(language):
            return urlsplit(print_url(statements.statement(user, start=today, end=today))).path

    reader = await visit("en", viewport={"width": 390, "height": 844})
    page = await reader.open(await sync_to_async(link)())

    assert await page.locator("html").get_attribute("dir") == {"fa": "rtl", "en": "ltr"}[language]
    assert await page.evaluate("document.fonts.check('15px Vazirmatn')")
    assert await page.locator("#closing").inner_text() == amount
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    await page.emulate_media(media="print")
    assert await page.evaluate("getComputedStyle(document.body).marginTop") == "0px"
    assert len(await page.pdf(prefer_css_page_size=True)) > 1000
    assert reader.problems == []
