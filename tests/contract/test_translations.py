"""Whatever the product says to a person, it says in Persian too."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import rest_framework
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation import gettext, override

from common.translation import BORROWED
from tests.conftest import ApiClient

KEYWORDS = DEFAULT_KEYWORDS | {"gettext_lazy": None, "gettext_noop": None, "ngettext_lazy": (1, 2)}
PARAMETER = re.compile(r"%\(\w+\)[sd]|%%|\{[\w:]+\}|</?\w+[^>]*>")
NOT_PERSIAN_LETTERS = re.compile("[يكىة٠-٩]")
TRANSLATORS = re.compile(r"n?p?gettext\w*")


def mapping() -> tuple[Any, Any]:
    with (settings.BASE_DIR / "babel.cfg").open() as config:
        return parse_mapping_cfg(config)


@pytest.fixture(scope="module")
def extracted() -> set[str | tuple[str, ...]]:
    methods, options = mapping()
    found = extract_from_dir(settings.BASE_DIR, methods, options, keywords=KEYWORDS)
    return {message for _, _, message, _, _ in found}


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with (settings.BASE_DIR / "locale" / "fa" / "LC_MESSAGES" / "django.po").open("rb") as source:
        return read_po(source, locale="fa")


def messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def test_catalogue_holds_what_the_source_says_and_nothing_else(
    catalogue: Catalog, extracted: set[str | tuple[str, ...]]
) -> None:
    held = {message.id for message in messages(catalogue)}

    assert sorted(map(str, extracted - held)) == []
    assert sorted(map(str, held - extracted)) == []


def test_extraction_reads_python_templates_and_plurals(extracted: set[str | tuple[str, ...]]) -> None:
    plural = ("%(count)s payment is being asked about.", "%(count)s payments are being asked about.")

    assert {"Sign in first.", "The payment has arrived", "%(amount)s rials", plural} <= extracted


def test_catalogue_is_complete(catalogue: Catalog) -> None:
    plurals = {message.id: len(forms(message.string)) for message in messages(catalogue) if message.pluralizable}

    assert [message.id for message in messages(catalogue) if not all(forms(message.string))] == []
    assert [message.id for message in messages(catalogue) if message.fuzzy] == []
    assert set(plurals.values()) == {catalogue.num_plurals}


def test_translations_keep_parameters_and_markup(catalogue: Catalog) -> None:
    different = [
        message.id
        for message in messages(catalogue)
        for source, translated in zip(forms(message.id), forms(message.string), strict=True)
        if sorted(PARAMETER.findall(source)) != sorted(PARAMETER.findall(translated))
    ]

    assert different == []


def test_translations_are_typed_with_persian_letters(catalogue: Catalog) -> None:
    texts = [text for message in messages(catalogue) for text in forms(message.string)]

    assert [text for text in texts if NOT_PERSIAN_LETTERS.search(text) or text != text.strip()] == []


def test_translating_functions_go_by_names_that_extraction_knows() -> None:
    unknown = [
        f"{path.relative_to(settings.BASE_DIR)}: {name.asname or name.name}"
        for app in sorted(settings.BASE_DIR.glob("*/__init__.py"))
        if app.parent.name != "tests"
        for path in sorted(app.parent.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for name in node.names
        if TRANSLATORS.fullmatch(name.name) and (name.asname or name.name) not in KEYWORDS
    ]

    assert unknown == []


def test_borrowed_texts_are_still_what_the_framework_says() -> None:
    framework = Path(rest_framework.__file__).parent
    said = {message for _, _, message, _, _ in extract_from_dir(framework, [("**.py", "python")], keywords={"_": None})}

    assert sorted(set(BORROWED) - said) == []


@pytest.mark.parametrize(
    ("method", "path", "status", "detail"),
    [
        ("get", "/api/auth/me/", 401, "ابتدا وارد حساب خود شوید."),
        ("get", "/api/tournaments/tournaments/999999/", 404, "موردی که می‌خواهید پیدا نشد."),
        ("delete", "/api/auth/otp/request/", 405, "متد DELETE در این نشانی مجاز نیست."),
        ("post", "/api/auth/otp/request/", 400, "بخشی از اطلاعات فرستاده‌شده درست نیست."),
    ],
)
def test_api_refuses_in_persian(
    client_for: Callable[..., ApiClient], method: str, path: str, status: int, detail: str
) -> None:
    answer = getattr(client_for(None, language="fa"), method)(path)

    assert (answer.status_code, answer.json()["detail"]) == (status, detail)
    assert answer["Content-Language"] == "fa"


def test_api_names_a_field_error_in_persian(client_for: Callable[..., ApiClient]) -> None:
    answer = client_for(None, language="fa").post("/api/auth/otp/request/", {})

    assert answer.json()["errors"] == {
        "phone_number": [{"code": "required", "detail": "وارد کردن این مورد الزامی است."}]
    }


def test_page_speaks_persian_unless_english_is_asked_for(client_for: Callable[..., ApiClient]) -> None:
    persian = client_for(None, language="fa").get("/payment/").content.decode()
    english = client_for(None, language="en").get("/payment/").content.decode()

    assert "<title>پرداخت · میدان</title>" in persian
    assert "<title>Payment · Meydan</title>" in english


def test_compiled_catalogue_is_the_one_in_the_source(catalogue: Catalog) -> None:
    plain = [message for message in messages(catalogue) if not message.pluralizable]

    with override("fa"):
        assert [message.id for message in plain if gettext(message.id) != message.string] == []
