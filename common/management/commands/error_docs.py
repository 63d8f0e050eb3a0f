from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.error_catalogue import known_errors

HEAD = """\
# Error codes

Made by `./run manage error_docs` from the code; do not edit. The running product shows the same list at
`/api/docs/errors/`.

Every refusal is an `application/problem+json` document: `type, title, status, detail, code, errors, params,
request_id`. Branch on `code`, it is stable; show `detail`, it is in the language of `Accept-Language` (`fa` by default,
or `en`). `errors` maps a field to what is wrong with it. 429 and 503 say in `Retry-After` when to come back.
"""
TABLE_HEAD = ("| Code | Status | English | فارسی |", "|---|---|---|---|")


class Command(BaseCommand):
    help = "Write docs/api/errors.md: every error code with its status and its text in English and Persian."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Write nothing; fail when the file is out of date.")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = settings.BASE_DIR / "docs" / "api" / "errors.md"
        wanted = document()
        if options["check"]:
            if not path.exists() or path.read_text(encoding="utf-8") != wanted:
                raise CommandError("docs/api/errors.md is out of date: run manage.py error_docs")
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted, encoding="utf-8")


def document() -> str:
    """The whole page as Markdown."""
    persian = {(error.area, error.code): error.detail for error in known_errors("fa")}
    parts = [HEAD]
    for area, errors in groupby(known_errors("en"), key=attrgetter("area")):
        rows = [
            f"| `{error.code}` | {error.status} | {_cell(error.detail)} | {_cell(persian[area, error.code])} |"
            for error in errors
        ]
        parts.append("\n".join([f"## {area}", "", *TABLE_HEAD, *rows, ""]))
    return "\n".join(parts)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
