from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.response import Response

from common.api.request import Request
from common.api.views import ServiceViewSet, pk_or_404
from users import rules
from users.api import account_serializers as serializers
from users.models import Block
from users.services import blocks, closing, exports, profiles


class PrivacyViewSet(ServiceViewSet):
    queryset = Block.objects.none()
    pagination_class = None

    @extend_schema(
        operation_id="users_privacy",
        summary="What I show and to whom, and who may come to me",
        tags=["users"],
        responses=serializers.PrivacySerializer,
    )
    def retrieve(self, request: Request) -> Response:
        return Response(serializers.PrivacySerializer(rules.privacy_of(request.user)).data)

    @extend_schema(
        operation_id="users_privacy_update",
        summary="Change what I show and who may come to me",
        tags=["users"],
        request=serializers.PrivacyInput,
        responses=serializers.PrivacySerializer,
    )
    def partial_update(self, request: Request) -> Response:
        privacy = profiles.set_privacy(
            actor=request.user, now=timezone.now(), **self.read(serializers.PrivacyInput, request)
        )
        return Response(serializers.PrivacySerializer(privacy).data)


@extend_schema_view(list=extend_schema(operation_id="blocks_list", summary="Whom I have blocked", tags=["users"]))
class BlockViewSet(mixins.ListModelMixin, ServiceViewSet):
    queryset = Block.objects.none()
    serializer_class = serializers.BlockSerializer
    filter_backends = []

    def get_queryset(self) -> QuerySet[Block]:
        return Block.objects.filter(user=self.request.user.pk).select_related("blocked").order_by("-id")

    @extend_schema(
        operation_id="blocks_create",
        summary="Block a user: they cannot find, invite or write to me any more, and are not told",
        tags=["users"],
        request=serializers.BlockInput,
        responses={201: serializers.BlockSerializer},
    )
    def create(self, request: Request) -> Response:
        entry = self.read(serializers.BlockInput, request)
        block = blocks.add(actor=request.user, user_id=entry["user"], now=timezone.now())
        return Response(serializers.BlockSerializer(block).data, status=201)

    @extend_schema(
        operation_id="blocks_delete", summary="Let a user come to me again", tags=["users"], responses={204: None}
    )
    def destroy(self, request: Request, pk: str) -> Response:
        blocks.remove(actor=request.user, block_id=pk_or_404(pk), now=timezone.now())
        return Response(status=204)


class DataExportViewSet(ServiceViewSet):
    queryset = Block.objects.none()
    pagination_class = None

    @extend_schema(
        operation_id="users_export_create",
        summary="Have everything that is held about me put into one file",
        tags=["users"],
        request=None,
        responses={202: serializers.DataExportSerializer},
    )
    def create(self, request: Request) -> Response:
        export = exports.request(actor=request.user, now=timezone.now())
        return Response(serializers.DataExportSerializer(export).data, status=202)

    @extend_schema(
        operation_id="users_export",
        summary="My latest export, with a link once it is ready",
        tags=["users"],
        responses=serializers.DataExportSerializer,
    )
    def retrieve(self, request: Request) -> Response:
        return Response(serializers.DataExportSerializer(exports.latest(actor=request.user)).data)


class ClosingViewSet(ServiceViewSet):
    queryset = Block.objects.none()
    pagination_class = None

    @extend_schema(
        operation_id="users_me_delete_preview",
        summary="What would keep my account from being closed now",
        tags=["users"],
        responses=serializers.ClosingPreviewSerializer,
    )
    def retrieve(self, request: Request) -> Response:
        reasons = closing.preview(actor=request.user)
        shown = {"allowed": not reasons, "reasons": [{"code": item.code, "detail": item.text} for item in reasons]}
        return Response(serializers.ClosingPreviewSerializer(shown).data)
