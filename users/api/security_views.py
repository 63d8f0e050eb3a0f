from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.response import Response

from common.api.request import Request
from common.api.views import ServiceViewSet
from users.api import security_serializers as serializers
from users.authentication import client_ip
from users.models import Session
from users.services import phone_change, second_factor, step_up


@method_decorator(never_cache, name="dispatch")
class SecurityViewSet(ServiceViewSet):
    """The caller's second factor, and what needs a fresh one."""

    queryset = Session.objects.none()

    @extend_schema(
        operation_id="auth_step_up",
        summary="Prove once more that it is you",
        description="Answers with an access token of level 2. An account with an authenticator app needs its code or a "
        "recovery code; any other asks for a text message (otp/request/, purpose step_up) and sends its code as otp.",
        tags=["auth"],
        request=serializers.StepUpInput,
        responses=serializers.SteppedUpSerializer,
        examples=[OpenApiExample("Authenticator app", {"code": "123456"}, request_only=True)],
    )
    def step_up(self, request: Request) -> Response:
        data = self.read(serializers.StepUpInput, request)
        session, now = request.auth.session, timezone.now()
        if "code" in data:
            done = step_up.by_authenticator(session=session, code=data["code"], now=now)
        else:
            done = step_up.by_phone(session=session, code=data["otp"], ip=client_ip(request), now=now)
        return Response(serializers.SteppedUpSerializer(done).data)

    @extend_schema(
        operation_id="auth_totp_setup",
        summary="Begin to set up an authenticator app (needs level 2)",
        tags=["auth"],
        request=None,
        responses=serializers.TotpSetupSerializer,
    )
    def totp_setup(self, request: Request) -> Response:
        begun = second_factor.set_up(actor=request.user, assurance=request.auth.assurance, now=timezone.now())
        return Response(serializers.TotpSetupSerializer(begun).data)

    @extend_schema(
        operation_id="auth_totp_confirm",
        summary="Turn the authenticator app on with its first code",
        tags=["auth"],
        request=serializers.TotpConfirmInput,
        responses=serializers.RecoveryCodesSerializer,
        examples=[OpenApiExample("Code", {"code": "123456"}, request_only=True)],
    )
    def totp_confirm(self, request: Request) -> Response:
        data = self.read(serializers.TotpConfirmInput, request)
        codes = second_factor.confirm(actor=request.user, code=data["code"], now=timezone.now())
        return Response({"recovery_codes": codes})

    @extend_schema(
        operation_id="auth_totp_disable",
        summary="Turn the authenticator app off (needs level 2)",
        tags=["auth"],
        request=None,
        responses={204: None},
    )
    def totp_disable(self, request: Request) -> Response:
        second_factor.disable(actor=request.user, assurance=request.auth.assurance, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        operation_id="auth_totp_recovery_codes",
        summary="Replace the recovery codes (needs level 2)",
        tags=["auth"],
        request=None,
        responses=serializers.RecoveryCodesSerializer,
    )
    def recovery_codes(self, request: Request) -> Response:
        codes = second_factor.renew_recovery_codes(
            actor=request.user, assurance=request.auth.assurance, now=timezone.now()
        )
        return Response({"recovery_codes": codes})

    @extend_schema(
        operation_id="auth_phone_change",
        summary="Move the account to another phone (needs level 2)",
        tags=["auth"],
        request=serializers.PhoneChangeInput,
        responses=serializers.PhoneChangedSerializer,
        examples=[OpenApiExample("New number", {"phone_number": "09129876543", "code": "123456"}, request_only=True)],
    )
    def phone_change(self, request: Request) -> Response:
        data = self.read(serializers.PhoneChangeInput, request)
        done = phone_change.change(
            session=request.auth.session,
            assurance=request.auth.assurance,
            phone_number=data["phone_number"],
            code=data["code"],
            ip=client_ip(request),
            now=timezone.now(),
        )
        return Response(serializers.PhoneChangedSerializer(done).data)
