from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from common.db import LockQuerySet
from games.models import Game
from teams.models import Team
from tournaments.enums import TournamentType
from tournaments.models import Tournament
from users.models import User


class Season(models.Model):
    """A stretch of time with leaderboards of its own, of one game or of all; a tournament counts in the season in which
    it was completed. Seasons of one game do not overlap (a constraint of the database); a season of all games may lie
    beside them."""

    name = models.CharField(max_length=80)
    game = models.ForeignKey(Game, null=True, blank=True, on_delete=models.CASCADE, related_name="seasons")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(help_text="The first moment that does not belong to it any more.")

    objects = LockQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="season_dates_in_order"),
        ]

    def __str__(self) -> str:
        return self.name


class Rank(models.Model):
    """One rung of the ladder that scores climb: of one game, or of every game that has no ladder of its own."""

    game = models.ForeignKey(Game, null=True, blank=True, on_delete=models.CASCADE, related_name="ranks")
    name = models.CharField(max_length=40, help_text="English.")
    name_fa = models.CharField(max_length=40)
    required_score = models.PositiveIntegerField()
    color = models.CharField(max_length=7, blank=True)
    icon = models.CharField(max_length=40, blank=True, help_text="A name that clients have a picture for.")

    class Meta:
        ordering = ["required_score", "id"]
        constraints = [
            models.UniqueConstraint(Coalesce("game", 0), "required_score", name="rank_score_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class PlayedTournament(models.Model):
    """A tournament as the standings know it: due until what it brought to players is written down, and due again when
    that may have changed. The row is the outbox."""

    tournament = models.OneToOneField(Tournament, primary_key=True, on_delete=models.CASCADE, related_name="played")
    game = models.ForeignKey(Game, on_delete=models.PROTECT, related_name="+")
    completed_at = models.DateTimeField()
    is_due = models.BooleanField(default=True)
    counts = models.BooleanField(default=False, help_text="Whether it brings more than winnings.")

    objects = LockQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["completed_at", "tournament"], condition=Q(is_due=True), name="played_due_idx"),
            models.Index(fields=["game", "completed_at", "tournament"], name="played_order_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.tournament_id}: {'due' if self.is_due else 'recorded'}"


class Contribution(models.Model):
    """What one tournament brought. One that does not count brings winnings alone: its numbers of play are 0."""

    tournament = models.ForeignKey(PlayedTournament, on_delete=models.CASCADE, related_name="+")
    game = models.ForeignKey(Game, on_delete=models.PROTECT, related_name="+")
    completed_at = models.DateTimeField()
    counts = models.BooleanField()
    place = models.PositiveIntegerField()
    is_title = models.BooleanField(default=False, help_text="First, and nobody else.")
    points = models.PositiveIntegerField(default=0)
    winnings_rial = models.BigIntegerField(default=0)
    wins = models.PositiveIntegerField(default=0)
    draws = models.PositiveIntegerField(default=0)
    losses = models.PositiveIntegerField(default=0)
    last_wins = models.PositiveIntegerField(default=0, help_text="Matches won in a row at the end.")
    best_wins = models.PositiveIntegerField(default=0, help_text="The most matches won in a row.")
    first_wins = models.PositiveIntegerField(default=0, help_text="Matches won in a row from the beginning.")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.tournament_id}: {self.points}"


class PlayerContribution(Contribution):
    """What a tournament brought one player, and the rating after it; without rated matches there is no rating.

    Individuals are rated by Glicko-2, players of teams by OpenSkill: two ratings that do not mix (``type``).
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="contributions")
    type = models.CharField(max_length=12, choices=TournamentType)
    rating_value = models.FloatField(null=True)
    rating_deviation = models.FloatField(null=True)
    rating_volatility = models.FloatField(null=True)
    rated_matches = models.PositiveIntegerField(default=0, help_text="So far, in this game and type.")
    best_upset = models.PositiveIntegerField(
        default=0, help_text="By how much the best beaten opponent was rated higher."
    )
    is_comeback = models.BooleanField(default=False, help_text="A title by way of the losers' bracket.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tournament", "user"], name="player_contribution_unique")]
        indexes = [
            models.Index(fields=["user", "completed_at", "tournament"], name="player_contribution_idx"),
        ]


class TeamContribution(Contribution):
    """What a tournament brought a team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="contributions")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tournament", "team"], name="team_contribution_unique")]
        indexes = [models.Index(fields=["team", "completed_at", "tournament"], name="team_contribution_idx")]


class Board(models.Model):
    """One leaderboard: of a game or of all games, of a season or of all time."""

    game = models.ForeignKey(Game, null=True, on_delete=models.CASCADE, related_name="+")
    season = models.ForeignKey(Season, null=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(Coalesce("game", 0), Coalesce("season", 0), name="board_unique")]

    def __str__(self) -> str:
        return f"{self.game_id or 'all games'}, {self.season_id or 'all time'}"


class Standing(models.Model):
    """Sums of contributions on one board: a projection that can always be made again."""

    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="+")
    score = models.PositiveIntegerField(default=0)
    winnings_rial = models.BigIntegerField(default=0)
    tournaments = models.PositiveIntegerField(default=0)
    titles = models.PositiveIntegerField(default=0)
    podiums = models.PositiveIntegerField(default=0)
    wins = models.PositiveIntegerField(default=0)
    draws = models.PositiveIntegerField(default=0)
    losses = models.PositiveIntegerField(default=0)
    streak = models.PositiveIntegerField(default=0, help_text="Matches won in a row up to now.")
    best_streak = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.board_id}: {self.score}"


class PlayerStanding(Standing):
    """Where a player stands on one board. Ratings are those of the board's game, after the last rated tournament on it.

    ``*_rating`` is the number that boards are ordered by: what the player is worth with near certainty. Who does not
    want to be seen, or is gone, is not ``is_listed``.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="standings")
    is_listed = models.BooleanField(default=True)
    individual_rating = models.PositiveIntegerField(null=True)
    individual_value = models.FloatField(null=True)
    individual_deviation = models.FloatField(null=True)
    team_rating = models.PositiveIntegerField(null=True)
    team_value = models.FloatField(null=True)
    team_deviation = models.FloatField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "board"], name="player_standing_unique")]
        indexes = [
            models.Index("board", F("score").desc(), "user", condition=Q(is_listed=True), name="standing_score_idx"),
            models.Index(
                "board", F("winnings_rial").desc(), "user", condition=Q(is_listed=True), name="standing_winnings_idx"
            ),
            models.Index(
                "board",
                F("individual_rating").desc(),
                "user",
                condition=Q(is_listed=True, individual_rating__isnull=False),
                name="standing_individual_idx",
            ),
            models.Index(
                "board",
                F("team_rating").desc(),
                "user",
                condition=Q(is_listed=True, team_rating__isnull=False),
                name="standing_team_idx",
            ),
        ]


class TeamStanding(Standing):
    """Where a team stands on one board."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="standings")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "board"], name="team_standing_unique")]
        indexes = [
            models.Index("board", F("score").desc(), "team", name="team_standing_score_idx"),
            models.Index("board", F("winnings_rial").desc(), "team", name="team_standing_winnings_idx"),
        ]


class Achievement(models.Model):
    """What a player has achieved (``players.achievements``), and in which tournament."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="achievements")
    code = models.CharField(max_length=30)
    tournament = models.ForeignKey(PlayedTournament, on_delete=models.CASCADE, related_name="+")
    earned_at = models.DateTimeField()

    class Meta:
        ordering = ["earned_at", "id"]
        constraints = [models.UniqueConstraint(fields=["user", "code"], name="achievement_unique")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.code}"
