"""CSV files that people open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence

from common.text import StrOrPromise

# What a spreadsheet would take for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_file(header: Sequence[StrOrPromise], rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with a byte order mark, by which Excel knows it; a text never becomes a formula, a number stays one."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_cell(str(name)) for name in header])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
