from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.api.fields import IdField, IntegerField, RialField
from common.uploads import signed_link
from games.serializers import GameBriefSerializer
from matches.models import Match
from players.achievements import ACHIEVEMENTS
from players.enums import MatchResult, Metric
from players.models import Achievement, Season
from teams.models import Invitation
from teams.serializers import TeamBriefSerializer
from tournaments.enums import TournamentType
from tournaments.models import Entrant, Tournament
from users.models import User
from users.serializers import UserBriefSerializer
from wallet.selectors import Balances

CURRENCY = "IRR"
MOST_ROWS = 100


class TopQuery(serializers.Serializer[Any]):
    """Which leaderboard is asked for, and how much of it."""

    game = IdField(required=False, allow_null=True, default=None, help_text="Of one game; else all games together.")
    season = IdField(required=False, allow_null=True, default=None, help_text="Of one season; else all time.")
    page_size = IntegerField(required=False, default=50, min_value=1, max_value=MOST_ROWS)


class TopPlayersQuery(TopQuery):
    by = serializers.ChoiceField(Metric.choices, default=Metric.SCORE, help_text="A rating needs a game.")
    type = serializers.ChoiceField(
        TournamentType.choices,
        default=TournamentType.INDIVIDUAL,
        help_text="Which rating: as an individual or in teams.",
    )
    after = IdField(required=False, allow_null=True, default=None, help_text="Go on behind this user's id.")


class TopTeamsQuery(TopQuery):
    by = serializers.ChoiceField([Metric.SCORE, Metric.WINNINGS], default=Metric.SCORE)


class GameQuery(serializers.Serializer[Any]):
    game = IdField(required=False, allow_null=True, default=None)


class StandingsQuery(serializers.Serializer[Any]):
    season = IdField(required=False, allow_null=True, default=None, help_text="Of one season; else all time.")


class TopEarnerSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="user.pk")
    username = serializers.CharField(source="user.username")
    profile_picture = serializers.SerializerMethodField()
    total_winnings = RialField(source="winnings_rial")

    def get_profile_picture(self, standing: Any) -> str | None:
        return signed_link(standing.user.profile_picture)


class RungSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    required_score = serializers.IntegerField()
    color = serializers.CharField(allow_blank=True)
    icon = serializers.CharField(allow_blank=True)


class RecordSerializer(serializers.Serializer[Any]):
    """The sums of one standing."""

    score = serializers.IntegerField()
    total_winnings = RialField(source="winnings_rial")
    tournaments = serializers.IntegerField(help_text="Those that count.")
    titles = serializers.IntegerField()
    podiums = serializers.IntegerField()
    wins = serializers.IntegerField()
    draws = serializers.IntegerField()
    losses = serializers.IntegerField()
    streak = serializers.IntegerField(help_text="Matches won in a row up to now.")
    best_streak = serializers.IntegerField()


class TopPlayerSerializer(RecordSerializer):
    """Needs ``positions`` (standing id → position) and ``ladder`` in its context."""

    id = serializers.IntegerField(source="user.pk")
    username = serializers.CharField(source="user.username")
    profile_picture = serializers.SerializerMethodField()
    position = serializers.SerializerMethodField(help_text="Equals share one; null far down.")
    rank = serializers.SerializerMethodField()
    rating = serializers.SerializerMethodField(help_text="What the player is worth with near certainty.")

    def get_profile_picture(self, standing: Any) -> str | None:
        return signed_link(standing.user.profile_picture)

    def get_position(self, standing: Any) -> int | None:
        return self.context["positions"][standing.pk]

    @extend_schema_field(RungSerializer(allow_null=True))
    def get_rank(self, standing: Any) -> Any:
        rung = self.context["ladder"].rung_of(standing.score)
        return rung and RungSerializer(rung).data

    def get_rating(self, standing: Any) -> int | None:
        return getattr(standing, f"{self.context['type']}_rating")


class PlayerRatingSerializer(serializers.Serializer[Any]):
    type = serializers.ChoiceField(TournamentType.choices)
    rating = serializers.IntegerField(help_text="What the player is worth with near certainty; boards go by it.")
    value = serializers.FloatField(help_text="Glicko-2 as an individual, OpenSkill's mu in teams.")
    deviation = serializers.FloatField()


