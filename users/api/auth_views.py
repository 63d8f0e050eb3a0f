from django.conf import settings
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import permissions, status
from rest_framework.response import Response

from common.api.request import Request
from common.api.views import ServiceViewSet
from users.api import serializers
from users.api.security_serializers import AccountSerializer
from users.authentication import SessionJWTAuthentication, client_ip
from users.enums import OtpPurpose
from users.models import Session
from users.services import otp, sessions, tickets


@method_decorator(never_cache, name="dispatch")
class SignInViewSet(ServiceViewSet):
    """Sign in with a phone and a code, stay signed in with tokens. Open to everybody, limited by otp."""

    permission_classes = [permissions.AllowAny]
    authentication_classes = []
    queryset = Session.objects.none()

    @extend_schema(
        operation_id="auth_otp_request",
        summary="Send a one-time code by SMS",
        tags=["auth"],
        request=serializers.OtpRequestInput,
        responses={
            200: serializers.OtpRequestedSerializer,
            (401, "application/problem+json"): OpenApiResponse(OpenApiTypes.OBJECT, "The purpose needs a token."),
            (403, "application/problem+json"): OpenApiResponse(OpenApiTypes.OBJECT, "Not your own phone."),
            (429, "application/problem+json"): OpenApiResponse(OpenApiTypes.OBJECT, "Too many codes."),
            (503, "application/problem+json"): OpenApiResponse(OpenApiTypes.OBJECT, "No code can be sent now."),
        },
        examples=[OpenApiExample("Iranian mobile", {"phone_number": "09123456789"}, request_only=True)],
    )
    def otp_request(self, request: Request) -> Response:
        data = self.read(serializers.OtpRequestInput, request)
        purpose = serializers.PURPOSES[data["purpose"]]
        # an expired token must not keep anybody from signing in again
        caller = None if purpose == OtpPurpose.LOGIN else SessionJWTAuthentication().authenticate(request)
        ttl = otp.issue(
            phone_number=data["phone_number"],
            purpose=purpose,
            actor=caller[0] if caller else None,
            ip=client_ip(request),
            now=timezone.now(),
        )
        return Response(
            {
                "success": True,
                "message": _("The code is on its way."),
                "ttl": ttl,
                "retry_after": settings.OTP_RESEND_SECONDS,
            }
        )

    @extend_schema(
        operation_id="auth_otp_verify",
        summary="Sign in with the code; a new phone gets an account",
        tags=["auth"],
        request=serializers.OtpVerifyInput,
        responses=serializers.SignedInSerializer,
        examples=[OpenApiExample("Code", {"phone_number": "09123456789", "code": "123456"}, request_only=True)],
    )
    def otp_verify(self, request: Request) -> Response:
        data = self.read(serializers.OtpVerifyInput, request)
        device = sessions.Device(
            name=data["device_name"], user_agent=request.headers.get("User-Agent", ""), ip=client_ip(request)
        )
        user, created, tokens = sessions.sign_in(
            phone_number=data["phone_number"], code=data["code"], device=device, now=timezone.now()
        )
        return Response(
            {
                "success": True,
                "message": _("You are signed in."),
                "access": tokens.access,
                "refresh": tokens.refresh,
                "created": created,
                "user": serializers.SignedInUserSerializer(user).data,
            }
        )

    @extend_schema(
        operation_id="auth_token_refresh",
        summary="Exchange a refresh token for its successor",
        tags=["auth"],
        request=serializers.RefreshInput,
        responses={
            200: serializers.TokensSerializer,
            (401, "application/problem+json"): OpenApiResponse(OpenApiTypes.OBJECT, "Expired, revoked or reused."),
        },
    )
    def token_refresh(self, request: Request) -> Response:
        data = self.read(serializers.RefreshInput, request)
        tokens = sessions.refresh(token=data["refresh"], now=timezone.now())
        return Response({"access": tokens.access, "refresh": tokens.refresh})


@method_decorator(never_cache, name="dispatch")
class SessionViewSet(ServiceViewSet):
    """The caller's own devices."""

    queryset = Session.objects.none()
    serializer_class = serializers.SessionSerializer
    pagination_class = None

    @extend_schema(
        operation_id="auth_logout",
        summary="Sign this device out",
        tags=["auth"],
        request=None,
        responses={204: None},
    )
    def logout(self, request: Request) -> Response:
        sessions.revoke(session_id=request.auth.session.pk, actor=request.user, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        operation_id="auth_me",
        summary="Who am I",
        tags=["auth"],
        responses=AccountSerializer,
    )
    def me(self, request: Request) -> Response:
        return Response(AccountSerializer(request.user).data)

    @extend_schema(
        operation_id="auth_sessions_list",
        summary="My signed-in devices",
        tags=["auth"],
        responses=serializers.SessionSerializer(many=True),
    )
    def list(self, request: Request) -> Response:
        live = request.user.sessions.filter(revoked_at=None, expires_at__gt=timezone.now()).order_by("-rotated_at")
        return Response(self.get_serializer(live, many=True).data)

    @extend_schema(
        operation_id="auth_sessions_revoke",
        summary="Sign one device out",
        tags=["auth"],
        responses={204: None},
    )
    def destroy(self, request: Request, pk: int) -> Response:
        sessions.revoke(session_id=pk, actor=request.user, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        operation_id="auth_sessions_revoke_all",
        summary="Sign every other device out",
        tags=["auth"],
        request=None,
        responses=serializers.RevokedSerializer,
    )
    def revoke_all(self, request: Request) -> Response:
        count = sessions.revoke_all(actor=request.user, keep=request.auth.session.pk, now=timezone.now())
        return Response({"revoked": count})

    @extend_schema(
        operation_id="auth_ws_ticket",
        summary="A single-use ticket to open one WebSocket",
        tags=["auth"],
        request=None,
        responses=serializers.TicketSerializer,
    )
    def ws_ticket(self, request: Request) -> Response:
        ticket = tickets.issue(session_id=request.auth.session.pk)
        return Response({"ticket": ticket, "expires_in": settings.WS_TICKET_SECONDS})
