"""Usernames: what may be one, and the key under which two that look alike are one and the same (docs/adr)."""

import re
import unicodedata

from django.conf import settings

from common.text import clean_name, fold_digits
from users import errors

MIN_LENGTH, MAX_LENGTH = 3, 30
KEY_MAX_LENGTH = 2 * MAX_LENGTH
"""Of what ``check`` lets through only ``m`` becomes longer, and it doubles."""

ZWNJ = "\u200c"
PUNCTUATION = "._-"
LATIN = "a-zA-Z"
PERSIAN = "آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیءأؤإئةۀ"
_ALLOWED = re.compile(f"[{LATIN}{PERSIAN}0-9۰-۹٠-٩{ZWNJ}._-]*")
_LOOSE_PUNCTUATION = re.compile(rf"^[._-]|[._-]$|[._-]{{2}}|(?<![{PERSIAN}]){ZWNJ}|{ZWNJ}(?![{PERSIAN}])")
_OF_CLOSED_ACCOUNT = re.compile(r"deleted[._-]?\d*", re.IGNORECASE)
_TRAILING_DIGITS = re.compile(r"[._-]*\d*$")

# Spellings of one letter, after compatibility and case folding.
_SPELLINGS = {"ي": "ی", "ى": "ی", "ئ": "ی", "ك": "ک", "آ": "ا", "أ": "ا", "إ": "ا", "ؤ": "و", "ة": "ه", "ۀ": "ه"}
# Letters that people take for one another: the pairs of Unicode's confusables (UTS #39) among the allowed letters, and
# those of Cyrillic and Greek for names that come by another door than ``check``. Each chain ends in one letter.
_LOOKALIKES = {
    "0": "o", "1": "l", "i": "l", "m": "rn", "ا": "l", "ه": "o",
    "а": "a", "в": "b", "е": "e", "к": "k", "м": "rn", "н": "h", "о": "o", "р": "p", "с": "c", "т": "t", "у": "y",
    "х": "x", "ѕ": "s", "і": "l", "ј": "j", "ԁ": "d", "ɡ": "g", "ӏ": "l", "ı": "l",
    "α": "a", "β": "b", "ε": "e", "ι": "l", "κ": "k", "μ": "rn", "ν": "v", "ο": "o", "ρ": "p", "τ": "t", "υ": "y",
    "χ": "x", "η": "n",
}  # fmt: skip
_FOLD = str.maketrans(_LOOKALIKES | {spelling: _LOOKALIKES.get(to, to) for spelling, to in _SPELLINGS.items()})
_IGNORED = str.maketrans("", "", PUNCTUATION + ZWNJ)


def key(name: str) -> str:
    """What two usernames must not share. Letter by letter, so that the key of a beginning begins the key.

    >>> key("Ali.1") == key("all_I") == key("ＡＬＩl")
    True
    """
    folded = fold_digits(unicodedata.normalize("NFKC", name).casefold())
    return folded.translate(_IGNORED).translate(_FOLD)[:KEY_MAX_LENGTH]


def check(name: str) -> str:
    """The name as it is kept: composed letters, Persian yeh and kaf.

    :raises UsernameLength, UsernameCharacters, UsernamePunctuation, UsernameWithoutLetter, UsernameScriptsMixed,
        UsernameReserved: it cannot be a username.
    """
    name = unicodedata.normalize("NFKC", clean_name(name))
    if not MIN_LENGTH <= len(name) <= MAX_LENGTH:
        raise errors.UsernameLength(min=MIN_LENGTH, max=MAX_LENGTH)
    if not _ALLOWED.fullmatch(name):
        raise errors.UsernameCharacters
    if _LOOSE_PUNCTUATION.search(name):
        raise errors.UsernamePunctuation
    latin, persian = re.search(f"[{LATIN}]", name), re.search(f"[{PERSIAN}]", name)
    if not (latin or persian):
        raise errors.UsernameWithoutLetter
    if latin and persian:
        raise errors.UsernameScriptsMixed
    if is_reserved(name):
        raise errors.UsernameReserved
    return name


def is_reserved(name: str) -> bool:
    """It would speak for the platform: a reserved word, also with a number behind it, or a closed account's name."""
    stem = _TRAILING_DIGITS.sub("", fold_digits(name))
    reserved = {key(word) for word in settings.RESERVED_USERNAMES}
    return bool(_OF_CLOSED_ACCOUNT.fullmatch(fold_digits(name))) or not reserved.isdisjoint({key(name), key(stem)})


def of_closed_account(user_id: int) -> str:
    return f"deleted-{user_id}"
