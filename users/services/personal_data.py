"""What the product holds about a person. Each app registers its part in its ``handlers.py``."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model, QuerySet

from users.models import User


@dataclass(frozen=True, slots=True)
class Part:
    """``tables`` holds rows by name; ``files`` the stored paths of pictures that the person sent."""

    tables: dict[str, Iterable[dict[str, Any]]]
    files: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    models: frozenset[type[Model]]
    collect: Callable[[User], Part]


_sections: dict[str, Section] = {}


def exports(name: str, *models: type[Model]) -> Callable[[Callable[[User], Part]], Callable[[User], Part]]:
    """Register a function that collects one section of the export; ``models`` are those it reads a person's rows of."""

    def register(collect: Callable[[User], Part]) -> Callable[[User], Part]:
        _sections[name] = Section(name, frozenset(models), collect)
        return collect

    return register


def sections() -> Iterator[Section]:
    """All of them, by name."""
    yield from (_sections[name] for name in sorted(_sections))


def rows(queryset: QuerySet[Any], *fields: str) -> list[dict[str, Any]]:
    """The rows in the order of their making, with these columns."""
    return list(queryset.order_by("pk").values(*fields))
