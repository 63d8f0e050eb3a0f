import csv
import io

import pytest

from common.spreadsheet import csv_file


@pytest.mark.parametrize("text", ["=1+1", "+98", "-x", "@SUM(A1)", "\tx", "\r=x", "\n=x"])
def test_a_text_never_becomes_a_formula(text: str) -> None:
    read = list(csv.reader(io.StringIO(csv_file([text], [[text]]).decode("utf-8-sig"), newline="")))
    assert read == [[f"'{text}"], [f"'{text}"]]


def test_numbers_stay_numbers_and_nothing_is_empty() -> None:
    content = csv_file(["نام", "n"], [['سارا, "x"', -5], [None, 0]])
    assert content == '\ufeffنام,n\r\n"سارا, ""x""",-5\r\n,0\r\n'.encode()
