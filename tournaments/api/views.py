from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.permissions import SAFE_METHODS, AllowAny, BasePermission, IsAuthenticated
from rest_framework.response import Response

from common.api.idempotency import idempotent
from common.api.request import Request
from common.api.views import ServiceViewSet
from common.errors import NotFound
from games.models import Game
from tournaments import rules, selectors
from tournaments.api import serializers
from tournaments.api.filters import ScoringFilter, TournamentFilter, TournamentOrdering
from tournaments.enums import TournamentStatus
from tournaments.models import Scoring, Tournament
from tournaments.services import completion, credentials, editing, lifecycle, paying, planning, prizes, registration

KEY = OpenApiParameter("id", str, OpenApiParameter.PATH, description="The id or the slug of the tournament.")
FIELDS = OpenApiParameter("fields", str, description="Sparse fields: a comma-separated list of names.")
PUBLIC_EXTRAS = {"payout_plan", "winners", "draw_proof"}
TOP = 10


@extend_schema_view(
    list=extend_schema(operation_id="games_list", summary="Games people compete in", tags=["games"]),
    retrieve=extend_schema(
        operation_id="games_retrieve",
        summary="One game, by id or slug",
        tags=["games"],
        parameters=[OpenApiParameter("id", str, OpenApiParameter.PATH)],
    ),
)
class GameViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ServiceViewSet):
    permission_classes = [AllowAny]
    serializer_class = serializers.GameSerializer
    lookup_value_regex = r"[\w-]+"
    filter_backends = []
    queryset = Game.objects.none()

    def get_queryset(self) -> QuerySet[Game]:
        return selectors.games()

    def get_object(self) -> Game:
        key = self.kwargs["pk"]
        lookup = {"pk": int(key)} if key.isascii() and key.isdigit() and len(key) <= 18 else {"slug": key}
        game = self.get_queryset().filter(**lookup).first()
        if game is None:
            raise NotFound
        return game


