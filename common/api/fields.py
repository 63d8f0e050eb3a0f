"""Serializer fields that know how people in Iran type."""

from typing import Any

from rest_framework import serializers

from common import text


class NameField(serializers.CharField):
    """A one-line name, cleaned of bidi and control marks before it is checked."""

    clean = staticmethod(text.clean_name)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return super().run_validation(self.clean(data) if isinstance(data, str) else data)


class TextField(NameField):
    """Text of several lines, cleaned of bidi and control marks."""

    clean = staticmethod(text.clean_text)


class IntegerField(serializers.IntegerField):
    """A whole number within 64 bits; Persian and Arabic digits are folded. A bool or a float is not a number."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", -(2**63))
        kwargs.setdefault("max_value", 2**63 - 1)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool | float):
            self.fail("invalid")
        return super().to_internal_value(text.fold_digits(data) if isinstance(data, str) else data)


class IdField(IntegerField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, **kwargs)


class RialField(IntegerField):
    """An amount of money in Rials: whole, never negative."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", 0)
        kwargs.setdefault("help_text", "In Rials (IRR).")
        super().__init__(**kwargs)
