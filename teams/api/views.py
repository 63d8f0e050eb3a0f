from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import mixins, permissions, status
from rest_framework.decorators import action
from rest_framework.response import Response

from common.api.request import Request
from common.api.views import ServiceViewSet, pk_or_404
from teams import selectors
from teams.api import serializers
from teams.api.filters import InvitationFilter, TeamFilter
from teams.enums import InvitationStatus, Role
from teams.models import Invitation, Team, TeamMember
from teams.services import invitations, membership, teams

USER = OpenApiExample("A user", {"user_id": 7}, request_only=True)


@extend_schema_view(
    list=extend_schema(operation_id="teams_list", summary="Open teams, by name", tags=["teams"]),
)
class TeamViewSet(mixins.ListModelMixin, ServiceViewSet):
    """Teams are public to read; what a caller may do with one stands in its ``available_actions``."""

    permission_classes = [permissions.IsAuthenticatedOrReadOnly]
    serializer_class = serializers.TeamListSerializer
    filterset_class = TeamFilter

    def get_queryset(self) -> QuerySet[Team]:
        return selectors.open_teams() if self.action == "list" else Team.objects.select_related("captain")

    def _detail(self, team: Team, status_code: int = status.HTTP_200_OK) -> Response:
        context = {"roster": selectors.roster(team.pk), "user_id": self.request.user.pk}
        return Response(serializers.TeamDetailSerializer(team, context=context).data, status=status_code)

    @extend_schema(
        operation_id="teams_create",
        summary="Found a team and be its captain",
        tags=["teams"],
        request=serializers.TeamCreateInput,
        responses={201: serializers.TeamDetailSerializer},
        examples=[OpenApiExample("A team", {"name": "Night Foxes"}, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        data = self.read(serializers.TeamCreateInput, request)
        return self._detail(teams.create(actor=request.user, now=timezone.now(), **data), status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="teams_retrieve",
        summary="A team and its members; also a closed one",
        tags=["teams"],
        responses=serializers.TeamDetailSerializer,
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        return self._detail(self.get_object())

    @extend_schema(
        operation_id="teams_update",
        summary="Rename a team or change its picture (captain)",
        tags=["teams"],
        request=serializers.TeamUpdateInput,
        responses=serializers.TeamDetailSerializer,
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        data = self.read(serializers.TeamUpdateInput, request)
        return self._detail(teams.update(team_id=pk_or_404(pk), actor=request.user, now=timezone.now(), **data))

    @extend_schema(
        operation_id="teams_close",
        summary="Close a team (captain)",
        tags=["teams"],
        responses={204: None},
    )
    def destroy(self, request: Request, pk: str) -> Response:
        teams.close(team_id=pk_or_404(pk), actor=request.user, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        operation_id="teams_add_member",
        summary="Invite a user (captain or manager)",
        tags=["teams"],
        request=serializers.TeamUserInput,
        responses={201: serializers.InvitationSerializer},
        examples=[USER],
    )
    @action(detail=True, methods=["post"], url_path="add-member")
    def add_member(self, request: Request, pk: str) -> Response:
        invitation = invitations.invite(**self._about_user(request, pk))
        return Response(serializers.InvitationSerializer(invitation).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="teams_leave",
        summary="Leave a team; the last one to leave closes it",
        tags=["teams"],
        request=None,
        responses=serializers.TeamDetailSerializer,
    )
    @action(detail=True, methods=["post"])
    def leave_team(self, request: Request, pk: str) -> Response:
        return self._detail(membership.leave(team_id=pk_or_404(pk), actor=request.user, now=timezone.now()))

    @extend_schema(
        operation_id="teams_remove_member",
        summary="Take a member out of a team (captain)",
        tags=["teams"],
        request=serializers.TeamUserInput,
        responses=serializers.TeamDetailSerializer,
        examples=[USER],
    )
    @action(detail=True, methods=["post"])
    def remove_member(self, request: Request, pk: str) -> Response:
        return self._detail(membership.remove(**self._about_user(request, pk)))

    @extend_schema(
        operation_id="teams_set_role",
        summary="Make a member a manager, who may invite, or a plain member again (captain)",
        tags=["teams"],
        request=serializers.TeamRoleInput,
        responses=serializers.TeamDetailSerializer,
        examples=[OpenApiExample("A manager", {"user_id": 7, "role": "manager"}, request_only=True)],
    )
    @action(detail=True, methods=["post"])
    def set_role(self, request: Request, pk: str) -> Response:
        data = self._about_user(request, pk, serializers.TeamRoleInput)
        return self._detail(membership.set_role(**data | {"role": Role(data["role"])}))

    @extend_schema(
        operation_id="teams_transfer_captaincy",
        summary="Make another member the captain (captain)",
        tags=["teams"],
        request=serializers.TeamUserInput,
        responses=serializers.TeamDetailSerializer,
        examples=[USER],
    )
    @action(detail=True, methods=["post"])
    def transfer_captaincy(self, request: Request, pk: str) -> Response:
        return self._detail(membership.transfer_captaincy(**self._about_user(request, pk)))

    def _about_user(
        self, request: Request, pk: str, shape: type[serializers.TeamUserInput] = serializers.TeamUserInput
    ) -> dict[str, Any]:
        return {
            "team_id": pk_or_404(pk),
            "actor": request.user,
            "now": timezone.now(),
            **self.read(shape, request),
        }


@extend_schema_view(
    list=extend_schema(
        operation_id="team_invitations_list",
        summary="Invitations I can answer and those I sent, newest first",
        tags=["teams"],
    ),
)
class InvitationViewSet(mixins.ListModelMixin, ServiceViewSet):
    """The caller's invitations."""

    queryset = Invitation.objects.none()
    serializer_class = serializers.InvitationSerializer
    filterset_class = InvitationFilter

    def get_queryset(self) -> QuerySet[Invitation]:
        return selectors.invitations_of(self.request.user.pk, timezone.now())

    @extend_schema(
        operation_id="team_invitations_cancel",
        summary="Withdraw an invitation (captain or manager)",
        tags=["teams"],
        responses={204: None},
    )
    def destroy(self, request: Request, pk: str) -> Response:
        invitations.cancel(invitation_id=pk_or_404(pk), actor=request.user, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        operation_id="team_invitations_respond",
        summary="Accept or reject an invitation",
        tags=["teams"],
        request=serializers.InvitationAnswerInput,
        responses=serializers.InvitationSerializer,
        examples=[OpenApiExample("Accept", {"invitation_id": 3, "status": "accepted"}, request_only=True)],
    )
    def respond(self, request: Request) -> Response:
        data = self.read(serializers.InvitationAnswerInput, request)
        invitation = invitations.respond(
            invitation_id=data["invitation_id"],
            accept=data["status"] == InvitationStatus.ACCEPTED,
            actor=request.user,
            now=timezone.now(),
        )
        return Response(self.get_serializer(invitation).data)


@extend_schema_view(list=extend_schema(operation_id="my_teams_list", summary="The teams I am in", tags=["teams"]))
class MyTeamViewSet(mixins.ListModelMixin, ServiceViewSet):
    queryset = TeamMember.objects.none()
    serializer_class = serializers.MyTeamSerializer
    filter_backends = []

    def get_queryset(self) -> QuerySet[TeamMember]:
        return selectors.memberships_of(self.request.user.pk)
