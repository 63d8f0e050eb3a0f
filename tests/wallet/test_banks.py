import pytest

from tests.factories.payouts import make_card, make_sheba
from wallet import banks
from wallet.errors import InvalidCardNumber, InvalidSheba

SHEBA = "IR840120000000000123456789"
CARD = "6104337812345674"


@pytest.mark.parametrize(
    "typed",
    [
        SHEBA, SHEBA.lower(), SHEBA[2:], "IR84 0120 0000 0000 0123 4567 89", "IR84-0120-0000-0000-0123-4567-89",
        "\u200fIR۸۴ ۰۱۲۰ ۰۰۰۰ ۰۰۰۰ ۰۱۲۳ ۴۵۶۷ ۸۹", "٨٤٠١٢٠٠٠٠٠٠٠٠٠٠١٢٣٤٥٦٧٨٩", " ir84\u00a00120 0000 0000 0123 4567 89 ",
    ],
)  # fmt: skip
def test_a_sheba_is_read_however_it_is_typed(typed: str) -> None:
    assert banks.read_sheba(typed) == SHEBA


def test_one_wrong_digit_of_a_sheba_is_seen() -> None:
    for place in range(2, 26):
        for digit in set("0123456789") - {SHEBA[place]}:
            with pytest.raises(InvalidSheba):
                banks.read_sheba(SHEBA[:place] + digit + SHEBA[place + 1 :])


@pytest.mark.parametrize(
    "typed", ["", "IR", "IR84", SHEBA + "0", "DE" + SHEBA[2:], "IRIR" + SHEBA[4:], "IR" + "²" * 24]
)
def test_what_has_no_shape_of_a_sheba_is_refused(typed: str) -> None:
    with pytest.raises(InvalidSheba):
        banks.read_sheba(typed)


@pytest.mark.parametrize("typed", [CARD, "6104-3378-1234-5674", "۶۱۰۴ ۳۳۷۸ ۱۲۳۴ ۵۶۷۴", "6104 3378 1234 5674"])
def test_a_card_is_read_however_it_is_typed(typed: str) -> None:
    assert banks.read_card(typed) == CARD


def test_one_wrong_digit_of_a_card_is_seen() -> None:
    for place in range(16):
        for digit in set("0123456789") - {CARD[place]}:
            with pytest.raises(InvalidCardNumber):
                banks.read_card(CARD[:place] + digit + CARD[place + 1 :])


@pytest.mark.parametrize("typed", ["", "0" * 16, CARD[:-1], CARD + "0", "a" * 16])
def test_what_has_no_shape_of_a_card_is_refused(typed: str) -> None:
    with pytest.raises(InvalidCardNumber):
        banks.read_card(typed)


@pytest.mark.parametrize(
    ("bank", "expected"), [("012", "mellat"), ("017", "melli"), ("063", "sepah"), ("057", "pasargad"), ("999", "")]
)
def test_bank_of_a_sheba(bank: str, expected: str) -> None:
    assert banks.bank_of_sheba(make_sheba(bank)) == expected


@pytest.mark.parametrize(("prefix", "expected"), [("603799", "melli"), ("621986", "saman"), ("111111", "")])
def test_bank_of_a_card(prefix: str, expected: str) -> None:
    assert banks.bank_of_card(make_card(prefix)) == expected