@extend_schema_view(
    list=extend_schema(
        operation_id="tournaments_list", summary="Tournaments", tags=["tournaments"], parameters=[FIELDS]
    ),
    retrieve=extend_schema(
        operation_id="tournaments_retrieve",
        summary="One tournament, by id or slug",
        tags=["tournaments"],
        parameters=[KEY, FIELDS],
    ),
)
class TournamentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ServiceViewSet):
    lookup_value_regex = r"[\w-]+"
    filter_backends = [DjangoFilterBackend, TournamentOrdering]
    filterset_class = TournamentFilter
    queryset = Tournament.objects.none()

    def get_permissions(self) -> list[BasePermission]:
        public = self.action in {"list", "retrieve", "top_tournaments", "total_prize_money", "total_tournaments"}
        if self.request.method in SAFE_METHODS and (public or self.action in PUBLIC_EXTRAS):
            return [AllowAny()]
        return [IsAuthenticated()]

    def get_serializer_class(self) -> Any:
        listing = self.action in {"list", "my_tournaments"}
        return serializers.TournamentListSerializer if listing else serializers.TournamentDetailSerializer

    def get_queryset(self) -> QuerySet[Tournament]:
        return selectors.visible(self.request.user)

    def get_object(self) -> Tournament:
        return selectors.find(self.request.user, self.kwargs["pk"])

    def _shown(self, tournament: Tournament, code: int = status.HTTP_200_OK) -> Response:
        fresh = selectors.find(self.request.user, str(tournament.pk))
        context = self.get_serializer_context()
        return Response(serializers.TournamentDetailSerializer(fresh, context=context).data, status=code)

    @extend_schema(
        operation_id="tournaments_create",
        summary="Make a draft",
        tags=["tournaments"],
        request=serializers.TournamentCreateInput,
        responses={201: serializers.TournamentDetailSerializer},
        examples=[
            OpenApiExample(
                "Paid knock-out for teams",
                {
                    "name": "Friday Cup", "game": 1, "type": "team", "team_size": 2, "max_participants": 16,
                    "format": "single_elimination", "format_options": {"third_place": True}, "entry_fee": 1000000,
                    "prize_source": "entry_pool", "prize_distribution": [5000, 3000, 2000],
                    "registration_start_date": "2026-12-01T12:00:00Z", "registration_end_date": "2026-12-04T12:00:00Z",
                    "start_date": "2026-12-04T15:00:00Z",
                },
                request_only=True,
            )
        ],
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        data = self.read(serializers.TournamentCreateInput, request)
        tournament = editing.create(actor=request.user, now=timezone.now(), **data)
        return self._shown(tournament, status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="tournaments_update",
        summary="Change a tournament",
        tags=["tournaments"],
        parameters=[KEY],
        request=serializers.TournamentPatchInput,
        responses=serializers.TournamentDetailSerializer,
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        tournament = self.get_object()
        rules.require_manager(request.user, tournament)
        data = self.read(serializers.TournamentPatchInput, request)
        editing.update(tournament_id=tournament.pk, actor=request.user, now=timezone.now(), **data)
        return self._shown(tournament)

    @extend_schema(
        operation_id="tournaments_discard",
        summary="Throw a draft away",
        tags=["tournaments"],
        parameters=[KEY],
        responses={204: None},
    )
    def destroy(self, request: Request, pk: str) -> Response:
        editing.discard(tournament_id=self.get_object().pk, actor=request.user, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        operation_id="tournaments_publish",
        summary="Publish a draft",
        tags=["tournaments"],
        parameters=[KEY],
        request=None,
        responses=serializers.TournamentDetailSerializer,
    )
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str) -> Response:
        tournament = self.get_object()
        lifecycle.publish(tournament_id=tournament.pk, actor=request.user, now=timezone.now())
        return self._shown(tournament)

    @extend_schema(
        operation_id="tournaments_cancel",
        summary="Call it off; every entry fee goes back",
        tags=["tournaments"],
        parameters=[KEY],
        request=serializers.ReasonInput,
        responses=serializers.TournamentDetailSerializer,
    )
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        tournament = self.get_object()
        reason = self.read(serializers.ReasonInput, request)["reason"]
        lifecycle.cancel(tournament_id=tournament.pk, actor=request.user, reason=reason, now=timezone.now())
        return self._shown(tournament)

    @extend_schema(
        operation_id="tournaments_start",
        summary="Draw and begin: bracket and matches are made",
        tags=["tournaments"],
        parameters=[KEY],
        request=None,
        responses=serializers.TournamentDetailSerializer,
    )
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str) -> Response:
        return self._start(request)

    def _start(self, request: Request) -> Response:
        tournament = self.get_object()
        lifecycle.start(tournament_id=tournament.pk, actor=request.user, now=timezone.now())
        return self._shown(tournament)

    @extend_schema(
        operation_id="tournaments_generate_matches",
        summary="The same as start, under the name that earlier clients know",
        tags=["tournaments"],
        parameters=[KEY],
        request=None,
        responses=serializers.TournamentDetailSerializer,
    )
    @action(detail=True, methods=["post"])
    def generate_matches(self, request: Request, pk: str) -> Response:
        return self._start(request)

    @extend_schema(
        operation_id="tournaments_start_countdown",
        summary="Begin the countdown; the lobby is sent when it ends",
        tags=["tournaments"],
        parameters=[KEY],
        request=None,
        responses=serializers.TournamentDetailSerializer,
    )
    @action(detail=True, methods=["post"])
    def start_countdown(self, request: Request, pk: str) -> Response:
        tournament = self.get_object()
        credentials.start_countdown(tournament_id=tournament.pk, actor=request.user, now=timezone.now())
        return self._shown(tournament)

    @extend_schema(
        operation_id="tournaments_join",
        summary="Take a seat, paying from the wallet or at the bank",
        tags=["entrants"],
        parameters=[KEY],
        request=serializers.JoinInput,
        responses={201: serializers.EntrantSerializer, 202: serializers.JoinStartedSerializer},
        examples=[
            OpenApiExample("A team of two", {"team_id": 7, "member_ids": [12, 40]}, request_only=True),
            OpenApiExample("Alone, paying at the bank", {"pay": "gateway"}, request_only=True),
        ],
    )
    @action(detail=True, methods=["post"])
    @idempotent
    def join(self, request: Request, pk: str) -> Response:
        tournament_id = selectors.id_of(request.user, pk)
        data = self.read(serializers.JoinInput, request)
        wanted = {
            "tournament_id": tournament_id,
            "actor": request.user,
            "team_id": data["team_id"],
            "member_ids": data["member_ids"],
            "now": timezone.now(),
        }
        if data["pay"] == "gateway":
            joining = paying.join(**wanted)
        else:
            joining = paying.Joining(registration.join(**wanted), None)
        shown = serializers.EntrantSerializer(selectors.entrants(tournament_id).get(pk=joining.entrant.pk)).data
        if joining.payment is None:
            return Response(shown, status=status.HTTP_201_CREATED)
        started = {
            "payment_id": joining.payment.pk,
            "payment_url": joining.payment.payment_url,
            "amount": joining.payment.amount_rial,
            "currency": "IRR",
            "entrant": shown,
        }
        return Response(started, status=status.HTTP_202_ACCEPTED)

    @extend_schema(
        operation_id="tournaments_leave",
        summary="Give the seat up before the start; the entry fee comes back",
        tags=["entrants"],
        parameters=[KEY],
        request=None,
        responses=serializers.EntryRefundSerializer,
    )
    @action(detail=True, methods=["post"])
    @idempotent
    def leave(self, request: Request, pk: str) -> Response:
        tournament = self.get_object()
        refund = registration.leave(tournament_id=tournament.pk, actor=request.user, now=timezone.now())
        return Response({"refund": refund, "currency": "IRR"})

    @extend_schema(
        operation_id="tournaments_leave_preview",
        summary="What would come back if I left now",
        tags=["entrants"],
        parameters=[KEY],
        responses=serializers.EntryRefundSerializer,
    )
    @action(detail=True, methods=["get"], url_path="leave/preview")
    def leave_preview(self, request: Request, pk: str) -> Response:
        tournament = self.get_object()
        refund = registration.leave_preview(tournament_id=tournament.pk, actor=request.user)
        return Response({"refund": refund, "currency": "IRR"})

    @extend_schema(
        operation_id="tournaments_check_in",
        summary="Say that my side is there",
        tags=["entrants"],
        parameters=[KEY],
        request=None,
        responses=serializers.EntrantSerializer,
    )
    @action(detail=True, methods=["post"])
    def check_in(self, request: Request, pk: str) -> Response:
        tournament = self.get_object()
        entrant = registration.check_in(tournament_id=tournament.pk, actor=request.user, now=timezone.now())
        return Response(serializers.EntrantSerializer(selectors.entrants(tournament.pk).get(pk=entrant.pk)).data)

    @extend_schema(
        methods=["get"],
        operation_id="tournaments_credentials",
        summary="The lobby id and password, for players from their release on",
        tags=["tournaments"],
        parameters=[KEY],
        responses=serializers.CredentialsSerializer,
    )
    @extend_schema(
        methods=["put"],
        operation_id="tournaments_credentials_set",
        summary="Set the lobby id and password",
        tags=["tournaments"],
        parameters=[KEY],
        request=serializers.LobbySerializer,
        responses=serializers.CredentialsSerializer,
    )
    @action(detail=True, methods=["get", "put"])
    def credentials(self, request: Request, pk: str) -> Response:
        tournament = self.get_object()
        now = timezone.now()
        if request.method == "PUT":
            rules.require_manager(request.user, tournament)
            lobby = self.read(serializers.LobbySerializer, request)
            tournament = credentials.set_lobby(tournament_id=tournament.pk, actor=request.user, now=now, **lobby)
        else:
            tournament = credentials.read(tournament_id=tournament.pk, actor=request.user, now=now)
        return Response(serializers.CredentialsSerializer(tournament).data, headers={"Cache-Control": "no-store"})

    @extend_schema(
        operation_id="tournaments_payout_plan",
        summary="What each place is paid",
        tags=["tournaments"],
        parameters=[KEY],
        responses=serializers.PayoutPlanSerializer,
    )
    @action(detail=True, methods=["get"], url_path="payout-plan")
    def payout_plan(self, request: Request, pk: str) -> Response:
        return Response(serializers.PayoutPlanSerializer(prizes.payout_plan(self.get_object())).data)

    @extend_schema(
        operation_id="tournaments_draw_proof",
        summary="What proves that the draw was fair",
        tags=["tournaments"],
        parameters=[KEY],
        responses=serializers.DrawProofSerializer,
    )
    @action(detail=True, methods=["get"], url_path="draw/proof")
    def draw_proof(self, request: Request, pk: str) -> Response:
        return Response(planning.draw_proof(self.get_object()))

    @extend_schema(
        operation_id="tournaments_winners",
        summary="The paid places, once the tournament is completed",
        tags=["tournaments"],
        parameters=[KEY],
        responses=serializers.WinnerSerializer(many=True),
    )
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def winners(self, request: Request, pk: str) -> Response:
        winners = completion.get_tournament_winners(self.get_object())
        return Response(serializers.WinnerSerializer(winners, many=True).data)

    @extend_schema(
        operation_id="tournaments_mine",
        summary="Tournaments I play in or run",
        tags=["tournaments"],
        responses=serializers.TournamentListSerializer(many=True),
    )
    @action(detail=False, methods=["get"], url_path="my-tournaments")
    def my_tournaments(self, request: Request) -> Response:
        mine = self.filter_queryset(selectors.taken_part_in(request.user))
        page = self.paginate_queryset(mine)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        operation_id="tournaments_top",
        summary="The largest prizes, past and to come",
        tags=["tournaments"],
        responses=serializers.TopTournamentsSerializer,
    )
    @action(detail=False, methods=["get"], url_path="top-tournaments", pagination_class=None, filter_backends=[])
    def top_tournaments(self, request: Request) -> Response:
        best = self.get_queryset().order_by("-prize_pool_rial", "-pk")
        past = best.filter(status=TournamentStatus.COMPLETED)[:TOP]
        future = best.filter(status=TournamentStatus.PUBLISHED)[:TOP]
        rows = {"past_tournaments": past, "future_tournaments": future}
        return Response(serializers.TopTournamentsSerializer(rows, context=self.get_serializer_context()).data)

    @extend_schema(
        operation_id="tournaments_total_prize_money",
        summary="All prize money paid so far",
        tags=["tournaments"],
        responses=serializers.TotalPrizeSerializer,
    )
    @action(detail=False, methods=["get"], url_path="total-prize-money", pagination_class=None, filter_backends=[])
    def total_prize_money(self, request: Request) -> Response:
        return Response({"total_prize_money": selectors.totals()["prize_money"], "currency": "IRR"})

    @extend_schema(
        operation_id="tournaments_total",
        summary="How many tournaments have been completed",
        tags=["tournaments"],
        responses=serializers.TotalTournamentsSerializer,
    )
    @action(detail=False, methods=["get"], url_path="total-tournaments", pagination_class=None, filter_backends=[])
    def total_tournaments(self, request: Request) -> Response:
        return Response({"total_tournaments": selectors.totals()["tournaments"]})


@extend_schema_view(
    list=extend_schema(operation_id="me_tournaments_list", summary="Tournaments I play in or run", tags=["users"])
)
class MyTournamentViewSet(mixins.ListModelMixin, ServiceViewSet):
    serializer_class = serializers.TournamentListSerializer
    filter_backends = [DjangoFilterBackend, TournamentOrdering]
    filterset_class = TournamentFilter
    queryset = Tournament.objects.none()

    def get_queryset(self) -> QuerySet[Tournament]:
        user = self.request.user
        return selectors.taken_part_in(user) if user.is_authenticated else self.queryset


@extend_schema_view(
    list=extend_schema(operation_id="scorings_list", summary="What tournaments brought to users", tags=["tournaments"])
)
class ScoringViewSet(mixins.ListModelMixin, ServiceViewSet):
    permission_classes = [AllowAny]
    serializer_class = serializers.ScoringSerializer
    filterset_class = ScoringFilter
    queryset = Scoring.objects.select_related("user").order_by("-tournament", "placement", "pk")
