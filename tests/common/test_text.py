"""Numbers and names as people type them: many spellings, one meaning."""

import unicodedata
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common import phone
from common.errors import InvalidInput
from common.text import clean_name, clean_text, fold_digits

SCRIPTS = ["0123456789", "۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩"]
PREFIXES = ["+98", "0098", "98", "0", ""]
ours = settings(max_examples=200, deadline=None, derandomize=True, database=None)


def test_all_19683_spellings_of_nine_digits_are_one_number() -> None:
    spelt = ("09" + "".join(SCRIPTS[script][int(digit)] for script, digit in zip(scripts, "123456789", strict=True))
             for scripts in product(range(3), repeat=9))  # fmt: skip

    assert {phone.normalise(text) for text in spelt} == {"09123456789"}


@ours
@given(
    number=st.from_regex(r"9[0-9]{9}", fullmatch=True),
    prefix=st.sampled_from(PREFIXES),
    scripts=st.lists(st.sampled_from(SCRIPTS), min_size=14, max_size=14),
    gaps=st.lists(
        st.sampled_from(["", "", " ", "-", ".", "\u200c", "\u200f", "\xa0", "(", ")"]), min_size=15, max_size=15
    ),
)
def test_every_spelling_is_one_number(number: str, prefix: str, scripts: list[str], gaps: list[str]) -> None:
    whole = prefix + number
    folded = [scripts[i][int(char)] if char.isdigit() else char for i, char in enumerate(whole)]
    spelt = "".join(gap + char for gap, char in zip(gaps, folded, strict=False)) + gaps[-1]

    assert phone.normalise(spelt) == "0" + number


@pytest.mark.parametrize(
    "text",
    ["", " ", "0912345678", "091234567890", "08123456789", "+19123456789", "0098912345678", "0912345678a", "²" * 11,
     "०९१२३४५६७८९", "9" * 10_000, "+۹۸", "0912\x003456789", "0912345678९", "--", "٩" * 11, "009809123456789"],
)  # fmt: skip
def test_what_is_no_iranian_mobile_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        phone.normalise(text)
    assert refused.value.errors["phone_number"][0]["code"] == "invalid_phone"


@ours
@given(st.text())
def test_any_text_is_a_number_or_refused(text: str) -> None:
    try:
        number = phone.normalise(text)
    except InvalidInput:
        return
    assert (len(number), number[:2], number.isascii(), number.isdigit()) == (11, "09", True, True)


def test_mask_hides_the_middle() -> None:
    assert phone.mask("09123456789") == "0912***6789"


@ours
@given(st.text())
def test_clean_text_is_clean_and_stays_so(text: str) -> None:
    for clean in (clean_name, clean_text):
        once = clean(text)
        assert clean(once) == once
        assert not set(once) & set("\0\x08\x1f\x7f\u202e\u2066\u2069\u200e\u200f\u061c")
    assert "\n" not in clean_name(text)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("علي  كريمي", "علی کریمی"),
        ("\u202eevil\u202c", "evil"),
        ("  a\t\nb  ", "a b"),
        ("می\u200cروم", "می\u200cروم"),
        (unicodedata.normalize("NFD", "é"), "é"),
        ("👩\u200d👧", "👩\u200d👧"),
    ],
)
def test_name_is_cleaned(typed: str, shown: str) -> None:
    assert clean_name(typed) == shown


def test_digits_are_folded_and_nothing_else() -> None:
    assert fold_digits("۱٢3x²") == "123x²"
