import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.api.parsers import MAX_DEPTH, load_json
from common.errors import MalformedBody

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(VALUES)
def test_proper_json_is_read_as_it_is(value: Any) -> None:
    assert load_json(json.dumps(value)) == value
    assert load_json(json.dumps(value, ensure_ascii=False).encode()) == value


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_json_or_refused(raw: bytes) -> None:
    try:
        value = load_json(raw)
    except MalformedBody:
        return
    json.dumps(value, allow_nan=False).encode()


@pytest.mark.parametrize(
    "raw",
    ["NaN", "[Infinity]", "-Infinity", "1e999", "-1e400", "1" * 31, '{"a":1,"a":2}', '{"a":{"b":1,"b":1}}', r'"\u0000"',
     r'"\ud800"', r'{"\udc00":1}', r'{"a\u0000":1}', "[" * 100_000, '{"a":' * 5000, "", "{", "'a'", "01", "1 2",
     "\ufeff1", b"\xff\xff", b"\xed\xa0\x80", "[1,]", "+1", "0x1", "tru"],
    ids=lambda raw: ascii(raw[:20]),
)  # fmt: skip
def test_what_no_client_should_send_is_refused(raw: Any) -> None:
    with pytest.raises(MalformedBody):
        load_json(raw)


def test_depth_has_a_limit() -> None:
    assert load_json("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    with pytest.raises(MalformedBody):
        load_json("[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2))
