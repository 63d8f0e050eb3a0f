from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import EmptyFieldListFilter
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from common.errors import DomainError
from common.local_time import localised
from users import staff_session
from users.rules import is_administrator
from wallet import rules, selectors
from wallet.admin.doors import MoneyAdmin, show_form
from wallet.banks import Bank
from wallet.models import PayoutBatch, PayoutDestination, Withdrawal
from wallet.services import destinations, payouts, withdrawals

RESULTS_MAX_BYTES = 1024 * 1024


@admin.register(PayoutDestination)
class PayoutDestinationAdmin(MoneyAdmin):
    list_display = [
        "id",
        "user",
        "kind",
        "masked",
        "bank_name",
        "owner_name",
        "owner_matches",
        "other_owners",
        "created_at",
        "removed_at",
    ]
    list_filter = ["kind", "owner_matches", "bank"]
    search_fields = ["user__username", "user__phone_number", "owner_name", "=last_four"]
    list_select_related = ["user"]
    exclude = ["number_sealed", "fingerprint"]
    readonly_fields = ["other_owners"]
    ordering = ["-id"]
    actions = ["show_number"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PayoutDestination]:
        return selectors.with_other_owners(super().get_queryset(request))

    @admin.display(description=_("The same number is also of"))
    def other_owners(self, destination: PayoutDestination) -> str:
        return _names(destination)

    @admin.display(description=_("Number"))
    def masked(self, destination: PayoutDestination) -> str:
        return f"…{destination.last_four}"

    @admin.display(description=_("Bank"))
    def bank_name(self, destination: PayoutDestination) -> Any:
        return Bank(destination.bank).label if destination.bank else "-"

    @admin.action(description=_("Show the whole number (it is written down)"), permissions=["act"])
    def show_number(self, request: HttpRequest, queryset: QuerySet[PayoutDestination]) -> None:
        for destination in queryset.order_by("pk"):
            reveal(self, request, destination)


