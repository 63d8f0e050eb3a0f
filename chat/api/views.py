from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.response import Response

from chat import rules, selectors
from chat.api import serializers
from chat.api.filters import ConversationFilter
from chat.enums import ConversationKind
from chat.models import Conversation, Message
from chat.serializers import MessageContentInput, MessageSerializer, ReadInput
from chat.services import messages, rooms
from common.api.pagination import SeqPagination
from common.api.request import Request
from common.api.views import ServiceViewSet


@extend_schema_view(
    list=extend_schema(
        operation_id="chat_conversations_list",
        summary="My conversations, the newest activity first",
        tags=["chat"],
        parameters=[
            OpenApiParameter("all", bool, description="For staff: every room that is open to them, not only their own.")
        ],
    ),
    retrieve=extend_schema(operation_id="chat_conversations_retrieve", summary="One conversation", tags=["chat"]),
)
class ConversationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ServiceViewSet):
    queryset = Conversation.objects.none()
    filterset_class = ConversationFilter

    def get_queryset(self) -> QuerySet[Conversation]:
        user_id = self.request.user.pk
        mine = self.action == "list" and self.request.query_params.get("all", "").lower() not in {"1", "true"}
        visible = rules.joined_by(user_id) if mine else rules.open_to(user_id)
        return selectors.with_summary(visible, user_id)

    def get_serializer_class(self) -> Any:
        return serializers.ConversationSerializer if self.action == "list" else serializers.ConversationDetailSerializer

    @extend_schema(
        operation_id="chat_conversations_open",
        summary="Open, or find, the room of my team, of a tournament I play in, or mine with the support team",
        tags=["chat"],
        request=serializers.ConversationOpenInput,
        responses={200: serializers.ConversationDetailSerializer},
    )
    def create(self, request: Request) -> Response:
        data = self.read(serializers.ConversationOpenInput, request)
        if data["kind"] == ConversationKind.TEAM:
            room = rooms.open_team_room(team_id=data["team"], actor=request.user, now=timezone.now())
        elif data["kind"] == ConversationKind.TOURNAMENT:
            room = rooms.open_tournament_room(tournament_id=data["tournament"], actor=request.user, now=timezone.now())
        else:
            room = rooms.open_support_room(actor=request.user, now=timezone.now())
        return Response(self.get_serializer(self.get_queryset().get(pk=room.pk)).data)

    @extend_schema(
        methods=["get"],
        operation_id="chat_conversations_messages_list",
        summary="The messages of a conversation: newest first, or oldest first after `after_seq`",
        tags=["chat"],
        responses=MessageSerializer(many=True),
        filters=False,
    )
    @extend_schema(
        methods=["post"],
        operation_id="chat_conversations_messages_create",
        summary="Write into a conversation; a repeated client_id is one message",
        tags=["chat"],
        request=serializers.RoomMessagePost,
        responses={201: MessageSerializer},
    )
    @action(detail=True, methods=["get", "post"], pagination_class=SeqPagination, serializer_class=MessageSerializer)
    def messages(self, request: Request, pk: str) -> Response:
        if request.method == "POST":
            data = self.read(serializers.RoomMessagePost, request)
            sent = messages.send(conversation_id=int(pk), actor=request.user, now=timezone.now(), **data)
            return Response(MessageSerializer(sent).data, status=status.HTTP_201_CREATED)
        conversation = rules.require_open(conversation_id=int(pk), user_id=request.user.pk)
        page = self.paginate_queryset(selectors.messages(conversation.pk))
        return self.get_paginated_response(MessageSerializer(page, many=True).data)

    @extend_schema(
        operation_id="chat_conversations_read",
        summary="Say how far I have read",
        tags=["chat"],
        request=ReadInput,
        responses=serializers.ReadSerializer,
    )
    @action(detail=True, methods=["post"], url_path="read")
    def mark_read(self, request: Request, pk: str) -> Response:
        data = self.read(ReadInput, request)
        seq = messages.mark_read(conversation_id=int(pk), actor=request.user, **data)
        return Response({"seq": seq})


class MessageViewSet(ServiceViewSet):
    queryset = Message.objects.none()
    serializer_class = MessageSerializer
    filter_backends = []
    pagination_class = None

    @extend_schema(
        operation_id="chat_messages_create",
        summary="Write to one person; the first message opens the conversation",
        tags=["chat"],
        request=serializers.DirectMessagePost,
        responses={201: MessageSerializer},
    )
    def create(self, request: Request) -> Response:
        data = self.read(serializers.DirectMessagePost, request)
        sent = messages.send_direct(actor=request.user, now=timezone.now(), **data)
        return Response(MessageSerializer(sent).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="chat_messages_update",
        summary="Change the text of my message",
        tags=["chat"],
        request=MessageContentInput,
        responses=MessageSerializer,
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        data = self.read(MessageContentInput, request)
        edited = messages.edit(message_id=int(pk), actor=request.user, now=timezone.now(), **data)
        return Response(MessageSerializer(edited).data)

    @extend_schema(
        operation_id="chat_messages_destroy", summary="Take my message back", tags=["chat"], responses={204: None}
    )
    def destroy(self, request: Request, pk: str) -> Response:
        messages.delete(message_id=int(pk), actor=request.user, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)
