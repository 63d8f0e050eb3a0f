"""Iranian national ids (کد ملی): ten digits of which the last checks the others."""

from django.utils.translation import gettext_lazy as _

from common.errors import InvalidInput
from common.text import fold_digits

LENGTH = 10


def normalise(text: str, *, field: str = "national_id") -> str:
    """Ten ASCII digits. :raises InvalidInput: on ``field``; it cannot be a national id."""
    digits = fold_digits(text).strip().replace("-", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) == LENGTH and len(set(digits)) > 1):
        raise InvalidInput.of(field, "invalid_national_id", _("This is not a national id."))
    rest = sum(int(digit) * weight for digit, weight in zip(digits, range(LENGTH, 1, -1), strict=False)) % 11
    if int(digits[-1]) != (rest if rest < 2 else 11 - rest):
        raise InvalidInput.of(field, "invalid_national_id", _("This is not a national id."))
    return digits
