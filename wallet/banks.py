"""Account and card numbers of Iranian banks: how they are read, checked and masked, and whose they are."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.text import fold_digits
from wallet.errors import InvalidCardNumber, InvalidSheba

CARD_DIGITS = 16
SHEBA_DIGITS = 24


class Bank(models.TextChoices):
    MARKAZI = "markazi", _("Central Bank of Iran")
    SANAT_MADAN = "sanat_madan", _("Bank of Industry and Mine")
    MELLAT = "mellat", _("Bank Mellat")
    REFAH = "refah", _("Refah Bank")
    MASKAN = "maskan", _("Bank Maskan")
    SEPAH = "sepah", _("Bank Sepah")
    KESHAVARZI = "keshavarzi", _("Bank Keshavarzi")
    MELLI = "melli", _("Bank Melli Iran")
    TEJARAT = "tejarat", _("Tejarat Bank")
    SADERAT = "saderat", _("Bank Saderat Iran")
    TOSEE_SADERAT = "tosee_saderat", _("Export Development Bank of Iran")
    POST = "post", _("Post Bank of Iran")
    TOSEE_TAAVON = "tosee_taavon", _("Tosee Taavon Bank")
    KARAFARIN = "karafarin", _("Karafarin Bank")
    PARSIAN = "parsian", _("Parsian Bank")
    EGHTESAD_NOVIN = "eghtesad_novin", _("EN Bank")
    SAMAN = "saman", _("Saman Bank")
    PASARGAD = "pasargad", _("Bank Pasargad")
    SARMAYEH = "sarmayeh", _("Sarmayeh Bank")
    SINA = "sina", _("Sina Bank")
    MEHR_IRAN = "mehr_iran", _("Gharzolhasaneh Mehr Iran Bank")
    SHAHR = "shahr", _("Shahr Bank")
    AYANDEH = "ayandeh", _("Ayandeh Bank")
    GARDESHGARI = "gardeshgari", _("Tourism Bank")
    DEY = "dey", _("Dey Bank")
    IRAN_ZAMIN = "iran_zamin", _("Iran Zamin Bank")
    RESALAT = "resalat", _("Resalat Gharzolhasaneh Bank")
    MELAL = "melal", _("Melal Credit Institution")
    KHAVARMIANEH = "khavarmianeh", _("Middle East Bank")
    NOOR = "noor", _("Noor Credit Institution")
    IRAN_VENEZUELA = "iran_venezuela", _("Iran Venezuela Bank")


# The three digits after a Sheba's check digits. The military banks became Bank Sepah and kept their numbers.
_BY_SHEBA = {
    "010": Bank.MARKAZI, "011": Bank.SANAT_MADAN, "012": Bank.MELLAT, "013": Bank.REFAH, "014": Bank.MASKAN,
    "015": Bank.SEPAH, "016": Bank.KESHAVARZI, "017": Bank.MELLI, "018": Bank.TEJARAT, "019": Bank.SADERAT,
    "020": Bank.TOSEE_SADERAT, "021": Bank.POST, "022": Bank.TOSEE_TAAVON, "052": Bank.SEPAH, "053": Bank.KARAFARIN,
    "054": Bank.PARSIAN, "055": Bank.EGHTESAD_NOVIN, "056": Bank.SAMAN, "057": Bank.PASARGAD, "058": Bank.SARMAYEH,
    "059": Bank.SINA, "060": Bank.MEHR_IRAN, "061": Bank.SHAHR, "062": Bank.AYANDEH, "063": Bank.SEPAH,
    "064": Bank.GARDESHGARI, "065": Bank.SEPAH, "066": Bank.DEY, "069": Bank.IRAN_ZAMIN, "070": Bank.RESALAT,
    "073": Bank.SEPAH, "075": Bank.MELAL, "078": Bank.KHAVARMIANEH, "079": Bank.SEPAH, "080": Bank.NOOR,
    "095": Bank.IRAN_VENEZUELA,
}  # fmt: skip
# The first six digits of a card.
_BY_CARD = {
    "636795": Bank.MARKAZI, "627961": Bank.SANAT_MADAN, "610433": Bank.MELLAT, "991975": Bank.MELLAT,
    "589463": Bank.REFAH, "628023": Bank.MASKAN, "589210": Bank.SEPAH, "603770": Bank.KESHAVARZI,
    "639217": Bank.KESHAVARZI, "603799": Bank.MELLI, "627353": Bank.TEJARAT, "585983": Bank.TEJARAT,
    "603769": Bank.SADERAT, "627648": Bank.TOSEE_SADERAT, "207177": Bank.TOSEE_SADERAT, "627760": Bank.POST,
    "502908": Bank.TOSEE_TAAVON, "627488": Bank.KARAFARIN, "502910": Bank.KARAFARIN, "622106": Bank.PARSIAN,
    "639194": Bank.PARSIAN, "627884": Bank.PARSIAN, "627412": Bank.EGHTESAD_NOVIN, "621986": Bank.SAMAN,
    "639347": Bank.PASARGAD, "502229": Bank.PASARGAD, "639607": Bank.SARMAYEH, "639346": Bank.SINA,
    "606373": Bank.MEHR_IRAN, "502806": Bank.SHAHR, "504706": Bank.SHAHR, "636214": Bank.AYANDEH,
    "505416": Bank.GARDESHGARI, "502938": Bank.DEY, "505785": Bank.IRAN_ZAMIN, "504172": Bank.RESALAT,
    "606256": Bank.MELAL, "585947": Bank.KHAVARMIANEH, "505809": Bank.KHAVARMIANEH, "507677": Bank.NOOR,
    "627381": Bank.SEPAH, "636949": Bank.SEPAH, "505801": Bank.SEPAH, "639370": Bank.SEPAH, "639599": Bank.SEPAH,
    "581874": Bank.IRAN_VENEZUELA,
}  # fmt: skip
_SEPARATORS = str.maketrans("", "", " \u00a0\u200c\u200e\u200f\u202a\u202b\u202c\t-_.‐‑–—/")


def fold(typed: str) -> str:
    """A number as people type it, without its spaces and dashes, in ASCII digits and capitals."""
    return fold_digits(typed).translate(_SEPARATORS).upper()


def read_sheba(typed: str) -> str:
    """``IR`` and 24 digits; the letters may be left out.

    :raises InvalidSheba: another shape, or a wrong check digit.
    """
    digits = fold(typed).removeprefix("IR")
    if len(digits) != SHEBA_DIGITS or not (digits.isascii() and digits.isdigit()):
        raise InvalidSheba
    # ISO 13616: the country and the check digits go to the end; I is 18 and R is 27
    if int(f"{digits[2:]}1827{digits[:2]}") % 97 != 1:
        raise InvalidSheba
    return f"IR{digits}"


def read_card(typed: str) -> str:
    """16 digits. :raises InvalidCardNumber: another shape, or they fail Luhn's check."""
    digits = fold(typed)
    if len(digits) != CARD_DIGITS or not (digits.isascii() and digits.isdigit()) or digits[0] == "0":
        raise InvalidCardNumber
    doubled = [int(digit) * 2 for digit in digits[::2]]
    if (sum(number - 9 if number > 9 else number for number in doubled) + sum(map(int, digits[1::2]))) % 10:
        raise InvalidCardNumber
    return digits


def bank_of_sheba(sheba: str) -> str:
    """The ``Bank`` of a checked Sheba; empty when we do not know the number."""
    return _BY_SHEBA.get(sheba[4:7], "")


def bank_of_card(card: str) -> str:
    """The ``Bank`` of a checked card number; empty when we do not know the number."""
    return _BY_CARD.get(card[:6], "")
