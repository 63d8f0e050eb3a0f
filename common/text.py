"""Text as people in Iran type it: three kinds of digits, two kinds of yeh and kaf, marks that reorder a line."""

import re
import unicodedata

from django.utils.functional import Promise

StrOrPromise = str | Promise
"""A text, or one that will be translated when it is shown."""

_DIGITS = {ord(d): str(i) for i, d in enumerate("۰۱۲۳۴۵۶۷۸۹")} | {ord(d): str(i) for i, d in enumerate("٠١٢٣٤٥٦٧٨٩")}
_LETTERS = {ord("ي"): "ی", ord("ك"): "ک", ord("ى"): "ی"}
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# With what neither XML nor UTF-8 can carry.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def fold_digits(text: str) -> str:
    """Persian and Arabic digits become ASCII digits."""
    return text.translate(_DIGITS)


def clean_name(text: str) -> str:
    """A name on one line: NFC, Persian letters, no bidi or control marks, single spaces."""
    text = unicodedata.normalize("NFC", text).translate(_LETTERS)
    return " ".join(_CONTROL.sub("", _BIDI.sub("", text)).split())


def clean_text(text: str) -> str:
    """Free text of several lines: NFC, no bidi or control marks; line breaks stay."""
    return _CONTROL.sub("", _BIDI.sub("", unicodedata.normalize("NFC", text))).strip()
