import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from games.models import Game
from tests.factories.users import UserFactory
from tournaments.enums import TournamentStatus
from tournaments.models import SeatCounter, Tournament

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def tournament(transactional_db: None) -> Tournament:
    now = timezone.now()
    cup = Tournament.objects.create(
        name="جام نوروز",
        slug="nowruz",
        game=Game.objects.create(name="EA Sports FC", slug="fc"),
        creator=UserFactory(),
        status=TournamentStatus.PUBLISHED,
        registration_start_at=now - timedelta(days=1),
        registration_end_at=now + timedelta(days=1),
        start_at=now + timedelta(days=2),
        entry_fee_rial=1_500_000,
        created_at=now,
    )
    SeatCounter.objects.create(tournament=cup, taken=3, capacity=16)
    return cup


@pytest.mark.parametrize(("language", "direction"), [("fa", "rtl"), ("en", "ltr")])
@pytest.mark.parametrize("color_scheme", ["light", "dark"])
async def test_start_page_reads_in_the_readers_direction(
    visit: Any, tournament: Tournament, language: str, direction: str, color_scheme: str
) -> None:
    reader = await visit(language, color_scheme=color_scheme)

    page = await reader.open("/")

    assert await page.locator("html").get_attribute("lang") == language
    assert await page.locator("html").get_attribute("dir") == direction
    assert await page.locator("tbody th bdi").first.inner_text() == "جام نوروز"
    assert await page.evaluate("document.fonts.check('16px Vazirmatn')")
    assert reader.problems == []


async def test_start_page_counts_in_the_readers_digits(visit: Any, tournament: Tournament) -> None:
    persian = await (await visit("fa")).open("/")
    english = await (await visit("en")).open("/")

    assert "۱٬۵۰۰٬۰۰۰" in await persian.locator("tbody").inner_text()
    assert "1,500,000 rials" in await english.locator("tbody").inner_text()


@pytest.mark.parametrize("path", ["/", "/payment/?payment=7&status=settled", "/api/docs/errors/"])
@pytest.mark.parametrize("language", ["fa", "en"])
async def test_page_fits_a_phone(visit: Any, tournament: Tournament, language: str, path: str) -> None:
    reader = await visit(language, viewport=PHONE)

    page = await reader.open(path)

    assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert reader.problems == []


async def test_start_page_shows_a_text_message_as_it_arrives(
    visit: Any, transactional_db: None, settings: Any, tmp_path: Path
) -> None:
    settings.SMS_PROVIDERS, settings.SMS_FILE = ["file"], str(tmp_path / "sms.jsonl")
    settings.SHOW_SMS_ON_START_PAGE = True
    reader = await visit("en")
    page = await reader.open("/")

    line = {"to": "09120000001", "text": "<b>کد</b> 123456", "at": timezone.now().isoformat()}
    Path(settings.SMS_FILE).write_text(json.dumps(line) + "\n")
    await page.wait_for_selector("text=123456", timeout=8_000)

    assert await page.locator("#messages li").count() == 1
    assert "<b>کد</b> 123456" in await page.locator("#messages li").inner_text()
    assert reader.problems == []


async def test_swagger_ui_lists_the_operations_from_our_own_files(visit: Any, transactional_db: None) -> None:
    reader = await visit("en")

    page = await reader.open("/api/docs/")
    await page.wait_for_selector("#operations-auth-auth_otp_request")

    await page.click("#operations-auth-auth_otp_request .opblock-summary-control")
    await page.wait_for_selector("#operations-auth-auth_otp_request .opblock-body")
    assert "09123456789" in await page.locator("#operations-auth-auth_otp_request").inner_text()
    assert reader.problems == []


async def test_redoc_shows_the_document_from_our_own_files(visit: Any, transactional_db: None) -> None:
    reader = await visit("en")

    page = await reader.open("/api/redoc/")
    await page.wait_for_selector("h2:has-text('Send a one-time code by SMS')")

    # its maker's logo is the one thing it wants from elsewhere, and our policy does not let it ask
    refused = "Loading the image 'https://cdn.redoc.ly/redoc/logo-mini.svg' violates"
    assert [problem for problem in reader.problems if not problem.startswith(refused)] == []


async def test_error_page_has_an_anchor_for_every_code(visit: Any, transactional_db: None) -> None:
    reader = await visit("en")

    page = await reader.open("/api/docs/errors/#otp_expired")

    assert await page.locator("tr:target code").inner_text() == "otp_expired"
    assert reader.problems == []
