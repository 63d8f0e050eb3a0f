import json
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.api.fields import IdField, IntegerField, NameField, TextField
from common.api.serializers import ActionSerializer
from common.uploads import signed_link
from matches import rules
from matches.enums import DisputeOutcome, MatchStatus
from matches.models import Match, Report
from teams.serializers import TeamBriefSerializer
from tournaments.engine import DqMode
from tournaments.models import Entrant
from users.serializers import UserBriefSerializer


class GameScoreSerializer(serializers.Serializer[Any]):
    """One game of the series; side 1 is participant1. Penalties decide a game that ended level."""

    score1 = IntegerField(min_value=0, max_value=9999)
    score2 = IntegerField(min_value=0, max_value=9999)
    penalties1 = IntegerField(min_value=0, max_value=99, required=False)
    penalties2 = IntegerField(min_value=0, max_value=99, required=False)


class MatchListSerializer(serializers.ModelSerializer[Match]):
    """The match document, flat. The room is shown to the players and to staff alone; the proof never in a list."""

    match_type = serializers.CharField(source="tournament.type")
    sub_status = serializers.SerializerMethodField()
    participant1_user = serializers.SerializerMethodField()
    participant2_user = serializers.SerializerMethodField()
    participant1_team = serializers.SerializerMethodField()
    participant2_team = serializers.SerializerMethodField()
    winner_user = serializers.SerializerMethodField()
    winner_team = serializers.SerializerMethodField()
    result_proof = serializers.SerializerMethodField()
    result_submitted_by = serializers.IntegerField(source="submitted_by_id", allow_null=True)
    dispute_reason = serializers.SerializerMethodField()
    room_id = serializers.SerializerMethodField()
    score1 = serializers.IntegerField(source="score_a", allow_null=True)
    score2 = serializers.IntegerField(source="score_b", allow_null=True)
    participant1_source = serializers.CharField(source="a_source")
    participant2_source = serializers.CharField(source="b_source")

    class Meta:
        model = Match
        fields = [
            "id", "tournament", "key", "bracket", "round", "number", "best_of", "draws_allowed", "advantage",
            "conditional", "match_type", "participant1_user", "participant2_user", "participant1_team",
            "participant2_team", "participant1_source", "participant2_source", "winner_user", "winner_team", "is_draw",
            "score1", "score2", "games", "result_proof", "status", "sub_status", "result_submitted_by", "is_confirmed",
            "is_disputed", "dispute_reason", "room_id", "confirm_deadline_at", "started_at", "completed_at", "version",
        ]  # fmt: skip

    def _is_insider(self, match: Match) -> bool:
        if rules.oversees(self.context["request"].user, match):
            return True
        mine = self.context["own_entrants"]
        return match.entrant_a_id in mine or match.entrant_b_id in mine

    def get_sub_status(self, match: Match) -> str:
        return match.outcome

    @extend_schema_field(UserBriefSerializer(allow_null=True))
    def get_participant1_user(self, match: Match) -> Any:
        return _user(match.entrant_a)

    @extend_schema_field(UserBriefSerializer(allow_null=True))
    def get_participant2_user(self, match: Match) -> Any:
        return _user(match.entrant_b)

    @extend_schema_field(TeamBriefSerializer(allow_null=True))
    def get_participant1_team(self, match: Match) -> Any:
        return _team(match.entrant_a)

    @extend_schema_field(TeamBriefSerializer(allow_null=True))
    def get_participant2_team(self, match: Match) -> Any:
        return _team(match.entrant_b)

    @extend_schema_field(UserBriefSerializer(allow_null=True))
    def get_winner_user(self, match: Match) -> Any:
        return _user(_winner(match))

    @extend_schema_field(TeamBriefSerializer(allow_null=True))
    def get_winner_team(self, match: Match) -> Any:
        return _team(_winner(match))

    def get_result_proof(self, match: Match) -> str | None:
        return None

    def get_dispute_reason(self, match: Match) -> str:
        return match.dispute_reason if self._is_insider(match) else ""

    def get_room_id(self, match: Match) -> str | None:
        return match.room_id if self._is_insider(match) else None


class MatchSerializer(MatchListSerializer):
    available_actions = serializers.SerializerMethodField()

    class Meta(MatchListSerializer.Meta):
        fields = [*MatchListSerializer.Meta.fields, "available_actions"]

    def get_result_proof(self, match: Match) -> str | None:
        return signed_link(match.result_proof) if self._is_insider(match) else None

    @extend_schema_field(ActionSerializer(many=True))
    def get_available_actions(self, match: Match) -> list[dict[str, Any]]:
        return rules.available_actions(match, self.context["request"].user, self._now())

    def _now(self) -> datetime:
        return self.context["now"]


def _winner(match: Match) -> Entrant | None:
    """Who won; until the match is over, who claims to have won."""
    return match.winner if match.status == MatchStatus.COMPLETED else match.claimed_winner


