"""Every refusal the product can answer with, collected from the code itself."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions

from common.errors import DomainError
from common.text import StrOrPromise

_PARAMETER = re.compile(r"%\((\w+)\)[sd]")
_FROM_DRF = (exceptions.MethodNotAllowed, exceptions.NotAcceptable, exceptions.UnsupportedMediaType)
SERVER_ERROR = _("Something went wrong on our side. It has been logged.")


@dataclass(frozen=True, slots=True, order=True)
class KnownError:
    """``detail`` in the wanted language, its parameters as ``{name}``; ``area`` is the app that raises it."""

    area: str
    code: str
    status: int
    detail: str


def known_errors(language: str) -> list[KnownError]:
    """All of them in one language, by area and code."""
    _load()
    with translation.override(language):
        return sorted({KnownError(area, code, status, _text(detail)) for area, code, status, detail in _all()})


def _load() -> None:
    """A class exists only once its module is imported, and an ``errors`` module may be imported by nobody yet."""
    for app in apps.get_app_configs():
        if app.module is not None and find_spec(f"{app.name}.errors"):
            import_module(f"{app.name}.errors")


def _all() -> Iterator[tuple[str, str, int, StrOrPromise]]:
    for error in _subclasses(DomainError):
        yield error.__module__.split(".")[0], error.code, error.status, error.detail
    for refusal in _FROM_DRF:
        yield "common", refusal.default_code, refusal.status_code, str(refusal.default_detail)
    yield "common", "server_error", 500, SERVER_ERROR


def _subclasses(cls: type[DomainError]) -> Iterator[type[DomainError]]:
    for subclass in cls.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)


def _text(detail: StrOrPromise) -> str:
    return _PARAMETER.sub(r"{\1}", str(detail))
