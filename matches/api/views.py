from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.response import Response

from common.api.idempotency import idempotent
from common.api.pagination import FeedPagination, OldestFirstPagination
from common.api.request import Request
from common.api.views import ServiceViewSet
from matches import selectors
from matches.api import serializers
from matches.api.filters import MatchFilter
from matches.api.permissions import IsMatchParticipant, IsReferee
from matches.enums import DisputeOutcome, ReportStatus
from matches.models import Match, Report
from matches.services import reports, results


@extend_schema_view(
    list=extend_schema(operation_id="matches_list", summary="Matches, in bracket order", tags=["matches"]),
    retrieve=extend_schema(operation_id="matches_retrieve", summary="One match", tags=["matches"]),
)
class MatchViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ServiceViewSet):
    pagination_class = OldestFirstPagination
    filterset_class = MatchFilter
    queryset = Match.objects.none()

    def get_permissions(self) -> list[BasePermission]:
        if self.action in {"list", "retrieve"}:
            return [AllowAny()]
        return [IsAuthenticated(), IsReferee() if self.action == "resolve" else IsMatchParticipant()]

    def get_serializer_class(self) -> Any:
        return serializers.MatchListSerializer if self.action == "list" else serializers.MatchSerializer

    def get_queryset(self) -> QuerySet[Match]:
        return Match.objects.with_sides()

    def list(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        shown = args[0] if args else []
        matches = shown if isinstance(shown, list) else [shown]
        context = {
            **(kwargs.pop("context", None) or self.get_serializer_context()),
            "own_entrants": selectors.own_entrants(self.request.user, matches),
            "now": timezone.now(),
        }
        return self.get_serializer_class()(*args, context=context, **kwargs)

    def _shown(self, match_id: int) -> Response:
        return Response(self.get_serializer(selectors.find(match_id)).data)

    @extend_schema(
        operation_id="matches_submit_result",
        summary="Submit the result, with a screenshot",
        tags=["matches"],
        request={"multipart/form-data": serializers.SubmitResultInput},
        responses=serializers.MatchSerializer,
        examples=[
            OpenApiExample("A 4:2 win", {"winner_id": 10, "games": '[{"score1": 4, "score2": 2}]'}, request_only=True),
            OpenApiExample("A draw", {"is_draw": True, "games": '[{"score1": 1, "score2": 1}]'}, request_only=True),
        ],
    )
    @action(detail=True, methods=["post"])
    @idempotent
    def submit_result(self, request: Request, pk: str) -> Response:
        match = self.get_object()
        data = self.read(serializers.SubmitResultInput, request)
        results.submit(
            match_id=match.pk,
            actor=request.user,
            winner_id=data["winner_id"],
            proof=data["result_proof"],
            games=data.get("games", ()),
            now=timezone.now(),
        )
        return self._shown(match.pk)

    @extend_schema(
        operation_id="matches_confirm_result",
        summary="Agree with the result that the other side submitted",
        tags=["matches"],
        request=None,
        responses=serializers.MatchSerializer,
    )
    @action(detail=True, methods=["post"])
    def confirm_result(self, request: Request, pk: str) -> Response:
        match = self.get_object()
        results.confirm(match_id=match.pk, actor=request.user, now=timezone.now())
        return self._shown(match.pk)

    @extend_schema(
        operation_id="matches_dispute_result",
        summary="Dispute the result that the other side submitted",
        tags=["matches"],
        request=serializers.DisputeInput,
        responses=serializers.MatchSerializer,
        examples=[OpenApiExample("A reason", {"reason": "حریف از تقلب استفاده کرده است."}, request_only=True)],
    )
    @action(detail=True, methods=["post"])
    def dispute_result(self, request: Request, pk: str) -> Response:
        match = self.get_object()
        reason = self.read(serializers.DisputeInput, request)["reason"]
        results.dispute(match_id=match.pk, actor=request.user, reason=reason, now=timezone.now())
        return self._shown(match.pk)

    @extend_schema(
        operation_id="matches_withdraw_result",
        summary="Take my side's result back before it is answered",
        tags=["matches"],
        request=None,
        responses=serializers.MatchSerializer,
    )
    @action(detail=True, methods=["post"])
    def withdraw_result(self, request: Request, pk: str) -> Response:
        match = self.get_object()
        results.withdraw(match_id=match.pk, actor=request.user, now=timezone.now())
        return self._shown(match.pk)

    @extend_schema(
        operation_id="matches_resolve",
        summary="Staff: decide a match",
        tags=["matches"],
        request=serializers.ResolveInput,
        responses=serializers.MatchSerializer,
        examples=[OpenApiExample("The winner", {"winner_id": 10, "note": "the proof shows it"}, request_only=True)],
    )
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, pk: str) -> Response:
        match = self.get_object()
        data = self.read(serializers.ResolveInput, request)
        results.resolve(
            match_id=match.pk,
            actor=request.user,
            winner_id=data["winner_id"],
            outcome=DisputeOutcome(data["outcome"]) if data["outcome"] else None,
            games=data["games"],
            note=data["note"],
            now=timezone.now(),
        )
        return self._shown(match.pk)


@extend_schema_view(
    list=extend_schema(operation_id="reports_list", summary="My reports; staff see all", tags=["reports"]),
    retrieve=extend_schema(operation_id="reports_retrieve", summary="One report", tags=["reports"]),
)
class ReportViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ServiceViewSet):
    serializer_class = serializers.ReportSerializer
    pagination_class = FeedPagination
    filterset_fields = ["status", "match"]
    queryset = Report.objects.none()

    def get_queryset(self) -> QuerySet[Report]:
        return selectors.reports_for(self.request.user)

    @extend_schema(
        operation_id="reports_create",
        summary="Report a player of a match",
        tags=["reports"],
        request={"multipart/form-data": serializers.ReportInput, "application/json": serializers.ReportInput},
        responses={201: serializers.ReportSerializer},
        examples=[
            OpenApiExample("By player id", {"reported_player_id": "Sniper99", "match": 1, "description": "بددهنی"})
        ],
    )
    def create(self, request: Request) -> Response:
        data = self.read(serializers.ReportInput, request)
        report = reports.file(
            match_id=data["match"],
            actor=request.user,
            reported_user_id=data["reported_user"],
            reported_player_id=data["reported_player_id"],
            description=data["description"],
            evidence=data["evidence"],
            now=timezone.now(),
        )
        return Response(self.get_serializer(report).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="reports_resolve",
        summary="Staff: the report was right",
        tags=["reports"],
        request=serializers.NoteInput,
        responses=serializers.ReportSerializer,
    )
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, pk: str) -> Response:
        return self._close(request, pk, ReportStatus.RESOLVED)

    @extend_schema(
        operation_id="reports_reject",
        summary="Staff: the report was not right",
        tags=["reports"],
        request=serializers.NoteInput,
        responses=serializers.ReportSerializer,
    )
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: str) -> Response:
        return self._close(request, pk, ReportStatus.REJECTED)

    def _close(self, request: Request, pk: str, to: ReportStatus) -> Response:
        note = self.read(serializers.NoteInput, request)["note"]
        report = reports.close(report_id=int(pk), actor=request.user, status=to, note=note, now=timezone.now())
        return Response(self.get_serializer(report).data)