def _user(entrant: Entrant | None) -> Any:
    return UserBriefSerializer(entrant.user).data if entrant and entrant.user else None


def _team(entrant: Entrant | None) -> Any:
    return TeamBriefSerializer(entrant.team).data if entrant and entrant.team else None


class GamesField(serializers.ListField):
    """A list of games; in a multipart form, where a field is text, the same as JSON."""

    child = GameScoreSerializer()

    def get_value(self, dictionary: Any) -> Any:
        return dictionary.get(self.field_name, serializers.empty)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, str):
            try:
                data = json.loads(data)
            except (ValueError, RecursionError) as error:
                raise serializers.ValidationError(_("Enter the games as a JSON list."), code="invalid") from error
        return [dict(game) for game in super().to_internal_value(data)]


class SubmitResultInput(serializers.Serializer[Any]):
    """Either ``winner_id`` or, where the match may end so, ``is_draw``."""

    winner_id = IdField(
        required=False, allow_null=True, default=None, help_text="The id of the user or of the team that won."
    )
    is_draw = serializers.BooleanField(
        required=False, default=False, help_text="Nobody won; only where ``draws_allowed`` says so."
    )
    result_proof = serializers.FileField(help_text="A screenshot: JPEG, PNG or WebP, at most 8 MB.")
    games = GamesField(required=False, max_length=99, help_text="A JSON list of {score1, score2}.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["winner_id"] is None and not attrs["is_draw"]:
            message = _("Name the winner, or say that it was a draw.")
            raise serializers.ValidationError({"winner_id": [serializers.ErrorDetail(str(message), "required")]})
        if attrs["winner_id"] is not None and attrs["is_draw"]:
            message = _("A draw has no winner.")
            raise serializers.ValidationError({"winner_id": [serializers.ErrorDetail(str(message), "contradictory")]})
        return attrs


class DisputeInput(serializers.Serializer[Any]):
    reason = TextField(max_length=5000)


class ResolveInput(serializers.Serializer[Any]):
    winner_id = IdField(required=False, allow_null=True, default=None)
    outcome = serializers.ChoiceField(DisputeOutcome.choices, required=False, allow_null=True, default=None)
    games = GamesField(
        required=False, default=list, max_length=99, help_text="The right scores, where the claimed ones are not."
    )
    note = TextField(max_length=5000, required=False, allow_blank=True, default="")


class ReportInput(serializers.Serializer[Any]):
    reported_user = IdField(required=False, allow_null=True, default=None)
    reported_player_id = NameField(max_length=64, required=False, allow_blank=True, default="")
    match = IdField()
    description = TextField(max_length=5000)
    evidence = serializers.FileField(required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["reported_user"] is None and not attrs["reported_player_id"]:
            message = _("Name the reported user or their player id.")
            raise serializers.ValidationError({"reported_user": [serializers.ErrorDetail(str(message), "required")]})
        return attrs


class ReportSerializer(serializers.ModelSerializer[Report]):
    evidence = serializers.SerializerMethodField()

    class Meta:
        model = Report
        fields = ["id", "reporter", "reported_user", "match", "description", "evidence", "status", "created_at"]

    def get_evidence(self, report: Report) -> str | None:
        return signed_link(report.evidence)


class NoteInput(serializers.Serializer[Any]):
    note = TextField(max_length=5000, required=False, allow_blank=True, default="")


class StandingSerializer(serializers.Serializer[Any]):
    place = serializers.IntegerField()
    tied = serializers.BooleanField()
    final = serializers.BooleanField(help_text="No unplayed match can change the place any more.")
    entrant = serializers.IntegerField()
    name = serializers.CharField()
    group = serializers.CharField(allow_null=True, help_text="The group, where there are groups.")
    group_place = serializers.IntegerField(allow_null=True)
    values = serializers.DictField(
        help_text='What the place comes from, best first: whole numbers, and text for others ("5.5", "7/9").'
    )
    explain = serializers.DictField(help_text="Why the entrant stands here: a code and its values.")
    reason = serializers.CharField(help_text="The same in words, in the language asked for.")


class RoundInput(serializers.Serializer[Any]):
    round = IntegerField(min_value=1, max_value=1000, required=False, default=None)


class DisqualifyInput(serializers.Serializer[Any]):
    mode = serializers.ChoiceField(
        [mode.value for mode in DqMode],
        default=DqMode.FORWARD.value,
        help_text=(
            "What becomes of its matches: the open ones are lost (forward), or not played (void_unplayed), or the "
            "played ones do not count either (void_all). A bracket is never rewritten backwards."
        ),
    )
    reason = TextField(max_length=1000)


class LeftSerializer(serializers.ModelSerializer[Entrant]):
    class Meta:
        model = Entrant
        fields = ["id", "name", "status", "seed"]


class BracketSerializer(serializers.Serializer[Any]):
    tournament = serializers.IntegerField()
    format = serializers.CharField()
    plan_hash = serializers.CharField(allow_blank=True)
    matches = MatchListSerializer(many=True)
