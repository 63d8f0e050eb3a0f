"""The admin's doors: nobody is in without a password and a second factor (STAFF_TOTP_REQUIRED)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from common import phone
from common.errors import DomainError
from users import selectors, staff_session
from users.assurance import Assurance
from users.authentication import client_ip
from users.enums import OtpPurpose
from users.errors import StepUpRequired
from users.models import User
from users.services import otp, second_factor, staff_sign_in, step_up

guarded = method_decorator([sensitive_post_parameters(), never_cache, csrf_protect])


class PasswordForm(forms.Form):
    username = forms.CharField(
        label=_("Phone number"),
        max_length=40,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "username", "inputmode": "tel", "dir": "ltr"}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "dir": "ltr"}),
    )


class AdminCodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "one-time-code", "dir": "ltr"}),
    )


class StaffSite(AdminSite):
    site_title = site_header = _("Meydan")
    index_title = _("Administration")

    def has_permission(self, request: HttpRequest) -> bool:
        return staff_session.counts(request, now=timezone.now())

    def get_urls(self) -> list[Any]:
        return [
            path("second-factor/", self.second_factor, name="second_factor"),
            path("second-factor/set-up/", self.set_up, name="second_factor_set_up"),
            path("step-up/", self.admin_view(self.step_up), name="step_up"),
            *super().get_urls(),
        ]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {
            **super().each_context(request),
            "is_second_factor_required": settings.STAFF_TOTP_REQUIRED,
            "is_second_factor_proved": bool(request.session.get(staff_session.PROVED)),
        }

    @guarded
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The first step: phone number and password."""
        if self.has_permission(request):
            return redirect("admin:index")
        next_url = _next(request)
        form = PasswordForm(request.POST or None)

        def enter() -> HttpResponse:
            now = timezone.now()
            user = staff_sign_in.check_password(
                phone_number=form.cleaned_data["username"],
                password=form.cleaned_data["password"],
                ip=client_ip(request),
                now=now,
            )
            staff_session.begin(request, user, next_url=next_url, now=now)
            if selectors.has_second_factor(user):
                return redirect("admin:second_factor")
            if settings.STAFF_TOTP_REQUIRED:
                return redirect("admin:second_factor_set_up")
            staff_session.enter(request, user, is_proved=False, now=now)
            return redirect(next_url)

        context = {"title": _("Log in"), "app_path": request.get_full_path(), "next": next_url}
        return self._answer(request, "admin/login.html", form, enter, {**context, **(extra_context or {})})

    @guarded
    def second_factor(self, request: HttpRequest) -> HttpResponse:
        """The second step: a code of the authenticator app, or a recovery code."""
        asked = staff_session.pending(request, now=timezone.now())
        if asked is None:
            return redirect("admin:login")
        if not selectors.has_second_factor(asked.user):
            return redirect("admin:second_factor_set_up")
        form = AdminCodeForm(request.POST or None)

        def enter() -> HttpResponse:
            now, code = timezone.now(), form.cleaned_data["code"]
            staff_sign_in.prove(user=asked.user, code=code, ip=client_ip(request), now=now)
            staff_session.enter(request, asked.user, is_proved=True, now=now)
            return redirect(asked.next_url)

        return self._answer(request, "admin/second_factor.html", form, enter, {"title": _("Second factor")})

    @guarded
    def set_up(self, request: HttpRequest) -> HttpResponse:
        """Before anything else: one's own phone, then the authenticator app, then the recovery codes."""
        now = timezone.now()
        asked = staff_session.pending(request, now=now)
        user: Any = asked.user if asked else request.user
        if asked is None and not self.has_permission(request):
            return redirect("admin:login")
        if selectors.has_second_factor(user):
            return redirect("admin:second_factor" if asked else "admin:index")
        try:
            return self._set_up_app(request, user, asked.next_url if asked else reverse("admin:index"), now)
        except StepUpRequired:

            def proved() -> HttpResponse:
                staff_session.remember(request, staff_session.PHONE_PROVED_AT, now)
                return redirect("admin:second_factor_set_up")

            return self._prove_phone(request, user, _("Set up the second factor"), proved, now)
        except DomainError as error:
            return self._refused(request, "admin/sign_in_step.html", error, {"title": _("Set up the second factor")})

    @guarded
    def step_up(self, request: HttpRequest) -> HttpResponse:
        """Once more, for what moves money: a code of the authenticator app; without one, a code sent to the phone."""
        user: Any = request.user
        now, next_url, title = timezone.now(), _next(request), _("Show that it is you")

        def proved() -> HttpResponse:
            staff_session.remember(request, staff_session.STEPPED_UP_AT, now)
            messages.success(request, _("Thank you. Now choose once more what is to be done."))
            return redirect(next_url)

        if not selectors.has_second_factor(user):
            return self._prove_phone(request, user, title, proved, now)
        form = AdminCodeForm(request.POST or None)

        def enter() -> HttpResponse:
            staff_sign_in.prove(user=user, code=form.cleaned_data["code"], ip=client_ip(request), now=now)
            return proved()

        return self._answer(request, "admin/second_factor.html", form, enter, {"title": title})

    def _prove_phone(
        self, request: HttpRequest, user: User, title: Any, proved: Callable[[], HttpResponse], now: datetime
    ) -> HttpResponse:
        context = {"title": title, "phone": phone.mask(user.phone_number)}
        template = "admin/second_factor_phone.html"
        if "send" in request.POST:
            try:
                otp.issue(
                    phone_number=user.phone_number,
                    purpose=OtpPurpose.STEP_UP,
                    actor=user,
                    ip=client_ip(request),
                    now=now,
                )
            except DomainError as error:
                return self._refused(request, template, error, {**context, "form": AdminCodeForm()})
            return self._page(request, template, {**context, "form": AdminCodeForm(), "is_sent": True})
        form = AdminCodeForm(request.POST or None)

        def enter() -> HttpResponse:
            code = form.cleaned_data["code"]
            step_up.prove_phone(user=user, code=code, ip=client_ip(request), now=now)
            return proved()

        return self._answer(request, template, form, enter, context)

    def _set_up_app(self, request: HttpRequest, user: User, next_url: str, now: datetime) -> HttpResponse:
        """:raises StepUpRequired: the phone was not proved just now."""
        began_at = staff_session.remembered(request, staff_session.SET_UP_AT)
        begun = second_factor.begun(actor=user, began_at=began_at, now=now) if began_at else None
        if begun is None:
            proved_at = staff_session.remembered(request, staff_session.PHONE_PROVED_AT)
            begun = second_factor.set_up(actor=user, assurance=Assurance(2, proved_at), now=now)
            staff_session.remember(request, staff_session.SET_UP_AT, now)
        form = AdminCodeForm(request.POST or None)
        context = {"title": _("Set up the second factor"), "begun": begun}

        def enter() -> HttpResponse:
            codes = second_factor.confirm(actor=user, code=form.cleaned_data["code"], now=now)
            staff_session.enter(request, user, is_proved=True, now=now)
            context = {"title": _("Recovery codes"), "codes": codes, "next": next_url}
            return self._page(request, "admin/recovery_codes.html", context)

        return self._answer(request, "admin/second_factor_app.html", form, enter, context)

    def _answer(
        self,
        request: HttpRequest,
        template: str,
        form: forms.Form,
        enter: Callable[[], HttpResponse],
        context: dict[str, Any],
    ) -> HttpResponse:
        """The form, or what ``enter`` answers to a valid one; its refusal is shown above the form."""
        context = {**context, "form": form}
        if form.is_bound and form.is_valid():
            try:
                return enter()
            except DomainError as error:
                return self._refused(request, template, error, context)
        return self._page(request, template, context)

    def _refused(
        self, request: HttpRequest, template: str, error: DomainError, context: dict[str, Any]
    ) -> HttpResponse:
        response = self._page(request, template, {**context, "error": error})
        if error.retry_after is not None:
            response.status_code, response["Retry-After"] = error.status, str(error.retry_after)
        return response

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        return render(request, template, {**self.each_context(request), "subtitle": None, **context})


def _next(request: HttpRequest) -> str:
    """Where to go afterwards: within this site, or the start of the admin."""
    wanted = request.POST.get("next", request.GET.get("next", ""))
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else reverse("admin:index")