@admin.register(Withdrawal)
class WithdrawalAdmin(MoneyAdmin):
    """The queue: the oldest first."""

    list_display = [
        "reference", "user", "amount", "destination", "bank_name", "owner_name", "owner_matches", "other_owners",
        "status", "approvals", "reported_return", "available_at", "created_at",
    ]  # fmt: skip
    list_filter = [
        "status", "destination__kind", "destination__owner_matches", ("return_reported_by", EmptyFieldListFilter),
        "created_at",
    ]  # fmt: skip
    search_fields = ["=reference", "=bank_reference", "user__username", "user__phone_number"]
    list_select_related = ["user", "destination", "approved_by", "second_approved_by", "return_reported_by"]
    readonly_fields = ["owner_name", "owner_matches", "other_owners"]
    ordering = ["id"]
    actions = [
        "approve", "reject", "export", "mark_paid", "mark_returned", "mark_late_return", "dismiss_late_return",
        "show_number",
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Withdrawal]:
        return selectors.with_other_owners(super().get_queryset(request), "destination")

    @admin.display(description=_("The same number is also of"))
    def other_owners(self, withdrawal: Withdrawal) -> str:
        return _names(withdrawal)

    @admin.display(description=_("Amount (Rials)"), ordering="amount_rial")
    def amount(self, withdrawal: Withdrawal) -> str:
        return localised(withdrawal.amount_rial)

    @admin.display(description=_("Bank"))
    def bank_name(self, withdrawal: Withdrawal) -> Any:
        bank = withdrawal.destination.bank
        return Bank(bank).label if bank else "-"

    @admin.display(description=_("Owner"))
    def owner_name(self, withdrawal: Withdrawal) -> str:
        return withdrawal.destination.owner_name

    @admin.display(description=_("Name verified"), boolean=True)
    def owner_matches(self, withdrawal: Withdrawal) -> bool | None:
        return withdrawal.destination.owner_matches

    @admin.display(description=_("Approvals"))
    def approvals(self, withdrawal: Withdrawal) -> str:
        people = [str(person) for person in (withdrawal.approved_by, withdrawal.second_approved_by) if person]
        needed = 2 if rules.needs_two_people(withdrawal) else 1
        return f"{len(people)}/{needed} {', '.join(people)}"

    @admin.display(description=_("Sent back after paying"))
    def reported_return(self, withdrawal: Withdrawal) -> str:
        reporter = withdrawal.return_reported_by
        return f"{2 if withdrawal.return_confirmed_by_id else 1}/2 {reporter}" if reporter else "-"

    @admin.display(description=_("Destination usable from"))
    def available_at(self, withdrawal: Withdrawal) -> Any:
        return rules.usable_at(withdrawal.destination, withdrawal.user)

    @admin.action(description=_("Approve"), permissions=["act"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Withdrawal]) -> HttpResponse | None:
        now, actor, assurance = timezone.now(), _actor(request), staff_session.assurance(request)
        return self.each(
            request,
            queryset,
            lambda pk, note: withdrawals.approve(withdrawal_id=pk, actor=actor, assurance=assurance, now=now),
            _("Approved: %(count)s"),
        )

    @admin.action(description=_("Reject (say why)"), permissions=["act"])
    def reject(self, request: HttpRequest, queryset: QuerySet[Withdrawal]) -> None:
        now, actor = timezone.now(), _actor(request)
        self.each(
            request,
            queryset,
            lambda pk, note: withdrawals.reject(withdrawal_id=pk, actor=actor, reason=note, now=now),
            _("Rejected: %(count)s"),
        )

    @admin.action(description=_("Hand to the bank: make a batch"), permissions=["act"])
    def export(self, request: HttpRequest, queryset: QuerySet[Withdrawal]) -> HttpResponse | None:
        ids = list(queryset.values_list("pk", flat=True))
        try:
            batch = payouts.export(withdrawal_ids=ids, actor=_actor(request), now=timezone.now())
        except DomainError as error:
            self.message_user(request, error.text, messages.ERROR)
            return None
        self.message_user(request, _("Batch %(batch)s is made.") % {"batch": batch}, messages.SUCCESS)
        return redirect("admin:wallet_payoutbatch_change", batch.pk)

    @admin.action(description=_("The bank has paid (give its reference)"), permissions=["act"])
    def mark_paid(self, request: HttpRequest, queryset: QuerySet[Withdrawal]) -> None:
        now, actor = timezone.now(), _actor(request)
        self.each(
            request,
            queryset,
            lambda pk, note: payouts.record_paid(withdrawal_id=pk, bank_reference=note, actor=actor, now=now),
            _("Paid: %(count)s"),
        )

    @admin.action(description=_("The bank has returned it (say why)"), permissions=["act"])
    def mark_returned(self, request: HttpRequest, queryset: QuerySet[Withdrawal]) -> None:
        now, actor = timezone.now(), _actor(request)
        self.each(
            request,
            queryset,
            lambda pk, note: payouts.record_returned(withdrawal_id=pk, reason=note, actor=actor, now=now),
            _("Returned: %(count)s"),
        )

    @admin.action(description=_("The bank has sent it back after paying (two people; say why)"), permissions=["act"])
    def mark_late_return(self, request: HttpRequest, queryset: QuerySet[Withdrawal]) -> HttpResponse | None:
        now, actor, assurance = timezone.now(), _actor(request), staff_session.assurance(request)
        return self.each(
            request,
            queryset,
            lambda pk, note: payouts.record_late_return(
                withdrawal_id=pk, reason=note, actor=actor, assurance=assurance, now=now
            ),
            _("Recorded: %(count)s"),
        )

    @admin.action(description=_("It was not sent back after all (say why)"), permissions=["act"])
    def dismiss_late_return(self, request: HttpRequest, queryset: QuerySet[Withdrawal]) -> None:
        now, actor = timezone.now(), _actor(request)
        self.each(
            request,
            queryset,
            lambda pk, note: payouts.dismiss_late_return(withdrawal_id=pk, reason=note, actor=actor, now=now),
            _("Recorded: %(count)s"),
        )

    @admin.action(description=_("Show the whole number (it is written down)"), permissions=["act"])
    def show_number(self, request: HttpRequest, queryset: QuerySet[Withdrawal]) -> None:
        for withdrawal in queryset.order_by("pk").select_related("destination"):
            reveal(self, request, withdrawal.destination)


