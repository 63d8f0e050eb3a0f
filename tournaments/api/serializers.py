from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.api.fields import IdField, IntegerField, NameField, RialField, TextField
from common.api.serializers import ActionSerializer
from common.uploads import signed_link
from games.models import Game, GameImage
from games.serializers import GameBriefSerializer
from teams.serializers import TeamBriefSerializer
from tournaments import rules, selectors
from tournaments.engine import commitment
from tournaments.enums import EntrantStatus, Phase, PrizeKind, PrizeSource, PrizeTieMode, TournamentType
from tournaments.models import Entrant, Payout, Scoring, Tournament
from tournaments.services import prizes
from users.serializers import UserBriefSerializer


class GameImageSerializer(serializers.ModelSerializer[GameImage]):
    url = serializers.SerializerMethodField()

    class Meta:
        model = GameImage
        fields = ["image_type", "image", "url"]

    def get_url(self, image: GameImage) -> str | None:
        return signed_link(image.image.name or "")


class TournamentCountSerializer(serializers.Serializer[Any]):
    held = serializers.IntegerField()
    active = serializers.IntegerField()


class GameSerializer(serializers.ModelSerializer[Game]):
    images = GameImageSerializer(many=True)
    tournaments_count = serializers.SerializerMethodField()

    class Meta:
        model = Game
        fields = ["id", "name", "slug", "description", "images", "status", "tournaments_count"]

    @extend_schema_field(TournamentCountSerializer)
    def get_tournaments_count(self, game: Any) -> dict[str, int]:
        return {"held": game.held, "active": game.active}


class RosterMemberSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="user.id")
    username = serializers.CharField(source="user.username")


class EntrantSerializer(serializers.ModelSerializer[Entrant]):
    user = UserBriefSerializer()
    team = TeamBriefSerializer()
    roster = RosterMemberSerializer(many=True)
    prize = RialField(source="prize_rial")
    payment_due_at = serializers.SerializerMethodField(help_text="Until when the seat waits for its payment, if so.")

    class Meta:
        model = Entrant
        fields = [
            "id", "name", "user", "team", "captain", "roster", "status", "seed", "place_first", "place_last", "prize",
            "joined_at", "checked_in_at", "payment_due_at",
        ]  # fmt: skip

    def get_payment_due_at(self, entrant: Entrant) -> datetime | None:
        return entrant.reserved_until if entrant.status == EntrantStatus.PENDING_PAYMENT else None


class JoinStartedSerializer(serializers.Serializer[Any]):
    """The seat is kept; the payer pays at ``payment_url``."""

    payment_id = serializers.IntegerField()
    payment_url = serializers.CharField()
    amount = RialField(help_text="In Rials: what the wallet lacks for the entry fee.")
    currency = serializers.CharField()
    entrant = EntrantSerializer()