class PlayerStandingSerializer(RecordSerializer):
    """Needs ``positions`` and ``ladders`` (game id → ladder) in its context."""

    game = GameBriefSerializer(source="board.game", allow_null=True, help_text="Null: all games together.")
    position = serializers.SerializerMethodField(help_text="By score; null far down.")
    rank = serializers.SerializerMethodField()
    next_rank = serializers.SerializerMethodField()
    missing_score = serializers.SerializerMethodField(help_text="What the next rank still takes.")
    ratings = serializers.SerializerMethodField()

    def get_position(self, standing: Any) -> int | None:
        return self.context["positions"][standing.pk]

    @extend_schema_field(RungSerializer(allow_null=True))
    def get_rank(self, standing: Any) -> Any:
        rung = self._ladder(standing).rung_of(standing.score)
        return rung and RungSerializer(rung).data

    @extend_schema_field(RungSerializer(allow_null=True))
    def get_next_rank(self, standing: Any) -> Any:
        rung = self._ladder(standing).next_of(standing.score)
        return rung and RungSerializer(rung).data

    def get_missing_score(self, standing: Any) -> int | None:
        rung = self._ladder(standing).next_of(standing.score)
        return rung and rung.required_score - standing.score

    @extend_schema_field(PlayerRatingSerializer(many=True))
    def get_ratings(self, standing: Any) -> Any:
        return [
            {
                "type": type,
                "rating": getattr(standing, f"{type}_rating"),
                "value": getattr(standing, f"{type}_value"),
                "deviation": getattr(standing, f"{type}_deviation"),
            }
            for type in TournamentType.values
            if getattr(standing, f"{type}_rating") is not None
        ]

    def _ladder(self, standing: Any) -> Any:
        return self.context["ladders"][standing.board.game_id]


class TopTeamSerializer(RecordSerializer):
    id = serializers.IntegerField(source="team.pk")
    name = serializers.CharField(source="team.name")
    team_picture = serializers.SerializerMethodField()

    def get_team_picture(self, standing: Any) -> str | None:
        return signed_link(standing.team.team_picture)


class TotalPlayersSerializer(serializers.Serializer[Any]):
    total_players = serializers.IntegerField()


class SeasonSerializer(serializers.ModelSerializer[Season]):
    game = GameBriefSerializer(allow_null=True)
    is_current = serializers.SerializerMethodField()

    class Meta:
        model = Season
        fields = ["id", "name", "game", "starts_at", "ends_at", "is_current"]

    def get_is_current(self, season: Season) -> bool:
        return season.starts_at <= self.context["now"] < season.ends_at


class AchievementSerializer(serializers.ModelSerializer[Achievement]):
    title = serializers.SerializerMethodField()
    description = serializers.SerializerMethodField()
    tournament = serializers.IntegerField(source="tournament_id")
    tournament_name = serializers.CharField(source="tournament.tournament.name")

    class Meta:
        model = Achievement
        fields = ["code", "title", "description", "tournament", "tournament_name", "earned_at"]

    def get_title(self, achievement: Achievement) -> str:
        return str(ACHIEVEMENTS[achievement.code].title)

    def get_description(self, achievement: Achievement) -> str:
        return str(ACHIEVEMENTS[achievement.code].description)


class TournamentBriefSerializer(serializers.ModelSerializer[Tournament]):
    class Meta:
        model = Tournament
        fields = ["id", "name", "slug"]


class PlayedTournamentBriefSerializer(serializers.ModelSerializer[Tournament]):
    game = GameBriefSerializer()
    start_date = serializers.DateTimeField(source="start_at")
    end_date = serializers.DateTimeField(source="completed_at", allow_null=True)

    class Meta:
        model = Tournament
        fields = ["id", "name", "slug", "game", "type", "start_date", "end_date"]


class PlayedTournamentSerializer(serializers.ModelSerializer[Entrant]):
    """One tournament of a user; the numbers are null while it runs."""

    rank = serializers.IntegerField(source="place_first", allow_null=True)
    shared_with = serializers.SerializerMethodField(help_text="How many others share the place.")
    prize = serializers.SerializerMethodField(help_text="The user's part, in Rials (IRR).")
    wins = serializers.SerializerMethodField()
    draws = serializers.SerializerMethodField()
    losses = serializers.SerializerMethodField()
    team = TeamBriefSerializer(allow_null=True)
    tournament = PlayedTournamentBriefSerializer()

    class Meta:
        model = Entrant
        fields = ["id", "status", "rank", "shared_with", "prize", "wins", "draws", "losses", "team", "tournament"]

    def get_shared_with(self, entrant: Entrant) -> int | None:
        return self._number(entrant, "tied_with")

    def get_prize(self, entrant: Entrant) -> int | None:
        return self._number(entrant, "prize_rial")

    def get_wins(self, entrant: Entrant) -> int | None:
        return self._number(entrant, "wins")

    def get_draws(self, entrant: Entrant) -> int | None:
        return self._number(entrant, "draws")

    def get_losses(self, entrant: Entrant) -> int | None:
        return self._number(entrant, "losses")

    def _number(self, entrant: Any, name: str) -> int | None:
        return getattr(entrant.own_scorings[0], name) if entrant.own_scorings else None


