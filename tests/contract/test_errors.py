"""Every code a client may meet is written down, means one thing, and speaks both languages."""

from collections import Counter

from django.core.management import call_command

from common.error_catalogue import known_errors
from tests.conftest import ApiClient


def test_error_document_is_up_to_date() -> None:
    call_command("error_docs", check=True)


def test_error_codes_are_unique() -> None:
    counted = Counter(error.code for error in known_errors("en"))

    assert [code for code, times in counted.items() if times > 1] == []


def test_error_texts_name_their_parameters_as_a_reader_expects() -> None:
    details = {error.code: error.detail for error in known_errors("en")}

    assert "{size}" in details["roster_invalid"]
    assert [code for code, detail in details.items() if "%(" in detail] == []


def test_error_texts_are_translated() -> None:
    english = {error.code: error.detail for error in known_errors("en")}
    persian = {error.code: error.detail for error in known_errors("fa")}

    assert persian.keys() == english.keys()
    assert [code for code in english if english[code] == persian[code]] == []


def test_error_type_leads_to_its_row(anonymous: ApiClient) -> None:
    refusal = anonymous.get("/api/auth/me/").json()

    page = anonymous.get(refusal["type"].split("#")[0])

    assert refusal["type"] == "/api/docs/errors/#not_authenticated"
    assert '<tr id="not_authenticated">' in page.content.decode()
