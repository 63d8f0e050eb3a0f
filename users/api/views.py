from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.response import Response

from common.api.request import Request
from common.api.views import ServiceViewSet
from users.api import serializers
from users.api.account_serializers import ClosingSerializer
from users.models import InGameID, User
from users.serializers import UserBriefSerializer
from users.services import closing, profiles, search


@extend_schema_view(
    list=extend_schema(
        operation_id="users_search",
        summary="Find a user by the beginning of a username or by an exact phone number",
        tags=["users"],
        parameters=[OpenApiParameter("search", str, required=True)],
    ),
    retrieve=extend_schema(operation_id="users_retrieve", summary="What a user shows to the caller", tags=["users"]),
)
class UserViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ServiceViewSet):
    queryset = User.objects.filter(is_active=True).order_by("id")
    filter_backends = []

    def get_serializer_class(self) -> Any:
        return UserBriefSerializer if self.action == "list" else serializers.UserPublicSerializer

    def get_queryset(self) -> QuerySet[User]:
        if self.action != "list":
            return super().get_queryset()
        query = serializers.UserSearchQuery(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        return search.find(actor=self.request.user, term=query.validated_data["search"], now=timezone.now())

    @extend_schema(
        methods=["get"],
        operation_id="users_me",
        summary="My profile",
        tags=["users"],
        responses=serializers.MeSerializer,
    )
    @extend_schema(
        methods=["patch"],
        operation_id="users_me_update",
        summary="Change my profile",
        tags=["users"],
        request=serializers.ProfileInput,
        responses=serializers.MeSerializer,
    )
    @extend_schema(
        methods=["delete"],
        operation_id="users_me_delete",
        summary="Have my account closed after a few days; needs a fresh second factor, and signing in again keeps it",
        tags=["users"],
        responses={202: ClosingSerializer},
    )
    @action(detail=False, methods=["get", "patch", "delete"])
    def me(self, request: Request) -> Response:
        user = request.user
        if request.method == "DELETE":
            closing_at = closing.request(actor=user, assurance=request.auth.assurance, now=timezone.now())
            return Response(ClosingSerializer({"closing_at": closing_at}).data, status=202)
        if request.method == "PATCH":
            user = profiles.update(actor=user, now=timezone.now(), **self.read(serializers.ProfileInput, request))
        return Response(serializers.MeSerializer(user).data)


@extend_schema_view(list=extend_schema(operation_id="in_game_ids_list", summary="My ids inside games", tags=["users"]))
class InGameIDViewSet(mixins.ListModelMixin, ServiceViewSet):
    queryset = InGameID.objects.none()
    serializer_class = serializers.InGameIDSerializer
    filter_backends = []
    pagination_class = None

    def get_queryset(self) -> QuerySet[InGameID]:
        return InGameID.objects.filter(user=self.request.user.pk).select_related("game").order_by("game__name")

    @extend_schema(
        operation_id="in_game_ids_set",
        summary="Set my id in a game; an empty id removes it",
        tags=["users"],
        request=serializers.InGameIDInput,
        responses=serializers.InGameIDSerializer(many=True),
    )
    def create(self, request: Request) -> Response:
        entry = self.read(serializers.InGameIDInput, request)
        profiles.update(actor=request.user, now=timezone.now(), in_game_ids=[entry])
        return self.list(request)
