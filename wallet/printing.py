"""A statement as files and pages for people: a CSV for spreadsheets, a page for the printer."""

from datetime import date
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common.local_time import localised, readable_day, readable_moment
from common.spreadsheet import csv_file
from users.models import User
from wallet import statements
from wallet.enums import JournalKind
from wallet.statements import Statement

_SALT = "wallet.statement"


def statement_csv(statement: Statement) -> bytes:
    """In the caller's language, with the opening and the closing balance as its first and last line."""
    header = [_("Date"), _("Type"), _("Amount (Rials)"), _("Balance (Rials)"), _("Tournament"), _("Number")]
    opening = ["", _("Opening balance"), "", statement.opening_rial, "", ""]
    closing = ["", _("Closing balance"), "", statement.closing_rial, "", ""]
    rows = [
        [
            readable_moment(row.created_at),
            str(JournalKind(row.kind).label),
            row.amount_rial,
            row.balance_rial,
            row.tournament_id,
            row.journal.pk,
        ]
        for row in statement.rows
    ]
    return csv_file(header, [opening, *rows, closing])


def print_url(statement: Statement) -> str:
    """A link to the printable page that works for STATEMENT_LINK_SECONDS without signing in."""
    token = signing.dumps(
        {
            "user": statement.user.pk,
            "from": statement.start.isoformat(),
            "to": statement.end.isoformat(),
            "language": get_language(),
        },
        salt=_SALT,
    )
    return f"{settings.PUBLIC_URL}/statements/{token}/"


@never_cache
@require_safe
def statement_page(request: HttpRequest, token: str) -> HttpResponse:
    """:raises Http404: the link is forged or too old, or its user is gone."""
    try:
        asked: dict[str, Any] = signing.loads(token, salt=_SALT, max_age=settings.STATEMENT_LINK_SECONDS)
    except signing.BadSignature as error:
        raise Http404 from error
    user = User.objects.filter(pk=asked["user"], is_active=True).first()
    if user is None:
        raise Http404
    found = statements.statement(user, start=date.fromisoformat(asked["from"]), end=date.fromisoformat(asked["to"]))
    with translation.override(asked["language"]):
        return show_statement(request, found)


def show_statement(request: HttpRequest, statement: Statement) -> HttpResponse:
    """The printable page in the active language."""
    return render(
        request,
        "wallet_statement.html",
        {
            "statement": statement,
            "start": readable_day(statement.start),
            "end": readable_day(statement.end),
            "opening": localised(statement.opening_rial),
            "closing": localised(statement.closing_rial),
            "came": localised(statement.came_rial),
            "went": localised(statement.went_rial),
            "rows": [
                {
                    "at": readable_moment(row.created_at),
                    "kind": JournalKind(row.kind).label,
                    "amount": localised(row.amount_rial),
                    "balance": localised(row.balance_rial),
                    "tournament": row.tournament_id,
                    "number": row.journal.pk,
                }
                for row in statement.rows
            ],
        },
    )
