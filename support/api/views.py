from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.response import Response

from common.api.pagination import FeedPagination
from common.api.request import Request
from common.api.views import ServiceViewSet
from support import rules, selectors
from support.api import serializers
from support.api.filters import TicketFilter
from support.api.permissions import KeepsAssignments
from support.models import SupportAssignment, Ticket
from support.services import assignments, tickets


@extend_schema_view(
    list=extend_schema(
        operation_id="support_tickets_list",
        summary="My tickets; for staff also those assigned to them",
        tags=["support"],
        parameters=[OpenApiParameter("all", bool, description="For staff: everybody's tickets.")],
    ),
    retrieve=extend_schema(operation_id="support_tickets_retrieve", summary="One ticket", tags=["support"]),
)
class TicketViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ServiceViewSet):
    queryset = Ticket.objects.none()
    serializer_class = serializers.SupportTicketSerializer
    filterset_class = TicketFilter

    def get_queryset(self) -> QuerySet[Ticket]:
        user = self.request.user
        desk = self.action == "list" and self.request.query_params.get("all", "").lower() not in {"1", "true"}
        return selectors.with_people(rules.desk_of(user) if desk else rules.visible_to(user))

    @extend_schema(
        operation_id="support_tickets_create",
        summary="Open a ticket",
        tags=["support"],
        request=serializers.SupportTicketInput,
        responses={201: serializers.SupportTicketSerializer},
    )
    def create(self, request: Request) -> Response:
        data = self.read(serializers.SupportTicketInput, request)
        ticket = tickets.create(
            actor=request.user,
            title=data["title"],
            content=data["content"],
            game_id=data["game"],
            tournament_id=data["tournament"],
            match_id=data["match"],
            files=[data["attachment"]] if "attachment" in data else [],
            now=timezone.now(),
        )
        return Response(self.get_serializer(ticket).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="support_tickets_update",
        summary="Staff: set to pending or open, hand over",
        tags=["support"],
        request=serializers.SupportTicketManageInput,
        responses=serializers.SupportTicketSerializer,
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        data = self.read(serializers.SupportTicketManageInput, request)
        ticket = tickets.manage(
            ticket_id=int(pk),
            actor=request.user,
            status=data.get("status"),
            assignee_id=data.get("assignee"),
            now=timezone.now(),
        )
        return Response(self.get_serializer(ticket).data)

    @extend_schema(
        methods=["get"],
        operation_id="support_tickets_messages_list",
        summary="What was said in a ticket",
        tags=["support"],
        responses=serializers.SupportTicketMessageSerializer(many=True),
        filters=False,
    )
    @extend_schema(
        methods=["post"],
        operation_id="support_tickets_messages_create",
        summary="Write into a ticket: a text, files, or both",
        tags=["support"],
        request=serializers.SupportTicketMessageInput,
        responses={201: serializers.SupportTicketMessageSerializer},
    )
    @action(
        detail=True,
        methods=["get", "post"],
        pagination_class=FeedPagination,
        serializer_class=serializers.SupportTicketMessageSerializer,
    )
    def messages(self, request: Request, pk: str) -> Response:
        if request.method == "POST":
            data = self.read(serializers.SupportTicketMessageInput, request)
            said = tickets.reply(
                ticket_id=int(pk),
                actor=request.user,
                message=data["message"],
                files=data["uploaded_files"],
                now=timezone.now(),
            )
            return Response(self.get_serializer(said).data, status=status.HTTP_201_CREATED)
        page = self.paginate_queryset(selectors.messages(self.get_object().pk))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        operation_id="support_tickets_close",
        summary="Close a ticket",
        tags=["support"],
        request=None,
        responses=serializers.SupportTicketSerializer,
    )
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        ticket = tickets.close(ticket_id=int(pk), actor=request.user, now=timezone.now())
        return Response(self.get_serializer(ticket).data)

    @extend_schema(
        operation_id="support_tickets_reopen",
        summary="Open a closed ticket again",
        tags=["support"],
        request=None,
        responses=serializers.SupportTicketSerializer,
    )
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        ticket = tickets.reopen(ticket_id=int(pk), actor=request.user, now=timezone.now())
        return Response(self.get_serializer(ticket).data)

    @extend_schema(
        operation_id="support_tickets_rate",
        summary="Rate the help in my closed ticket",
        tags=["support"],
        request=serializers.SupportTicketRateInput,
        responses=serializers.SupportTicketSerializer,
    )
    @action(detail=True, methods=["post"])
    def rate(self, request: Request, pk: str) -> Response:
        data = self.read(serializers.SupportTicketRateInput, request)
        ticket = tickets.rate(ticket_id=int(pk), actor=request.user, now=timezone.now(), **data)
        return Response(self.get_serializer(ticket).data)


@extend_schema_view(
    list=extend_schema(operation_id="support_assignments_list", summary="Who supports which game", tags=["support"]),
    retrieve=extend_schema(
        operation_id="support_assignments_retrieve", summary="One support assignment", tags=["support"]
    ),
)
class SupportAssignmentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ServiceViewSet):
    queryset = SupportAssignment.objects.none()
    permission_classes = [KeepsAssignments]
    serializer_class = serializers.SupportAssignmentSerializer
    filter_backends = []

    def get_queryset(self) -> QuerySet[SupportAssignment]:
        return selectors.assignments()

    @extend_schema(
        operation_id="support_assignments_create",
        summary="Make a staff member the support of a game",
        tags=["support"],
        request=serializers.SupportAssignmentInput,
        responses={201: serializers.SupportAssignmentSerializer},
    )
    def create(self, request: Request) -> Response:
        data = self.read(serializers.SupportAssignmentInput, request)
        assignment = assignments.create(actor=request.user, now=timezone.now(), **data)
        return Response(self.get_serializer(assignment).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="support_assignments_update",
        summary="Change a support assignment",
        tags=["support"],
        request=serializers.SupportAssignmentChange,
        responses=serializers.SupportAssignmentSerializer,
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        data = self.read(serializers.SupportAssignmentChange, request)
        assignment = assignments.update(assignment_id=int(pk), actor=request.user, now=timezone.now(), **data)
        return Response(self.get_serializer(assignment).data)

    @extend_schema(
        operation_id="support_assignments_destroy",
        summary="End a support assignment",
        tags=["support"],
        responses={204: None},
    )
    def destroy(self, request: Request, pk: str) -> Response:
        assignments.delete(assignment_id=int(pk), actor=request.user, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)
