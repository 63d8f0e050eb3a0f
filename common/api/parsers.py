"""Parsers that answer 400 to what stock ones turn into a 500: NUL, lone surrogates, NaN, double keys, deep nesting."""

import json
import math
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from rest_framework.parsers import BaseParser, FormParser, MultiPartParser

from common.errors import MalformedBody

MAX_DEPTH = 20
MAX_NUMBER_LENGTH = 30


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _number(text: str) -> int:
    if len(text) > MAX_NUMBER_LENGTH:
        raise ValueError("a number is too long")
    return int(text)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number is too large")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key stands twice")
    return result


def check_text(value: str) -> None:
    """:raises ValueError: the text has a NUL or half a surrogate pair, which PostgreSQL cannot store."""
    if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise ValueError("a text has a character that is not allowed")


def _check(value: Any, depth: int = 0) -> None:
    if depth > MAX_DEPTH:
        raise ValueError("nested too deeply")
    if isinstance(value, str):
        check_text(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            check_text(key)
            _check(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth + 1)


def load_json(raw: bytes | str) -> Any:
    """Strict JSON, for HTTP bodies and socket frames.

    :raises MalformedBody: it is not JSON, or holds something no client should send.
    """
    try:
        value = json.loads(
            raw, parse_constant=_no_constant, parse_int=_number, parse_float=_finite, object_pairs_hook=_unique
        )
        _check(value)
    except (ValueError, RecursionError) as error:
        raise MalformedBody from error
    return value


class StrictJSONParser(BaseParser):
    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        raw = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(raw) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise MalformedBody
        value = load_json(raw) if raw.strip() else {}
        if not isinstance(value, dict):
            raise MalformedBody
        return value


def _check_fields(data: Any) -> None:
    try:
        for key, values in data.lists():
            check_text(key)
            for value in values:
                check_text(value)
    except ValueError as error:
        raise MalformedBody from error


class StrictFormParser(FormParser):
    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            data = super().parse(stream, media_type, parser_context)
        except (UnicodeDecodeError, LookupError, RequestDataTooBig, TooManyFieldsSent) as error:
            raise MalformedBody from error
        _check_fields(data)
        return data


class StrictMultiPartParser(MultiPartParser):
    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            result = super().parse(stream, media_type, parser_context)
        except (UnicodeDecodeError, LookupError, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent) as error:
            raise MalformedBody from error
        _check_fields(result.data)
        return result
