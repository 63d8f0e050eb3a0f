"""Pages of the admin that show what the books say: the settlement report and statements of wallets."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.errors import DomainError
from common.local_time import day_of, localised, readable_day
from common.spreadsheet import csv_file
from users.rules import is_administrator
from wallet import reports, statements
from wallet.admin.doors import UserField, show_form
from wallet.charts import daily_chart
from wallet.enums import GatewayName, JournalKind
from wallet.models import GatewaySettlement, LedgerAccount
from wallet.printing import show_statement, statement_csv

Table = dict[str, Any]


class PeriodForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # "from" is no name that Python lets a class have
        for name, label in (("from", _("From")), ("to", _("To"))):
            self.fields[name] = forms.DateField(
                label=label, required=False, widget=forms.DateInput(attrs={"type": "date"})
            )


class StatementForm(PeriodForm):
    user = UserField(label=_("User: id, username or phone"))
    format = forms.ChoiceField(label=_("As"), choices=[("page", _("Page to print")), ("csv", "CSV")], required=False)


def settlement_report(request: HttpRequest) -> HttpResponse:
    """Totals by day with a picture, by gateway with what it owes, and by tournament; each table also as CSV."""
    _require_administrator(request)
    form = PeriodForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    try:
        start, end = _period(asked)
    except DomainError:
        start, end = _period({})
    by_day = reports.days(start=start, end=end)
    tables = [_days(by_day), _gateways(start, end), _owed(), _tournaments(start, end)]
    wanted = request.GET.get("csv")
    for table in tables:
        if table["name"] == wanted:
            return _csv(csv_file(table["header"], table["rows"]), f"{wanted}-{start}-{end}.csv")
    context = {
        **admin.site.each_context(request),
        "opts": GatewaySettlement._meta,
        "title": _("Settlement report"),
        "start": start,
        "end": end,
        "period": f"{readable_day(start)} - {readable_day(end)}",
        "chart": daily_chart(by_day),
        "tables": [{**table, "rows": [_readable(row) for row in table["rows"]]} for table in tables],
    }
    return TemplateResponse(request, "admin/wallet/report.html", context)


def wallet_statement(request: HttpRequest) -> HttpResponse:
    """Anybody's statement, for administrators."""
    _require_administrator(request)
    form = StatementForm(request.GET if "user" in request.GET else None)
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        try:
            start, end = _period(asked)
            found = statements.statement(asked["user"], start=start, end=end)
        except DomainError as error:
            form.add_error(None, error.text)
        else:
            if asked["format"] == "csv":
                return _csv(statement_csv(found), f"statement-{found.user.pk}-{start}-{end}.csv")
            return show_statement(request, found)
    page = type("Page", (), {"admin_site": admin.site, "opts": LedgerAccount._meta})
    return show_form(page, request, form, _("Statement of a wallet"))


def _days(by_day: list[reports.DayTotals]) -> Table:
    return {
        "name": "days",
        "title": _("By day"),
        "header": [_("Date"), *(JournalKind(kind).label for kind in reports.DAILY_KINDS)],
        "rows": [[row.day, *row.cells] for row in by_day],
    }


def _gateways(start: date, end: date) -> Table:
    return {
        "name": "gateways",
        "title": _("By gateway"),
        "header": [
            _("Date"), _("Gateway"), _("Payments"), _("Settled"), _("Fees"), _("Reversed"), _("Came to the bank"),
            _("Kept by the gateway"),
        ],
        "rows": [
            [row.day, row.name, row.payments, row.settled_rial, row.fees_rial, row.reversed_rial, row.received_rial,
             row.kept_rial]
            for row in reports.gateway_days(start=start, end=end)
        ],
    }  # fmt: skip


def _owed() -> Table:
    return {
        "name": "owed",
        "title": _("What the gateways still owe"),
        "header": [_("Gateway"), _("Owed")],
        "rows": [[str(GatewayName(name).label), owed] for name, owed in reports.owed_by_gateways().items()],
    }


def _tournaments(start: date, end: date) -> Table:
    kinds = [JournalKind(kind).label for kind in reports.TOURNAMENT_KINDS]
    return {
        "name": "tournaments",
        "title": _("By tournament"),
        "header": [_("Tournament"), *kinds, _("Left in the escrow")],
        "rows": [[row.tournament_id, *row.cells] for row in reports.tournaments(start=start, end=end)],
    }


def _readable(row: list[Any]) -> list[str]:
    return [_cell(cell) for cell in row]


def _cell(value: Any) -> str:
    if isinstance(value, date):
        return readable_day(value)
    return localised(value) if isinstance(value, int) else str(value)


def _period(asked: dict[str, Any]) -> tuple[date, date]:
    return statements.period(asked.get("from"), asked.get("to"), today=day_of(timezone.now()))


def _require_administrator(request: HttpRequest) -> None:
    if not is_administrator(request.user):
        raise PermissionDenied


def _csv(content: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)
