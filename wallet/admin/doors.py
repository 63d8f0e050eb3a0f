"""What the pages of the wallet share: forms that call a service, and fields beside the actions."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ActionForm
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.errors import DomainError
from common.phone import normalise
from common.readonly_admin import ReadOnlyAdmin
from common.text import fold_digits
from users.errors import StepUpRequired
from users.models import User
from users.rules import is_administrator


class NoteForm(ActionForm):
    """Beside the actions: a reason, or the bank's reference, as the action needs."""

    note = forms.CharField(label=_("Reason or bank reference"), max_length=500, required=False)


class UserField(forms.CharField):
    """Somebody by id, username or phone."""

    def clean(self, value: Any) -> User:
        typed = fold_digits(super().clean(value)).strip()
        found = User.objects.filter(Q(username__iexact=typed) | Q(phone_number=_phone(typed))).first()
        if found is None and typed.isascii() and typed.isdigit() and len(typed) < 10:
            found = User.objects.filter(pk=int(typed)).first()
        if found is None:
            raise forms.ValidationError(_("There is no such user."))
        return found


def _phone(typed: str) -> str:
    try:
        return normalise(typed)
    except DomainError:
        return typed


class RialsField(forms.CharField):
    """A whole number of Rials as people type it: Persian digits and thousands separators count."""

    def clean(self, value: Any) -> int:
        typed = fold_digits(super().clean(value)).replace(",", "").replace("٬", "").strip()
        if not typed.removeprefix("-").isascii() or not typed.removeprefix("-").isdigit() or len(typed) > 18:
            raise forms.ValidationError(_("Enter a whole number."))
        return int(typed)


class MoneyAdmin(ReadOnlyAdmin):
    """For administrators alone. What changes something calls a service, row by row, and says what was refused."""

    action_form = NoteForm

    def has_act_permission(self, request: HttpRequest) -> bool:
        return is_administrator(request.user)

    def each(
        self, request: HttpRequest, queryset: QuerySet[Any], act: Callable[..., object], done: Any
    ) -> HttpResponse | None:
        """``act(row.pk, note)`` for every row, oldest first; whoever has to step up is sent there."""
        note, count = request.POST.get("note", ""), 0
        for row in queryset.order_by("pk"):
            try:
                act(row.pk, note)
                count += 1
            except StepUpRequired as error:
                self.message_user(request, error.text, messages.WARNING)
                return redirect(f"{reverse('admin:step_up')}?{urlencode({'next': request.get_full_path()})}")
            except DomainError as error:
                self.message_user(request, f"{row}: {error.text}", messages.ERROR)
        if count:
            self.message_user(request, done % {"count": count}, messages.SUCCESS)
        return None


class ServiceFormAdmin(MoneyAdmin):
    """Its "add" page is a form of ours, and what is sent goes to ``carry_out``."""

    service_form: type[forms.Form]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_administrator(request.user)

    def carry_out(self, request: HttpRequest, data: dict[str, Any], now: Any) -> object:
        raise NotImplementedError

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = self.service_form(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                made = self.carry_out(request, form.cleaned_data, timezone.now())
                self.message_user(request, _("Saved: %(what)s") % {"what": made}, messages.SUCCESS)
                return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
            except DomainError as error:
                form.add_error(None, error.text)
        return show_form(self, request, form, _("Add %(what)s") % {"what": self.opts.verbose_name})


def show_form(page: Any, request: HttpRequest, form: forms.Form, title: Any) -> HttpResponse:
    context = {**page.admin_site.each_context(request), "opts": page.opts, "form": form, "title": title}
    return TemplateResponse(request, "admin/wallet/form.html", context)
