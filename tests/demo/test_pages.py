import json
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from config.pages import localised
from tests.conftest import ApiClient

LINE = {"to": "09120000001", "template": "otp", "text": "کد: 123456", "at": "2026-01-01T10:00:00+00:00"}


@pytest.fixture
def sms_file(settings: Any, tmp_path: Path) -> Path:
    settings.SMS_PROVIDERS, settings.SMS_FILE = ["file"], str(tmp_path / "sms.jsonl")
    return tmp_path / "sms.jsonl"


def test_start_page_keeps_text_messages_to_itself_by_default(anonymous: ApiClient, sms_file: Path) -> None:
    sms_file.write_text(json.dumps(LINE) + "\n")

    assert "123456" not in anonymous.get("/").content.decode()


def test_start_page_shows_the_newest_text_messages_first(anonymous: ApiClient, sms_file: Path, settings: Any) -> None:
    settings.SHOW_SMS_ON_START_PAGE = True
    texts = [f"code {number:05d}" for number in range(5000)]
    sms_file.write_text("".join(json.dumps({**LINE, "text": text}) + "\n" for text in texts) + '{"to": "091')

    shown = anonymous.get("/").content.decode()

    places = [shown.find(text) for text in reversed(texts[-11:])]
    assert -1 not in places
    assert places == sorted(places)
    assert texts[-13] not in shown


def test_start_page_lives_without_an_sms_file(anonymous: ApiClient, sms_file: Path, settings: Any) -> None:
    settings.SHOW_SMS_ON_START_PAGE = True

    assert anonymous.get("/").status_code == 200


@pytest.mark.parametrize(
    ("query", "outcome"),
    [
        ("status=settled&payment=12", "paid"),
        ("status=FAILED&payment=12", "failed"),
        ("status=verifying&payment=12", "unknown"),
        ("", "unknown"),
        ("status=%00&payment=%00", "unknown"),
    ],
)
def test_payment_page_says_what_the_bank_said(anonymous: ApiClient, query: str, outcome: str) -> None:
    page = anonymous.get(f"/payment/?{query}")

    assert page.status_code == 200
    assert f'class="card receipt {outcome}"' in page.content.decode()


@pytest.mark.parametrize("number", ["<script>", "۱۲", "9" * 30, "-1"])
def test_payment_page_repeats_nothing_but_a_number(anonymous: ApiClient, number: str) -> None:
    page = anonymous.get("/payment/", {"status": "settled", "payment": number}).content.decode()

    assert number not in page
    assert "Payment number" not in page


def test_payment_page_reads_nothing(anonymous: ApiClient, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        anonymous.get("/payment/?status=settled&payment=12")


@pytest.mark.parametrize("path", ["/", "/payment/", "/api/docs/errors/"])
def test_pages_are_only_read(anonymous: ApiClient, path: str) -> None:
    assert anonymous.post(path, {}).status_code == 405


def test_numbers_are_written_as_people_write_them() -> None:
    with translation.override("fa"):
        assert localised(1_500_000) == "۱٬۵۰۰٬۰۰۰"
    with translation.override("en"):
        assert localised(1_500_000) == "1,500,000"
