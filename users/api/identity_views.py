"""Verification: what level one has reached, how to reach the next, and the desk of those who review identities."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from common.api.files import private_picture
from common.api.request import Request
from common.api.views import ServiceViewSet
from users import rules, selectors
from users.api import identity_serializers as serializers
from users.api.security_serializers import RecoveryCodesSerializer, TotpConfirmInput
from users.enums import DocumentKind, IdentityStatus
from users.models import IdentityReview
from users.services import identity, second_factor

LEVELS = {1: "phone", 2: "second_factor", 3: "identity"}


class ReviewsIdentities(IsAuthenticated):
    def has_permission(self, request: Any, view: Any) -> bool:
        return super().has_permission(request, view) and rules.reviews_identities(request.user)


@method_decorator(never_cache, name="dispatch")
class VerificationViewSet(ServiceViewSet):
    """One's own verification."""

    queryset = IdentityReview.objects.none()
    serializer_class = serializers.IdentityStateSerializer
    pagination_class = None
    filter_backends = []

    @extend_schema(
        operation_id="verification_status",
        summary="How far I am verified, and what each level allows",
        tags=["verification"],
        responses=serializers.VerificationStatusSerializer,
    )
    def show(self, request: Request) -> Response:
        user = request.user
        has_factor = selectors.has_second_factor(user)
        reached = {1: True, 2: has_factor, 3: user.identity_verified_at is not None}
        body = {
            "level": max(level for level, yes in reached.items() if yes),
            "phone": True,
            "second_factor": has_factor,
            "identity": selectors.latest_identity_review(user),
            "levels": [
                {
                    "level": level,
                    "needs": LEVELS[level],
                    "reached": yes,
                    "allows": ["tournaments"] + ["withdrawals"] * (level == settings.WITHDRAWAL_VERIFICATION_LEVEL),
                }
                for level, yes in reached.items()
            ],
        }
        return Response(serializers.VerificationStatusSerializer(body).data)

    @extend_schema(
        operation_id="verification_submit_level2",
        summary="Turn my authenticator app on with its first code (begun by totp/setup/)",
        tags=["verification"],
        request=TotpConfirmInput,
        responses=RecoveryCodesSerializer,
        examples=[OpenApiExample("Code", {"code": "123456"}, request_only=True)],
    )
    def submit_level2(self, request: Request) -> Response:
        data = self.read(TotpConfirmInput, request)
        codes = second_factor.confirm(actor=request.user, code=data["code"], now=timezone.now())
        return Response({"recovery_codes": codes})

    @extend_schema(
        operation_id="verification_submit_level3",
        summary="Send my documents to have my identity verified",
        tags=["verification"],
        request={"multipart/form-data": serializers.IdentityInput},
        responses={201: serializers.IdentityStateSerializer},
    )
    def submit_level3(self, request: Request) -> Response:
        data = self.read(serializers.IdentityInput, request)
        sent = {
            DocumentKind.FRONT: data["id_card_front"],
            DocumentKind.BACK: data.get("id_card_back"),
            DocumentKind.SELFIE: data["selfie"],
        }
        review = identity.submit(
            actor=request.user,
            full_name=data["full_name"],
            number=data["national_id"],
            birth_date=data["birth_date"],
            documents={kind: file for kind, file in sent.items() if file is not None},
            now=timezone.now(),
        )
        return Response(self.get_serializer(review).data, status=status.HTTP_201_CREATED)


@extend_schema_view(
    list=extend_schema(
        operation_id="identity_reviews_list",
        summary="Staff: who asks to be verified; of those pending the longest waiting first",
        tags=["verification"],
        parameters=[OpenApiParameter("status", str, enum=IdentityStatus.values)],
    )
)
@method_decorator(never_cache, name="dispatch")
class IdentityReviewViewSet(mixins.ListModelMixin, ServiceViewSet):
    permission_classes = [ReviewsIdentities]
    serializer_class = serializers.IdentityReviewSerializer
    filter_backends = []
    queryset = IdentityReview.objects.none()

    def get_queryset(self) -> QuerySet[IdentityReview]:
        query = serializers.IdentityReviewQuery(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        return selectors.identity_reviews(**query.validated_data)

    @extend_schema(
        operation_id="identity_reviews_retrieve",
        summary="Staff: what somebody has sent; the look is recorded",
        tags=["verification"],
        responses=serializers.IdentityReviewDetailSerializer,
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        review = identity.look(review_id=int(pk), actor=request.user, now=timezone.now())
        return Response(serializers.IdentityReviewDetailSerializer(review).data)

    @extend_schema(
        operation_id="identity_reviews_document",
        summary="Staff: one picture; the look is recorded",
        tags=["verification"],
        parameters=[OpenApiParameter("kind", str, OpenApiParameter.PATH, enum=DocumentKind.values)],
        responses={(200, "image/*"): OpenApiTypes.BINARY},
    )
    @action(detail=True, url_path=f"documents/(?P<kind>{'|'.join(DocumentKind.values)})")
    def document(self, request: Request, pk: str, kind: str) -> HttpResponse:
        picture, content_type = identity.open_document(
            review_id=int(pk), kind=DocumentKind(kind), actor=request.user, now=timezone.now()
        )
        return private_picture(picture, content_type)

    @extend_schema(
        operation_id="identity_reviews_approve",
        summary="Staff: the person is who they say",
        tags=["verification"],
        request=None,
        responses=serializers.IdentityReviewSerializer,
    )
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        review = identity.approve(review_id=int(pk), actor=request.user, now=timezone.now())
        return Response(self.get_serializer(review).data)

    @extend_schema(
        operation_id="identity_reviews_reject",
        summary="Staff: not on these documents",
        tags=["verification"],
        request=serializers.RejectInput,
        responses=serializers.IdentityReviewSerializer,
    )
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: str) -> Response:
        reason = self.read(serializers.RejectInput, request)["reason"]
        review = identity.reject(review_id=int(pk), actor=request.user, reason=reason, now=timezone.now())
        return Response(self.get_serializer(review).data)

    @extend_schema(
        operation_id="identity_reviews_revoke",
        summary="Staff: take a verification back (administrators)",
        tags=["verification"],
        request=serializers.RejectInput,
        responses=serializers.IdentityReviewSerializer,
    )
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        reason = self.read(serializers.RejectInput, request)["reason"]
        review = identity.revoke(review_id=int(pk), actor=request.user, reason=reason, now=timezone.now())
        return Response(self.get_serializer(review).data)