class OpponentSerializer(serializers.ModelSerializer[Entrant]):
    """A side of a match under the name it played by."""

    user = UserBriefSerializer(allow_null=True)
    team = TeamBriefSerializer(allow_null=True)

    class Meta:
        model = Entrant
        fields = ["name", "user", "team"]


class PlayedMatchSerializer(serializers.ModelSerializer[Match]):
    """A decided match as one of its sides sees it."""

    tournament = TournamentBriefSerializer()
    game = GameBriefSerializer(source="tournament.game")
    own_side = serializers.SerializerMethodField()
    opponent = serializers.SerializerMethodField()
    result = serializers.SerializerMethodField()
    score = serializers.SerializerMethodField()
    opponent_score = serializers.SerializerMethodField()

    class Meta:
        model = Match
        fields = [
            "id", "tournament", "game", "bracket", "round", "best_of", "own_side", "opponent", "result", "score",
            "opponent_score", "completed_at",
        ]  # fmt: skip

    @extend_schema_field(OpponentSerializer)
    def get_own_side(self, match: Any) -> Any:
        return OpponentSerializer(match.entrant_a if match.is_a else match.entrant_b).data

    @extend_schema_field(OpponentSerializer)
    def get_opponent(self, match: Any) -> Any:
        return OpponentSerializer(match.entrant_b if match.is_a else match.entrant_a).data

    @extend_schema_field(serializers.ChoiceField(MatchResult.choices))
    def get_result(self, match: Any) -> str:
        if match.is_draw:
            return MatchResult.DRAWN
        own = match.entrant_a_id if match.is_a else match.entrant_b_id
        return MatchResult.WON if match.winner_id == own else MatchResult.LOST

    def get_score(self, match: Any) -> int | None:
        return match.score_a if match.is_a else match.score_b

    def get_opponent_score(self, match: Any) -> int | None:
        return match.score_b if match.is_a else match.score_a


class OwnProfileSerializer(serializers.ModelSerializer[User]):
    profile_picture = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ["id", "username", "full_name", "phone_number", "email", "bio", "profile_picture", "date_joined"]

    def get_profile_picture(self, user: User) -> str | None:
        return signed_link(user.profile_picture)


class DashboardTeamSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="team.pk")
    name = serializers.CharField(source="team.name")
    team_picture = serializers.SerializerMethodField()
    members_count = serializers.IntegerField()
    is_captain = serializers.SerializerMethodField()

    def get_team_picture(self, membership: Any) -> str | None:
        return signed_link(membership.team.team_picture)

    def get_is_captain(self, membership: Any) -> bool:
        return membership.team.captain_id == membership.user_id


class DashboardWalletSerializer(serializers.Serializer[Balances]):
    total_balance = RialField(source="total")
    withdrawable_balance = RialField(source="winnings")
    deposited_balance = RialField(source="deposited")
    held_balance = RialField(source="held")
    balance = RialField(source="spendable", help_text="What can be spent now, in Rials (IRR).")
    currency = serializers.SerializerMethodField()

    def get_currency(self, balances: Balances) -> str:
        return CURRENCY


class NextMatchSerializer(serializers.ModelSerializer[Match]):
    tournament = TournamentBriefSerializer()
    participant1 = serializers.CharField(source="entrant_a.name")
    participant2 = serializers.CharField(source="entrant_b.name")

    class Meta:
        model = Match
        fields = ["id", "tournament", "round", "participant1", "participant2", "status", "confirm_deadline_at"]


class OpenInvitationSerializer(serializers.ModelSerializer[Invitation]):
    team = TeamBriefSerializer()
    inviter = UserBriefSerializer()

    class Meta:
        model = Invitation
        fields = ["id", "team", "inviter", "expires_at"]


class DashboardSerializer(serializers.Serializer[Any]):
    """What somebody sees first after signing in; each list is cut after a few."""

    user_profile = OwnProfileSerializer()
    wallet = DashboardWalletSerializer()
    teams = DashboardTeamSerializer(many=True)
    tournament_history = PlayedTournamentSerializer(many=True, help_text="The newest ten.")
    next_matches = NextMatchSerializer(many=True, help_text="Matches that wait for somebody, the most urgent five.")
    open_invitations = OpenInvitationSerializer(many=True, help_text="The newest ten.")
    unread_notifications = serializers.IntegerField()
    standing = serializers.SerializerMethodField(help_text="Over all games; null before the first tournament.")

    @extend_schema_field(PlayerStandingSerializer(allow_null=True))
    def get_standing(self, found: Any) -> Any:
        if found["standing"] is None:
            return None
        return PlayerStandingSerializer(found["standing"], context=self.context).data