class ResultsForm(forms.Form):
    file = forms.FileField(label=_("The bank's answers, a CSV"), allow_empty_file=True)


@admin.register(PayoutBatch)
class PayoutBatchAdmin(MoneyAdmin):
    list_display = ["message_id", "kind", "count", "total", "totals", "created_by", "created_at"]
    list_filter = ["kind", "created_at"]
    search_fields = ["=message_id", "=sha256", "=withdrawals__reference"]
    list_select_related = ["created_by"]
    exclude = ["document_sealed"]
    readonly_fields = ["totals", "doors"]
    ordering = ["-id"]

    @admin.display(description=_("Total (Rials)"), ordering="total_rial")
    def total(self, batch: PayoutBatch) -> str:
        return localised(batch.total_rial)

    @admin.display(description=_("Paid, returned, open"))
    def totals(self, batch: PayoutBatch) -> str:
        return " / ".join(localised(total) for total in selectors.batch_totals(batch).values())

    @admin.display(description=_("Files"))
    def doors(self, batch: PayoutBatch) -> str:
        return format_html(
            '<a href="{}">{}</a> · <a href="{}">{}</a> · <a href="{}">{}</a>',
            reverse("admin:wallet_payoutbatch_document", args=[batch.pk]),
            _("The document for the bank"),
            reverse("admin:wallet_payoutbatch_form", args=[batch.pk]),
            _("A form for the answers"),
            reverse("admin:wallet_payoutbatch_results", args=[batch.pk]),
            _("Take the bank's answers"),
        )

    def get_urls(self) -> list[Any]:
        door = self.admin_site.admin_view
        return [
            path("<int:pk>/document/", door(self.document_view), name="wallet_payoutbatch_document"),
            path("<int:pk>/results.csv", door(self.form_view), name="wallet_payoutbatch_form"),
            path("<int:pk>/results/", door(self.results_view), name="wallet_payoutbatch_results"),
            *super().get_urls(),
        ]

    def document_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        _require_administrator(request)
        try:
            document = payouts.download(batch_id=pk, actor=_actor(request), now=timezone.now())
        except DomainError as error:
            raise Http404 from error
        return _file(document.content, document.name, document.content_type)

    def form_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        _require_administrator(request)
        return _file(payouts.results_form(batch_id=pk, actor=_actor(request)), f"results-{pk}.csv", "text/csv")

    def results_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        _require_administrator(request)
        form = ResultsForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            content = form.cleaned_data["file"].read(RESULTS_MAX_BYTES)
            try:
                told = payouts.import_results(batch_id=pk, content=content, actor=_actor(request), now=timezone.now())
                self.message_user(request, _("Paid %(paid)s, returned %(returned)s, open %(open)s.") % told)
                return redirect("admin:wallet_payoutbatch_change", pk)
            except DomainError as error:
                form.add_error(None, error.text)
                for line, problems in error.errors.items():
                    form.add_error(None, f"{line}: {problems[0]['detail']}")
        return show_form(self, request, form, _("Take the bank's answers"))


def reveal(page: MoneyAdmin, request: HttpRequest, destination: PayoutDestination) -> None:
    number = destinations.reveal(destination_id=destination.pk, actor=_actor(request), now=timezone.now())
    page.message_user(request, f"{destination.owner_name}: {number}", messages.INFO)


def _names(row: Any) -> str:
    return ", ".join(row.other_owners) or "-"


def _actor(request: HttpRequest) -> Any:
    return request.user


def _require_administrator(request: HttpRequest) -> None:
    if not is_administrator(_actor(request)):
        raise Http404


def _file(content: bytes, name: str, content_type: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type=content_type, headers=headers)
