"""The paths under which the existing web client signs in: the same services, other names, in no schema.

A refusal also carries ``error``, one text to show, because that is what this client reads.
"""

from collections.abc import Callable
from typing import Any

from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.response import Response

from common.api.request import Request
from users.api.auth_views import SessionViewSet, SignInViewSet
from users.api.serializers import CodeField
from users.authentication import client_ip
from users.services import otp, sessions


class SendOtpInput(serializers.Serializer[Any]):
    identifier = serializers.CharField(max_length=40)


class VerifyOtpInput(SendOtpInput):
    code = CodeField(max_length=20)


class _WithErrorText:
    schema: Any = None

    def get_exception_handler(self) -> Callable[[Exception, dict[str, Any]], Response | None]:
        handle = super().get_exception_handler()  # type: ignore[misc]

        def add_text(exception: Exception, context: dict[str, Any]) -> Response | None:
            response = handle(exception, context)
            if response is not None:
                of_fields = [item["detail"] for items in response.data["errors"].values() for item in items]
                response.data["error"] = (of_fields or [response.data["detail"]])[0]
            return response

        return add_text


class SignInAliasViewSet(_WithErrorText, SignInViewSet):
    def send_otp(self, request: Request) -> Response:
        data = self.read(SendOtpInput, request)
        otp.issue(phone_number=data["identifier"], ip=client_ip(request), now=timezone.now())
        return Response({"message": _("The code is on its way.")})

    def verify_otp(self, request: Request) -> Response:
        data = self.read(VerifyOtpInput, request)
        device = sessions.Device(name="", user_agent=request.headers.get("User-Agent", ""), ip=client_ip(request))
        _user, _created, tokens = sessions.sign_in(
            phone_number=data["identifier"], code=data["code"], device=device, now=timezone.now()
        )
        return Response({"access": tokens.access, "refresh": tokens.refresh})


class SessionAliasViewSet(_WithErrorText, SessionViewSet):
    """``me`` under its older path."""


urlpatterns = [
    path("api/users/users/send_otp/", SignInAliasViewSet.as_view({"post": "send_otp"})),
    path("api/users/users/verify_otp/", SignInAliasViewSet.as_view({"post": "verify_otp"})),
    path("api/token/refresh/", SignInAliasViewSet.as_view({"post": "token_refresh"})),
    path("auth/jwt/refresh/", SignInAliasViewSet.as_view({"post": "token_refresh"})),
    path("auth/users/me/", SessionAliasViewSet.as_view({"get": "me"})),
]