class TournamentListSerializer(serializers.ModelSerializer[Tournament]):
    game = GameBriefSerializer()
    creator = UserBriefSerializer()
    image = serializers.SerializerMethodField()
    status = serializers.SerializerMethodField()
    format = serializers.SerializerMethodField()
    spots_left = serializers.SerializerMethodField()
    registration_start_date = serializers.DateTimeField(source="registration_start_at")
    registration_end_date = serializers.DateTimeField(source="registration_end_at")
    check_in_start_date = serializers.DateTimeField(source="check_in_start_at", allow_null=True)
    start_date = serializers.DateTimeField(source="start_at")
    end_date = serializers.DateTimeField(source="end_at", allow_null=True)
    entry_fee = RialField(source="entry_fee_rial")
    prize_pool = RialField(source="prize_pool_rial")
    prize_per_kill = RialField(source="prize_per_kill_rial")
    currency = serializers.SerializerMethodField()
    winner_slots = serializers.SerializerMethodField()

    class Meta:
        model = Tournament
        fields = [
            "id", "name", "slug", "image", "game", "color", "status", "type", "mode", "format", "team_size",
            "min_participants", "max_participants", "spots_left", "registration_start_date", "registration_end_date",
            "check_in_start_date", "start_date", "end_date", "is_free", "entry_fee", "prize_pool", "currency",
            "prize_source", "prize_kind", "prize_distribution", "prize_per_kill", "prize_tie_mode", "winner_slots",
            "creator", "best_of", "required_verification_level", "is_rated", "min_rank", "max_rank", "version",
        ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wanted = self._wanted_fields()
        if wanted:
            for name in set(self.fields) - wanted:
                self.fields.pop(name)

    def _wanted_fields(self) -> set[str]:
        """``?fields=a,b``: sparse fields."""
        request = self.context.get("request")
        asked = request.query_params.get("fields", "") if request and request.method == "GET" else ""
        return {name.strip() for name in asked.split(",") if name.strip()}

    @cached_property
    def now(self) -> datetime:
        return timezone.now()

    def get_image(self, tournament: Tournament) -> str | None:
        return signed_link(tournament.image)

    @extend_schema_field(serializers.ChoiceField(Phase.choices))
    def get_status(self, tournament: Tournament) -> str:
        return tournament.phase(self.now)

    def get_format(self, tournament: Tournament) -> str:
        return tournament.stages.all()[0].format

    def get_spots_left(self, tournament: Tournament) -> int:
        return tournament.seats.capacity - tournament.seats.taken

    def get_currency(self, tournament: Tournament) -> str:
        return "IRR"

    def get_winner_slots(self, tournament: Tournament) -> int:
        return prizes.paid_places(tournament)


class LeaderboardRowSerializer(serializers.Serializer[Any]):
    rank = serializers.IntegerField(source="placement")
    username = serializers.CharField(source="user.username")
    score = serializers.IntegerField(source="wins")


class TournamentDetailSerializer(TournamentListSerializer):
    countdown_start_time = serializers.DateTimeField(source="countdown_start_at", allow_null=True)
    format_options = serializers.SerializerMethodField()
    draw_commitment = serializers.SerializerMethodField(help_text="SHA-256 of the draw's secret, from publishing on.")
    participants = serializers.SerializerMethodField()
    teams = serializers.SerializerMethodField()
    leaderboard = serializers.SerializerMethodField()
    available_actions = serializers.SerializerMethodField()

    class Meta(TournamentListSerializer.Meta):
        fields = [
            *TournamentListSerializer.Meta.fields,
            "description", "rules", "countdown_start_time", "confirmation_minutes", "platform_fee_bps", "settings",
            "format_options", "draw_commitment", "participants", "teams", "leaderboard", "available_actions",
            "created_at", "started_at", "completed_at",
        ]  # fmt: skip

    @extend_schema_field(serializers.DictField())
    def get_format_options(self, tournament: Tournament) -> dict[str, Any]:
        return tournament.stages.all()[0].options

    def get_draw_commitment(self, tournament: Tournament) -> str | None:
        return commitment(bytes(tournament.draw_seed)) if tournament.draw_seed else None

    @cached_property
    def _entrants(self) -> list[Entrant]:
        """Of the one tournament shown: read once for both of its lists."""
        return list(selectors.entrants(self.instance.pk)) if self.instance else []

    @extend_schema_field(UserBriefSerializer(many=True))
    def get_participants(self, tournament: Tournament) -> Any:
        users = [entrant.user for entrant in self._entrants if entrant.user]
        return UserBriefSerializer(users, many=True).data

    @extend_schema_field(TeamBriefSerializer(many=True))
    def get_teams(self, tournament: Tournament) -> Any:
        teams = [entrant.team for entrant in self._entrants if entrant.team]
        return TeamBriefSerializer(teams, many=True).data

    @extend_schema_field(LeaderboardRowSerializer(many=True))
    def get_leaderboard(self, tournament: Tournament) -> Any:
        return LeaderboardRowSerializer(selectors.leaderboard(tournament.pk), many=True).data

    @extend_schema_field(ActionSerializer(many=True))
    def get_available_actions(self, tournament: Tournament) -> list[dict[str, Any]]:
        caller = self.context["request"].user
        mine = selectors.entrant_of(tournament.pk, caller) if caller.is_authenticated else None
        return rules.available_actions(caller, tournament, mine, self.now)


class TournamentEditInput(serializers.Serializer[Any]):
    """What an organiser may set; each service says until when."""

    name = NameField(max_length=120, min_length=2)
    description = TextField(max_length=20_000, allow_blank=True)
    rules = TextField(max_length=20_000, allow_blank=True)
    image = serializers.FileField()
    color = serializers.RegexField(r"^#[0-9a-fA-F]{6}$", allow_blank=True)
    mode = NameField(max_length=40, allow_blank=True)
    min_participants = IntegerField(min_value=2, max_value=100_000)
    max_participants = IntegerField(min_value=2, max_value=100_000)
    best_of = IntegerField(min_value=1, max_value=99)
    confirmation_minutes = IntegerField(min_value=0, max_value=10_000)
    required_verification_level = IntegerField(
        min_value=1, max_value=3, help_text="What every player's account must be verified to; fixed by publishing."
    )
    is_rated = serializers.BooleanField(
        help_text="Whether it counts for leaderboards and ratings; fixed by publishing."
    )
    min_rank = IntegerField(
        min_value=0, max_value=2**31 - 1, allow_null=True, help_text="The `required_score` of the lowest rank to enter."
    )
    max_rank = IntegerField(
        min_value=0, max_value=2**31 - 1, allow_null=True, help_text="The highest score in the game to enter with."
    )
    settings = serializers.DictField()
    format_options = serializers.DictField()
    registration_start_date = serializers.DateTimeField(source="registration_start_at")
    registration_end_date = serializers.DateTimeField(source="registration_end_at")
    check_in_start_date = serializers.DateTimeField(source="check_in_start_at", allow_null=True)
    start_date = serializers.DateTimeField(source="start_at")
    end_date = serializers.DateTimeField(source="end_at", allow_null=True)
    type = serializers.ChoiceField(TournamentType.choices)
    team_size = IntegerField(min_value=1, max_value=100)
    entry_fee = RialField(source="entry_fee_rial", max_value=10**13)
    prize_pool = RialField(source="prize_pool_rial", max_value=10**15)
    prize_source = serializers.ChoiceField(PrizeSource.choices)
    prize_kind = serializers.ChoiceField(PrizeKind.choices)
    prize_distribution = serializers.ListField(
        child=IntegerField(min_value=0, max_value=10**15),
        max_length=64,
        help_text="Per place: basis points that are together 10,000, or Rials if prize_kind is fixed; empty if it is "
        "per_kill.",
    )
    prize_per_kill = RialField(
        source="prize_per_kill_rial",
        max_value=10**13,
        help_text="If prize_kind is per_kill: for every kill, as far as the pool reaches. What a side scores in a game "
        "are its kills.",
    )
    prize_tie_mode = serializers.ChoiceField(PrizeTieMode.choices)
    prize_hold_minutes = IntegerField(min_value=0, max_value=43_200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = field.field_name in self.required_fields

    required_fields: frozenset[str] = frozenset()


class TournamentPatchInput(TournamentEditInput):
    version = IntegerField(source="expected_version", help_text="Refuse unless the tournament is at this version.")


class TournamentCreateInput(TournamentEditInput):
    required_fields = frozenset({"name", "game", "registration_start_date", "registration_end_date", "start_date"})
    game = serializers.PrimaryKeyRelatedField(queryset=Game.objects.filter(status="active"))
    format = serializers.CharField(max_length=40)


class JoinInput(serializers.Serializer[Any]):
    team_id = IdField(required=False, allow_null=True, default=None)
    member_ids = serializers.ListField(child=IdField(), required=False, allow_null=True, default=None, max_length=100)
    pay = serializers.ChoiceField(
        ["wallet", "gateway"],
        default="wallet",
        help_text="gateway: what the wallet lacks is paid at the bank, and the seat is kept meanwhile (202).",
    )


class EntryRefundSerializer(serializers.Serializer[Any]):
    refund = RialField()
    currency = serializers.CharField()


class ReasonInput(serializers.Serializer[Any]):
    reason = TextField(max_length=1000, required=False, allow_blank=True, default="")


class SeedInput(serializers.Serializer[Any]):
    order = serializers.ListField(child=IdField(), max_length=100_000, help_text="Entrant ids, the best seed first.")


class LobbySerializer(serializers.Serializer[Any]):
    lobby_id = NameField(max_length=100)
    lobby_password = NameField(max_length=100, allow_blank=True, default="")


class CredentialsSerializer(serializers.ModelSerializer[Tournament]):
    release_at = serializers.DateTimeField(source="credentials_release_at", allow_null=True)

    class Meta:
        model = Tournament
        fields = ["lobby_id", "lobby_password", "release_at"]


class PlanPlaceSerializer(serializers.Serializer[Any]):
    place = serializers.IntegerField()
    basis_points = serializers.IntegerField(allow_null=True, help_text="Null where the amounts are fixed.")
    amount = RialField()


class PayoutSerializer(serializers.ModelSerializer[Payout]):
    entrant_name = serializers.CharField(source="entrant.name")
    amount = RialField(source="amount_rial")

    class Meta:
        model = Payout
        fields = ["entrant", "entrant_name", "place_first", "place_last", "amount", "status", "due_at", "paid_at"]


class PayoutPlanSerializer(serializers.Serializer[Any]):
    currency = serializers.CharField()
    prize_source = serializers.ChoiceField(PrizeSource.choices)
    prize_kind = serializers.ChoiceField(PrizeKind.choices)
    tie_mode = serializers.ChoiceField(PrizeTieMode.choices, help_text="What entrants get who share places.")
    per_kill = RialField(
        allow_null=True, help_text="For every kill, as far as the pool reaches; null where prizes are for places."
    )
    hold_minutes = serializers.IntegerField(help_text="How long a final place waits for its prize.")
    prize_pool = RialField()
    platform_fee = RialField()
    places = PlanPlaceSerializer(many=True)
    payouts = PayoutSerializer(many=True, help_text="The places that are final, best first.")
    final = serializers.BooleanField()


class ProofSeedSerializer(serializers.Serializer[Any]):
    seed = serializers.IntegerField()
    name = serializers.CharField()
    entrant = serializers.IntegerField()


class DrawProofSerializer(serializers.Serializer[Any]):
    commitment = serializers.CharField()
    draw_seed = serializers.CharField(allow_null=True, help_text="Hexadecimal; null until the draw is made.")
    purpose = serializers.CharField()
    seeds = ProofSeedSerializer(many=True)
    plan_hash = serializers.CharField(allow_blank=True)


class WinnerSerializer(serializers.Serializer[Any]):
    place = serializers.IntegerField()
    tied = serializers.BooleanField()
    entrant = EntrantSerializer()
    prize = RialField()


class ScoringSerializer(serializers.ModelSerializer[Scoring]):
    user = UserBriefSerializer()
    prize = RialField(source="prize_rial")

    class Meta:
        model = Scoring
        fields = ["id", "tournament", "user", "placement", "tied_with", "wins", "draws", "losses", "prize"]


class TotalPrizeSerializer(serializers.Serializer[Any]):
    total_prize_money = RialField()
    currency = serializers.CharField()


class TotalTournamentsSerializer(serializers.Serializer[Any]):
    total_tournaments = serializers.IntegerField()


class TopTournamentsSerializer(serializers.Serializer[Any]):
    past_tournaments = TournamentListSerializer(many=True)
    future_tournaments = TournamentListSerializer(many=True)
