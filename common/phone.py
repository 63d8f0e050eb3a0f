"""Iranian mobile numbers: many spellings, one number."""

import re
import unicodedata

from django.utils.translation import gettext_lazy as _

from common.errors import InvalidInput
from common.text import fold_digits

_SEPARATORS = re.compile(r"[\s\-.()\u200c\u200e\u200f\u2066-\u2069\u202a-\u202e]+")
_MOBILE = re.compile(r"(?:\+98|0098|98|0)?(9\d{9})", re.ASCII)


def normalise(raw: str) -> str:
    """The one stored form of a mobile number, ``09123456789``.

    Accepts +98, 0098, 98, 0 or no prefix, Persian and Arabic digits, full-width forms, spaces and dashes.

    :raises InvalidInput: (field ``phone_number``) it is no Iranian mobile number.
    """
    folded = _SEPARATORS.sub("", fold_digits(unicodedata.normalize("NFKC", raw)))
    match = _MOBILE.fullmatch(folded)
    if match is None:
        raise InvalidInput.of("phone_number", "invalid_phone", _("Enter an Iranian mobile number like 09123456789."))
    return "0" + match[1]


def mask(phone: str) -> str:
    """``0912***6789``: what logs and other people may see."""
    return f"{phone[:4]}***{phone[-4:]}"
